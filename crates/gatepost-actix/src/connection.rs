//! The connection of a request, to cut it where its client does not read.

use std::any::Any;
use std::net::Shutdown;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::dev::Extensions;
use actix_web::http::Version;
use actix_web::rt::net::TcpStream;
#[cfg(unix)]
use actix_web::rt::net::UnixStream;
use gatepost_enforce::{Bond, Severing};
use socket2::{SockRef, Socket};

/// The connection of a request.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    line: Arc<Line>,
    /// Whether it has other requests at the same time.
    is_shared: bool,
}

/// Another descriptor of a connection, for as long as the server has the connection.
#[derive(Debug)]
struct Line {
    socket: Socket,
    /// What cuts it behind the last answer, unless the server is done with it before.
    ending: Mutex<Option<Severing>>,
}

/// What cuts a connection whose body is not asked for more.
#[derive(Debug)]
pub(crate) struct Watch {
    connection: Connection,
    severing: Severing,
}

/// Lets bound requests cut their connection, for [`HttpServer::on_connect`](actix_web::HttpServer::on_connect).
///
/// A server asks a body for what comes next when there is room for it. Of a client that does not read there is
/// none, and without this it is cut when it reads on or goes away, and not before. With this it is cut
/// [`GRACE`](gatepost_enforce::GRACE) after the permit was revoked, and what had not reached it is discarded.
///
/// Each connection takes one more file descriptor. A bound event stream is the last answer of its connection in
/// HTTP/1; in HTTP/2 the other requests of a connection end where it is cut. Of TLS give it the stream inside:
///
/// ```
/// # use std::any::Any;
/// # use actix_web::dev::Extensions;
/// # use actix_web::rt::net::TcpStream;
/// # struct TlsStream<T>(T);
/// # impl<T> TlsStream<T> { fn get_ref(&self) -> (&T, ()) { (&self.0, ()) } }
/// fn connection(io: &dyn Any, data: &mut Extensions) {
///     if let Some(tls) = io.downcast_ref::<TlsStream<TcpStream>>() {
///         gatepost_actix::connection(tls.get_ref().0, data);
///     }
/// }
/// # let _: fn(&dyn Any, &mut Extensions) = connection;
/// ```
pub fn connection(io: &dyn Any, data: &mut Extensions) {
    if let Some(socket) = socket(io)
        && let Ok(socket) = socket.try_clone()
    {
        let ending = Mutex::default();
        data.insert(Arc::new(Line { socket, ending }));
    }
}

fn socket(io: &dyn Any) -> Option<SockRef<'_>> {
    #[cfg(unix)]
    if let Some(stream) = io.downcast_ref::<UnixStream>() {
        return Some(stream.into());
    }
    io.downcast_ref::<TcpStream>().map(Into::into)
}

impl Connection {
    pub(crate) fn of(request: &HttpRequest) -> Option<Self> {
        Some(Self {
            line: request.conn_data::<Arc<Line>>()?.clone(),
            is_shared: request.version() >= Version::HTTP_2,
        })
    }

    pub(crate) fn watch(self, bond: &Bond) -> Option<Watch> {
        let line = Arc::downgrade(&self.line);
        let sever = move || {
            if let Some(line) = line.upgrade() {
                line.sever();
            }
        };
        Some(Watch {
            severing: Severing::new(bond.again(), sever)?,
            connection: self,
        })
    }
}

impl Watch {
    /// Goes on until the server is done with the connection: the last word, which is also the last answer of a
    /// connection that is not shared, may still be waiting for the client to read what was before it.
    pub(crate) fn outlive_the_body(self) {
        if !self.connection.is_shared {
            let ending = self.connection.line.ending.lock();
            *ending.unwrap_or_else(PoisonError::into_inner) = Some(self.severing);
        }
    }
}

impl Line {
    /// Ends it at once, for both sides.
    fn sever(&self) {
        // One that has ended meanwhile refuses this, and needs it no more.
        let _ = self.socket.set_linger(Some(Duration::ZERO));
        let _ = self.socket.shutdown(Shutdown::Both);
    }
}
