//! The way of a request through its requirement: take apart, ask, read what is needed, ask again.

mod org;

use std::sync::Arc;

use bytes::Bytes;
use gatepost::{
    Code, Denial, Evaluation, Mode, ModeRule, NamedOrg, Next, OrgId, OrgRule, Owner, Permit,
    RequestHead, Resource, Snapshot, Subject, SubjectId,
};

use crate::caught::caught_async;
use crate::entity::{Entity, EntityKey, Found, Names, NotThere};
use crate::event;
use crate::param;
use crate::route::Route;
use crate::source::SourceError;

/// A request that is being decided.
#[derive(Debug)]
pub struct Walk {
    evaluation: Evaluation,
    /// Why the path, which names the resource, could not be read.
    unreadable: Option<Box<Denial>>,
    /// Why the org, which was read at once, could not be; told where the decision asks for it.
    orgless: Option<Box<Denial>>,
    /// What was loaded, once it was looked for.
    looked_up: Option<Box<LookedUp>>,
    /// The policy version that is decided by, once there is one.
    version: Option<u64>,
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

/// What came of looking for an object.
#[derive(Debug)]
enum LookedUp {
    Found(Found),
    /// There is none in this org.
    Missing,
}

/// What has to be awaited before the decision can go on.
#[derive(Clone, Debug)]
pub(crate) enum Wait {
    OrgInBody(usize),
    ModeInBody(usize, fn(&[u8]) -> Option<Mode>),
    /// The object, in this org.
    Entity(Option<OrgId>),
    /// The object, which is to name the org.
    OrgByEntity,
}

impl Walk {
    pub(crate) fn new(
        route: &Route,
        head: &mut impl RequestHead,
        subject: Option<Subject>,
    ) -> Self {
        let mut unreadable = None;
        let resource = match route.requirement().resource() {
            Resource::Named(name) => name,
            by_path => by_path.resolve(|name| match param::path(head, name) {
                Ok(Some(value)) => Some(value.into()),
                Ok(None) => {
                    unreadable = Some(Box::new(org::unbound()));
                    None
                }
                Err(denial) => {
                    unreadable = Some(Box::new(denial));
                    None
                }
            }),
        };
        let mut evaluation = Evaluation::new(route.requirement(), resource, subject);
        let mut orgless = None;
        if route.reads_org_at_once() {
            // It is at hand, and a decision that knows it from the beginning is taken in one go.
            match org::read(route.requirement().org_rule(), head, b"") {
                Ok(named) => evaluation.org(named),
                Err(denial) => orgless = Some(Box::new(denial)),
            }
        }
        Self {
            evaluation,
            unreadable,
            orgless,
            looked_up: None,
            version: None,
        }
    }

    /// Goes on as far as that goes without awaiting.
    pub(crate) fn advance(
        &mut self,
        route: &Route,
        facts: &Snapshot,
        head: &mut impl RequestHead,
    ) -> Result<Result<Permit, Wait>, Denial> {
        self.version = Some(facts.version());
        // Nobody is told so before anything else.
        if self.evaluation.subject().is_some()
            && let Some(denial) = self.unreadable.take()
        {
            // Whether the subject may ask anything at all does not depend on the resource.
            return Err(match self.evaluation.next(facts) {
                Next::Reject(rejected) if is_of_the_subject(rejected.code()) => rejected,
                _ => *denial,
            });
        }
        if let Some(target) = route.target() {
            self.evaluation.target(target.get(facts));
        }
        loop {
            match self.evaluation.next(facts) {
                Next::Admit(permit) => return Ok(Ok(permit)),
                Next::Reject(denial) => return Err(denial),
                Next::NeedOrg => {
                    if let Some(denial) = self.orgless.take() {
                        return Err(*denial);
                    }
                    let rule = route.requirement().org_rule();
                    if rule.is_by_entity() {
                        return Ok(Err(Wait::OrgByEntity));
                    }
                    if let Some(limit) = org::body_limit(rule) {
                        return Ok(Err(Wait::OrgInBody(limit)));
                    }
                    self.evaluation.org(org::read(rule, head, b"")?);
                }
                Next::NeedMode => match route.requirement().mode_rule() {
                    ModeRule::Body { limit, read } => {
                        return Ok(Err(Wait::ModeInBody(limit, read)));
                    }
                    // The rule is none that this version of the library can read: the stricter mode.
                    _ => self.evaluation.mode(Mode::Background),
                },
                Next::NeedOwner(org) => match route.requirement().owner_rule() {
                    Owner::Path(name) => {
                        let owner = param::path(head, name)?;
                        let owner = owner.map(SubjectId::new).transpose().map_err(|_| {
                            Denial::bad_request("the owner named is not a well-formed id")
                        })?;
                        self.evaluation.owner(owner);
                    }
                    Owner::Loaded | Owner::LoadedByBody { .. } => {
                        return Ok(Err(Wait::Entity(org)));
                    }
                    _ => self.evaluation.owner(None),
                },
            }
        }
    }

