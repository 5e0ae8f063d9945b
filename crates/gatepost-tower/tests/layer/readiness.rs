//! The contract of tower-service: readiness, clones, and who is called when.

use std::sync::atomic::Ordering;
use std::task::Poll;
use std::time::Duration;

use gatepost::{Org, Requirement};
use gatepost_tower::RequireLayer;
use http::{Request, Response};
use tower::buffer::Buffer;
use tower::limit::ConcurrencyLimit;
use tower::{Layer, Service, ServiceExt};
use tower_test::mock;

use crate::fixture::{
    Canary, CountedBody, ask, assert_refused, at_once, enforcer, gate, guard, subject,
};

const READ: Requirement = Requirement::new("chat", "read").org(Org::path("org"));
const KILLED: Requirement = Requirement::new("killed", "read").org(Org::path("org"));
const READ_BY_BODY: Requirement = Requirement::new("chat", "read").org(Org::json("org"));

type Mock = mock::Mock<Request<CountedBody>, Response<Vec<u8>>>;

type Handle = mock::Handle<Request<CountedBody>, Response<Vec<u8>>>;

/// What reaches the inner service next; none once nobody can call it any more.
async fn next(
    inner: &mut Handle,
) -> Option<(Request<CountedBody>, mock::SendResponse<Response<Vec<u8>>>)> {
    let next = tokio::time::timeout(Duration::from_secs(10), inner.next_request());
    next.await.expect("a request or the end")
}

fn layer(requirement: Requirement) -> RequireLayer {
    RequireLayer::new(&enforcer(gate()), requirement).unwrap()
}

fn alice(path: &str, body: CountedBody) -> Request<CountedBody> {
    ask(path, Some(subject("alice")), body)
}

#[tokio::test]
async fn the_layer_is_ready_when_the_inner_service_is() {
    let (mut service, mut inner) = mock::spawn_with(|mock: Mock| layer(READ).layer(mock));
    inner.allow(0);
    assert!(service.poll_ready().is_pending());
    inner.allow(1);
    assert!(matches!(service.poll_ready(), Poll::Ready(Ok(()))));
    let response = service.call(alice("/acme", CountedBody::empty()));
    assert!(service.poll_ready().is_pending());
    let (_, answer) = next(&mut inner).await.unwrap();
    answer.send_response(Response::new(b"inner".to_vec()));
    assert_eq!(response.await.unwrap().body(), b"inner");
}

#[tokio::test]
async fn an_inner_service_that_fails_to_be_ready_fails_the_layer() {
    let (mut service, mut inner) = mock::spawn_with(|mock: Mock| layer(READ).layer(mock));
    inner.send_error("broken");
    let Poll::Ready(Err(error)) = service.poll_ready() else {
        panic!("it is not ready");
    };
    assert_eq!(error.to_string(), "broken");
}

