//! The middleware around an application that lets nothing out that nothing decided.

use std::fmt;
use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use actix_web::body::{BodySize, EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::http::header::ALLOW;
use actix_web::http::{Method, StatusCode, Uri};
use actix_web::{Error, HttpMessage, HttpResponse};
use gatepost_enforce::{Answers, Met, Watch, is_list_of_methods, undecided};
use pin_project_lite::pin_project;

use crate::answer::denied;
use crate::extract::Rejection;
use crate::head::Head;

/// Lets nothing out that nothing decided; made by [`Gated::only_decided`](crate::Gated::only_decided).
///
/// What comes from a route that has no requirement and does not say why it is public, wherever it was
/// registered, is replaced by `permit_missing`, 500, with an error in the log. Its handler has run by then;
/// nothing of what it made leaves, an upgrade neither. What is not there is 404 or 405 as ever: an answer of
/// these without a body is sent, with `Allow` and without anything else that is in it.
///
/// Nor does a success leave where a requirement has refused the request, whatever middleware behind this makes
/// of the refusal: that is replaced as well. An error page or a way to a login page leaves as it is.
///
/// ```
/// use actix_web::{App, test, web};
/// # use gatepost_actix::{Gate, Gated, Org, Permit, PolicyText, Requirement, SourceError, Subject};
/// # async fn list(permit: Permit) -> String { permit.subject().to_string() }
/// # fn who(_: &actix_web::HttpRequest) -> Result<Option<Subject>, SourceError> { Ok(None) }
/// # const LIST: Requirement = Requirement::new("chat", "read").org(Org::path("org"));
///
/// # #[actix_web::main]
/// # async fn main() -> Result<(), gatepost_actix::SetupError> {
/// # let policy = PolicyText::toml("version = 1\n[resources]\nchat = [\"read\"]\n");
/// # let gated = Gated::new(Gate::fixed(policy.compile(1).unwrap()), who);
/// let routes = gated.routes(|app, gate| {
///     app.service(gate.resource("/orgs/{org}/chats").get(LIST, list));
/// })?;
/// let app = App::new()
///     .configure(&*routes)
///     .route("/debug", web::get().to(|| async { "the whole state" }))
///     .wrap(gated.only_decided());
///
/// let app = test::init_service(app).await;
/// let asked = test::TestRequest::get().uri("/debug").to_request();
/// assert_eq!(test::call_service(&app, asked).await.status(), 500);
/// # Ok(())
/// # }
/// ```
///
/// It goes around everything that runs handlers. What answers by itself, such as CORS, goes around it: it is
/// wrapped behind it, since actix runs what was wrapped last first.
#[derive(Clone, Debug)]
pub struct OnlyDecided {
    answers: Answers,
}

impl OnlyDecided {
    pub(crate) fn new(answers: Answers) -> Self {
        Self { answers }
    }
}

impl<S, B> Transform<S, ServiceRequest> for OnlyDecided
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = OnlyDecidedService<S>;
    type InitError = ();
    type Future = Ready<Result<OnlyDecidedService<S>, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(OnlyDecidedService {
            answers: self.answers.clone(),
            service,
        }))
    }
}

/// A service of which nothing is let out that nothing decided.
pub struct OnlyDecidedService<S> {
    answers: Answers,
    service: S,
}

impl<S, B> Service<ServiceRequest> for OnlyDecidedService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = OnlyDecidedFuture<S::Future>;

    forward_ready!(service);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let (watch, around) = watch(&request);
        let (method, uri) = (request.method().clone(), request.uri().clone());
        OnlyDecidedFuture {
            answered: self.service.call(request),
            answers: self.answers.clone(),
            watch,
            around,
            method,
            uri,
        }
    }
}

/// Another one for each request, so that nothing is decided by an earlier one, and the one that was there; that
/// of a probe stays, unless it has met something on the way here.
fn watch(request: &ServiceRequest) -> (Watch, Option<Watch>) {
    let mut extensions = request.extensions_mut();
    let is_new = |watch: &&Watch| watch.is_probe() && watch.met().is_none();
    if let Some(probe) = extensions.get::<Watch>().filter(is_new) {
        return (probe.clone(), None);
    }
    let watch = Watch::new();
    let around = extensions.insert(watch.clone());
    (watch, around)
}

pin_project! {
    /// The answer, where something decided it.
    pub struct OnlyDecidedFuture<F> {
        #[pin]
        answered: F,
        answers: Answers,
        watch: Watch,
        // That of another middleware of this kind, around this one.
        around: Option<Watch>,
        method: Method,
        uri: Uri,
    }
}

impl<F, B> Future for OnlyDecidedFuture<F>
where
    F: Future<Output = Result<ServiceResponse<B>, Error>>,
    B: MessageBody,
{
    type Output = Result<ServiceResponse<EitherBody<B>>, Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let answered = ready!(this.answered.poll(context));
        let met = this.watch.met();
        let is_refused = this.watch.is_refused();
        if let (Some(around), Some(met)) = (this.around, met) {
            let _ = around.meet(met);
            if let (true, Met::Required(requirement)) = (is_refused, met) {
                around.refuse(requirement);
            }
        }
        if met.is_some() && !(is_refused && is_success(&answered)) {
            return Poll::Ready(answered.map(ServiceResponse::map_into_left_body));
        }
        let Ok(response) = answered else {
            let denial = undecided(this.method.as_str(), this.uri.path());
            return Poll::Ready(Err(Rejection::from(denial).into()));
        };
        let fresh = if met.is_none() {
            absent(response.response())
        } else {
            None
        };
        let request = response.into_parts().0;
        let fresh = fresh.unwrap_or_else(|| {
            let denial = undecided(this.method.as_str(), this.uri.path());
            denied(this.answers.denied(&denial, &Head(&request)), denial)
        });
        Poll::Ready(Ok(
            ServiceResponse::new(request, fresh).map_into_right_body()
        ))
    }
}

/// Whether it is what a refused request must not be answered with: neither an error nor the way to a login page.
fn is_success<B>(answered: &Result<ServiceResponse<B>, Error>) -> bool {
    let status = match answered {
        Ok(response) => response.status(),
        Err(error) => error.as_response_error().status_code(),
    };
    status < StatusCode::MULTIPLE_CHOICES
}

/// What the framework answers where there is nothing, made anew.
fn absent<B: MessageBody>(response: &HttpResponse<B>) -> Option<HttpResponse> {
    let is_absent = matches!(
        response.status(),
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED
    );
    let is_empty = matches!(response.body().size(), BodySize::None | BodySize::Sized(0));
    if !is_absent || !is_empty {
        return None;
    }
    let mut fresh = HttpResponse::new(response.status());
    let allow = response.headers().get(ALLOW);
    if let Some(allow) = allow.filter(|allow| is_list_of_methods(allow.as_bytes())) {
        fresh.headers_mut().insert(ALLOW, allow.clone());
    }
    Some(fresh)
}

impl<S> fmt::Debug for OnlyDecidedService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnlyDecidedService").finish_non_exhaustive()
    }
}

impl<F> fmt::Debug for OnlyDecidedFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnlyDecidedFuture").finish_non_exhaustive()
    }
}
