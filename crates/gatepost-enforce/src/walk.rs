//! The way of a request through its requirement: take apart, ask, read what is needed, ask again.

#![allow(
    clippy::inline_always,
    reason = "measured: what is returned instead is copied, and read back wider than it was written"
)]

mod awaited;
mod finish;
mod org;

use std::sync::Arc;

use bytes::Bytes;
use gatepost::{
    Code, Denial, Evaluation, Mode, ModeRule, NamedOrg, Next, OrgId, Owner, Passage, Permit,
    RequestHead, Resource, Snapshot, Subject, SubjectId, Unenforced,
};

use crate::entity::{Entity, Found};
use crate::event;
use crate::memberships::{Loads, at_hand};
use crate::observe::Verdict;
use crate::param;
use crate::route::Route;
use crate::seen::Seen;

/// A request that is being decided.
#[derive(Debug)]
pub struct Walk {
    evaluation: Evaluation,
    /// Why the path, which names the resource, could not be read.
    unreadable: Option<Arc<Denial>>,
    /// Why the org, which was read at once, could not be; told where the decision asks for it.
    orgless: Option<Arc<Denial>>,
    /// What was loaded, once it was looked for.
    looked_up: Option<Box<LookedUp>>,
    /// The policy version that is decided by, once there is one.
    version: Option<u64>,
    /// How often memberships were waited for.
    loads: Loads,
    /// What observers are told beside the decision, where there are any.
    seen: Option<Box<Seen>>,
}

/// What a request was let in with.
#[derive(Debug)]
#[non_exhaustive]
pub struct Admitted {
    /// The permit; on a route that [reports only](Route::reports_only) there may be none.
    pub passage: Passage,
    /// The object that was decided on, where the requirement loads one.
    pub entity: Option<Entity>,
}

/// A request's body, as an adapter reads it.
pub trait BodySource {
    /// The whole body, or in gRPC the first message, read once and kept for the handler.
    ///
    /// # Errors
    ///
    /// `body_too_large` past `limit` bytes, of which no more is then kept; `bad_request` where it breaks off.
    fn read(&mut self, limit: usize) -> impl Future<Output = Result<Bytes, Denial>>;
}

/// What has to be awaited before the decision can go on.
pub(crate) enum Wait {
    /// The org: from the body, or from the object.
    Org,
    /// The mode, from the body.
    Mode,
    /// The object, in this org.
    Owner(Option<OrgId>),
    /// The memberships of this subject.
    Memberships(SubjectId),
    /// Nothing: the request goes on without a permit.
    Nothing(Box<Unenforced>),
}

/// What came of looking for an object.
#[derive(Debug)]
enum LookedUp {
    Found(Found),
    /// There is none in this org.
    Missing,
}

impl Walk {
    #[inline(always)]
    pub(crate) fn new(
        route: &Route,
        head: &mut impl RequestHead,
        subject: Option<Subject>,
        seen: Option<Box<Seen>>,
    ) -> Self {
        let mut unreadable = None;
        let resource = match route.requirement().resource() {
            Resource::Named(name) => name,
            by_path => named_by_path(by_path, head, &mut unreadable),
        };
        Self {
            evaluation: Evaluation::new(route.requirement(), resource, subject),
            unreadable,
            orgless: None,
            looked_up: None,
            version: None,
            loads: Loads::default(),
            seen,
        }
    }

    /// Reads the org where it is at hand: a decision that knows it from the beginning is taken in one go.
    #[inline(always)]
    pub(crate) fn read_at_once(&mut self, route: &Route, head: &mut impl RequestHead) {
        if route.reads_org_at_once()
            && let Err(denial) = self.fill_in_org(route, head, b"")
        {
            self.orgless = Some(denial);
        }
    }

    /// Goes on as far as that goes without awaiting: to a permit, which `admit` is given, to a denial, or to
    /// what has to be awaited.
    #[inline(always)]
    pub(crate) fn advance<H: RequestHead, T>(
        &mut self,
        route: &Route,
        facts: &Snapshot,
        head: &mut H,
        admit: impl FnOnce(&mut H, Permit) -> T,
    ) -> Result<Result<T, Wait>, Arc<Denial>> {
        self.version = Some(facts.version());
        // Nobody is told so before anything else.
        if self.evaluation.subject().is_some()
            && let Some(denial) = self.unreadable.take()
        {
            return Err(self.first_of(denial, facts));
        }
        if let Some(target) = route.target() {
            self.evaluation.look_up(target, facts);
        }
        loop {
            let asked = self.seen.as_ref().map(|_| self.evaluation.clone());
            let next = self.evaluation.next(facts);
            match &next {
                // It is told of once it has been written down.
                Next::Admit(_) if route.requirement().is_logged() => {}
                Next::Admit(permit) => {
                    event::admitted(permit);
                    self.tell(route, Verdict::Allow(permit), asked.as_ref());
                }
                Next::Report(unenforced) => {
                    let denial = unenforced.denial();
                    event::reported(unenforced);
                    self.tell(route, Verdict::Report(denial), asked.as_ref());
                }
                _ => {}
            }
            let wait = match next {
                Next::Admit(permit) => return Ok(Ok(admit(head, permit))),
                Next::Reject(denial) => return Err(Arc::new(denial)),
                Next::NeedOrg => Wait::Org,
                Next::NeedMode => Wait::Mode,
                Next::NeedOwner(org) => Wait::Owner(org),
                Next::NeedMemberships(subject) => Wait::Memberships(subject),
                Next::Report(unenforced) => return Ok(Err(Wait::Nothing(unenforced))),
            };
            if !self.read(&wait, route, facts, head)? {
                return Ok(Err(wait));
            }
        }
    }

