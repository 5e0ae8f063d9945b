//! The policy, changed while the service runs: a document that is edited, and a store.

use std::fs;
use std::time::Duration;

use gatepost::SiteSwitch;
use gatepost_store::{Author, Change, Command, PolicyStore, ProofOutcome, StoreUrl};
use tempfile::TempDir;

use super::harness::{Service, until};

/// How long it takes at most until a change decides.
const LIVE: Duration = Duration::from_secs(1);

fn create(service: &Service, who: &str) -> Option<String> {
    service.ask(who, "POST", "/orgs/acme/chats", "{}").code()
}

#[test]
fn a_gate_that_is_switched_off_closes_for_all_and_opens_again() {
    let service = Service::start();
    let shipped = fs::read_to_string(service.policy()).unwrap();
    let killed = shipped.replacen("switch = \"opt-in\"", "switch = \"off\"", 1);
    assert_eq!(create(&service, "alice"), None);

    service.write_policy(&killed);
    let took = until("chats are off", || {
        create(&service, "alice").as_deref() == Some("site_off")
    });
    assert!(took < LIVE, "{took:?}");
    for who in ["root", "max", "sam"] {
        assert_eq!(create(&service, who).as_deref(), Some("site_off"), "{who}");
    }
    // The gate governs create and update alone, and other gates nothing of this.
    assert_eq!(
        service.ask("alice", "GET", "/orgs/acme/chats", "").status,
        200
    );
    assert_eq!(
        service
            .ask("alice", "POST", "/orgs/acme/agents/planner/runs", "")
            .status,
        202
    );

    service.write_policy(&shipped);
    let took = until("chats are on", || create(&service, "alice").is_none());
    assert!(took < LIVE, "{took:?}");
}

#[test]
fn a_broken_document_changes_nothing_but_the_log() {
    let service = Service::start();
    let health = || String::from_utf8(service.ask("-", "GET", "/healthz", "").bytes).unwrap();
    let shipped = fs::read_to_string(service.policy()).unwrap();
    let broken = shipped.replacen("switch = \"opt-in\"", "switch = \"of\"", 1);
    let line = 1 + broken
        .lines()
        .position(|line| line.contains("\"of\""))
        .unwrap();
    assert_eq!(health(), "ok\n");

    service.write_policy(&broken);
    until("it is told", || health() != "ok\n");
    assert_eq!(create(&service, "alice"), None);
    assert_eq!(
        create(&service, "sam").as_deref(),
        Some("site_grant_missing")
    );
    let place = format!("policy.toml:{line}: `site.gates.chat.switch`");
    until("it is logged", || service.log().contains(&place));

    service.write_policy(&shipped.replace("switch = \"opt-in\"", "switch = \"off\""));
    until("it is mended", || health() == "ok\n");
    assert_eq!(create(&service, "alice").as_deref(), Some("site_off"));
}

#[test]
fn a_role_that_is_taken_away_is_gone() {
    let service = Service::start();
    let shipped = fs::read_to_string(service.policy()).unwrap();
    let chat = service.chat_of("grace", "acme");
    let path = format!("/orgs/acme/chats/{chat}");
    service.write_policy(&shipped.replace("grace = { roles = [\"guest\"] }\n", ""));
    until("grace is no member", || {
        create(&service, "grace").as_deref() == Some("not_a_member")
    });
    assert_eq!(service.ask("grace", "GET", &path, "").status, 404);
    assert_eq!(service.ask("max", "GET", &path, "").status, 200);
}

#[test]
fn each_denial_is_one_event_with_the_id_of_the_answer() {
    let service = Service::start();
    let answer = service.ask("sam", "POST", "/orgs/acme/chats", "{}").json();
    let decision = answer["decision"].as_str().unwrap();
    until("it is logged", || service.log().contains(decision));
    let log = service.log();
    let events: Vec<_> = log.lines().filter(|line| line.contains(decision)).collect();
    assert_eq!(events.len(), 1, "{log}");
    assert!(events[0].contains("gatepost::decision") && events[0].contains("site_grant_missing"));
}

#[tokio::test]
async fn a_store_is_given_the_shipped_policy_once_and_followed_from_then_on() {
    let folder = TempDir::new().unwrap();
    let url = StoreUrl::sqlite(folder.path().join("chats.db"));
    let service = Service::start_on(&url.to_string());
    assert_eq!(create(&service, "alice"), None);
    assert_eq!(create(&service, "gus"), Some("not_a_member".into()));

    let ines = || Author::Operator {
        name: "ines".into(),
    };
    let store = PolicyStore::open(&url).await.unwrap();
    let (_, proof) = store.kill("chat", None, ines(), "a test").await.unwrap();
    // Nothing is waited for here: that is what the proof is for.
    assert_eq!(create(&service, "alice").as_deref(), Some("site_off"));
    let [replica] = proof.replicas.as_slice() else {
        panic!("{proof}");
    };
    assert_eq!(replica.outcome, ProofOutcome::Acknowledged);
    assert_eq!(replica.name, env!("CARGO_PKG_NAME"));

    // Started again, it goes by what the store says and not by what was shipped.
    drop(service);
    let service = Service::start_on(&url.to_string());
    assert_eq!(create(&service, "alice").as_deref(), Some("site_off"));
    let command = Command::SiteSwitch {
        resource: "chat".into(),
        mode: None,
        to: SiteSwitch::OptIn,
    };
    store
        .write(&Change::new(command, ines(), "a test"))
        .await
        .unwrap();
    let took = until("chats are on", || create(&service, "alice").is_none());
    assert!(took < LIVE, "{took:?}");
}

#[test]
fn without_its_store_a_service_does_not_start_and_tells_no_password() {
    let folder = TempDir::new().unwrap();
    let output = super::harness::binary(&folder)
        .args(["--store", "postgres://chats:s3cret@127.0.0.1:1/policy"])
        .output()
        .unwrap();
    assert!(!output.status.success());
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(
        told.contains("127.0.0.1:1") && !told.contains("s3cret"),
        "{told}"
    );
}
