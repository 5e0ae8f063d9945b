//! The table's service, listening, once for each adapter.

use std::net::SocketAddr;

use gatepost::Gate;

use super::load::policy;
use super::routes;
use super::row::{Post, Protocol};
use crate::served::{Adapter, Canary, Served};

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
            for adapter in [Adapter::Axum, Adapter::Actix] {
                let (gate, feed) = Gate::channel();
                let served = Served::new(gate, routes::all());
                servers.push(Self {
                    adapter,
                    post,
                    canary: served.canary.clone(),
                    address: served.on(adapter).await,
                    speaks: &[Protocol::H1, Protocol::H2],
                });
                // A service that asks for what its policy does not declare would not start: it declares it no more.
                match post {
                    Post::Manned => assert!(feed.publish(policy())),
                    Post::Empty => {}
                }
            }
        }
        servers
    }
}
