//! Says a row to a server, in either protocol, exactly as it stands.

mod h1;
mod h2;

use std::net::SocketAddr;

use super::row::{Protocol, Row};
use crate::wire::Reply;

/// A client of one server in one protocol; it keeps its connection for as long as the server does.
#[derive(Debug)]
pub(crate) enum Client {
    H1(h1::Client),
    H2(h2::Client),
}

impl Client {
    pub(crate) fn new(protocol: Protocol, address: SocketAddr) -> Self {
        match protocol {
            Protocol::H1 => Self::H1(h1::Client::new(address)),
            Protocol::H2 => Self::H2(h2::Client::new(address)),
        }
    }

    /// The answer to a row, sent with this method; none where the server gives none.
    pub(crate) async fn ask(&mut self, row: &Row, method: &str) -> Option<Reply> {
        match self {
            Self::H1(client) => client.ask(row, method).await,
            Self::H2(client) => client.ask(row, method).await,
        }
    }

    /// Forgets the connection: the next row has one of its own.
    pub(crate) fn hang_up(&mut self) {
        match self {
            Self::H1(client) => client.hang_up(),
            Self::H2(client) => client.hang_up(),
        }
    }
}

/// The size of the pieces in which a body comes whose length is not declared.
const PIECE: usize = 7;
