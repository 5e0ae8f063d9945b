//! Clients that go away in the middle of a decision (A88): nothing runs, and nothing is left behind.

use tokio::runtime::Handle;

use crate::service::{Service, request, until};

const CLIENTS: usize = 20;

fn tasks() -> usize {
    Handle::current().metrics().num_alive_tasks()
}

#[tokio::test]
async fn a88_a_client_that_leaves_while_an_object_is_loaded_leaves_nothing_behind() {
    let service = Service::start().await;
    assert_eq!(service.ask("GET", "/healthz", "", "").await.status, 200);
    service.canary.take();
    // The service's own task is left.
    until("the first connection to end", || tasks() == 1).await;

    let mut wires = Vec::new();
    for _ in 0..CLIENTS {
        let mut wire = service.connect().await;
        wire.send(request("GET", "/orgs/acme/shown/stuck", "alice", "", ""))
            .await;
        wires.push(wire);
    }
    until("every load to begin", || {
        service.chats.in_flight() == CLIENTS
    })
    .await;
    assert!(tasks() > CLIENTS);
    drop(wires);
    until("every load to be given up", || {
        service.chats.in_flight() == 0
    })
    .await;
    until("every task to end", || tasks() == 1).await;
    assert_eq!(service.chats.loads(), CLIENTS);
    service.canary.assert_silent();
    // Nothing is worn out by it.
    assert_eq!(
        service
            .ask("GET", "/orgs/acme/shown/alices", "alice", "")
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn a88_a_client_that_leaves_in_the_middle_of_its_body_leaves_nothing_behind() {
    let service = Service::start().await;
    let mut wires = Vec::new();
    for _ in 0..CLIENTS {
        let mut wire = service.connect().await;
        let whole = request("POST", "/chats", "alice", "", r#"{"org":"acme"}"#);
        wire.send(&whole[..whole.len() - 3]).await;
        wires.push(wire);
    }
    until("every body to be read as far as it came", || {
        service.polls.bytes() == CLIENTS * 11
    })
    .await;
    assert!(tasks() > CLIENTS);
    drop(wires);
    until("every task to end", || tasks() == 1).await;
    service.canary.assert_silent();
    assert_eq!(
        service
            .ask("POST", "/chats", "alice", r#"{"org":"acme"}"#)
            .await
            .status,
        200
    );
    assert_eq!(service.canary.only().name, "update-by-body");
}
