//! A requirement where it is enforced.

#![allow(
    clippy::inline_always,
    reason = "measured: what is returned instead is copied, and read back wider than it was written"
)]

use std::collections::BTreeSet;
use std::sync::Arc;

use gatepost::{
    Code, Denial, Org, OrgSource, Permit, PreparedProblems, RequestHead, Requirement, Resource,
    Subject, Target, TargetCache,
};

use crate::answer::Answer;
use crate::caught::{Panicked, caught};
use crate::enforcer::{Enforcer, resources};
use crate::event;
use crate::observe::Verdict;
use crate::seen::Seen;
use crate::setup::RouteError;
use crate::source::SourceError;
use crate::walk::{Admitted, BodySource, Walk};

/// A requirement where it is enforced.
#[derive(Debug)]
pub struct Route {
    enforcer: Enforcer,
    requirement: &'static Requirement,
    target: Option<TargetCache>,
    reads_org_at_once: bool,
    /// What is prepared of its refusals.
    problems: PreparedProblems,
}

/// How far a request came without anything being awaited.
#[derive(Debug)]
#[allow(
    clippy::exhaustive_enums,
    reason = "admit, reject, or read on: there is nothing else to do"
)]
pub enum Begun {
    /// Go on with the handler: the permit was left for it.
    Admitted,
    /// Answer with this.
    Rejected(Arc<Denial>),
    /// The subject has to be awaited, before there is anything to begin.
    Unknown,
    /// Something that the decision depends on has to be awaited: [`Route::finish`].
    Waiting(Box<Walk>),
}

impl Route {
    /// Enforces a requirement.
    ///
    /// # Errors
    ///
    /// [`RouteError`] when no request could meet the requirement as it is meant.
    pub fn new(enforcer: Enforcer, requirement: Requirement) -> Result<Self, RouteError> {
        enforcer.check(&requirement)?;
        let target = match requirement.resource() {
            Resource::Named(name) => {
                Some(TargetCache::new(Target::new(name, requirement.action())))
            }
            _ => None,
        };
        let catalogue = enforcer.answers().catalogue();
        Ok(Self {
            problems: PreparedProblems::new(
                resources(requirement.resource()).collect::<BTreeSet<_>>(),
                requirement.action(),
                catalogue,
            ),
            requirement: enforcer.effective(&requirement).kept(),
            target,
            reads_org_at_once: is_in_head(requirement.org_rule()),
            enforcer,
        })
    }

    /// Whether whoever is admitted may have no permit.
    pub fn reports_only(&self) -> bool {
        self.requirement.reports_only().is_some()
    }

    /// Whether no request is decided without something being awaited that need not be.
    fn waits(&self) -> bool {
        self.requirement.is_logged() || self.reports_only()
    }

