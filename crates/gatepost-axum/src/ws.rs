//! A WebSocket that ends when its permit does.
//!
//! ```
//! use axum::extract::ws::WebSocketUpgrade;
//! use axum::response::Response;
//! use gatepost_axum::{Permit, ws};
//!
//! async fn echo(permit: Permit, upgrade: WebSocketUpgrade) -> Response {
//!     ws::on_upgrade(&permit, upgrade, async |mut socket| {
//!         while let Some(Ok(message)) = socket.recv().await {
//!             if socket.send(message).await.is_err() {
//!                 return;
//!             }
//!         }
//!     })
//! }
//! # let _ = echo;
//! ```

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use axum::Error;
use axum::extract::ws::{CloseFrame, Message, OnFailedUpgrade, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use futures_util::{Sink, SinkExt, Stream, StreamExt};
use gatepost_enforce::{Bond, GRACE, LastWord};
use gatepost_tower::Binding;
use tokio::sync::oneshot;

/// A WebSocket that is over when its permit is: nothing is received or sent after that.
///
/// It can be split, and each half be used by a task of its own.
pub struct BoundSocket {
    socket: Shared,
    reading: Bond,
    writing: Bond,
    /// Tells by its end that nobody has the socket any more.
    _left: oneshot::Sender<()>,
}

/// The socket, for as long as it is not over.
#[derive(Clone)]
struct Shared(Arc<Mutex<Option<WebSocket>>>);

/// The socket is over.
#[derive(Debug)]
struct Over;

/// As [`WebSocketUpgrade::on_upgrade`], bound to a permit, whatever its requirement says of
/// [binding](gatepost::Requirement::bound).
///
/// When the request would no longer be allowed, `talk` is dropped, and the peer gets a close frame: 1008 where
/// it is denied, 1013 where that could not be told, and the code as the reason. A peer that has not closed its
/// side a second later is hung up on.
pub fn on_upgrade<F, T, W>(
    permit: &gatepost::Permit,
    upgrade: WebSocketUpgrade<F>,
    talk: T,
) -> Response
where
    F: OnFailedUpgrade,
    T: FnOnce(BoundSocket) -> W + Send + 'static,
    W: Future<Output = ()> + Send + 'static,
{
    let bond = Bond::new(permit);
    // What waited in a buffer would be sent in front of the close frame.
    let upgrade = upgrade.write_buffer_size(0);
    upgrade.on_upgrade(move |socket| run(bond, socket, talk))
}

async fn run<W: Future<Output = ()>>(
    bond: Bond,
    socket: WebSocket,
    talk: impl FnOnce(BoundSocket) -> W,
) {
    let shared = Shared(Arc::new(Mutex::new(Some(socket))));
    let (left, all_left) = oneshot::channel();
    let own = BoundSocket {
        socket: shared.clone(),
        reading: bond.again(),
        writing: bond.again(),
        _left: left,
    };
    let mut binding = Binding::new(bond, None);
    let talking = binding.hold(async {
        talk(own).await;
        // A task of its own may have it still.
        let _ = all_left.await;
    });
    if let Err(last_word) = talking.await
        && let Some(socket) = { shared.lock().take() }
    {
        // Dropped afterwards, it is closed, whatever its peer does.
        let _ = tokio::time::timeout(GRACE, close(socket, &last_word)).await;
    }
}

async fn close(mut socket: WebSocket, last_word: &LastWord) {
    let frame = CloseFrame {
        code: last_word.close_code(),
        reason: last_word.close_reason().into(),
    };
    let mut sent = socket.send(Message::Close(Some(frame))).await.is_ok();
    while sent {
        // The peer answers with its own (RFC 6455, 5.5.1); what it said before is for nobody.
        sent = matches!(socket.recv().await, Some(Ok(_)));
    }
}

impl BoundSocket {
    /// Receives a message; `None` where the socket was closed, or is over.
    pub async fn recv(&mut self) -> Option<Result<Message, Error>> {
        self.next().await
    }

    /// Sends a message.
    ///
    /// # Errors
    ///
    /// [`Error`] where the socket was closed, or is over.
    pub async fn send(&mut self, message: Message) -> Result<(), Error> {
        SinkExt::send(self, message).await
    }

    /// The subprotocol that was chosen, if one was, and for as long as the socket is not over.
    pub fn protocol(&self) -> Option<http::HeaderValue> {
        self.socket.lock().as_ref()?.protocol().cloned()
    }

    /// Does something with the socket, if it is not over.
    fn poll_write<T>(
        &mut self,
        context: &mut Context<'_>,
        write: impl FnOnce(Pin<&mut WebSocket>, &mut Context<'_>) -> Poll<Result<T, Error>>,
    ) -> Poll<Result<T, Error>> {
        let holds = ready!(self.writing.poll_holds(context));
        match (holds, self.socket.lock().as_mut()) {
            (Ok(()), Some(socket)) => write(Pin::new(socket), context),
            (Err(_), _) | (Ok(()), None) => Poll::Ready(Err(Error::new(Over))),
        }
    }
}

impl Stream for BoundSocket {
    type Item = Result<Message, Error>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Message, Error>>> {
        let holds = ready!(self.reading.poll_holds(context));
        match (holds, self.socket.lock().as_mut()) {
            (Ok(()), Some(socket)) => socket.poll_next_unpin(context),
            (Err(_), _) | (Ok(()), None) => Poll::Ready(None),
        }
    }
}

impl Sink<Message> for BoundSocket {
    type Error = Error;

    fn poll_ready(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.poll_write(context, Sink::poll_ready)
    }

    fn start_send(self: Pin<&mut Self>, message: Message) -> Result<(), Error> {
        match self.socket.lock().as_mut() {
            Some(socket) => socket.start_send_unpin(message),
            None => Err(Error::new(Over)),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.poll_write(context, Sink::poll_flush)
    }

    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.poll_write(context, Sink::poll_close)
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Option<WebSocket>> {
        // A panic while it is held leaves a socket that is as sound as any.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Display for Over {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the socket is over: its request is not allowed any more")
    }
}

impl std::error::Error for Over {}

impl fmt::Debug for BoundSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BoundSocket").finish_non_exhaustive()
    }
}