    /// Awaits what is needed until the request is decided.
    ///
    /// After each wait all checks are made anew by the newest policy, from the first to the last: one snapshot
    /// decides, and a client that sends its body slowly does not outwait a kill.
    ///
    /// # Errors
    ///
    /// The [`Denial`] to answer with.
    pub async fn finish(
        mut self,
        route: &Route,
        head: &mut impl RequestHead,
        body: &mut impl BodySource,
    ) -> Result<Admitted, Denial> {
        let decided = caught_async(async {
            match self.decide(route, head, body).await {
                Ok(permit) => Ok(self.admit(route, permit)),
                Err(denial) => Err(self.reject(route, denial)),
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
        let mut facts = gate.snapshot().map_err(Denial::new)?;
        loop {
            // An object stays that of the org that it was looked for in, and another policy may name another default org.
            let rule = route.requirement().org_rule().rule();
            let bound_to_default = self.looked_up.is_some() && rule == OrgRule::Default;
            if !bound_to_default {
                facts = gate.snapshot().map_err(Denial::new)?;
            }
            match self.advance(route, &facts, head)? {
                Ok(permit) => return Ok(permit),
                Err(wait) => self.await_input(route, wait, head, body).await?,
            }
        }
    }

    async fn await_input(
        &mut self,
        route: &Route,
        wait: Wait,
        head: &mut impl RequestHead,
        body: &mut impl BodySource,
    ) -> Result<(), Denial> {
        match wait {
            Wait::OrgInBody(limit) => {
                let bytes = read_body(head, body, limit).await?;
                let rule = route.requirement().org_rule();
                self.evaluation.org(org::read(rule, head, &bytes)?);
            }
            Wait::ModeInBody(limit, read) => {
                let mode = read(&read_body(head, body, limit).await?);
                self.evaluation.mode(mode.unwrap_or(Mode::Background));
            }
            Wait::Entity(org) => {
                let found = self.load(route, head, body, org.as_ref()).await?;
                // One that lies in another org is a missing one.
                let found = found.filter(|found| found.org == org);
                let owner = found.as_ref().and_then(|found| found.owner.clone());
                self.evaluation.owner(owner);
                self.looked_up = Some(Box::new(found.map_or(LookedUp::Missing, LookedUp::Found)));
            }
            Wait::OrgByEntity => {
                let found = self.load(route, head, body, None).await?;
                let org = found.as_ref().and_then(|found| found.org.clone());
                if route.requirement().owner_rule().is_loaded() {
                    let owner = found.as_ref().and_then(|found| found.owner.clone());
                    self.evaluation.owner(owner);
                }
                self.evaluation
                    .org(org.map_or(NamedOrg::Missing, NamedOrg::Named));
                self.looked_up = Some(Box::new(found.map_or(LookedUp::Missing, LookedUp::Found)));
            }
        }
        Ok(())
    }

    async fn load(
        &mut self,
        route: &Route,
        head: &mut impl RequestHead,
        body: &mut impl BodySource,
        org: Option<&OrgId>,
    ) -> Result<Option<Found>, Denial> {
        let loader = route.enforcer().loader(self.evaluation.resource());
        let Some(loader) = loader.cloned() else {
            // Start-up refuses such a route; one that came past it does not get further.
            return Err(Denial::new(Code::PermitMissing));
        };
        let bytes = match route.requirement().owner_rule() {
            Owner::LoadedByBody { limit } => read_body(head, body, limit).await?,
            _ => Bytes::new(),
        };
        let names = Names::read(head, bytes)?;
        let key = EntityKey {
            subject: self.evaluation.subject(),
            org,
            names: &names,
        };
        let found = loader.load_any(key).await;
        found.map_err(SourceError::into_denial)
    }

    fn admit(&mut self, route: &Route, permit: Permit) -> Admitted {
        event::admitted(&permit);
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

    pub(crate) fn reject(&self, route: &Route, denial: Denial) -> Denial {
        let denial = self.hide(denial);
        event::rejected(
            &denial,
            self.evaluation.resource(),
            route.requirement().action(),
            self.evaluation.subject(),
            self.version,
        );
        denial
    }

    fn hide(&self, denial: Denial) -> Denial {
        self.evaluation.reject(denial)
    }
}

/// Whether a code is one of the checks that come before the resource is asked for.
fn is_of_the_subject(code: Code) -> bool {
    matches!(
        code,
        Code::SubjectSuspended | Code::DelegatorMissing | Code::Unauthenticated
    )
}

/// A body in a coding (RFC 9110, 8.4) is not read: what it comes to is for whoever decodes it to say.
async fn read_body(
    head: &impl RequestHead,
    body: &mut impl BodySource,
    limit: usize,
) -> Result<Bytes, Denial> {
    match param::header(head, "content-encoding")? {
        None => {}
        Some(coding) if coding.eq_ignore_ascii_case("identity") => {}
        Some(_) => {
            return Err(Denial::bad_request(
                "the body is encoded, and the decision depends on what is in it",
            ));
        }
    }
    body.read(limit).await
}
