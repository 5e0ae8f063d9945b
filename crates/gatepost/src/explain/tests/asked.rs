//! Requests by chance.

use super::chance::{Chance, GRANTS, ORGS, SUBJECTS};
use crate::id::{OrgId, SubjectId};
use crate::request::{Input, OrgInput, Request};
use crate::subject::Subject;
use crate::target::Target;
use crate::vocabulary::{Kind, Mode, OrgRule};

/// An owned request.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) subject: Option<Subject>,
    pub(super) org: AskedOrg,
    pub(super) resource: String,
    pub(super) action: String,
    pub(super) mode: Input<Option<Mode>>,
    pub(super) owner: Input<Option<SubjectId>>,
}

#[derive(Clone, Debug)]
pub(super) enum AskedOrg {
    Named(OrgId),
    Absent(OrgRule),
    Conflict,
    Missing,
    Pending,
}

impl Asked {
    pub(super) fn as_request(&self) -> Request<'_> {
        Request {
            subject: self.subject.as_ref(),
            org: match &self.org {
                AskedOrg::Named(org) => OrgInput::Named(org),
                AskedOrg::Absent(rule) => OrgInput::Absent(*rule),
                AskedOrg::Conflict => OrgInput::Conflict,
                AskedOrg::Missing => OrgInput::Missing,
                AskedOrg::Pending => OrgInput::Pending,
            },
            target: Target::new(&self.resource, &self.action),
            mode: self.mode,
            owner: match &self.owner {
                Input::Known(owner) => Input::Known(owner.as_ref()),
                Input::Pending => Input::Pending,
            },
            at: "2026-06-01T00:00:00Z".parse().ok(),
            memberships: &[],
        }
    }
}

impl Chance {
    pub(super) fn asked(&mut self) -> Asked {
        let (resource, action) = match self.0.u32(..40) {
            0 => ("dark", "read"),
            1 => ("dark", "write"),
            2 => ("chat", "burn"),
            3 => ("nothing", "read"),
            4..7 => ("gatepost-org", "read"),
            7..18 => ("agent", "execute"),
            18..29 => ("chat", "read"),
            _ => ("chat", "create"),
        };
        Asked {
            subject: (!self.once_in(100)).then(|| self.asker()),
            org: self.asked_org(),
            resource: resource.to_owned(),
            action: action.to_owned(),
            mode: if self.once_in(8) {
                Input::Pending
            } else {
                Input::Known(self.one(&[None, Some(Mode::Foreground), Some(Mode::Background)]))
            },
            owner: if self.once_in(8) {
                Input::Pending
            } else {
                let owner = self.one(&[None, Some("alice"), Some("bob"), Some("carol")]);
                Input::Known(owner.map(|owner| SubjectId::new(owner).unwrap()))
            },
        }
    }

    fn asker(&mut self) -> Subject {
        let id = self.one(&SUBJECTS);
        let mut subject = Subject::new(SubjectId::new(id).unwrap());
        if id == "planner" || self.once_in(5) {
            let delegator = self.one(&[
                "alice", "bob", "carol", "alice", "bob", "zed", "ci", "planner",
            ]);
            if !self.once_in(8) {
                subject = subject.acting_for(SubjectId::new(delegator).unwrap());
            }
        }
        if self.once_in(8) {
            let kind = self.one(Kind::ALL);
            subject = subject.kind(kind);
        }
        if self.once_in(5) {
            let mut scopes = self.some(GRANTS, 3);
            scopes.push("openid");
            subject = subject.scopes(scopes);
        }
        subject
    }

    fn asked_org(&mut self) -> AskedOrg {
        match self.0.u32(..24) {
            0 => AskedOrg::Conflict,
            1 => AskedOrg::Missing,
            2 => AskedOrg::Pending,
            3 | 4 => AskedOrg::Absent(OrgRule::None),
            5..8 => AskedOrg::Absent(OrgRule::Default),
            8 => AskedOrg::Absent(OrgRule::Required),
            9 => AskedOrg::Named(OrgId::new("nowhere").unwrap()),
            _ => {
                let (org, _) = self.one(&ORGS);
                AskedOrg::Named(OrgId::new(org).unwrap())
            }
        }
    }
}
