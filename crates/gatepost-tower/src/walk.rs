//! The way of a request through its requirement: take apart, ask, read what is needed, ask again.

use std::sync::Arc;

use gatepost::{
    Denial, Evaluation, Mode, ModeRule, NamedOrg, Next, OrgId, OrgRule, OrgSource, Owner, Permit,
    Requirement, Resource, Snapshot, Subject, SubjectId, Target, TargetCache, json_member,
};
use http::request::Parts;
use http_body::Body;

use crate::body::Lazy;
use crate::enforcer::{Enforcer, PathParams};
use crate::entity::{Entity, EntityKey};
use crate::event;
use crate::source::SubjectSource;

/// A requirement where it is enforced.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) enforcer: Enforcer,
    pub(crate) requirement: Requirement,
    target: Option<TargetCache>,
}

/// How far a request came without anything being awaited.
pub(crate) enum Begun {
    Admitted,
    Rejected(Box<Denial>),
    /// The subject has to be awaited.
    Unknown,
    /// Something that the decision depends on has to be awaited.
    Waiting(Box<Walk>),
}

/// A request that is being decided.
#[derive(Debug)]
pub(crate) struct Walk {
    route: Arc<Route>,
    evaluation: Evaluation,
    params: Option<PathParams>,
    /// Why the path, which names the resource, could not be read.
    unreadable: Option<Denial>,
    entity: Option<Entity>,
    /// The policy version that is decided by, once there is one.
    version: Option<u64>,
}

/// What has to be awaited before the decision can go on.
enum Wait {
    OrgInBody(usize),
    ModeInBody(usize, fn(&[u8]) -> Option<Mode>),
    Entity(Option<OrgId>),
}

impl Route {
    pub(crate) fn new(enforcer: Enforcer, requirement: Requirement) -> Self {
        let target = match requirement.resource() {
            Resource::Named(name) => {
                Some(TargetCache::new(Target::new(name, requirement.action())))
            }
            _ => None,
        };
        Self {
            enforcer,
            requirement,
            target,
        }
    }

    /// Decides as far as that goes without awaiting. On an allow the permit is in the request's extensions.
    pub(crate) fn begin(self: &Arc<Self>, request: &mut Parts) -> Begun {
        // A permit of another route, handed on with the extensions, is none here.
        request.extensions.remove::<Permit>();
        request.extensions.remove::<Entity>();
        let subject = match &self.enforcer.0.subject {
            SubjectSource::Find(source) => source.find(request),
            SubjectSource::Load(_) => return Begun::Unknown,
        };
        let subject = match subject {
            Ok(subject) => subject,
            Err(error) => {
                return Begun::Rejected(Box::new(self.rejected(error.into_denial())));
            }
        };
        let mut walk = self.walk(request, subject);
        match self
            .enforcer
            .gate()
            .read(|facts| walk.advance(facts, request))
        {
            Ok(Ok(Ok(permit))) => {
                walk.admit(permit, request);
                Begun::Admitted
            }
            Ok(Ok(Err(_))) => Begun::Waiting(Box::new(walk)),
            Ok(Err(denial)) => Begun::Rejected(Box::new(walk.reject(denial))),
            Err(code) => Begun::Rejected(Box::new(walk.reject(Denial::new(code)))),
        }
    }

    /// [`begin`](Self::begin) for a subject that was awaited.
    pub(crate) async fn begin_loaded(
        self: &Arc<Self>,
        request: &mut Parts,
    ) -> Result<Walk, Denial> {
        let subject = match &self.enforcer.0.subject {
            SubjectSource::Find(source) => source.find(request),
            SubjectSource::Load(source) => source.load(request).await,
        };
        let subject = subject.map_err(|error| self.rejected(error.into_denial()))?;
        Ok(self.walk(request, subject))
    }

