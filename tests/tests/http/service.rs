//! The service under attack: its routes, and what it notes of each run of a handler.

mod policy;
mod routes;

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use gatepost::{Feed, Gate};

use crate::served::{Adapter, Canary, Chats, Polls, Served};
use crate::wire::{Reply, Wire};
pub(crate) use policy::{POLICY, facts};
pub(crate) use routes::ROUTES;

/// A service that listens, with everything that it notes.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) adapter: Adapter,
    pub(crate) feed: Feed,
    pub(crate) address: SocketAddr,
    pub(crate) canary: Canary,
    pub(crate) chats: Chats,
    /// How often any request's body was polled.
    pub(crate) polls: Polls,
}

impl Service {
    /// Starts it on a free port of the loopback address.
    pub(crate) async fn start(adapter: Adapter) -> Self {
        let (gate, feed) = Gate::channel();
        feed.publish(facts(POLICY));
        let mut served = Served::new(gate, ROUTES.to_vec());
        let polls = Polls::default();
        served.polls = Some(polls.clone());
        let (canary, chats) = (served.canary.clone(), served.chats.clone());
        Self {
            adapter,
            feed,
            address: served.on(adapter).await,
            canary,
            chats,
            polls,
        }
    }

    /// A connection to it.
    pub(crate) async fn connect(&self) -> Wire {
        Wire::connect(self.address).await
    }

    /// The answer to one well-formed request on a connection of its own.
    pub(crate) async fn ask(&self, method: &str, path: &str, who: &str, body: &str) -> Reply {
        let mut wire = self.connect().await;
        wire.send(&request(method, path, who, "", body)).await;
        wire.reply_to(method).await
    }
}

/// Makes a test of each attack on each adapter: they are called `axum::a01_..` and `actix::a01_..`.
macro_rules! on_each_adapter {
    ($($attack:ident),+ $(,)?) => {
        mod axum {
            $(#[tokio::test]
            async fn $attack() {
                let service = crate::service::Service::start(crate::served::Adapter::Axum);
                super::$attack(service.await).await;
            })+
        }
        mod actix {
            $(#[tokio::test]
            async fn $attack() {
                let service = crate::service::Service::start(crate::served::Adapter::Actix);
                super::$attack(service.await).await;
            })+
        }
    };
}
pub(crate) use on_each_adapter;

/// A well-formed request; `headers` are whole lines.
pub(crate) fn request(method: &str, path: &str, who: &str, headers: &str, body: &str) -> String {
    let authorization = if who.is_empty() {
        String::new()
    } else {
        format!("Authorization: Bearer {who}\r\n")
    };
    let length = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nHost: chats\r\n{authorization}Content-Length: {length}\r\n{headers}\r\n{body}"
    )
}

/// Waits until something holds, and fails where it never does.
pub(crate) async fn until(what: &str, holds: impl Fn() -> bool) {
    let waiting = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    within(what, waiting).await;
}

/// Awaits what must come, but not for ever.
pub(crate) async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    let limit = Duration::from_secs(20);
    let output = tokio::time::timeout(limit, future).await;
    output.unwrap_or_else(|_| panic!("{what}: not within {limit:?}"))
}
