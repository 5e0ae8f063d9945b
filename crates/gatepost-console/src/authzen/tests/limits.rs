//! What is too much, and what there is no answer to.

use std::sync::Arc;
use std::time::Duration;

use gatepost::{Clock, Gate, PolicyText};
use serde_json::{Value, json};

use super::{EVALUATION, EVALUATIONS, Pdp, SEARCH_ACTION, SEARCH_RESOURCE, SEARCH_SUBJECT};

fn asked() -> Value {
    json!({
        "subject": {"type": "user", "id": "alice"},
        "action": {"name": "read"},
        "resource": {"type": "chat", "id": "1"},
    })
}

#[tokio::test]
async fn a_body_of_more_than_a_mebibyte_is_too_large_and_one_of_as_much_is_not() {
    let pdp = Pdp::new("version = 1").await;
    for (room, status) in [(0, 200), (1, 413)] {
        let mut body = asked();
        body["padding"] = "".into();
        let length = 1024 * 1024 - body.to_string().len() + room;
        body["padding"] = "x".repeat(length).into();
        for path in [EVALUATION, EVALUATIONS, SEARCH_RESOURCE, SEARCH_ACTION] {
            assert_eq!(
                pdp.post(path, "alice", &body).await.status,
                status,
                "{path}"
            );
        }
    }
}

#[tokio::test]
async fn a_huge_id_of_an_object_is_told_nobody_and_a_huge_id_of_a_subject_is_none() {
    let pdp = Pdp::new("version = 1").await;
    let huge = "q".repeat(500_000);
    let mut body = asked();
    body["resource"]["id"] = huge.clone().into();
    let answered = pdp.post(EVALUATION, "alice", &body).await;
    assert_eq!(answered.status, 200);
    assert!(answered.body.len() < 1_000);
    for (member, id) in [
        ("/subject/id", huge.clone()),
        ("/subject/id", String::new()),
    ] {
        let mut body = asked();
        *body.pointer_mut(member).unwrap() = id.into();
        let answered = pdp.post(EVALUATION, "alice", &body).await;
        assert_eq!(answered.status, 400);
        assert!(answered.body.len() < 200, "{answered:?}");
    }
}

#[tokio::test]
async fn a_thousand_evaluations_are_answered_and_more_are_not() {
    let pdp = Pdp::new("version = 1").await;
    for (count, status) in [(1_000, 200), (1_001, 400)] {
        let mut body = asked();
        body["evaluations"] = vec![json!({}); count].into();
        let answered = pdp.post(EVALUATIONS, "alice", &body).await;
        assert_eq!(answered.status, status);
    }
}

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Duration {
        Duration::from_secs(12)
    }
}

#[tokio::test]
async fn what_could_not_be_decided_is_no_decision() {
    let (unavailable, _feed) = Gate::channel();
    let (stale, feed) = Gate::leased(Arc::new(Noon));
    feed.publish(PolicyText::toml("version = 1").compile(1).unwrap());
    for gate in [unavailable, stale] {
        let pdp = Pdp::of_gate(gate, "", None).await;
        for path in [
            EVALUATION,
            EVALUATIONS,
            SEARCH_SUBJECT,
            SEARCH_RESOURCE,
            SEARCH_ACTION,
        ] {
            let answered = pdp.post(path, "alice", &asked()).await;
            assert_eq!(answered.status, 503, "{path} {answered:?}");
            assert_eq!(answered.headers["retry-after"], "1");
        }
        let mut several = asked();
        several["evaluations"] = json!([{}, {}]);
        let answer = pdp.ok(EVALUATIONS, "alice", &several).await;
        for item in answer["evaluations"].as_array().unwrap() {
            assert_eq!(item["decision"], false);
            assert_eq!(item["context"]["error"]["status"], 503);
        }
    }
}

#[tokio::test]
async fn members_that_are_elsewhere_and_cannot_be_read_are_no_denial() {
    let policy = PolicyText::toml(
        "version = 1\nresources.chat = [\"read\"]\nsite.gates.chat = { switch = \"on\", access = \"everyone\" }\n\
         orgs.acme = {}\n",
    );
    let document = policy.parse().unwrap();
    let facts = gatepost::Snapshot::compile_looking_through(&document, 1).unwrap();
    let pdp = Pdp::of_gate(Gate::fixed(facts), "", None).await;
    for path in [EVALUATION, SEARCH_RESOURCE] {
        let mut body = asked();
        body["context"] = json!({"org": "acme"});
        assert_eq!(pdp.post(path, "alice", &body).await.status, 503, "{path}");
    }
}
