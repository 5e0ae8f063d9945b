//! A call's head, as the sources see it: metadata is headers.

use std::net::IpAddr;

use gatepost::{Denial, Given, RequestHead};
use http::request::Parts;
use tonic::transport::server::TcpConnectInfo;

use crate::severable;

/// Where the server left the address that a connection comes from.
pub(crate) type Peer = fn(&Parts) -> Option<IpAddr>;

/// Where tonic's own server leaves it, for TCP without TLS.
pub(crate) fn tcp_peer(request: &Parts) -> Option<IpAddr> {
    let address = match request.extensions.get::<TcpConnectInfo>() {
        Some(connection) => connection.remote_addr(),
        None => request.extensions.get::<severable::Peer>()?.address(),
    };
    Some(address?.ip())
}

pub(crate) struct Head<'a> {
    pub(crate) request: &'a Parts,
    pub(crate) peer: Peer,
}

impl RequestHead for Head<'_> {
    fn path_params(&mut self, _: &mut dyn FnMut(&str, &str)) -> Result<(), Denial> {
        Ok(())
    }

    fn header(&self, name: &str) -> Given<'_> {
        let values = self.request.headers.get_all(name);
        Given::of(values.iter().map(http::HeaderValue::as_bytes))
    }

    fn query(&self) -> Option<&str> {
        None
    }

    fn authority(&self) -> Option<&str> {
        self.request
            .uri
            .authority()
            .map(http::uri::Authority::as_str)
    }

    fn major_version(&self) -> u8 {
        // gRPC is HTTP/2, whatever carries it to the service.
        2
    }

    fn peer(&self) -> Option<IpAddr> {
        (self.peer)(self.request)
    }

    fn method(&self) -> Option<&str> {
        Some("POST")
    }

    fn route(&self) -> Option<String> {
        // A call that came to a requirement named one of the methods.
        Some(self.request.uri.path().to_owned())
    }
}
