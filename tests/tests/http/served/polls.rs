//! Counts how often bodies are polled, how much of them is read, and how many are held, whoever does.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_util::Stream;
use http_body::{Frame, SizeHint};

/// The polls of all bodies together, and the bytes that they gave.
#[derive(Clone, Debug, Default)]
pub(crate) struct Polls {
    count: Arc<AtomicUsize>,
    bytes: Arc<AtomicUsize>,
    held: Arc<AtomicUsize>,
}

impl Polls {
    pub(crate) fn count(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes.load(Ordering::SeqCst)
    }

    /// How many bodies there are that nobody has let go of.
    pub(crate) fn held(&self) -> usize {
        self.held.load(Ordering::SeqCst)
    }

    /// A body that is counted.
    pub(super) fn of<B>(&self, body: B) -> Counted<B> {
        self.held.fetch_add(1, Ordering::SeqCst);
        Counted {
            body,
            polls: self.clone(),
        }
    }

    fn read(&self, data: &Bytes) {
        self.bytes.fetch_add(data.len(), Ordering::SeqCst);
    }
}

pub(super) struct Counted<B> {
    body: B,
    polls: Polls,
}

impl<B> Drop for Counted<B> {
    fn drop(&mut self) {
        self.polls.held.fetch_sub(1, Ordering::SeqCst);
    }
}

impl<B: http_body::Body<Data = Bytes> + Unpin> http_body::Body for Counted<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        self.polls.count.fetch_add(1, Ordering::SeqCst);
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        if let Some(Ok(frame)) = &frame
            && let Some(data) = frame.data_ref()
        {
            self.polls.read(data);
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

impl<E, B: Stream<Item = Result<Bytes, E>> + Unpin> Stream for Counted<B> {
    type Item = Result<Bytes, E>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, E>>> {
        self.polls.count.fetch_add(1, Ordering::SeqCst);
        let chunk = ready!(Pin::new(&mut self.body).poll_next(context));
        if let Some(Ok(data)) = &chunk {
            self.polls.read(data);
        }
        Poll::Ready(chunk)
    }
}
