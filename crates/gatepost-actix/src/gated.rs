//! What the routes of a service are registered with.

mod forms;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use gatepost::{Catalogue, Gate, ProblemDocument, ReportOnly};
use gatepost_enforce::{
    Enforcer, EntityLoader, FindSubject, Journal, Observer, OwnBody, SetupError,
};

use crate::only_decided::OnlyDecided;
use crate::routes::Routes;
use crate::setup::Setup;
use crate::source::{LoadSubject, SubjectSource};
use crate::trial::{self, Found};
pub(crate) use forms::marked;

/// What the routes of a service are registered with: the gate, the subject source, the entity loaders.
///
/// See the [crate's page](crate) for an example.
#[derive(Clone)]
pub struct Gated {
    pub(crate) enforcer: Enforcer,
    pub(crate) subject: SubjectSource,
    pub(crate) instead: bool,
    pub(crate) setup: Arc<Setup>,
    /// What was found when the routes were tried out.
    pub(crate) found: Option<Arc<Found>>,
}

impl Gated {
    /// Routes by a gate, for subjects that `subject` finds.
    pub fn new(gate: Gate, subject: impl FindSubject<HttpRequest>) -> Self {
        Self::from_source(gate, SubjectSource::Find(Arc::new(subject)))
    }

    /// Routes by a gate, for subjects that `subject` loads.
    pub fn with_loaded_subject(gate: Gate, subject: impl LoadSubject) -> Self {
        Self::from_source(gate, SubjectSource::Load(Arc::new(subject)))
    }

    fn from_source(gate: Gate, subject: SubjectSource) -> Self {
        Self {
            enforcer: Enforcer::new(gate),
            subject,
            instead: false,
            setup: Arc::default(),
            found: None,
        }
    }

    /// Says how the objects of a resource are loaded, for requirements with
    /// [`Owner::Loaded`](gatepost::Owner::Loaded) or [`Org::entity`](gatepost::Org::entity).
    #[must_use]
    pub fn loader(mut self, resource: &'static str, loader: impl EntityLoader) -> Self {
        self.enforcer.add_loader(resource, loader);
        self
    }

    /// Adds somebody who is told of each decision: a log, metrics, a policy that is tried out.
    #[must_use]
    pub fn observe(mut self, observer: impl Observer) -> Self {
        self.enforcer.add_observer(observer);
        self
    }

    /// Sets where admissions are written down, for requirements that are
    /// [logged](gatepost::Requirement::logged).
    #[must_use]
    pub fn journal(mut self, journal: impl Journal) -> Self {
        self.enforcer.set_journal(journal);
        self
    }

    /// Has all routes about a resource only report, as [`Requirement::report_only`](gatepost::Requirement::report_only)
    /// has one: what they would refuse goes on, is logged and counted, and start-up says so. Their handlers take a
    /// [`Passage`](crate::Passage). What chooses between handlers is refused at start-up.
    ///
    /// Where a requirement says the same of itself, the earlier end of both holds.
    #[must_use]
    pub fn report_only(mut self, resource: &'static str, report_only: ReportOnly) -> Self {
        self.enforcer.add_report_only(resource, report_only);
        self
    }

    /// Sets the `WWW-Authenticate` challenge of a 401; `Bearer` unless told otherwise.
    ///
    /// # Panics
    ///
    /// When it cannot stand in a header.
    #[must_use]
    pub fn challenge(mut self, challenge: impl Into<Cow<'static, str>>) -> Self {
        self.enforcer.answers_mut().set_challenge(challenge);
        self
    }

    /// Sets the languages that refusals are worded in, for whoever asks for one with `Accept-Language`;
    /// English and German unless told otherwise.
    #[must_use]
    pub fn languages(mut self, catalogue: Catalogue) -> Self {
        self.enforcer.answers_mut().set_catalogue(catalogue);
        self
    }

    /// Sets the service's own body for refusals; where it returns `None`, the problem document is sent.
    ///
    /// It is given what the client may know and no more. It cannot make a refusal an answer: a status of
    /// another class is not taken.
    #[must_use]
    pub fn own_body(
        mut self,
        body: impl Fn(&ProblemDocument<'_>) -> Option<OwnBody> + Send + Sync + 'static,
    ) -> Self {
        self.enforcer.answers_mut().set_body(body);
        self
    }

    /// The gate.
    pub fn gate(&self) -> &Gate {
        self.enforcer.gate()
    }

    /// Tries a service's routes out, and returns what [`App::configure`](actix_web::App::configure) takes, and
    /// the [inventory](Routes::inventory) of them.
    ///
    /// actix builds its application anew in each worker, when it is too late for an error. So this runs
    /// `routes` once, at start-up, on an application that nobody serves; no handler is called in it. It refuses
    /// what could not be meant so, and what is mounted past the gate:
    ///
    /// ```
    /// # use actix_web::{App, web};
    /// # use gatepost_actix::{Gate, Gated, Org, Permit, PolicyText, Requirement, SourceError, Subject};
    /// # async fn read(permit: Permit) -> String { permit.subject().to_string() }
    /// # async fn export() -> &'static str { "everything" }
    /// # fn who(_: &actix_web::HttpRequest) -> Result<Option<Subject>, SourceError> { Ok(None) }
    /// const READ: Requirement = Requirement::new("chat", "read");
    ///
    /// # let policy = PolicyText::toml("version = 1\n[resources]\nchat = [\"read\"]\n");
    /// # let gate = Gate::fixed(policy.compile(1).unwrap());
    /// let gated = Gated::new(gate, who);
    /// let refused = gated.routes(|app, gate| {
    ///     app.service(gate.resource("/chats").get(READ, read))
    ///         .route("/chats/export", web::get().to(export));
    /// });
    /// let why = refused.err().unwrap().to_string();
    /// assert!(why.contains("`GET /chats` requires `chat:read`, which says nothing of an org"), "{why}");
    /// assert!(why.contains("`GET /chats/export` is mounted past the gate"), "{why}");
    /// ```
    ///
    /// The paths are those within `routes`: so the scopes stand in it, and it is configured at the root. A path
    /// may name each parameter once, scopes included. What this does not see is [told](crate#what-cannot-be-found).
    ///
    /// # Errors
    ///
    /// [`SetupError`] when there is no route at all, when a route has neither a requirement nor says why it is
    /// public, when something else that stands in front of it answers for all of its paths, when a requirement is one that no request could meet as it is meant, when the policy does not
    /// know it, or when a guard is given one that it cannot ask.
    pub fn routes<F>(
        &self,
        routes: F,
    ) -> Result<Routes<impl Fn(&mut ServiceConfig) + Clone + Send + use<F>>, SetupError>
    where
        F: Fn(&mut ServiceConfig, &Gated) + Clone + Send,
    {
        let found = Arc::new(trial::run(self, &routes)?);
        let gated = Self {
            found: Some(found.clone()),
            ..self.clone()
        };
        let configure = move |app: &mut ServiceConfig| routes(app, &gated);
        Ok(Routes::new(configure, found))
    }

    /// Middleware for [`App::wrap`](actix_web::App::wrap) that lets nothing out that nothing decided.
    pub fn only_decided(&self) -> OnlyDecided {
        OnlyDecided::new(self.enforcer.answers().clone())
    }
}

impl fmt::Debug for Gated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gated")
            .field("gate", self.gate())
            .finish_non_exhaustive()
    }
}
