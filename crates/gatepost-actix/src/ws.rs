//! A WebSocket that ends when the permit does (feature `ws`), by [`actix_ws`].

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use actix_web::web::Payload;
use actix_web::{Error, HttpRequest, HttpResponse};
use futures_util::Stream;
use gatepost::Permit;
use gatepost_enforce::Bond;

use crate::bound::{Revoked, bind};
use crate::connection::Connection;

pub use actix_ws::{
    AggregatedMessage, AggregatedMessageStream, CloseCode, CloseReason, Closed, Item, Message,
    MessageStream, ProtocolError, Session,
};

/// Opens a WebSocket that is bound to a permit, whatever its requirement says.
///
/// When the same request would no longer be allowed, the client gets a close frame with the code, or
/// `not_found` where the requirement is hidden: 1008 for a denial, 1013 where it may be asked again. Nothing goes
/// either way behind it: the session is closed, and the messages end with an error.
///
/// ```
/// use actix_web::{Error, HttpRequest, HttpResponse, rt, web};
/// use gatepost_actix::{Permit, ws};
///
/// async fn echo(permit: Permit, request: HttpRequest, body: web::Payload) -> Result<HttpResponse, Error> {
///     let (response, mut session, mut messages) = ws::handle(&permit, &request, body)?;
///     rt::spawn(async move {
///         while let Some(Ok(ws::Message::Text(text))) = messages.recv().await {
///             if session.text(text).await.is_err() {
///                 break;
///             }
///         }
///     });
///     Ok(response)
/// }
/// ```
///
/// # Errors
///
/// Those of [`actix_ws::handle`]: the request asks for no WebSocket.
pub fn handle(
    permit: &Permit,
    request: &HttpRequest,
    body: Payload,
) -> Result<(HttpResponse, Session, Messages), Error> {
    let (response, session, messages) = actix_ws::handle(request, body)?;
    let bond = Bond::new(permit);
    let messages = Messages {
        messages: Some(messages),
        bond: bond.again(),
    };
    // Of a bound route it is the route that tells the log.
    let bond = if permit.requirement().is_bound() {
        bond.again()
    } else {
        bond
    };
    let connection = Connection::of(request);
    let response = response.map_body(|head, body| bind(head, body, bond, connection));
    Ok((response.map_into_boxed_body(), session, messages))
}

/// The messages of a client for as long as the permit holds.
pub struct Messages<S = MessageStream> {
    /// `None` once it is over.
    messages: Option<S>,
    bond: Bond,
}

impl<S> Messages<S> {
    /// The same with other settings, such as [`MessageStream::aggregate_continuations`].
    #[must_use]
    pub fn map<T>(self, set: impl FnOnce(S) -> T) -> Messages<T> {
        Messages {
            messages: self.messages.map(set),
            bond: self.bond,
        }
    }

    /// The next message; `None` behind the last one.
    pub async fn recv<M>(&mut self) -> Option<Result<M, ProtocolError>>
    where
        S: Stream<Item = Result<M, ProtocolError>> + Unpin,
    {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }
}

impl<M, S: Stream<Item = Result<M, ProtocolError>> + Unpin> Stream for Messages<S> {
    type Item = Result<M, ProtocolError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        let Some(messages) = &mut this.messages else {
            return Poll::Ready(None);
        };
        match ready!(this.bond.poll_holds(context)) {
            Ok(()) => Pin::new(messages).poll_next(context),
            Err(last) => {
                this.messages = None;
                let error = io::Error::other(Revoked::from(last));
                Poll::Ready(Some(Err(ProtocolError::Io(error))))
            }
        }
    }
}

impl<S> fmt::Debug for Messages<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Messages")
            .field("bond", &self.bond)
            .finish_non_exhaustive()
    }
}
