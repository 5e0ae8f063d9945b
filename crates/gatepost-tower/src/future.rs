//! The future of a response behind a requirement.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::Response;
use pin_project_lite::pin_project;

pin_project! {
    /// The response of a handler, or of the gate in front of it.
    ///
    /// A request that is decided without awaiting anything costs no allocation here.
    pub struct ResponseFuture<F, A, E> {
        #[pin]
        state: State<F, A, E>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<F, A, E> {
        Inner { #[pin] future: F },
        Ready { response: Option<Response<A>> },
        Deciding { future: Pin<Box<dyn Future<Output = Result<Response<A>, E>> + Send>> },
    }
}

impl<F, A, E> ResponseFuture<F, A, E> {
    pub(crate) fn inner(future: F) -> Self {
        Self {
            state: State::Inner { future },
        }
    }

    pub(crate) fn ready(response: Response<A>) -> Self {
        Self {
            state: State::Ready {
                response: Some(response),
            },
        }
    }

    pub(crate) fn deciding(
        future: impl Future<Output = Result<Response<A>, E>> + Send + 'static,
    ) -> Self {
        Self {
            state: State::Deciding {
                future: Box::pin(future),
            },
        }
    }
}

impl<F, A, E> Future for ResponseFuture<F, A, E>
where
    F: Future<Output = Result<Response<A>, E>>,
{
    type Output = Result<Response<A>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            StateProjection::Inner { future } => future.poll(context),
            // Polled again after its end, a future may do as it likes; this one waits for ever.
            StateProjection::Ready { response } => response
                .take()
                .map_or(Poll::Pending, |response| Poll::Ready(Ok(response))),
            StateProjection::Deciding { future } => future.as_mut().poll(context),
        }
    }
}

impl<F, A, E> fmt::Debug for ResponseFuture<F, A, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