    fn walk(self: &Arc<Self>, request: &mut Parts, subject: Option<Subject>) -> Walk {
        let (mut params, mut unreadable) = (None, None);
        let resource = match self.requirement.resource() {
            Resource::Named(name) => name,
            by_path => match (self.enforcer.0.path_params)(request) {
                Ok(read) => {
                    let read = params.insert(read);
                    by_path.resolve(|param| {
                        let value = read.get(param).map(str::to_owned);
                        if value.is_none() {
                            unreadable = Some(unbound());
                        }
                        value
                    })
                }
                Err(denial) => {
                    unreadable = Some(denial);
                    by_path.resolve(|_| None)
                }
            },
        };
        Walk {
            route: self.clone(),
            evaluation: Evaluation::new(self.requirement, resource, subject),
            params,
            unreadable,
            entity: None,
            version: None,
        }
    }

    /// A request of which nobody could say who asks.
    fn rejected(&self, denial: Denial) -> Denial {
        let resource = match self.requirement.resource() {
            Resource::Named(name)
            | Resource::ByPath {
                otherwise: name, ..
            } => name,
            _ => "",
        };
        let denial = denial.asked(resource, self.requirement.action());
        event::rejected(&denial, resource, self.requirement.action(), None, None);
        denial
    }
}

impl Walk {
    /// Goes on as far as that goes without awaiting.
    fn advance(
        &mut self,
        facts: &Snapshot,
        request: &mut Parts,
    ) -> Result<Result<Permit, Wait>, Denial> {
        self.version = Some(facts.version());
        // Nobody is told so before anything else.
        if self.evaluation.subject().is_some()
            && let Some(denial) = self.unreadable.take()
        {
            return Err(denial);
        }
        if let Some(target) = &self.route.target {
            self.evaluation.target(target.get(facts));
        }
        loop {
            match self.evaluation.next(facts) {
                Next::Admit(permit) => return Ok(Ok(permit)),
                Next::Reject(denial) => return Err(denial),
                Next::NeedOrg => {
                    if let Some(limit) = self.org_body_limit() {
                        return Ok(Err(Wait::OrgInBody(limit)));
                    }
                    let org = self.read_org(request, b"")?;
                    self.evaluation.org(org);
                }
                Next::NeedMode => match self.route.requirement.mode_rule() {
                    ModeRule::Body { limit, read } => {
                        return Ok(Err(Wait::ModeInBody(limit, read)));
                    }
                    // The rule is none that this adapter can read: the stricter mode.
                    _ => self.evaluation.mode(Mode::Background),
                },
                Next::NeedOwner(org) => match self.route.requirement.owner_rule() {
                    Owner::Path(param) => {
                        let owner = self.params(request)?.get(param);
                        let owner = owner.map(SubjectId::new).transpose().map_err(|_| {
                            Denial::bad_request("the owner named is not a well-formed id")
                        })?;
                        self.evaluation.owner(owner);
                    }
                    Owner::Loaded => return Ok(Err(Wait::Entity(org))),
                    _ => self.evaluation.owner(None),
                },
            }
        }
    }

