//! The layer that goes around all routes, and lets nothing out that nothing decided.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use gatepost::{Catalogue, Given, Language, ProblemDocument};
use gatepost_enforce::{Answers, Met, OwnBody, Watch, is_list_of_methods, undecided};
use http::header::{ACCEPT_LANGUAGE, ALLOW};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri};
use http_body::Body;
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use crate::answer::{bare, response};
use crate::enforcer::Enforcer;

/// Goes around all routes of a service, and finds late what was registered past every requirement.
///
/// An answer leaves only where the request came to a requirement on its way, or to a public route. Any other
/// is dropped whole, with its headers, its cookies and its upgrade: `permit_missing`, 500, and an error in the
/// log that names method and path. The handler has run by then; what it has done is done.
///
/// Nor does a success leave, by any status below 300, once the requirement that the request came to first has
/// refused it: what goes on to another service after a refusal answers with that service's refusals, redirects
/// and errors alone. A page of its own for an error and a redirect to where one signs in do leave. What a
/// handler is told that asks further, for a request that it was let in with, is its own to answer with.
///
/// A 404 or 405 without a body is a router's own and leaves, as a status with `Allow` and nothing else. What
/// answers for all routes by itself (CORS, a rate limit, a page for what is not there) goes around this, or is
/// a public route.
///
/// ```
/// use gatepost_tower::OnlyDecidedLayer;
/// use http::{Request, Response};
/// use tower::{ServiceBuilder, ServiceExt};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let forgotten = |_: Request<()>| async {
///     Ok::<_, std::convert::Infallible>(Response::new(http_body_util::Full::<bytes::Bytes>::from("secret")))
/// };
/// let service = ServiceBuilder::new().layer(OnlyDecidedLayer::new()).service_fn(forgotten);
/// let response = service.oneshot(Request::new(())).await?;
/// assert_eq!(response.status(), 500);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct OnlyDecidedLayer {
    answers: Arc<Answers>,
}

impl OnlyDecidedLayer {
    /// Around all routes, with the problem document as the body of what does not leave.
    pub fn new() -> Self {
        Self::default()
    }

    /// Answers as the routes of an enforcer do: in its languages, with its own body.
    #[must_use]
    pub fn answering_as(mut self, enforcer: &Enforcer) -> Self {
        self.answers = Arc::new(enforcer.shared.answers().clone());
        self
    }
}

impl<S> Layer<S> for OnlyDecidedLayer {
    type Service = OnlyDecided<S>;

    fn layer(&self, inner: S) -> OnlyDecided<S> {
        OnlyDecided {
            inner,
            answers: self.answers.clone(),
        }
    }
}

/// A service of which nothing leaves that nothing decided; made by [`OnlyDecidedLayer`].
///
/// There is no way to the service inside, so nothing can be added to it any more.
#[derive(Clone, Debug)]
pub struct OnlyDecided<S> {
    inner: S,
    answers: Arc<Answers>,
}

impl<S> OnlyDecided<S> {
    /// Sets the languages of what is said instead; English and German unless told otherwise.
    #[must_use]
    pub fn languages(mut self, catalogue: Catalogue) -> Self {
        Arc::make_mut(&mut self.answers).set_catalogue(catalogue);
        self
    }

    /// Sets the service's own body for what is said instead; `None` leaves the problem document.
    #[must_use]
    pub fn own_body(
        mut self,
        body: impl Fn(&ProblemDocument<'_>) -> Option<OwnBody> + Send + Sync + 'static,
    ) -> Self {
        Arc::make_mut(&mut self.answers).set_body(body);
        self
    }
}

impl<S, B, A> Service<Request<B>> for OnlyDecided<S>
where
    S: Service<Request<B>, Response = Response<A>>,
    A: Body + From<Vec<u8>>,
{
    type Response = Response<A>;
    type Error = S::Error;
    type Future = Deciding<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let extensions = request.extensions_mut();
        let (watch, around) = match extensions.get::<Watch>() {
            // One that has met something was handed on: it tells nothing of this request.
            Some(probe) if probe.is_probe() && probe.met().is_none() => (probe.clone(), None),
            // One that a request was handed on with tells what that request came to, not this one.
            _ => {
                let watch = Watch::new();
                let around = extensions.insert(watch.clone());
                (watch, around)
            }
        };
        let asked = Asked {
            method: request.method().clone(),
            uri: request.uri().clone(),
            language: accepted(request.headers()),
        };
        Deciding {
            future: self.inner.call(request),
            watch,
            around,
            asked,
            answers: self.answers.clone(),
        }
    }
}

pin_project! {
    /// The answer of a service of which nothing leaves that nothing decided.
    pub struct Deciding<F> {
        #[pin]
        future: F,
        watch: Watch,
        // That of another layer of this kind, around this one.
        around: Option<Watch>,
        asked: Asked,
        answers: Arc<Answers>,
    }
}

/// What is needed of a request where its answer does not leave.
#[derive(Debug)]
struct Asked {
    method: Method,
    uri: Uri,
    language: Option<HeaderValue>,
}

impl<F, A, E> Future for Deciding<F>
where
    F: Future<Output = Result<Response<A>, E>>,
    A: Body + From<Vec<u8>>,
{
    type Output = Result<Response<A>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let response = ready!(this.future.poll(context))?;
        let Some(met) = this.watch.met() else {
            return Poll::Ready(Ok(this.asked.undecided(&response, this.answers)));
        };
        let is_refused = this.watch.is_refused();
        if let Some(around) = this.around {
            // Whether it is a probe is nothing to what has been answered.
            let _ = around.meet(met);
            if let (true, Met::Required(requirement)) = (is_refused, met) {
                around.refuse(requirement);
            }
        }
        if is_refused && response.status() < StatusCode::MULTIPLE_CHOICES {
            return Poll::Ready(Ok(this.asked.refused(this.answers)));
        }
        Poll::Ready(Ok(response))
    }
}

impl Asked {
    /// What is sent in place of an answer that nothing decided: nothing of it.
    fn undecided<A: Body + From<Vec<u8>>>(
        &self,
        answer: &Response<A>,
        answers: &Answers,
    ) -> Response<A> {
        let status = answer.status();
        let is_routers = matches!(
            status,
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED
        );
        if is_routers && is_empty(answer.body()) {
            let mut own = bare(status);
            if let Some(allow) = answer
                .headers()
                .get(ALLOW)
                .filter(|it| is_list_of_methods(it.as_bytes()))
            {
                own.headers_mut().insert(ALLOW, allow.clone());
            }
            return own;
        }
        self.refused(answers)
    }

    fn refused<A: From<Vec<u8>>>(&self, answers: &Answers) -> Response<A> {
        let denial = undecided(self.method.as_str(), self.uri.path());
        let answer = answers.denied_in(&denial, self.language(answers));
        response(answer, denial)
    }

    fn language(&self, answers: &Answers) -> Language {
        answers.choose(match &self.language {
            Some(accepted) => Given::Once(accepted.as_bytes()),
            None => Given::Absent,
        })
    }
}

/// The languages that the reader asks for; of several lists none.
fn accepted(headers: &HeaderMap) -> Option<HeaderValue> {
    let mut accepted = headers.get_all(ACCEPT_LANGUAGE).iter();
    let only = accepted.next()?;
    accepted.next().is_none().then(|| only.clone())
}

/// Whether there is nothing to be sent, as far as can be told before.
fn is_empty(body: &impl Body) -> bool {
    body.is_end_stream() || body.size_hint().exact() == Some(0)
}

impl<F> fmt::Debug for Deciding<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deciding").finish_non_exhaustive()
    }
}
