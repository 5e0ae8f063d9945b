//! Clients that go away in the middle of a decision (A88): nothing runs, and nothing is left behind.

use tokio::runtime::Handle;

use crate::served::Adapter;
use crate::service::{Service, request, until};

crate::service::on_each_adapter!(
    a88_a_client_that_leaves_while_an_object_is_loaded_leaves_nothing_behind,
    a88_a_client_that_leaves_in_the_middle_of_its_body_leaves_nothing_behind,
);

const CLIENTS: usize = 20;

/// What is left of connections: on axum tasks but for the service's own, on actix, which has its own
/// threads, bodies.
fn left(service: &Service) -> usize {
    match service.adapter {
        Adapter::Axum => Handle::current().metrics().num_alive_tasks() - 1,
        Adapter::Actix => service.polls.held(),
    }
}

async fn a88_a_client_that_leaves_while_an_object_is_loaded_leaves_nothing_behind(
    service: Service,
) {
    assert_eq!(service.ask("GET", "/healthz", "", "").await.status, 200);
    service.canary.take();
    until("the first connection to end", || left(&service) == 0).await;

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
    assert!(left(&service) >= CLIENTS);
    drop(wires);
    until("every load to be given up", || {
        service.chats.in_flight() == 0
    })
    .await;
    until("every task to end", || left(&service) == 0).await;
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

async fn a88_a_client_that_leaves_in_the_middle_of_its_body_leaves_nothing_behind(
    service: Service,
) {
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
    assert!(left(&service) >= CLIENTS);
    drop(wires);
    until("every task to end", || left(&service) == 0).await;
    service.canary.assert_silent();
    assert_eq!(
        service
            .ask("POST", "/chats", "alice", r#"{"org":"acme"}"#)
            .await
            .status,
        200
    );
    assert_eq!(service.canary.only().route, "update-by-body");
}
