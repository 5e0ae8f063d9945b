//! A decision reads one policy version from first check to last, whatever is published meanwhile.

use std::sync::Arc;

use async_trait::async_trait;
use gatepost::{Feed, Gate, Org, Owner, Requirement, Subject};
use gatepost_tower::{Enforcer, EntityKey, EntityLoader, LoadSubject, Loaded, SourceError};
use http::Response;
use http::request::Parts;
use serde_json::json;
use tokio::sync::Notify;
use tower::{Service, ServiceExt};

use crate::fixture::{
    Book, Canary, CountedBody, POLICY, ask, assert_refused, enforcer, facts, guard, subject,
};

const BY_BODY: Requirement = Requirement::new("chat", "read").org(Org::json("org"));

/// The policy with the chat gate killed.
fn killed() -> String {
    POLICY.replacen(
        "[site.gates.chat]\nswitch = \"on\"",
        "[site.gates.chat]\nswitch = \"off\"",
        1,
    )
}

/// The policy with the chat gate opt-in, and acme silent or not.
fn opt_in(acme: bool) -> String {
    let text = POLICY.replacen(
        "[site.gates.chat]\nswitch = \"on\"",
        "[site.gates.chat]\nswitch = \"opt-in\"",
        1,
    );
    if acme {
        text + "[orgs.acme.gates.chat]\nswitch = \"on\"\n"
    } else {
        text
    }
}

fn gate(text: &str) -> (Gate, Feed) {
    let (gate, feed) = Gate::channel();
    feed.publish(facts(text, 1));
    (gate, feed)
}

