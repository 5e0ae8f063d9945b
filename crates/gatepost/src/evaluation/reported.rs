//! A request that was denied, and whose requirement only reports.

use super::{Evaluation, NamedOrg, Next};
use crate::code::Code;
use crate::decision::{Allow, Decision, Need, Step, decide, decide_leniently};
use crate::denial::Denial;
use crate::passage::{Reported, Unenforced};
use crate::permit::OwnedBy;
use crate::report_only::ReportOnly;
use crate::snapshot::Snapshot;
use crate::time::Timestamp;

/// What a request was denied with, before more of it was read than that took.
#[derive(Clone, Debug)]
pub(super) struct Denied {
    denial: Denial,
    version: u64,
    /// Whether what was needed last serves to find out whether the request goes on all the same.
    pub(super) is_asked_for: bool,
}

impl Denied {
    /// Whether the same facts deny it again. What has been read since would only have the denial tell more than it
    /// tells where nothing is reported.
    fn is_again(&self, denial: &Denial, facts: &Snapshot) -> bool {
        let told = |denial: &Denial| (denial.code(), denial.whose());
        self.version == facts.version() && told(&self.denial) == told(denial)
    }
}

impl Evaluation {
    /// Says whether denials are only reported, in place of what the requirement says.
    pub fn report_only(&mut self, report_only: Option<ReportOnly>) {
        self.report_only = report_only;
    }

    /// What the request was denied with, where what is needed next serves to find out whether it goes on all the
    /// same. Where that cannot be read, this is the answer.
    pub fn take_denied(&mut self) -> Option<Denial> {
        let denied = self.denied.take().filter(|denied| denied.is_asked_for);
        denied.map(|denied| denied.denial)
    }

    /// What the decision would be at this moment, without a permit coming of it: for whoever asks what may be done.
    pub fn preview<'a>(&'a self, facts: &'a Snapshot, at: Timestamp) -> Step<'a> {
        let request = self.request().at(at);
        let step = decide(facts, &request);
        match &step {
            Step::Done(Decision::Deny(deny)) if self.may_go_on(deny.code, at) => {
                match decide_leniently(facts, &request) {
                    Step::Done(Decision::Deny(_) | Decision::Error(_)) => step,
                    goes_on => goes_on,
                }
            }
            _ => step,
        }
    }

    /// The same, of a requirement that is enforced whatever it says: for whoever asks what would be refused.
    pub fn preview_enforced<'a>(&'a self, facts: &'a Snapshot, at: Timestamp) -> Step<'a> {
        decide(facts, &self.request().at(at))
    }

    fn may_go_on(&self, code: Code, at: Timestamp) -> bool {
        let reports = self.report_only.is_some_and(|it| !it.is_over(at));
        reports && code.is_reportable()
    }

    /// Goes on, where nothing but what may be reported stands against the request.
    #[cold]
    pub(super) fn reported(&mut self, facts: &Snapshot, denial: Denial) -> Next {
        let denial = match self.denied.take() {
            Some(first) if first.is_again(&denial, facts) => first.denial,
            _ => denial,
        };
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
                self.denied = Some(Box::new(Denied {
                    denial,
                    version: facts.version(),
                    is_asked_for: true,
                }));
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
