//! Connections that can be cut from outside: where a peer does not read, nothing that is sent would end them.

use std::fmt;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};

use futures_util::task::AtomicWaker;
use gatepost_enforce::GRACE;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::runtime::Handle;

/// A TCP connection that its [`Connection`] can cut.
///
/// TLS goes around it. A server's adapter has a listener that makes them; where it is served otherwise,
/// the [`Connection`] goes into the extensions of each request.
#[derive(Debug)]
pub struct Severable {
    io: TcpStream,
    connection: Connection,
}

/// Cuts a connection, whatever goes on on it: of HTTP/2 every request.
#[derive(Clone)]
pub struct Connection(Arc<State>);

#[derive(Default)]
struct State {
    is_severed: AtomicBool,
    /// How much the peer's side has taken so far.
    taken: AtomicU64,
    /// Whether there is something that it did not take yet.
    is_full: AtomicBool,
    reader: AtomicWaker,
    writer: AtomicWaker,
}

impl Severable {
    /// A connection that can be cut.
    pub fn new(io: TcpStream) -> Self {
        let connection = Connection(Arc::default());
        Self { io, connection }
    }

    /// What cuts it.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// The connection itself.
    pub fn get_ref(&self) -> &TcpStream {
        &self.io
    }

    /// Goes on unless it was cut.
    fn check(&self, waker: &AtomicWaker, context: &Context<'_>) -> io::Result<()> {
        // Before the look, so that a cut behind the look wakes the task.
        waker.register(context.waker());
        if !self.connection.0.is_severed.load(Ordering::Acquire) {
            return Ok(());
        }
        // What the system has not sent yet is discarded when the connection is closed, which its server does now.
        let _ = self.io.set_zero_linger();
        Err(io::ErrorKind::ConnectionAborted.into())
    }

    fn note(&self, written: &Poll<io::Result<usize>>) {
        let state = &self.connection.0;
        state.is_full.store(written.is_pending(), Ordering::Relaxed);
        if let Poll::Ready(Ok(more)) = written {
            state.taken.fetch_add(*more as u64, Ordering::Relaxed);
        }
    }
}

impl Connection {
    /// Cuts it. What was not sent yet is discarded, and the peer sees it reset.
    pub fn sever(&self) {
        self.0.is_severed.store(true, Ordering::Release);
        self.0.reader.wake();
        self.0.writer.wake();
    }

    /// Cuts it if its peer takes nothing for [`GRACE`] from now on, though there is something to take.
    pub(crate) fn sever_unless_taken(self) {
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        let taken = self.0.taken.load(Ordering::Relaxed);
        runtime.spawn(async move {
            tokio::time::sleep(GRACE).await;
            let state = &self.0;
            if state.is_full.load(Ordering::Relaxed) && state.taken.load(Ordering::Relaxed) == taken
            {
                self.sever();
            }
        });
    }
}

impl AsyncRead for Severable {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check(&self.connection.0.reader, context)?;
        Pin::new(&mut self.io).poll_read(context, buffer)
    }
}

impl AsyncWrite for Severable {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check(&self.connection.0.writer, context)?;
        let written = Pin::new(&mut self.io).poll_write(context, bytes);
        self.note(&written);
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check(&self.connection.0.writer, context)?;
        let written = Pin::new(&mut self.io).poll_write_vectored(context, slices);
        self.note(&written);
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check(&self.connection.0.writer, context)?;
        Pin::new(&mut self.io).poll_shutdown(context)
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_severed = self.0.is_severed.load(Ordering::Relaxed);
        f.debug_struct("Connection")
            .field("is_severed", &is_severed)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
