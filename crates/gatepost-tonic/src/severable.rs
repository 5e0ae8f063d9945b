//! Connections that can be cut.

use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use gatepost_tower::Connection;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tonic::transport::server::Connected;

/// A connection that can be cut: where a peer does not read what is [bound](gatepost::Requirement::bound),
/// nothing else would end it.
///
/// ```no_run
/// use futures_util::TryStreamExt;
/// use gatepost_tonic::Severable;
/// use tonic::transport::server::{Router, TcpIncoming};
///
/// # async fn serve(router: Router) -> Result<(), Box<dyn std::error::Error>> {
/// let incoming = TcpIncoming::bind("127.0.0.1:50051".parse()?)?.with_nodelay(Some(true));
/// router.serve_with_incoming(incoming.map_ok(Severable::new)).await?;
/// # Ok(())
/// # }
/// ```
///
/// One second after the permit is revoked such a connection is reset, and the other calls on it end as well.
/// A method finds the address of its client in the extension [`Peer`], and not in `Request::remote_addr`.
#[derive(Debug)]
pub struct Severable(gatepost_tower::Severable);

/// The other side of a [`Severable`] connection: what tonic leaves in the extensions of each call.
#[derive(Clone, Debug)]
pub struct Peer {
    address: Option<SocketAddr>,
    connection: Connection,
}

impl Severable {
    /// A connection that can be cut.
    pub fn new(io: TcpStream) -> Self {
        Self(gatepost_tower::Severable::new(io))
    }
}

impl Peer {
    /// The address that the connection comes from.
    pub fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }
}

impl Connected for Severable {
    type ConnectInfo = Peer;

    fn connect_info(&self) -> Peer {
        Peer {
            address: self.0.get_ref().peer_addr().ok(),
            connection: self.0.connection().clone(),
        }
    }
}

impl AsyncRead for Severable {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for Severable {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
