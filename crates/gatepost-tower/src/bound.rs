//! What lasts of a request longer than its decision, bound to its permit: the handler and both bodies.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use gatepost::Code;
use gatepost_enforce::{Bond, LastWord, Severing};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use crate::severable::Connection;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What a bound request is bound by.
///
/// An adapter makes it of an admitted request's [`Bond`], gives the handler its [`request`](Self::request) body,
/// [holds](Self::hold) the handler to it, and sends the [`response`](Self::response) body.
#[derive(Debug)]
#[must_use = "nothing is bound that is not held"]
pub struct Binding {
    bond: Bond,
    connection: Option<Connection>,
}

/// How a body ends whose permit was revoked.
pub struct Ending(Last);

enum Last {
    Frame(Box<dyn FnOnce(&LastWord) -> Frame<Bytes> + Send + Sync>),
    Error(Box<dyn FnOnce(&LastWord) -> BoxError + Send + Sync>),
}

pin_project! {
    /// A body that ends when its permit does: with its last word, and nothing behind it.
    ///
    /// The body in it is dropped at that moment.
    pub struct BoundBody<B> {
        #[pin]
        inner: Option<B>,
        // What the body has given and nobody has taken yet.
        rest: Bytes,
        held: Option<Held>,
    }
}

/// What is handed on at once, in bytes: what a server has taken is sent, whatever becomes of the permit.
const PIECE: usize = 64 * 1024;

/// What a body is held by, for as long as there is more of it.
struct Held {
    bond: Bond,
    ending: Ending,
    /// Of a response: cuts a peer that does not read, and so never comes to the last word.
    severing: Option<(Connection, Option<Severing>)>,
}

/// A body was broken off, since the request is not allowed any more.
#[derive(Debug)]
struct BrokenOff(Code);

impl Binding {
    /// Binds a request; its connection is cut where the peer does not take the last word.
    pub fn new(bond: Bond, connection: Option<Connection>) -> Self {
        Self { bond, connection }
    }

    /// The body of the request, as the handler reads it.
    pub fn request<B: Body>(&self, body: B, ending: Ending) -> BoundBody<B> {
        BoundBody::new(body, || Held {
            bond: self.bond.again(),
            ending,
            severing: None,
        })
    }

    /// Works for as long as the permit holds.
    ///
    /// # Errors
    ///
    /// The [`LastWord`]; the work is dropped then.
    pub async fn hold<F: Future>(&mut self, work: F) -> Result<F::Output, LastWord> {
        let mut work = pin!(work);
        poll_fn(|context| match ready!(self.bond.poll_holds(context)) {
            Ok(()) => work.as_mut().poll(context).map(Ok),
            Err(last_word) => Poll::Ready(Err(last_word)),
        })
        .await
    }

    /// The body of the response, as it is sent.
    pub fn response<B: Body>(self, body: B, ending: Ending) -> BoundBody<B> {
        BoundBody::new(body, || Held {
            severing: self.connection.map(|connection| {
                let own = connection.clone();
                let severing = Severing::new(self.bond.again(), move || own.sever());
                (connection, severing)
            }),
            bond: self.bond,
            ending,
        })
    }
}

impl Ending {
    /// It is broken off: what came of it is not taken for the whole.
    pub fn broken_off() -> Self {
        Self::error(|last_word| BrokenOff(last_word.denial().code()).into())
    }

    /// It is broken off with an error.
    pub fn error(error: impl FnOnce(&LastWord) -> BoxError + Send + Sync + 'static) -> Self {
        Self(Last::Error(Box::new(error)))
    }

    /// It ends with a server-sent event.
    pub fn event() -> Self {
        Self::frame(|last_word| Frame::data(last_word.event()))
    }

    /// It ends with a frame.
    pub fn frame(frame: impl FnOnce(&LastWord) -> Frame<Bytes> + Send + Sync + 'static) -> Self {
        Self(Last::Frame(Box::new(frame)))
    }
}

