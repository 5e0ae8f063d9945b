//! Runs that are left running: queued, with a ticket in place of the permit.

use chats::{ListedRun, RUN_AGENT, Runs, Secret};
use gatepost::{Code, Gate, KeyRing, Mode, OrgId, Permit, PolicyText, Ticket};

use super::harness::{SECRET, SHIPPED_POLICY, Service};

const PLANNER: &str = "/orgs/acme/agents/planner/runs";
const DETACHED: &str = r#"{"detach": true}"#;

/// What waits in the service's queue.
async fn queued(service: &Service) -> Vec<ListedRun> {
    let runs = Runs::open(&service.queue()).await.unwrap();
    runs.list().await.unwrap()
}

/// What a ticket is worth by the shipped policy.
async fn redeemed(ticket: &str, keys: KeyRing) -> Result<Permit, Code> {
    let policy = PolicyText::toml(std::fs::read_to_string(SHIPPED_POLICY).unwrap());
    let gate = Gate::fixed(policy.compile(1).unwrap());
    gate.set_ticket_keys(keys);
    let ticket = Ticket::from_text(ticket);
    let permit = gate.redeem_for(&ticket, &RUN_AGENT).await;
    permit.map_err(|denial| denial.code())
}

#[tokio::test]
async fn a_run_that_nobody_waits_for_is_queued_with_a_ticket_and_the_others_are_not() {
    let service = Service::start();
    assert_eq!(service.ask("alice", "POST", PLANNER, "").status, 202);
    assert_eq!(service.ask("grace", "POST", PLANNER, DETACHED).status, 403);
    assert_eq!(queued(&service).await.len(), 0);

    let answer = service.ask("planner-bot for alice", "POST", PLANNER, DETACHED);
    let left = queued(&service).await;
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].id, answer.json()["id"].as_str().unwrap());
    assert_eq!((&*left[0].org, &*left[0].agent), ("acme", "planner"));
    assert_eq!((&*left[0].state, left[0].step), ("queued", 0));

    let runs = Runs::open_to_work(&service.queue()).await.unwrap();
    let run = runs.take(&left[0].id, "no task").await.unwrap().unwrap();
    assert_eq!(run.input, DETACHED);
    let keys = |secret: &str| Secret::new(secret).unwrap().ticket_keys().unwrap();
    let permit = redeemed(&run.ticket, keys(SECRET)).await.unwrap();
    assert_eq!(permit.org().map(OrgId::as_str), Some("acme"));
    assert_eq!(permit.subject().as_str(), "planner-bot");
    assert_eq!(permit.beneficiary().as_str(), "alice");
    assert_eq!(
        (permit.resource(), permit.mode()),
        ("agent-planner", Some(Mode::Background))
    );
    let other = redeemed(&run.ticket, keys(&SECRET.replace('a', "b"))).await;
    assert_eq!(other.unwrap_err(), Code::TicketInvalid);
}

#[tokio::test]
async fn a_token_that_is_limited_queues_no_more_than_it_may() {
    let service = Service::start();
    let narrow = "alice with agent-planner:execute#foreground";
    assert_eq!(service.ask(narrow, "POST", PLANNER, "").status, 202);
    let answer = service.ask(narrow, "POST", PLANNER, DETACHED);
    assert_eq!(answer.code().as_deref(), Some("scope_missing"));
    assert_eq!(queued(&service).await.len(), 0);
}
