//! What the routes of a service are registered with.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use actix_service::apply;
use actix_web::dev::{ServiceRequest, fn_service};
use actix_web::http::Method;
use actix_web::web::ServiceConfig;
use actix_web::{
    App, Error, FromRequest, Handler, HttpMessage, HttpRequest, HttpResponse, Responder, Route,
    guard,
};
use gatepost::{Catalogue, Gate, ProblemDocument, Requirement};
use gatepost_enforce::{Enforcer, EntityLoader, FindSubject, OwnBody, SetupError};

use crate::answer::denied;
use crate::bound::Inside;
use crate::choice::Choice;
use crate::guard::RequirementGuard;
use crate::handler::call;
use crate::head::Head;
use crate::identify::Identify;
use crate::refused::Refused;
use crate::resource::GatedResource;
use crate::route::{Enforced, Passed};
use crate::service::{Require, RequireHandler};
use crate::setup::Setup;
use crate::source::{LoadSubject, SubjectSource};

/// What the routes of a service are registered with: the gate, the subject source, the entity loaders.
///
/// See the [crate's page](crate) for an example.
#[derive(Clone)]
pub struct Gated {
    enforcer: Enforcer,
    subject: SubjectSource,
    instead: bool,
    setup: Arc<Setup>,
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
        }
    }

    /// Says how the objects of a resource are loaded, for requirements with
    /// [`Owner::Loaded`](gatepost::Owner::Loaded) or [`Org::entity`](gatepost::Org::entity).
    #[must_use]
    pub fn loader(mut self, resource: &'static str, loader: impl EntityLoader) -> Self {
        self.enforcer.add_loader(resource, loader);
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

    /// Tries a service's routes out, and returns what [`App::configure`] takes.
    ///
    /// actix builds its application anew in each worker, when it is too late for an error. So this runs
    /// `routes` once, at start-up, on an application that nobody serves:
    ///
    /// ```
    /// # use actix_web::{App, web};
    /// # use gatepost_actix::{Gate, Gated, Org, Permit, PolicyText, Requirement, SourceError, Subject};
    /// # async fn read(permit: Permit) -> String { permit.subject().to_string() }
    /// # fn who(_: &actix_web::HttpRequest) -> Result<Option<Subject>, SourceError> { Ok(None) }
    /// const READ: Requirement = Requirement::new("chat", "read");
    ///
    /// # let gate = Gate::fixed(PolicyText::toml("version = 1").compile(1).unwrap());
    /// let gated = Gated::new(gate, who);
    /// let refused = gated.routes(|app, gate| {
    ///     app.service(web::resource("/chats").route(gate.get(READ, read)));
    /// });
    /// let why = refused.err().unwrap().to_string();
    /// assert!(why.contains("`GET chat:read` says nothing of an org"), "{why}");
    /// ```
    ///
    /// A route with such a requirement that was not tried out answers every request with `permit_missing`, 500.
    ///
    /// # Errors
    ///
    /// [`SetupError`] when there is no route at all, when a requirement is one that no request could meet
    /// as it is meant, or when a guard is given one that it cannot ask.
    pub fn routes<F>(
        &self,
        routes: F,
    ) -> Result<impl FnOnce(&mut ServiceConfig) + Clone + Send + use<F>, SetupError>
    where
        F: Fn(&mut ServiceConfig, &Gated) + Clone + Send,
    {
        let tried = Self {
            setup: Arc::default(),
            ..self.clone()
        };
        drop(App::new().configure(|app| routes(app, &tried)));
        tried.setup.finish()?;
        let gated = self.clone();
        Ok(move |app: &mut ServiceConfig| routes(app, &gated))
    }

    /// A path, and its methods behind their requirements: the usual way to register routes.
    ///
    /// ```
    /// # use actix_web::App;
    /// # use gatepost_actix::{Gate, Gated, Org, Permit, PolicyText, Requirement, SourceError, Subject};
    /// # async fn list(permit: Permit) -> String { permit.subject().to_string() }
    /// # async fn create(permit: Permit) -> String { permit.subject().to_string() }
    /// # fn who(_: &actix_web::HttpRequest) -> Result<Option<Subject>, SourceError> { Ok(None) }
    /// const LIST: Requirement = Requirement::new("chat", "read").org(Org::path("org"));
    /// const CREATE: Requirement = Requirement::new("chat", "create").org(Org::path("org"));
    ///
    /// # let gate = Gate::fixed(PolicyText::toml("version = 1").compile(1).unwrap());
    /// # let gate = Gated::new(gate, who);
    /// let app = App::new().service(gate.resource("/orgs/{org}/chats").get(LIST, list).post(CREATE, create));
    /// # drop(app);
    /// ```
    pub fn resource(&self, path: &str) -> GatedResource {
        GatedResource::new(self.clone(), path)
    }

    /// A `GET` route behind a requirement; it answers `HEAD` as well, by the same requirement.
    pub fn get<F, Args>(&self, requirement: Requirement, handler: F) -> Route
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.on(Method::GET, requirement, handler)
    }

    /// A `POST` route behind a requirement.
    pub fn post<F, Args>(&self, requirement: Requirement, handler: F) -> Route
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.on(Method::POST, requirement, handler)
    }

    /// A `PUT` route behind a requirement.
    pub fn put<F, Args>(&self, requirement: Requirement, handler: F) -> Route
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.on(Method::PUT, requirement, handler)
    }

    /// A `PATCH` route behind a requirement.
    pub fn patch<F, Args>(&self, requirement: Requirement, handler: F) -> Route
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.on(Method::PATCH, requirement, handler)
    }

    /// A `DELETE` route behind a requirement.
    pub fn delete<F, Args>(&self, requirement: Requirement, handler: F) -> Route
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.on(Method::DELETE, requirement, handler)
    }

    /// A route for a method, behind a requirement.
    pub fn on<F, Args>(&self, method: Method, requirement: Requirement, handler: F) -> Route
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        let enforced = self.enforced(method.as_str(), requirement);
        let require = Require::new(enforced, Inside::Handler);
        // What is wrapped last stays: of a `.to(..)` behind it, which would serve another handler without
        // its requirement, actix makes a panic at start-up.
        for_method(Route::new(), method).to(handler).wrap(require)
    }

    /// [`on`](Self::on), in a service that nobody can give another handler: so it need not be wrapped, which
    /// would cost each request a boxed future more.
    pub(crate) fn sealed<F, Args>(
        &self,
        method: Method,
        requirement: Requirement,
        handler: F,
    ) -> Route
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        let require = RequireHandler(self.enforced(method.as_str(), requirement));
        let handler = fn_service(move |request| call(handler.clone(), request));
        for_method(Route::new(), method).service(apply(require, handler))
    }

    /// A route without a requirement, and why it needs none.
    ///
    /// Its handler sees no permit, not even that of a scope around it.
    pub fn public<F, Args>(&self, method: Method, why: &str, handler: F) -> Route
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        if why.trim().is_empty() {
            self.setup
                .problem(method.as_str(), "is public and does not say why");
        }
        let handler = fn_service(move |request: ServiceRequest| {
            Passed::forget(request.request());
            call(handler.clone(), request)
        });
        for_method(Route::new(), method).service(handler)
    }

    /// Middleware that puts a requirement around a whole resource or scope, whatever is registered in it.
    ///
    /// A route inside that has a requirement of its own is decided by both, the outer one first; its
    /// handler gets the permit of its own.
    ///
    /// Of a [bound](Requirement::bound) one the permit of which is revoked before there is an answer, what is
    /// around gets a [`Rejection`](crate::Rejection), as of any middleware that fails; actix sends it as the refusal.
    pub fn require(&self, requirement: Requirement) -> Require {
        Require::new(self.enforced("*", requirement), Inside::Routes)
    }

    /// A guard that lets a route be chosen by the requests that meet a requirement.
    ///
    /// It chooses, and does not protect: the route that it stands at has its requirement as well. It needs
    /// [`identify`](Self::identify) around the application, and [`RequirementGuard::at`] where the
    /// requirement reads the path. [`choice`](Self::choice) needs neither, and cannot be put together wrongly.
    ///
    /// A gated route that is found for a request which a guard has refused another one does not take it
    /// over, and answers with that refusal, unless it says so: [`instead`](Self::instead). That holds as well
    /// where another guard beside it admits.
    pub fn guard(&self, requirement: Requirement) -> RequirementGuard {
        let route = gatepost_enforce::Route::new(self.enforcer.clone(), requirement);
        let route = route.map_err(|error| format!("`{requirement}` {error}"));
        RequirementGuard::new(route, self.setup.clone())
    }

    /// Middleware that finds each request's subject before its route is chosen, for the guards.
    pub fn identify(&self) -> Identify {
        Identify(self.subject.clone())
    }

    /// Registers routes that take a request over which a guard has denied another one.
    ///
    /// Where the guard could not tell, they answer with its error as any other route does.
    #[must_use]
    pub fn instead(&self) -> Self {
        Self {
            instead: true,
            ..self.clone()
        }
    }

    /// One path with several handlers: the first one whose requirement the request meets is called, and
    /// a request that meets none gets the last one's denial.
    ///
    /// ```
    /// # use actix_web::App;
    /// # use gatepost_actix::{Gate, Gated, Org, Owner, Permit, PolicyText, Requirement, SourceError, Subject};
    /// # async fn full_report(permit: Permit) -> String { permit.subject().to_string() }
    /// # async fn my_report(permit: Permit) -> String { permit.subject().to_string() }
    /// # fn who(_: &actix_web::HttpRequest) -> Result<Option<Subject>, SourceError> { Ok(None) }
    /// const READ_ALL: Requirement = Requirement::new("report", "read").org(Org::path("org"));
    /// const READ_OWN: Requirement = READ_ALL.owner(Owner::Subject);
    ///
    /// # let gate = Gate::fixed(PolicyText::toml("version = 1").compile(1).unwrap());
    /// # let gate = Gated::new(gate, who);
    /// let app = App::new().service(
    ///     gate.choice("/orgs/{org}/report")
    ///         .when(READ_ALL, full_report)
    ///         .when(READ_OWN, my_report),
    /// );
    /// # drop(app);
    /// ```
    pub fn choice(&self, path: &str) -> Choice {
        Choice::new(self.clone(), path)
    }

    /// Answers what guards have refused with the refusal, for `default_service`.
    ///
    /// What no guard refused is 405 where there is such a path, without `Allow`, since actix does not tell
    /// which methods it has; and 404 where there is none.
    pub fn denials(&self) -> Route {
        let enforcer = self.enforcer.clone();
        Route::new().service(fn_service(move |request: ServiceRequest| {
            let refused = request.extensions().get::<Refused>().cloned();
            let response = match refused {
                Some(refused) => {
                    let denial = refused.denial().clone();
                    let answer = enforcer.answers().denied(&denial, &Head(request.request()));
                    denied(answer, denial)
                }
                None if request.match_pattern().is_some() => {
                    HttpResponse::MethodNotAllowed().finish()
                }
                None => HttpResponse::NotFound().finish(),
            };
            std::future::ready(Ok::<_, Error>(request.into_response(response)))
        }))
    }

    /// A requirement where it is enforced; one that no request could meet refuses every request.
    pub(crate) fn enforced(&self, method: &str, requirement: Requirement) -> Arc<Enforced> {
        self.setup.count_route();
        let route = gatepost_enforce::Route::new(self.enforcer.clone(), requirement);
        if let Err(error) = &route {
            let shown = format!("{method} {requirement}");
            self.setup.problem(&shown, &error.to_string());
        }
        Arc::new(Enforced {
            route: route.ok(),
            answers: self.enforcer.answers().clone(),
            subject: self.subject.clone(),
            instead: self.instead,
        })
    }
}

/// A route for a method; `GET` answers `HEAD` as well.
pub(crate) fn for_method(route: Route, method: Method) -> Route {
    if method == Method::GET {
        route.guard(guard::Any(guard::Get()).or(guard::Head()))
    } else {
        route.method(method)
    }
}

impl fmt::Debug for Gated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gated")
            .field("gate", self.gate())
            .finish_non_exhaustive()
    }
}
