//! Counts how often bodies are polled and how much of them is read, whoever does.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use axum::body::Body;
use axum::extract::Request;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tower::util::MapRequestLayer;

/// The polls of all bodies together, and the bytes that they gave.
#[derive(Clone, Debug, Default)]
pub(crate) struct Polls {
    polls: Arc<AtomicUsize>,
    bytes: Arc<AtomicUsize>,
}

impl Polls {
    pub(crate) fn count(&self) -> usize {
        self.polls.load(Ordering::SeqCst)
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes.load(Ordering::SeqCst)
    }

    /// The layer that counts.
    pub(crate) fn layer(&self) -> MapRequestLayer<impl Fn(Request) -> Request + Clone + use<>> {
        let polls = self.clone();
        MapRequestLayer::new(move |request: Request| {
            request.map(|body| {
                Body::new(Counted {
                    body,
                    polls: polls.clone(),
                })
            })
        })
    }
}

struct Counted {
    body: Body,
    polls: Polls,
}

impl http_body::Body for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.polls.polls.fetch_add(1, Ordering::SeqCst);
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        if let Some(data) = frame
            .as_ref()
            .and_then(|frame| frame.as_ref().ok()?.data_ref())
        {
            self.polls.bytes.fetch_add(data.len(), Ordering::SeqCst);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