    /// Awaits what is needed until the request is decided.
    ///
    /// After each wait all checks are made anew by the newest policy, from the first to the last: one snapshot
    /// decides, and a client that sends its body slowly does not outwait a kill.
    pub(crate) async fn finish<B>(
        &mut self,
        request: &mut Parts,
        body: &mut Lazy<B>,
    ) -> Result<(), Denial>
    where
        B: Body,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let decided = self.decide(request, body).await;
        let permit = decided.map_err(|denial| self.reject(denial))?;
        self.admit(permit, request);
        Ok(())
    }

    async fn decide<B>(&mut self, request: &mut Parts, body: &mut Lazy<B>) -> Result<Permit, Denial>
    where
        B: Body,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let gate = self.route.enforcer.gate().clone();
        let mut facts = gate.snapshot().map_err(Denial::new)?;
        loop {
            // An object stays that of the org that it was looked for in, and another policy may name another default org.
            let bound_to_default = self.entity.is_some()
                && self.route.requirement.org_rule().rule() == OrgRule::Default;
            if !bound_to_default {
                facts = gate.snapshot().map_err(Denial::new)?;
            }
            match self.advance(&facts, request)? {
                Ok(permit) => return Ok(permit),
                Err(Wait::OrgInBody(limit)) => {
                    let bytes = body.read(limit).await?.clone();
                    let org = self.read_org(request, &bytes)?;
                    self.evaluation.org(org);
                }
                Err(Wait::ModeInBody(limit, read)) => {
                    let mode = read(body.read(limit).await?);
                    self.evaluation.mode(mode.unwrap_or(Mode::Background));
                }
                Err(Wait::Entity(org)) => self.load_entity(request, org.as_ref()).await?,
            }
        }
    }

    async fn load_entity(
        &mut self,
        request: &mut Parts,
        org: Option<&OrgId>,
    ) -> Result<(), Denial> {
        let loader = self
            .route
            .enforcer
            .0
            .loaders
            .get(self.evaluation.resource())
            .cloned();
        let Some(loader) = loader else {
            // Start-up refuses such a route; one that came past it does not get further.
            return Err(Denial::new(gatepost::Code::PermitMissing));
        };
        self.params(request)?;
        let params = self.params.get_or_insert_default();
        let found = loader
            .load_any(EntityKey {
                request,
                params,
                org,
            })
            .await;
        let (entity, owner) = found.map_err(crate::source::SourceError::into_denial)?;
        self.entity = Some(entity);
        self.evaluation.owner(owner);
        Ok(())
    }

    /// The largest body that an org source of the requirement reads.
    fn org_body_limit(&self) -> Option<usize> {
        let org = self.route.requirement.org_rule();
        let limits = org.sources().filter_map(|source| match source {
            OrgSource::Json { limit, .. } => Some(limit),
            _ => None,
        });
        limits.max()
    }

    /// What the org sources name, all of them together.
    fn read_org(&mut self, request: &mut Parts, body: &[u8]) -> Result<NamedOrg, Denial> {
        let mut named = NamedOrg::Absent;
        for source in self.route.requirement.org_rule().sources() {
            let text = match source {
                OrgSource::Path(param) => {
                    let value = self.params(request)?.get(param).map(str::to_owned);
                    if value.is_none()
                        && self.route.requirement.org_rule().rule() == OrgRule::Default
                    {
                        // The default org stands in for what a request leaves out, not for what a path lacks.
                        return Err(unbound());
                    }
                    value
                }
                OrgSource::Json { field, .. } => json_member(body, field)?,
                _ => return Err(Denial::new(gatepost::Code::PermitMissing)),
            };
            let Some(text) = text else { continue };
            let org = OrgId::new(text)
                .map_err(|_| Denial::bad_request("the org named is not a well-formed id"))?;
            match &named {
                NamedOrg::Named(earlier) if *earlier != org => return Ok(NamedOrg::Conflict),
                _ => named = NamedOrg::Named(org),
            }
        }
        Ok(named)
    }

    fn params(&mut self, request: &mut Parts) -> Result<&PathParams, Denial> {
        if self.params.is_none() {
            self.params = Some((self.route.enforcer.0.path_params)(request)?);
        }
        Ok(self.params.get_or_insert_default())
    }

    fn admit(&mut self, permit: Permit, request: &mut Parts) {
        event::admitted(&permit);
        if let Some(entity) = self.entity.take() {
            request.extensions.insert(entity);
        }
        request.extensions.insert(permit);
    }

    fn reject(&self, denial: Denial) -> Denial {
        let denial = self.evaluation.reject(denial);
        let requirement = &self.route.requirement;
        event::rejected(
            &denial,
            self.evaluation.resource(),
            requirement.action(),
            self.evaluation.subject(),
            self.version,
        );
        denial
    }
}

/// The route has no such path parameter: that is no request which names nothing, but a route that is set up wrongly.
fn unbound() -> Denial {
    Denial::new(gatepost::Code::PermitMissing)
}