#[tokio::test]
async fn an_error_of_the_inner_service_is_the_layers_in_the_sync_and_in_the_awaited_path() {
    for requirement in [READ, READ_BY_BODY] {
        let (mut service, mut inner) =
            mock::spawn_with(move |mock: Mock| layer(requirement).layer(mock));
        inner.allow(1);
        assert!(service.poll_ready().is_ready());
        let body = CountedBody::declared(r#"{"org":"acme"}"#);
        let response = tokio::spawn(service.call(alice("/acme", body)));
        let (_, answer) = next(&mut inner).await.unwrap();
        answer.send_error("inner broke");
        let error = response.await.unwrap().unwrap_err();
        assert_eq!(error.to_string(), "inner broke");
    }
}

#[tokio::test]
async fn a_refusal_asks_nothing_of_the_inner_service() {
    let (mut service, mut inner) = mock::spawn_with(|mock: Mock| layer(KILLED).layer(mock));
    inner.allow(1);
    assert!(service.poll_ready().is_ready());
    let response = service.call(alice("/acme", CountedBody::empty()));
    let response = at_once(response).expect("nobody has to be waited for");
    let members = serde_json::json!({"resource": "killed", "action": "read"});
    assert_refused(&response.unwrap(), "site_off", members);
    drop(service);
    assert!(next(&mut inner).await.is_none());
}

#[tokio::test]
async fn the_service_that_was_ready_is_the_one_called() {
    // The canary panics where a clone is called that was never ready.
    for (requirement, body) in [
        (READ, CountedBody::empty()),
        (READ_BY_BODY, CountedBody::chunked(br#"{"org":"acme"}"#, 3)),
    ] {
        let canary = Canary::default();
        let mut service = guard(&enforcer(gate()), requirement, &canary);
        let response = service.ready().await.unwrap().call(alice("/acme", body));
        assert_eq!(response.await.unwrap().status(), 200);
        assert_eq!(canary.calls(), 1);
    }
}

#[tokio::test]
async fn what_stays_behind_is_made_ready_anew_and_serves_the_next_request() {
    let canary = Canary::default();
    let mut service = guard(&enforcer(gate()), READ_BY_BODY, &canary);
    for round in 1..=3 {
        let body = CountedBody::chunked(br#"{"org":"acme"}"#, 5);
        let response = service.ready().await.unwrap().call(alice("/", body));
        assert_eq!(response.await.unwrap().status(), 200);
        assert_eq!(canary.calls(), round);
    }
}

#[tokio::test]
async fn a_clone_of_the_layer_is_a_service_of_its_own() {
    let canary = Canary::default();
    let mut first = guard(&enforcer(gate()), READ, &canary);
    first.ready().await.unwrap();
    let mut second = first.clone();
    second.ready().await.unwrap();
    for service in [&mut second, &mut first] {
        let response = service.call(alice("/acme", CountedBody::empty()));
        assert_eq!(response.await.unwrap().status(), 200);
    }
    assert_eq!(canary.calls(), 2);
}

#[tokio::test]
async fn an_awaited_request_holds_its_own_slot_and_gives_it_back() {
    let canary = Canary::default();
    let limited = ConcurrencyLimit::new(canary.clone(), 1);
    let mut service = layer(READ_BY_BODY).layer(limited);
    let (body, go_on) = CountedBody::slow(br#"{"org":"#, br#""acme"}"#);

    service.ready().await.unwrap();
    let pending = tokio::spawn(service.call(alice("/", body)));
    tokio::task::yield_now().await;
    assert_eq!(canary.calls(), 0);
    assert!(at_once(service.ready()).is_none());

    go_on.send(()).unwrap();
    assert_eq!(pending.await.unwrap().unwrap().status(), 200);
    assert_eq!(canary.calls(), 1);
    assert!(at_once(service.ready()).is_some());
}

#[tokio::test]
async fn a_request_refused_after_an_await_gives_its_slot_back() {
    let canary = Canary::default();
    let limited = ConcurrencyLimit::new(canary.clone(), 1);
    let mut service = layer(READ_BY_BODY).layer(limited);
    service.ready().await.unwrap();
    let body = CountedBody::declared(r#"{"org":"nowhere"}"#);
    let response = service.call(alice("/", body)).await.unwrap();
    let members = serde_json::json!({"resource": "chat", "action": "read", "org": "nowhere"});
    assert_refused(&response, "not_a_member", members);
    assert!(at_once(service.ready()).is_some());
    assert_eq!(canary.calls(), 0);
}

#[tokio::test]
async fn a_request_given_up_in_mid_decision_runs_nothing_and_gives_its_slot_back() {
    let canary = Canary::default();
    let limited = ConcurrencyLimit::new(canary.clone(), 1);
    let mut service = layer(READ_BY_BODY).layer(limited);
    let (body, go_on) = CountedBody::slow(br#"{"org":"#, br#""acme"}"#);
    service.ready().await.unwrap();
    let given_up = tokio::time::timeout(Duration::from_millis(1), service.call(alice("/", body)));
    assert!(given_up.await.is_err());
    assert!(go_on.is_closed());
    assert!(at_once(service.ready()).is_some());
    assert_eq!(canary.calls(), 0);
}

#[tokio::test]
async fn a_refused_service_that_is_dropped_keeps_no_slot() {
    let canary = Canary::default();
    let limited = ConcurrencyLimit::new(canary.clone(), 1);
    let service = layer(KILLED).layer(limited);
    for _ in 0..3 {
        let refused = service
            .clone()
            .oneshot(alice("/acme", CountedBody::empty()));
        assert_eq!(at_once(refused).unwrap().unwrap().status(), 403);
    }
    assert_eq!(canary.calls(), 0);
}

#[tokio::test]
async fn many_clients_through_a_buffer_and_a_limit_get_each_its_own_answer() {
    let canary = Canary::default();
    let limited = ConcurrencyLimit::new(canary.clone(), 2);
    let service = Buffer::new(layer(READ_BY_BODY).layer(limited), 4);
    let clients = (0..60).map(|client| {
        let (org, status) = [("acme", 200), ("nowhere", 403), ("globex", 200)][client % 3];
        let text = format!(r#"{{"org":"{org}"}}"#);
        let body = CountedBody::chunked(text.as_bytes(), 1 + client % 5);
        let call = service.clone().oneshot(alice("/", body));
        (tokio::spawn(call), status)
    });
    for (client, status) in clients.collect::<Vec<_>>() {
        assert_eq!(client.await.unwrap().unwrap().status(), status);
    }
    assert_eq!(canary.calls(), 40);
}

#[test]
fn without_anything_to_await_the_answer_is_there_on_the_first_poll() {
    let canary = Canary::default();
    let enforcer = enforcer(gate());
    let nobody = || ask("/acme", None, CountedBody::empty());
    let alice = || alice("/acme", CountedBody::empty());
    for (requirement, request, status) in [
        (READ, alice(), 200),
        (READ, nobody(), 401),
        (KILLED, alice(), 403),
        (READ_BY_BODY, nobody(), 401),
    ] {
        let mut service = guard(&enforcer, requirement, &canary);
        assert!(at_once(service.ready()).is_some());
        let calls = canary.calls();
        let response = service.call(request);
        // An admitted request is the inner service's as soon as it is called.
        assert_eq!(canary.calls() - calls, usize::from(status == 200));
        assert_eq!(at_once(response).unwrap().unwrap().status(), status);
    }
}

#[tokio::test]
async fn the_inner_service_is_not_called_before_the_last_fact_is_read() {
    let canary = Canary::default();
    let (body, go_on) = CountedBody::slow(br#"{"org":"acme"}"#, b" ");
    let polls = body.polls();
    let mut service = guard(&enforcer(gate()), READ_BY_BODY, &canary);
    let response = service.ready().await.unwrap().call(alice("/", body));
    let response = tokio::spawn(response);
    while polls.load(Ordering::SeqCst) < 2 {
        tokio::task::yield_now().await;
    }
    assert_eq!(canary.calls(), 0);
    go_on.send(()).unwrap();
    assert_eq!(response.await.unwrap().unwrap().status(), 200);
    assert_eq!(canary.calls(), 1);
}
