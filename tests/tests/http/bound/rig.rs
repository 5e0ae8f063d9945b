//! A service whose routes are bound, with everything that it notes.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gatepost::{Feed, Gate, PolicyText};
use gatepost_tests::hand::Hand;

use super::{grpc, routes};
use crate::service::until;

/// Alice may do everything in acme.
pub(super) const POLICY: &str = r#"
version = 1
[resources]
chat = ["read"]
other = ["read"]
[site.gates.chat]
switch = "opt-out"
access = "everyone"
[org_roles.guest]
level = 10
grants = ["chat:read"]
[orgs.acme.members.alice]
roles = ["guest"]
"#;

/// A service that listens.
pub(super) struct Rig {
    pub(super) gate: Gate,
    pub(super) feed: Feed,
    pub(super) notes: Notes,
    pub(super) address: SocketAddr,
    clock: Arc<Hand>,
    version: AtomicU64,
}

/// What the handlers note; clones are the same.
#[derive(Clone, Debug, Default)]
pub(super) struct Notes {
    alive: Arc<AtomicUsize>,
    sent: Arc<AtomicUsize>,
    read: Arc<Mutex<Vec<String>>>,
}

/// Something that lives: a handler, a stream.
pub(super) struct Alive(Arc<AtomicUsize>);

impl Rig {
    pub(super) async fn axum() -> Self {
        Self::new(async |gate, notes| routes::serve(gate, notes).await).await
    }

    pub(super) async fn tonic() -> Self {
        Self::new(async |gate, notes| grpc::serve(gate, notes).await).await
    }

    async fn new(serve: impl AsyncFnOnce(Gate, Notes) -> SocketAddr) -> Self {
        let clock = Arc::new(Hand::default());
        let (gate, feed) = Gate::leased(clock.clone());
        let notes = Notes::default();
        let address = serve(gate.clone(), notes.clone()).await;
        let rig = Self {
            gate,
            feed,
            notes,
            address,
            clock,
            version: AtomicU64::new(0),
        };
        rig.publish(POLICY);
        rig.feed.renew(Duration::from_secs(100));
        rig
    }

    /// Publishes a newer policy.
    pub(super) fn publish(&self, text: &str) {
        let version = self.version.fetch_add(1, Ordering::SeqCst) + 1;
        let facts = PolicyText::toml(text).compile(version).unwrap();
        assert!(self.feed.publish(facts));
    }

    /// Publishes the policy with this instead of that.
    pub(super) fn change(&self, that: &str, this: &str) {
        assert!(POLICY.contains(that));
        self.publish(&POLICY.replace(that, this));
    }

    pub(super) fn switch_off(&self) {
        self.change("\"opt-out\"", "\"off\"");
    }

    /// Lets the lease run out.
    pub(super) fn expire_lease(&self) {
        self.clock.set(200);
    }

    /// Waits until nothing is left of any request.
    pub(super) async fn until_free(&self) {
        until("handlers and streams are dropped", || {
            self.notes.alive() == 0
        })
        .await;
        until("no permit is waited for", || self.gate.waiting() == 0).await;
    }
}

impl Notes {
    pub(super) fn begin(&self) -> Alive {
        self.alive.fetch_add(1, Ordering::SeqCst);
        Alive(self.alive.clone())
    }

    pub(super) fn alive(&self) -> usize {
        self.alive.load(Ordering::SeqCst)
    }

    /// Notes that something was given to be sent.
    pub(super) fn sends(&self) {
        self.sent.fetch_add(1, Ordering::SeqCst);
    }

    pub(super) fn sent(&self) -> usize {
        self.sent.load(Ordering::SeqCst)
    }

    /// Notes what was read.
    pub(super) fn reads(&self, what: impl Into<String>) {
        self.read.lock().unwrap().push(what.into());
    }

    pub(super) fn read(&self) -> Vec<String> {
        self.read.lock().unwrap().clone()
    }

    /// Waits until the server takes no more of what it is given.
    pub(super) async fn until_stuck(&self) {
        let mut before = 0;
        while before == 0 || before != self.sent() {
            before = self.sent();
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
