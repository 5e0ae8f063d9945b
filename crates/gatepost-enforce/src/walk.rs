//! The way of a request through its requirement: take apart, ask, read what is needed, ask again.

#![allow(
    clippy::inline_always,
    reason = "measured: what is returned instead is copied, and read back wider than it was written"
)]

mod awaited;
mod org;

use std::sync::Arc;

use bytes::Bytes;
use gatepost::{
    Code, Denial, Evaluation, Mode, ModeRule, NamedOrg, Next, OrgId, Owner, Permit, RequestHead,
    Resource, Snapshot, Subject, SubjectId,
};

use crate::caught::caught_async;
use crate::entity::{Entity, Found, NotThere};
use crate::event;
use crate::memberships::{Loads, at_hand};
use crate::param;
use crate::route::Route;

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
}

/// What a request was let in with.
#[derive(Debug)]
#[non_exhaustive]
pub struct Admitted {
    /// The permit.
    pub permit: Permit,
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
            let next = self.evaluation.next(facts);
            if let Next::Admit(permit) = &next {
                event::admitted(permit);
            }
            let wait = match next {
                Next::Admit(permit) => return Ok(Ok(admit(head, permit))),
                Next::Reject(denial) => return Err(Arc::new(denial)),
                Next::NeedOrg => Wait::Org,
                Next::NeedMode => Wait::Mode,
                Next::NeedOwner(org) => Wait::Owner(org),
                Next::NeedMemberships(subject) => Wait::Memberships(subject),
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

    /// Awaits what is needed until the request is decided.
    ///
    /// After each wait all checks are made anew by the newest policy, from the first to the last: one snapshot
    /// decides, and a client that sends its body slowly does not outwait a kill.
    ///
    /// # Errors
    ///
    /// The [`Denial`] to answer with.
    pub(crate) async fn finish(
        mut self,
        route: &Route,
        head: &mut impl RequestHead,
        body: &mut impl BodySource,
    ) -> Result<Admitted, Denial> {
        let decided = caught_async(async {
            match self.decide(route, head, body).await {
                Ok(permit) => Ok(self.admit(route, permit)),
                Err(denial) => Err(Arc::unwrap_or_clone(self.reject(route, Arc::new(denial)))),
            }
        });
        let decided = decided.await;
        decided.unwrap_or_else(|panicked| Err(self.hide(route.panicked(panicked))))
    }

    async fn decide(
        &mut self,
        route: &Route,
        head: &mut impl RequestHead,
        body: &mut impl BodySource,
    ) -> Result<Permit, Denial> {
        let gate = route.enforcer().gate().clone();
        loop {
            let facts = gate.snapshot().map_err(Denial::new)?;
            self.evaluation.forget_overtaken(&gate, &facts);
            let advanced = self.advance(route, &facts, head, |_, permit| permit);
            match advanced.map_err(Arc::unwrap_or_clone)? {
                Ok(permit) => return Ok(permit),
                Err(Wait::Org) => self.await_org(route, head, body).await?,
                Err(Wait::Mode) => self.await_mode(route, head, body).await?,
                Err(Wait::Owner(org)) => self.await_owner(route, org, head, body).await?,
                Err(Wait::Memberships(subject)) => {
                    let loaded = self.loads.load(&gate, &subject).await?;
                    self.evaluation.memberships(loaded);
                }
            }
        }
    }

    fn admit(&mut self, route: &Route, permit: Permit) -> Admitted {
        let entity = self.looked_up.take().map(|looked_up| {
            Entity::new(match *looked_up {
                LookedUp::Found(found) => Ok(found.object),
                LookedUp::Missing => {
                    let answer = route.enforcer().answers().not_found(permit.decision());
                    Err(Arc::new(NotThere::new(answer, permit.decision())))
                }
            })
        });
        Admitted { permit, entity }
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
        denial
    }

    fn hide(&self, mut denial: Denial) -> Denial {
        self.evaluation.tell(&mut denial);
        denial
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
