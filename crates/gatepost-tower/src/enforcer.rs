//! What the routes of a service share: the gate, and where requests say who and what.

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use async_trait::async_trait;
use gatepost::{Catalogue, Denial, Gate, ProblemDocument, ReportOnly, Requirement, Subject};
use gatepost_enforce::{
    EntityLoader, FindSubject, Journal, Observer, OwnBody, RouteError, SourceError, find_subject,
    load_subject,
};
use http::request::Parts;

use crate::head::{Head, Hooks};
use crate::severable::Connection;

/// What the routes of a service share: the gate, the subject source, the entity loaders, the answers.
#[derive(Clone)]
pub struct Enforcer {
    pub(crate) shared: gatepost_enforce::Enforcer,
    pub(crate) subject: SubjectSource,
    pub(crate) hooks: Hooks,
}

/// A [`FindSubject`] for what has to be awaited, such as a session in a store.
#[async_trait]
pub trait LoadSubject: Send + Sync + 'static {
    /// Loads the subject.
    ///
    /// # Errors
    ///
    /// [`SourceError`] when it cannot be told who asks.
    async fn load(&self, request: &Parts) -> Result<Option<Subject>, SourceError>;
}

#[derive(Clone)]
pub(crate) enum SubjectSource {
    Find(Arc<dyn FindSubject<Parts>>),
    Load(Arc<dyn LoadSubject>),
}

impl Enforcer {
    /// Enforces by a gate, for subjects that `subject` finds.
    pub fn new(gate: Gate, subject: impl FindSubject<Parts>) -> Self {
        Self::from_source(gate, SubjectSource::Find(Arc::new(subject)))
    }

    /// Enforces by a gate, for subjects that `subject` loads.
    pub fn with_loaded_subject(gate: Gate, subject: impl LoadSubject) -> Self {
        Self::from_source(gate, SubjectSource::Load(Arc::new(subject)))
    }

    fn from_source(gate: Gate, subject: SubjectSource) -> Self {
        Self {
            shared: gatepost_enforce::Enforcer::new(gate),
            subject,
            hooks: Hooks::default(),
        }
    }

    /// Says how the objects of a resource are loaded, for requirements that depend on one:
    /// [`Owner::Loaded`](gatepost::Owner::Loaded), [`Org::entity`](gatepost::Org::entity).
    #[must_use]
    pub fn loader(mut self, resource: &'static str, loader: impl EntityLoader) -> Self {
        self.shared.add_loader(resource, loader);
        self
    }

    /// Adds somebody who is told of each decision: a log, metrics, a policy that is tried out.
    #[must_use]
    pub fn observe(mut self, observer: impl Observer) -> Self {
        self.shared.add_observer(observer);
        self
    }

    /// Sets where admissions are written down, for requirements that are [logged](Requirement::logged).
    #[must_use]
    pub fn journal(mut self, journal: impl Journal) -> Self {
        self.shared.set_journal(journal);
        self
    }

    /// Has all requirements about a resource only report, as [`Requirement::report_only`] has one.
    #[must_use]
    pub fn report_only(mut self, resource: &'static str, report_only: ReportOnly) -> Self {
        self.shared.add_report_only(resource, report_only);
        self
    }

    /// Says where the router left the path that a route was registered with; an adapter for a router sets it.
    #[must_use]
    pub fn matched_path(mut self, read: fn(&Parts) -> Option<String>) -> Self {
        self.hooks.matched_path = read;
        self
    }

    /// Says how the router's path parameters are read; an adapter for a router sets it.
    #[must_use]
    pub fn path_params(
        mut self,
        read: fn(&mut Parts, &mut dyn FnMut(&str, &str)) -> Result<(), Denial>,
    ) -> Self {
        self.hooks.path_params = read;
        self
    }

    /// Says where the server left the address that a connection comes from; an adapter for a server sets it.
    #[must_use]
    pub fn peer(mut self, read: fn(&Parts) -> Option<IpAddr>) -> Self {
        self.hooks.peer = read;
        self
    }

    /// Says where the server left what cuts the connection, for peers that do not read what is
    /// [bound](Requirement::bound); in the extensions unless told otherwise. An adapter for a server sets it.
    #[must_use]
    pub fn connection(mut self, read: fn(&Parts) -> Option<Connection>) -> Self {
        self.hooks.connection = read;
        self
    }

    /// Sets the `WWW-Authenticate` challenge of a 401 (RFC 9110, 11.6.1); `Bearer` unless told otherwise.
    #[must_use]
    pub fn challenge(mut self, challenge: impl Into<Cow<'static, str>>) -> Self {
        self.shared.answers_mut().set_challenge(challenge);
        self
    }

    /// Sets the languages that refusals are worded in; English and German unless told otherwise.
    #[must_use]
    pub fn languages(mut self, catalogue: Catalogue) -> Self {
        self.shared.answers_mut().set_catalogue(catalogue);
        self
    }

    /// Sets the service's own body for refusals; `None` leaves the problem document.
    ///
    /// It is given what the client may know and no more, and cannot change the status to one of another class.
    #[must_use]
    pub fn own_body(
        mut self,
        body: impl Fn(&ProblemDocument<'_>) -> Option<OwnBody> + Send + Sync + 'static,
    ) -> Self {
        self.shared.answers_mut().set_body(body);
        self
    }

    /// The gate.
    pub fn gate(&self) -> &Gate {
        self.shared.gate()
    }

    /// What of it is the same whatever the framework, for an adapter.
    pub fn shared(&self) -> &gatepost_enforce::Enforcer {
        &self.shared
    }

    /// Says who sends a request, for an adapter that asks without a requirement.
    ///
    /// # Errors
    ///
    /// [`SourceError`] when it cannot be told who asks.
    pub async fn subject(&self, request: &mut Parts) -> Result<Option<Subject>, SourceError> {
        match &self.subject {
            SubjectSource::Find(source) => {
                let head = self.head(request);
                find_subject(&**source, head.parts, &head)
            }
            SubjectSource::Load(source) => load_subject(async { source.load(request).await }).await,
        }
    }

    /// A request as the sources see it, for an adapter.
    pub fn head<'p>(&self, request: &'p mut Parts) -> Head<'p> {
        Head {
            parts: request,
            hooks: self.hooks,
        }
    }

    /// Says whether a requirement can be met as it is meant.
    ///
    /// # Errors
    ///
    /// [`RouteError`], for start-up to be refused with.
    pub fn check(&self, requirement: &Requirement) -> Result<(), RouteError> {
        self.shared.check(requirement)
    }
}

impl fmt::Debug for Enforcer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Enforcer")
            .field("gate", self.gate())
            .finish_non_exhaustive()
    }
}