/// Runs a request up to the middle of its body, publishes version 2, and lets it come to its end.
async fn swap_under_way(first: &str, second: &str, canary: &Canary) -> Response<Vec<u8>> {
    let (gate, feed) = gate(first);
    let (body, go_on) = CountedBody::slow(br#"{"org":"#, br#""acme"}"#);
    let mut service = guard(&enforcer(gate), BY_BODY, canary);
    let request = ask("/", Some(subject("alice")), body);
    let response = tokio::spawn(service.ready().await.unwrap().call(request));
    tokio::task::yield_now().await;
    feed.publish(facts(second, 2));
    go_on.send(()).unwrap();
    response.await.unwrap().unwrap()
}

#[tokio::test]
async fn a_body_that_comes_slowly_does_not_outwait_a_kill() {
    let canary = Canary::default();
    let response = swap_under_way(POLICY, &killed(), &canary).await;
    let members = json!({"resource": "chat", "action": "read"});
    assert_refused(&response, "site_off", members);
    assert_eq!(canary.calls(), 0);
}

#[tokio::test]
async fn a_request_that_waited_is_admitted_under_the_newest_version() {
    let canary = Canary::default();
    let response = swap_under_way(&opt_in(true), POLICY, &canary).await;
    assert_eq!(response.status(), 200);
    assert_eq!(canary.permit().version(), 2);
}

#[tokio::test]
async fn no_decision_takes_one_tier_from_one_version_and_the_next_from_another() {
    // Version 1 lets the site pass and not the org; version 2 the org and not the site. Torn, they would admit.
    let canary = Canary::default();
    let second = killed() + "[orgs.acme.gates.chat]\nswitch = \"on\"\n";
    let response = swap_under_way(&opt_in(false), &second, &canary).await;
    let members = json!({"resource": "chat", "action": "read"});
    assert_refused(&response, "site_off", members);
    assert_eq!(canary.calls(), 0);
}

#[tokio::test]
async fn a_request_that_comes_after_a_change_is_decided_by_it() {
    let (gate, feed) = gate(&opt_in(false));
    let canary = Canary::default();
    let enforcer = enforcer(gate);
    let ask = || {
        let body = CountedBody::chunked(br#"{"org":"acme"}"#, 4);
        ask("/", Some(subject("alice")), body)
    };
    let send = async || crate::fixture::answer(&enforcer, BY_BODY, &canary, ask()).await;
    let off = json!({"resource": "chat", "action": "read", "org": "acme"});
    assert_refused(&send().await, "org_off", off);
    feed.publish(facts(&opt_in(true), 2));
    assert_eq!(send().await.status(), 200);
    assert_eq!(canary.permit().version(), 2);
    feed.publish(facts(&killed(), 3));
    let off = json!({"resource": "chat", "action": "read"});
    assert_refused(&send().await, "site_off", off);
    assert_eq!(canary.calls(), 1);
}

#[tokio::test]
async fn a_change_between_call_and_first_poll_is_seen_whole() {
    // `call` has come as far as the body by version 1; the future begins anew with the version that it finds.
    let (gate, feed) = gate(&opt_in(true));
    let canary = Canary::default();
    let mut service = guard(&enforcer(gate), BY_BODY, &canary);
    let body = CountedBody::declared(r#"{"org":"acme"}"#);
    let polls = body.polls();
    let request = ask("/", Some(subject("alice")), body);
    let response = service.ready().await.unwrap().call(request);
    feed.publish(facts(&killed(), 2));
    let members = json!({"resource": "chat", "action": "read"});
    assert_refused(&response.await.unwrap(), "site_off", members);
    assert_eq!(polls.load(std::sync::atomic::Ordering::SeqCst), 0);
    assert_eq!(canary.calls(), 0);
}

/// Waits to be told to go on, both as a loader and as a subject source.
#[derive(Clone, Debug, Default)]
struct Waiting {
    reached: Arc<Notify>,
    go_on: Arc<Notify>,
}

impl Waiting {
    async fn wait(&self) {
        self.reached.notify_one();
        self.go_on.notified().await;
    }
}

#[async_trait]
impl LoadSubject for Waiting {
    async fn load(&self, _: &Parts) -> Result<Option<Subject>, SourceError> {
        self.wait().await;
        Ok(Some(subject("alice")))
    }
}

#[async_trait]
impl EntityLoader for Waiting {
    type Entity = Book;

    async fn load(&self, key: EntityKey<'_>) -> Result<Option<Loaded<Book>>, SourceError> {
        self.wait().await;
        let org = key.org().cloned().expect("the route has an org");
        Ok(Some(Loaded::in_org(org, Book("slow"))))
    }
}

#[tokio::test]
async fn a_subject_that_is_waited_for_is_decided_by_the_version_of_its_arrival() {
    let (gate, feed) = gate(POLICY);
    let (waiting, canary) = (Waiting::default(), Canary::default());
    let enforcer = Enforcer::with_loaded_subject(gate, waiting.clone());
    let service = guard(
        &enforcer,
        Requirement::new("chat", "read").org(Org::none()),
        &canary,
    );
    let response = tokio::spawn(service.oneshot(ask("/", None, CountedBody::empty())));
    waiting.reached.notified().await;
    feed.publish(facts(&killed(), 2));
    waiting.go_on.notify_one();
    let members = json!({"resource": "chat", "action": "read"});
    assert_refused(&response.await.unwrap().unwrap(), "site_off", members);
    assert_eq!(canary.calls(), 0);
}

#[tokio::test]
async fn an_object_stays_that_of_the_default_org_that_it_was_looked_for_in() {
    let (gate, feed) = gate(POLICY);
    let (waiting, canary) = (Waiting::default(), Canary::default());
    let enforcer = enforcer(gate).loader("chat", waiting.clone());
    let requirement = Requirement::new("chat", "read")
        .org(Org::default_org())
        .owner(Owner::Loaded);
    let service = guard(&enforcer, requirement, &canary);
    let request = ask("/", Some(subject("alice")), CountedBody::empty());
    let response = tokio::spawn(service.oneshot(request));
    waiting.reached.notified().await;
    // The default org is another one now; the object stays that of the org it was looked for in.
    let second = POLICY.replace("default_org = \"acme\"", "default_org = \"globex\"");
    feed.publish(facts(&second, 2));
    waiting.go_on.notify_one();
    assert_eq!(response.await.unwrap().unwrap().status(), 200);
    let permit = canary.permit();
    assert_eq!(
        (permit.version(), permit.org().unwrap().as_str()),
        (2, "acme")
    );
}

#[tokio::test]
async fn an_object_that_is_loaded_slowly_does_not_outwait_a_kill() {
    for org in [Org::path("org"), Org::default_org()] {
        let (gate, feed) = gate(POLICY);
        let (waiting, canary) = (Waiting::default(), Canary::default());
        let enforcer = enforcer(gate).loader("chat", waiting.clone());
        let requirement = Requirement::new("chat", "read")
            .org(org)
            .owner(Owner::Loaded);
        let service = guard(&enforcer, requirement, &canary);
        let request = ask("/acme", Some(subject("alice")), CountedBody::empty());
        let response = tokio::spawn(service.oneshot(request));
        waiting.reached.notified().await;
        feed.publish(facts(&killed(), 2));
        waiting.go_on.notify_one();
        let members = json!({"resource": "chat", "action": "read"});
        assert_refused(&response.await.unwrap().unwrap(), "site_off", members);
        assert_eq!(canary.calls(), 0);
    }
}
