//! The table's service, listening, once for each adapter.

mod axum;

use std::net::SocketAddr;

use gatepost::Gate;

use super::canary::Canary;
use super::load::policy;
use super::row::{Adapter, Post, Protocol};

/// A service that listens.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    pub(crate) adapter: Adapter,
    pub(crate) post: Post,
    pub(crate) address: SocketAddr,
    /// HTTP/1.1, and HTTP/2 with prior knowledge, as far as it speaks each.
    pub(crate) speaks: &'static [Protocol],
    pub(crate) canary: Canary,
}

impl Server {
    /// Starts the service on every adapter, for every way the gate can be.
    pub(crate) async fn start_all() -> Vec<Self> {
        let mut servers = Vec::new();
        for post in [Post::Manned, Post::Empty] {
            // One line for each adapter.
            servers.push(axum::start(gate(post), post).await);
        }
        servers
    }
}

fn gate(post: Post) -> Gate {
    match post {
        Post::Manned => Gate::fixed(policy()),
        Post::Empty => Gate::channel().0,
    }
}
