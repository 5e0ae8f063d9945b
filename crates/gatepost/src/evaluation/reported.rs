//! A request that was denied, and whose requirement only reports.

use super::{Evaluation, NamedOrg, Next};
use crate::code::Code;
use crate::decision::{Allow, Decision, Need, Step, decide_leniently};
use crate::denial::Denial;
use crate::passage::{Reported, Unenforced};
use crate::permit::OwnedBy;
use crate::report_only::ReportOnly;
use crate::snapshot::Snapshot;
use crate::time::Timestamp;

impl Evaluation {
    /// Says whether denials are only reported, in place of what the requirement says.
    pub fn report_only(&mut self, report_only: Option<ReportOnly>) {
        self.report_only = report_only;
    }

    /// What the request was denied with, where what is needed next serves to find out whether it goes on all the
    /// same. Where that cannot be read, this is the answer.
    pub fn take_denied(&mut self) -> Option<Denial> {
        self.denied.take().map(|denial| *denial)
    }

    pub(super) fn may_go_on(&self, code: Code, at: Timestamp) -> bool {
        let reports = self.report_only.is_some_and(|it| !it.is_over(at));
        reports && code.is_reportable()
    }

    /// Goes on, where nothing but what may be reported stands against the request.
    #[cold]
    pub(super) fn reported(&mut self, facts: &Snapshot, denial: Denial) -> Next {
        let at = self.at.unwrap_or_else(Timestamp::now);
        if !self.may_go_on(denial.code(), at) {
            return Next::Reject(denial);
        }
        let request = self.request().at(at);
        let allow = match decide_leniently(facts, &request) {
            Step::Done(Decision::Allow(allow)) => allow,
            Step::Done(Decision::Deny(_) | Decision::Error(_)) | Step::Need(Need::Time) => {
                return Next::Reject(denial);
            }
            Step::Need(need) => {
                let next = match need {
                    Need::Org => Next::NeedOrg,
                    Need::Mode => Next::NeedMode,
                    Need::Owner { org } => Next::NeedOwner(org.cloned()),
                    Need::Memberships(whose) => self.need_memberships(whose),
                    Need::Time => return Next::Reject(denial),
                };
                self.denied = Some(Box::new(denial));
                return next;
            }
        };
        let Allow {
            kind, mode, org, ..
        } = allow;
        let org = match &self.org {
            NamedOrg::Named(org) => Some(org.clone()),
            _ => org.cloned(),
        };
        let Some(subject) = self.subject.take() else {
            return Next::Reject(denial);
        };
        Next::Report(Box::new(Unenforced::report(Reported {
            subject,
            kind,
            org,
            owner: std::mem::replace(&mut self.owner, OwnedBy::Unread),
            mode,
            requirement: self.requirement,
            resource: self.target.resource(),
            version: facts.version(),
            denial,
        })))
    }
}
