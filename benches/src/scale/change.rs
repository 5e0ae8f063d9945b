//! One change of a live site, and the one that takes it back.

use std::error::Error;

use fastrand::Rng;
use gatepost::{
    Changed, Changes, FactChange, FactChangeError, OrgGateDocument, OrgSwitch, SiteSwitch, Status,
};

use super::ask::{org_id, subject_id};
use super::frame::RESOURCES;
use super::load::Live;
use super::site::Site;

/// What is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// An org switches a resource on of which it said nothing.
    OrgSwitch,
    /// The site switches a resource off.
    Kill,
    /// Somebody joins an org.
    Membership,
    /// The site suspends a subject.
    Suspension,
}

impl What {
    pub(super) const ALL: [(&str, Self); 4] = [
        ("an org's switch", Self::OrgSwitch),
        ("the site's kill", Self::Kill),
        ("a membership", Self::Membership),
        ("a subject's suspension", Self::Suspension),
    ];
}

/// A change and what takes it back, each with what a publisher tells of it.
#[derive(Debug, Clone)]
pub(super) struct Change {
    pub(super) done: FactChange,
    pub(super) undone: FactChange,
    changes: Changes,
}

impl Change {
    /// A change of that kind somewhere in the site.
    pub(super) fn draw(what: What, site: &Site, rng: &mut Rng) -> Result<Self, Box<dyn Error>> {
        let org = rng.u32(0..site.orgs());
        let subject = match what {
            What::Membership => site.stranger(org),
            _ => rng.u32(0..site.subjects()),
        };
        let resource = match what {
            What::OrgSwitch => Site::silent_about(org),
            _ => rng.u32(0..64),
        };
        Self::of(what, site, org, subject, resource, rng.u32(..))
    }

    pub(super) fn of(
        what: What,
        site: &Site,
        org: u32,
        subject: u32,
        resource: u32,
        member: u32,
    ) -> Result<Self, Box<dyn Error>> {
        let (org, who) = (org_id(site, org)?, subject_id(site, subject)?);
        let resource = RESOURCES.get(resource as usize).ok_or("no such resource")?;
        let (org_text, who_text) = (org.as_str().to_owned(), who.as_str().to_owned());
        let (done, undone, changed) = match what {
            What::OrgSwitch => {
                let mut gate = OrgGateDocument::default();
                gate.switch = Some(OrgSwitch::On);
                let change = |gate| FactChange::OrgGate(org_text.clone(), resource.clone(), gate);
                (change(Some(gate)), change(None), Changed::Org(org))
            }
            What::Kill => {
                let gate = site.site_gate(resource).ok_or("no such gate")?;
                let mut off = gate.clone();
                off.switch = Some(SiteSwitch::Off);
                let change = |gate| FactChange::SiteGate(resource.clone(), Some(gate));
                let changed = Changed::Resource(resource.clone());
                (change(off), change(gate.clone()), changed)
            }
            What::Membership => {
                let member = site.any_member(member).ok_or("nothing to be")?;
                let change =
                    |member| FactChange::Member(org_text.clone(), who_text.clone(), member);
                (
                    change(Some(member.clone())),
                    change(None),
                    Changed::Subject(who),
                )
            }
            What::Suspension => {
                let document = site.subject(subject);
                let mut suspended = document.clone();
                suspended.status = Some(Status::Suspended);
                let change = |document| FactChange::Subject(who_text.clone(), Some(document));
                (change(suspended), change(document), Changed::Subject(who))
            }
        };
        Ok(Self {
            done,
            undone,
            changes: Changes::of([changed]),
        })
    }
}

/// Why a change did not become live.
#[derive(Debug)]
pub(super) enum NotApplied {
    /// It takes a reload.
    TooFar,
    Failed(String),
}

impl Live {
    /// Makes one change live.
    pub(super) fn apply(&self, one: FactChange, of: &Change) -> Result<(), NotApplied> {
        let failed = |error: &dyn std::fmt::Debug| NotApplied::Failed(format!("{error:?}"));
        let facts = self.gate.snapshot().map_err(|code| failed(&code))?;
        let changed = facts
            .changed(facts.version() + 1, [one])
            .map_err(|error| match error {
                FactChangeError::TooFar => NotApplied::TooFar,
                other => failed(&other),
            })?;
        // Nobody else keeps what is replaced: its parts are given back here, and counted to the change.
        drop(facts);
        if self.feed.publish_changes(changed, &of.changes) {
            Ok(())
        } else {
            Err(NotApplied::Failed("it was not taken".to_owned()))
        }
    }
}
