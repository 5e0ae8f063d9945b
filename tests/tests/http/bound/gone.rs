//! Clients that go away leave nothing behind (A88): no handler, no stream, and no permit that is waited for.

use super::client::{Client, asked};
use super::grpc::Call;
use super::rig::Rig;
use crate::service::until;

const CLIENTS: usize = 20;

#[tokio::test]
async fn a88_a_client_that_hangs_up_leaves_nothing_that_is_bound() {
    for path in ["/orgs/acme/events", "/orgs/acme/quiet", "/orgs/acme/wait"] {
        let rig = Rig::axum().await;
        let mut clients = Vec::new();
        for _ in 0..CLIENTS {
            clients.push(Client::ask(&rig, path).await);
        }
        until("all run", || rig.notes.alive() == CLIENTS).await;
        assert!(rig.gate.waiting() >= CLIENTS, "{path}");
        drop(clients);
        rig.until_free().await;
    }
    for method in ["Watch", "Wait", "Upload"] {
        let rig = Rig::tonic().await;
        let mut calls = Vec::new();
        for _ in 0..CLIENTS {
            calls.push(Call::begin(&rig, method).await);
        }
        if method != "Upload" {
            for call in &mut calls {
                call.messages.send_data(bytes::Bytes::new(), true).unwrap();
            }
        }
        until("all run", || rig.notes.alive() == CLIENTS).await;
        assert!(rig.gate.waiting() >= CLIENTS, "{method}");
        drop(calls);
        rig.until_free().await;
    }
}

#[tokio::test]
async fn a88_a_client_that_leaves_while_it_is_decided_has_bound_nothing() {
    let rig = Rig::axum().await;
    let asked = asked("GET", "/orgs/acme/stuck/one", "", "");
    let mut clients = Vec::new();
    for _ in 0..CLIENTS {
        clients.push(Client::say(&rig, &asked).await);
    }
    until("all are decided", || rig.notes.alive() == CLIENTS).await;
    assert_eq!(rig.gate.waiting(), 0);
    drop(clients);
    rig.until_free().await;

    let rig = Rig::tonic().await;
    let mut calls = Vec::new();
    for _ in 0..CLIENTS {
        calls.push(Call::one(&rig, "Stuck").await);
    }
    until("all are decided", || rig.notes.alive() == CLIENTS).await;
    assert_eq!(rig.gate.waiting(), 0);
    drop(calls);
    rig.until_free().await;
}
