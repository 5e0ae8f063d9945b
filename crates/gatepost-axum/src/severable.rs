//! A listener whose connections can be cut.

use std::io;
use std::net::SocketAddr;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::net::TcpStream;

use crate::peer::Peer;

/// A listener whose connections can be cut: where a peer does not read what is
/// [bound](gatepost::Requirement::bound), nothing else would end it.
///
/// It goes around whatever else is done with a TCP listener, and is served with a [`Peer`] as each
/// connection's [`ConnectInfo`](axum::extract::ConnectInfo):
///
/// ```no_run
/// use gatepost_axum::{Peer, Severable};
///
/// # async fn serve(app: axum::Router) -> std::io::Result<()> {
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
/// let service = app.into_make_service_with_connect_info::<Peer>();
/// axum::serve(Severable::new(listener), service).await
/// # }
/// ```
///
/// One second after the permit is revoked such a connection is reset. Over HTTP/2 that ends the other
/// requests on it as well.
#[derive(Debug)]
pub struct Severable<L>(L);

impl<L> Severable<L> {
    /// A listener whose connections can be cut.
    pub fn new(listener: L) -> Self {
        Self(listener)
    }
}

impl<L> Listener for Severable<L>
where
    L: Listener<Io = TcpStream, Addr = SocketAddr>,
{
    type Io = gatepost_tower::Severable;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, SocketAddr) {
        let (io, address) = self.0.accept().await;
        (gatepost_tower::Severable::new(io), address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

impl<L> Connected<IncomingStream<'_, Severable<L>>> for Peer
where
    L: Listener<Io = TcpStream, Addr = SocketAddr>,
{
    fn connect_info(stream: IncomingStream<'_, Severable<L>>) -> Self {
        Self {
            address: *stream.remote_addr(),
            connection: stream.io().connection().clone(),
        }
    }
}