    /// Whether the subject may ask anything at all does not depend on the resource.
    #[cold]
    fn first_of(&self, unreadable: Arc<Denial>, facts: &Snapshot) -> Arc<Denial> {
        match self.evaluation.clone().next(facts) {
            Next::Reject(rejected) if is_of_the_subject(rejected.code()) => Arc::new(rejected),
            _ => unreadable,
        }
    }

    /// Reads what is at hand of what the decision needs; false where it has to be awaited.
    #[cold]
    fn read(
        &mut self,
        wait: &Wait,
        route: &Route,
        facts: &Snapshot,
        head: &mut impl RequestHead,
    ) -> Result<bool, Arc<Denial>> {
        match wait {
            Wait::Org => {
                if let Some(denial) = self.orgless.take() {
                    return Err(denial);
                }
                let rule = route.requirement().org_rule();
                if rule.is_by_entity() || org::body_limit(rule).is_some() {
                    return Ok(false);
                }
                self.fill_in_org(route, head, b"")?;
            }
            Wait::Mode => match route.requirement().mode_rule() {
                ModeRule::Body { .. } => return Ok(false),
                // The rule is none that this version of the library can read: the stricter mode.
                _ => self.evaluation.mode(Mode::Background),
            },
            Wait::Owner(_) => match route.requirement().owner_rule() {
                Owner::Path(name) => {
                    let mut owner = None;
                    param::read_path(head, name, |text| owner = Some(SubjectId::new(text)))?;
                    let owner = owner.transpose().map_err(|_| {
                        Denial::bad_request("the owner named is not a well-formed id")
                    })?;
                    self.evaluation.owner(owner);
                }
                Owner::Loaded | Owner::LoadedByBody { .. } => return Ok(false),
                _ => self.evaluation.owner(None),
            },
            Wait::Memberships(subject) => {
                let gate = route.enforcer().gate();
                let Some(loaded) = at_hand(gate, subject, facts.version()) else {
                    return Ok(false);
                };
                self.evaluation.memberships(loaded);
            }
            Wait::Nothing(_) => {}
        }
        Ok(true)
    }

    /// Reads the org sources; one that cannot be read leaves the org unread.
    #[inline]
    fn fill_in_org(
        &mut self,
        route: &Route,
        head: &mut impl RequestHead,
        body: &[u8],
    ) -> Result<(), Arc<Denial>> {
        let rule = route.requirement().org_rule();
        let read = org::read(rule, head, body, self.evaluation.org_mut());
        read.map_err(|denial| {
            self.evaluation.org(NamedOrg::Pending);
            Arc::new(denial)
        })
    }

    /// Tells the log of a denial that is to be answered.
    pub(crate) fn reject(&self, route: &Route, mut denial: Arc<Denial>) -> Arc<Denial> {
        // Nobody else has it yet, so it is changed where it stands.
        self.evaluation.tell(Arc::make_mut(&mut denial));
        event::rejected(
            &denial,
            self.evaluation.resource(),
            route.requirement().action(),
            self.evaluation.subject(),
            self.version,
        );
        self.tell(route, Verdict::Refuse(&denial), Some(&self.evaluation));
        denial
    }

    /// Tells whoever observes.
    #[inline(always)]
    fn tell(&self, route: &Route, verdict: Verdict<'_>, asked: Option<&Evaluation>) {
        if let Some(seen) = &self.seen {
            route.tell(seen.decided(route, verdict, asked, self.version));
        }
    }
}

/// The resource that the path names, or why it could not be read.
#[cold]
fn named_by_path(
    resource: Resource,
    head: &mut impl RequestHead,
    unreadable: &mut Option<Arc<Denial>>,
) -> &'static str {
    resource.resolve(|name| match param::path(head, name) {
        Ok(Some(value)) => Some(value.into()),
        Ok(None) => {
            *unreadable = Some(Arc::new(org::unbound()));
            None
        }
        Err(denial) => {
            *unreadable = Some(Arc::new(denial));
            None
        }
    })
}

/// Whether a code is one of the checks that come before the resource is asked for.
fn is_of_the_subject(code: Code) -> bool {
    matches!(
        code,
        Code::SubjectSuspended | Code::DelegatorMissing | Code::Unauthenticated
    )
}
