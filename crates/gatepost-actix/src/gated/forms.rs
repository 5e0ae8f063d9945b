//! The forms in which routes are registered.

use std::panic::Location;
use std::sync::Arc;

use actix_service::{ServiceFactory, apply};
use actix_web::body::{BoxBody, EitherBody};
use actix_web::dev::{ServiceRequest, ServiceResponse, fn_service};
use actix_web::http::Method;
use actix_web::{
    Error, FromRequest, Handler, HttpMessage, HttpResponse, Responder, Route, Scope, guard, web,
};
use gatepost::Requirement;
use gatepost_enforce::Met;

use super::Gated;
use crate::answer::denied;
use crate::bound::Inside;
use crate::choice::Choice;
use crate::entry::{Entry, Form};
use crate::guard::RequirementGuard;
use crate::handler::call;
use crate::head::Head;
use crate::identify::Identify;
use crate::introspect::Mark;
use crate::refused::Refused;
use crate::resource::GatedResource;
use crate::route::{Enforced, Passed};
use crate::scope::Public;
use crate::service::{Require, RequireHandler};
use crate::watched;

impl Gated {
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
    #[track_caller]
    pub fn get<F, Args>(&self, requirement: Requirement, handler: F) -> Route
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.on(Method::GET, requirement, handler)
    }

    /// A `POST` route behind a requirement.
    #[track_caller]
    pub fn post<F, Args>(&self, requirement: Requirement, handler: F) -> Route
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.on(Method::POST, requirement, handler)
    }

    /// A `PUT` route behind a requirement.
    #[track_caller]
    pub fn put<F, Args>(&self, requirement: Requirement, handler: F) -> Route
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.on(Method::PUT, requirement, handler)
    }

    /// A `PATCH` route behind a requirement.
    #[track_caller]
    pub fn patch<F, Args>(&self, requirement: Requirement, handler: F) -> Route
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.on(Method::PATCH, requirement, handler)
    }

    /// A `DELETE` route behind a requirement.
    #[track_caller]
    pub fn delete<F, Args>(&self, requirement: Requirement, handler: F) -> Route
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.on(Method::DELETE, requirement, handler)
    }

    /// A route for a method, behind a requirement.
    #[track_caller]
    pub fn on<F, Args>(&self, method: Method, requirement: Requirement, handler: F) -> Route
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        let (enforced, entry) = self.entered(Form::Route(method), requirement);
        let require = Require::new(enforced, Inside::Handler);
        // What is wrapped last stays: of a `.to(..)` behind it, which would serve another handler without
        // its requirement, actix makes a panic at start-up.
        marked(vec![entry]).to(handler).wrap(require)
    }

    /// [`on`](Self::on), in a service that nobody can give another handler: so it need not be wrapped, which
    /// would cost each request a boxed future more.
    #[track_caller]
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
        let (enforced, entry) = self.entered(Form::Route(method), requirement);
        let require = RequireHandler(enforced);
        let handler = fn_service(move |request| call(handler.clone(), request));
        marked(vec![entry]).service(apply(require, handler))
    }

    /// A route without a requirement, and why it needs none.
    ///
    /// Its handler sees no permit, not even that of a scope around it.
    #[track_caller]
    pub fn public<F, Args>(&self, method: Method, why: &str, handler: F) -> Route
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        let form = Form::Route(method);
        let entry = Entry::new(self, form, Err(why.to_owned()), None, Location::caller());
        let handler = fn_service(move |request: ServiceRequest| {
            Passed::forget(request.request());
            let is_probe = watched::meet(request.request(), Met::Public);
            let handler = handler.clone();
            async move {
                if is_probe {
                    return Ok(watched::answer(request));
                }
                call(handler, request).await
            }
        });
        marked(vec![entry]).service(handler)
    }

    /// A scope in which every route is behind a requirement, without saying so itself.
    ///
    /// It is actix's own scope with [`require`](Self::require) around it, and one that start-up sees: its plain
    /// routes are in the [inventory](crate::Routes::inventory) with its requirement, which is asked before it
    /// is looked for a route. Of the path, the requirement reads the parameters of the scope alone.
    ///
    /// ```
    /// # use actix_web::web;
    /// # use gatepost_actix::{Gate, Gated, Org, PolicyText, Requirement, SourceError, Subject};
    /// # async fn metrics() -> &'static str { "17" }
    /// # async fn purge() -> &'static str { "gone" }
    /// # fn who(_: &actix_web::HttpRequest) -> Result<Option<Subject>, SourceError> { Ok(None) }
    /// const OPERATE: Requirement = Requirement::new("site", "operate").org(Org::none());
    ///
    /// # let policy = PolicyText::toml("version = 1\n[resources]\nsite = [\"operate\"]\n");
    /// # let gated = Gated::new(Gate::fixed(policy.compile(1).unwrap()), who);
    /// let routes = gated.routes(|app, gate| {
    ///     app.service(
    ///         gate.scope("/admin", OPERATE)
    ///             .route("/metrics", web::get().to(metrics))
    ///             .route("/cache", web::delete().to(purge)),
    ///     );
    /// })?;
    /// let shown = routes.inventory().to_json();
    /// assert!(shown.contains("/admin/metrics") && shown.contains("/admin/cache"), "{shown}");
    /// # Ok::<_, gatepost_actix::SetupError>(())
    /// ```
    ///
    /// A service of another crate is covered as well, for files say. What start-up cannot tell from it is a plain
    /// scope of the same path that a guard chooses: see [what cannot be found](crate#what-cannot-be-found).
    #[track_caller]
    pub fn scope(
        &self,
        path: &str,
        requirement: Requirement,
    ) -> Scope<
        impl ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse<EitherBody<BoxBody>>,
            Error = Error,
            InitError = (),
        > + use<>,
    > {
        let (enforced, entry) = self.entered(Form::Scope, requirement);
        let scope = web::scope(path).guard(Mark::scope(entry));
        scope.wrap(Require::new(enforced, Inside::Routes))
    }

    /// A scope in which every plain route is public, and why: static files, say.
    ///
    /// A route in it that has a requirement is behind that.
    #[track_caller]
    pub fn public_scope(
        &self,
        path: &str,
        why: &str,
    ) -> Scope<
        impl ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse,
            Error = Error,
            InitError = (),
        > + use<>,
    > {
        let why = Err(why.to_owned());
        let entry = Entry::new(self, Form::Scope, why, None, Location::caller());
        web::scope(path).guard(Mark::scope(entry)).wrap(Public)
    }

    /// Middleware that puts a requirement around a whole resource or scope, whatever is registered in it.
    ///
    /// A route inside that has a requirement of its own is decided by both, the outer one first; its
    /// handler gets the permit of its own.
    ///
    /// Of a [bound](Requirement::bound) one the permit of which is revoked before there is an answer, what is
    /// around gets a [`Rejection`](crate::Rejection), as of any middleware that fails; actix sends it as the refusal.
    ///
    /// What it is wrapped around is not told by actix. So [`routes`](Self::routes) takes what is plain in it for
    /// what is mounted past the gate; within it, that is for [`scope`](Self::scope).
    #[track_caller]
    pub fn require(&self, requirement: Requirement) -> Require {
        let (enforced, error) = self.enforced(requirement);
        if let Some(error) = error {
            let place = Location::caller();
            let message = format!(
                "requires `{requirement}`, which {error} ({}:{})",
                place.file(),
                place.line()
            );
            self.setup.problem("*", &message);
        }
        Require::new(enforced, Inside::Routes)
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
                    // Nothing runs: it is the guard's own answer.
                    let _ = watched::meet(request.request(), Met::Public);
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

    /// A requirement where it is enforced, and why no request could meet it; one of that kind refuses every
    /// request.
    pub(crate) fn enforced(&self, requirement: Requirement) -> (Arc<Enforced>, Option<String>) {
        self.setup.count_requirement();
        let route = gatepost_enforce::Route::new(self.enforcer.clone(), requirement);
        let error = route.as_ref().err().map(ToString::to_string);
        let enforced = Enforced {
            route: route.ok(),
            answers: self.enforcer.answers().clone(),
            subject: self.subject.clone(),
            instead: self.instead,
        };
        (Arc::new(enforced), error)
    }

    /// A requirement where it is enforced, and how it is found again where it is mounted.
    #[track_caller]
    pub(crate) fn entered(
        &self,
        form: Form,
        requirement: Requirement,
    ) -> (Arc<Enforced>, Arc<Entry>) {
        let (enforced, error) = self.enforced(requirement);
        let requirement = self.enforcer.effective(&requirement);
        let entry = Entry::new(self, form, Ok(requirement), error, Location::caller());
        (enforced, entry)
    }
}

/// A route for the method of what was registered.
pub(crate) fn marked(entries: Vec<Arc<Entry>>) -> Route {
    let method = entries.first().and_then(|entry| entry.method());
    let method = method.cloned().unwrap_or_default();
    if method == Method::GET {
        let either = guard::Any(guard::Get()).or(guard::Head());
        Route::new().guard(Mark::route(either, entries))
    } else {
        Route::new().guard(Mark::route(guard::Method(method), entries))
    }
}