    /// The requirement.
    pub fn requirement(&self) -> &'static Requirement {
        self.requirement
    }

    /// What the route shares with others.
    pub fn enforcer(&self) -> &Enforcer {
        &self.enforcer
    }

    /// Whether the org stands in the request's head alone.
    pub(crate) fn reads_org_at_once(&self) -> bool {
        self.reads_org_at_once
    }

    pub(crate) fn target(&self) -> Option<&TargetCache> {
        self.target.as_ref()
    }

    /// Decides as far as that goes without awaiting, of a subject that `find` finds.
    ///
    /// `leave` is given the permit, to leave it for the handler. Whatever panics on the way is an error of
    /// this request, and of no other.
    #[inline(always)]
    pub fn begin<H: RequestHead>(
        &self,
        head: &mut H,
        find: impl FnOnce(&H) -> Result<Option<Subject>, SourceError>,
        leave: impl FnOnce(&mut H, Permit),
    ) -> Begun {
        // One guard around all of it, and nothing but a pointer comes out: a subject or a permit that is
        // handed from one to the next is copied each time.
        caught(|| self.try_begin(head, find, leave)).unwrap_or_else(|panicked| {
            Begun::Rejected(Arc::new(self.panicked_at_once(panicked, head)))
        })
    }

    #[inline(always)]
    fn try_begin<H: RequestHead>(
        &self,
        head: &mut H,
        find: impl FnOnce(&H) -> Result<Option<Subject>, SourceError>,
        leave: impl FnOnce(&mut H, Permit),
    ) -> Begun {
        let seen = self.see(head);
        let subject = match find(head) {
            Ok(subject) => subject,
            Err(error) => {
                return Begun::Rejected(Arc::new(self.subjectless(error, seen.as_deref())));
            }
        };
        let mut walk = Walk::new(self, head, subject, seen);
        walk.read_at_once(self, head);
        if self.waits() {
            return Begun::Waiting(Box::new(walk));
        }
        let advanced = self
            .enforcer
            .gate()
            .read(|facts| walk.advance(self, facts, head, leave));
        match advanced {
            Ok(Ok(Ok(()))) => Begun::Admitted,
            // What it waits for is asked for again by the facts of the moment at which it waits.
            Ok(Ok(Err(_))) => Begun::Waiting(Box::new(walk)),
            Ok(Err(denial)) => Begun::Rejected(walk.reject(self, denial)),
            Err(code) => Begun::Rejected(walk.reject(self, Arc::new(Denial::new(code)))),
        }
    }

    /// Awaits what the decision needs. What is given back is yet to be left for the handler; `None` where it
    /// was when the request began.
    ///
    /// # Errors
    ///
    /// The [`Denial`] to answer with.
    pub async fn finish(
        &self,
        begun: Begun,
        head: &mut impl RequestHead,
        body: &mut impl BodySource,
    ) -> Result<Option<Admitted>, Denial> {
        match begun {
            Begun::Admitted => Ok(None),
            Begun::Rejected(denial) => Err(Arc::unwrap_or_clone(denial)),
            // Whoever has awaited the subject has begun with it.
            Begun::Unknown => Err(self.asked(Denial::new(Code::PermitMissing))),
            Begun::Waiting(walk) => walk.finish(self, head, body).await.map(Some),
        }
    }

    /// What a request gets of which nobody can say who sent it.
    #[cold]
    fn subjectless(&self, error: SourceError, seen: Option<&Seen>) -> Denial {
        let denial = self.asked(error.into_denial());
        event::record_rejection(&denial, self.requirement);
        if let Some(seen) = seen {
            self.tell(seen.decided(self, Verdict::Refuse(&denial), None, None));
        }
        denial
    }

    /// The answer to a refusal.
    pub fn answer(&self, denial: &Denial, head: &impl RequestHead) -> Answer {
        let answers = self.enforcer.answers();
        answers.prepared_in(denial, answers.language(head), &self.problems)
    }

    /// What a request gets on whose way something panicked before there was anything to be known of it.
    #[cold]
    fn panicked_at_once(&self, panicked: Panicked, head: &impl RequestHead) -> Denial {
        let denial = self.panicked(panicked);
        drop(caught(|| {
            if let Some(seen) = self.see(head) {
                self.tell(seen.decided(self, Verdict::Refuse(&denial), None, None));
            }
        }));
        denial
    }

    /// What a request gets on whose way something panicked.
    #[cold]
    pub(crate) fn panicked(&self, panicked: Panicked) -> Denial {
        // The log may be what panicked.
        let denial = caught(|| {
            let denial = self.asked(SourceError::unavailable(panicked).into_denial());
            event::record_rejection(&denial, self.requirement);
            denial
        });
        denial.unwrap_or_else(|_| self.asked(Denial::new(Code::PolicyUnavailable)))
    }

    fn asked(&self, denial: Denial) -> Denial {
        denial.asked(
            self.requirement.resource().name(),
            self.requirement.action(),
        )
    }
}

fn is_in_head(org: &Org) -> bool {
    let is_in_head = |source| {
        matches!(
            source,
            OrgSource::Path(_)
                | OrgSource::Header(_)
                | OrgSource::Query(_)
                | OrgSource::HostUnder(_)
        )
    };
    org.sources().next().is_some() && org.sources().all(is_in_head)
}
