//! The route at which a subject is answered what it may do.

use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use actix_web::dev::{AppService, HttpServiceFactory, ServiceRequest, fn_service};
use actix_web::http::Method;
use actix_web::{Error, HttpRequest, HttpResponse, Resource, web};
use gatepost::{Denial, Subject};
use gatepost_enforce::{Capabilities, Met, find_subject, load_subject, permit_missing};

use crate::answer::{denied, send};
use crate::entry::{Entry, Form};
use crate::gated::{Gated, marked};
use crate::head::Head;
use crate::route::Passed;
use crate::source::SubjectSource;
use crate::watched;

/// The route at which a subject is answered what it may do; made by [`Gated::capabilities`].
#[must_use = "it answers nothing until it is given to `.service(..)`"]
pub struct CapabilitiesResource(Resource);

impl Gated {
    /// A route at which a subject is answered what it may do on every route of these
    /// [routes](Self::routes): `gate.capabilities("/.well-known/gatepost/capabilities")`.
    ///
    /// It is public in the inventory, and answers 401 where nobody asks. `?org=acme` names the org.
    ///
    /// ```
    /// use actix_web::{App, test};
    /// # use gatepost_actix::{Gate, Gated, Org, Permit, PolicyText, Requirement, SourceError, Subject, SubjectId};
    /// # async fn list(permit: Permit) -> String { permit.subject().to_string() }
    /// # fn who(_: &actix_web::HttpRequest) -> Result<Option<Subject>, SourceError> {
    /// #     Ok(SubjectId::new("alice").ok().map(Subject::new))
    /// # }
    /// # const LIST: Requirement = Requirement::new("chat", "read").org(Org::path("org"));
    ///
    /// # #[actix_web::main]
    /// # async fn main() -> Result<(), gatepost_actix::SetupError> {
    /// # let policy = PolicyText::toml("version = 1\n[resources]\nchat = [\"read\"]\n");
    /// # let gated = Gated::new(Gate::fixed(policy.compile(1).unwrap()), who);
    /// let routes = gated.routes(|app, gate| {
    ///     app.service(gate.resource("/orgs/{org}/chats").get(LIST, list))
    ///         .service(gate.capabilities("/.well-known/gatepost/capabilities"));
    /// })?;
    ///
    /// let app = test::init_service(App::new().configure(&*routes)).await;
    /// let asked = test::TestRequest::with_uri("/.well-known/gatepost/capabilities?org=acme").to_request();
    /// let told = test::call_and_read_body(&app, asked).await;
    /// let told = String::from_utf8_lossy(&told);
    /// assert!(told.contains("/orgs/{org}/chats") && told.contains("\"deny\""), "{told}");
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn capabilities(&self, path: &str) -> CapabilitiesResource {
        let why = Err(Capabilities::WHY.to_owned());
        let form = Form::Route(Method::GET);
        let entry = Entry::new(self, form, why, None, Location::caller());
        let gated = Arc::new(self.clone());
        let service = fn_service(move |request: ServiceRequest| {
            let gated = gated.clone();
            async move {
                Passed::forget(request.request());
                if watched::meet(request.request(), Met::Public) {
                    return Ok(watched::answer(request));
                }
                let response = match answer(&gated, request.request()).await {
                    Ok(response) => response,
                    Err(denial) => {
                        let answers = gated.enforcer.answers();
                        let answer = answers.denied(&denial, &Head(request.request()));
                        denied(answer, denial)
                    }
                };
                Ok::<_, Error>(request.into_response(response))
            }
        });
        CapabilitiesResource(web::resource(path).route(marked(vec![entry]).service(service)))
    }
}

async fn answer(gated: &Gated, request: &HttpRequest) -> Result<HttpResponse, Denial> {
    let Some(found) = &gated.found else {
        return Err(permit_missing(
            request.method().as_str(),
            request.path(),
            "the routes were not tried out: `Gated::routes`",
        ));
    };
    let mut subjects = Vec::new();
    for source in &found.subjects {
        subjects.push(subject(source, request).await?);
    }
    let head = Head(request);
    found.capabilities.answer(subjects, &head).await.map(send)
}

async fn subject(source: &SubjectSource, request: &HttpRequest) -> Result<Option<Subject>, Denial> {
    let subject = match source {
        SubjectSource::Find(source) => find_subject(&**source, request, &Head(request)),
        SubjectSource::Load(source) => load_subject(async { source.load(request).await }).await,
    };
    subject.map_err(gatepost_enforce::SourceError::into_denial)
}

impl HttpServiceFactory for CapabilitiesResource {
    fn register(self, config: &mut AppService) {
        self.0.register(config);
    }
}

impl fmt::Debug for CapabilitiesResource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CapabilitiesResource")
            .finish_non_exhaustive()
    }
}