impl<B: Body> BoundBody<B> {
    /// A body that is over already is bound to nothing.
    fn new(body: B, held: impl FnOnce() -> Held) -> Self {
        let held = (!body.is_end_stream()).then(held);
        Self {
            inner: Some(body),
            rest: Bytes::new(),
            held,
        }
    }

    /// A body that nothing binds.
    pub(crate) fn free(body: B) -> Self {
        Self {
            inner: Some(body),
            rest: Bytes::new(),
            held: None,
        }
    }
}

impl<A: Body + From<Vec<u8>>> From<Vec<u8>> for BoundBody<A> {
    fn from(bytes: Vec<u8>) -> Self {
        Self::free(A::from(bytes))
    }
}

impl<B> Body for BoundBody<B>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let mut this = self.project();
        if let Some(held) = this.held
            && let Err(last_word) = ready!(held.bond.poll_holds(context))
        {
            this.inner.set(None);
            *this.rest = Bytes::new();
            let last = this.held.take().map(|held| held.say(&last_word));
            return Poll::Ready(last);
        }
        let mut frame = None;
        if this.rest.is_empty() {
            let Some(inner) = this.inner.as_mut().as_pin_mut() else {
                return Poll::Ready(None);
            };
            match ready!(inner.poll_frame(context)) {
                Some(Ok(next)) => match next.into_data() {
                    Ok(data) => *this.rest = data,
                    Err(trailers) => {
                        this.inner.set(None);
                        frame = Some(Ok(trailers));
                    }
                },
                end => {
                    this.inner.set(None);
                    *this.held = None;
                    return Poll::Ready(end.map(|end| end.map_err(Into::into)));
                }
            }
        }
        if frame.is_none() {
            let piece = match this.held {
                Some(_) => this.rest.split_to(this.rest.len().min(PIECE)),
                None => std::mem::take(this.rest),
            };
            frame = Some(Ok(Frame::data(piece)));
        }
        let is_over = |inner: Pin<&mut B>| inner.is_end_stream();
        if this.rest.is_empty() && this.inner.as_mut().as_pin_mut().is_none_or(is_over) {
            this.inner.set(None);
            *this.held = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.inner.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        match (&self.inner, &self.held) {
            (None, _) => SizeHint::with_exact(self.rest.len() as u64),
            (Some(_), Some(held)) if held.ending.is_said() => SizeHint::default(),
            (Some(inner), _) => plus(&inner.size_hint(), self.rest.len()),
        }
    }
}

/// The size of a body, and of so many bytes in front of it.
fn plus(hint: &SizeHint, bytes: usize) -> SizeHint {
    let bytes = bytes as u64;
    let mut plus = SizeHint::new();
    plus.set_lower(hint.lower().saturating_add(bytes));
    if let Some(upper) = hint.upper() {
        plus.set_upper(upper.saturating_add(bytes));
    }
    plus
}

impl Held {
    fn say(self, last_word: &LastWord) -> Result<Frame<Bytes>, BoxError> {
        match self.ending.0 {
            Last::Frame(frame) => {
                // The server has taken it; the peer may not.
                if let Some((connection, _)) = self.severing {
                    connection.sever_unless_taken();
                }
                Ok(frame(last_word))
            }
            Last::Error(error) => Err(error(last_word)),
        }
    }
}

impl Ending {
    /// Whether it makes a body longer than it is.
    fn is_said(&self) -> bool {
        matches!(self.0, Last::Frame(_))
    }
}

impl fmt::Display for BrokenOff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the request is not allowed any more: `{}`", self.0)
    }
}

impl std::error::Error for BrokenOff {}

impl fmt::Debug for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Last::Frame(_) => "Frame",
            Last::Error(_) => "Error",
        })
    }
}

impl<B> fmt::Debug for BoundBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BoundBody")
            .field("is_bound", &self.held.is_some())
            .finish_non_exhaustive()
    }
}
