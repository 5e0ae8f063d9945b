//! Services whose policy is in a store, on each adapter (A43, A44, A45).

mod drill;
mod outage;

use std::net::SocketAddr;
use std::time::Duration;

use gatepost::{Gate, PolicyDocument};
use gatepost_store::{Author, Change, Command, Committed, PolicyStore, Replica, StoreUrl};
use gatepost_tests::data;
use tempfile::TempDir;

use crate::calls;
use crate::served::{Adapter, Canary, Served};
use crate::service::until;
use crate::table::{Client, Protocol, routes};

/// A store in a file, and a replica that follows it.
struct Followed {
    folder: TempDir,
    replica: Replica,
}

/// A service on one adapter.
struct Server {
    name: &'static str,
    /// None is gRPC.
    adapter: Option<Adapter>,
    address: SocketAddr,
    canary: Canary,
    client: Client,
}

impl Followed {
    fn path(folder: &TempDir) -> StoreUrl {
        StoreUrl::sqlite(folder.path().join("policy.db"))
    }

    fn url(&self) -> StoreUrl {
        Self::path(&self.folder)
    }

    /// Follows a store that nobody has made yet.
    async fn nothing(lease: Duration) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = Replica::options().start_closed().lease(lease);
        let replica = options.open(&Self::path(&folder)).await.unwrap();
        Self { folder, replica }
    }

    /// Makes the store, with this policy.
    async fn make(&self, policy: &PolicyDocument) -> PolicyStore {
        let store = PolicyStore::init(&self.url()).await.unwrap();
        store
            .import(policy, ines(), "the first", None)
            .await
            .unwrap();
        self.live(1).await;
        store
    }

    fn gate(&self) -> Gate {
        self.replica.gate()
    }

    /// Waits until it is decided by this version.
    async fn live(&self, version: u64) {
        let gate = self.gate();
        until("the version is live", || {
            gate.read(gatepost::Snapshot::version) == Ok(version)
        })
        .await;
    }

    /// Changes the policy, and waits until it is decided by.
    async fn change(&self, store: &PolicyStore, command: Command, author: Author) -> Committed {
        let change = Change::new(command, author, "a drill");
        let committed = store.write(&change).await.unwrap();
        self.live(committed.version).await;
        committed
    }

    /// The table's service on every adapter, and the calls' on gRPC.
    async fn servers(&self) -> Vec<Server> {
        let mut servers = Vec::new();
        for (name, adapter) in [("axum", Adapter::Axum), ("actix", Adapter::Actix)] {
            let served = Served::new(self.gate(), routes());
            let canary = served.canary.clone();
            let address = served.on(adapter).await;
            servers.push(Server {
                name,
                adapter: Some(adapter),
                address,
                canary,
                client: Client::new(Protocol::H1, address),
            });
        }
        let served = Served::new(self.gate(), Vec::new());
        let canary = served.canary.clone();
        let address = calls::serve(served).await;
        servers.push(Server {
            name: "tonic",
            adapter: None,
            address,
            canary,
            client: Client::new(Protocol::H2, address),
        });
        servers
    }
}

fn ines() -> Author {
    Author::Operator {
        name: "ines".into(),
    }
}

/// The policy of the table, and an operator of its console.
fn policy() -> PolicyDocument {
    let console = "[site.roles.console]\n\
                   grants = [\"gatepost-site:*\", \"gatepost-org:*\"]\nall_orgs = true\n\
                   [subjects.connie]\nsite_roles = [\"console\"]\n";
    let text = data::text("requests/policy.toml") + console;
    gatepost::PolicyText::toml(text).parse().unwrap()
}
