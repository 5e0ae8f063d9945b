//! The other side of a connection: its address, and what cuts it.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use gatepost_tower::Connection;
use http::request::Parts;

/// The other side of a connection; where a [`Severable`](crate::Severable) listener is served, a handler takes it as
/// `ConnectInfo<Peer>`.
#[derive(Clone, Debug)]
pub struct Peer {
    pub(crate) address: SocketAddr,
    pub(crate) connection: Connection,
}

impl Peer {
    /// The address that the connection comes from.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

/// The address that the connection comes from, where the service was made with
/// [`into_make_service_with_connect_info`](axum::Router::into_make_service_with_connect_info).
pub(crate) fn address(request: &Parts) -> Option<IpAddr> {
    if let Some(ConnectInfo(address)) = request.extensions.get::<ConnectInfo<SocketAddr>>() {
        return Some(address.ip());
    }
    let peer = request.extensions.get::<ConnectInfo<Peer>>();
    peer.map(|ConnectInfo(peer)| peer.address.ip())
}

/// What cuts the connection, where a [`Severable`](crate::Severable) listener is served.
pub(crate) fn connection(request: &Parts) -> Option<Connection> {
    let peer = request.extensions.get::<ConnectInfo<Peer>>();
    peer.map(|ConnectInfo(peer)| peer.connection.clone())
}
