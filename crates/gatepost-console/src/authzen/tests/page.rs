//! Pages of what is found.

use std::fmt::Write as _;

use serde_json::{Value, json};

use gatepost::SubjectId;

use super::super::json::Object;
use super::super::page::Page;
use super::{EVALUATION, Pdp, SEARCH_ACTION, SEARCH_RESOURCE, SEARCH_SUBJECT, found};

/// A policy in whose orgs alice may read where their number is even.
fn policy(orgs: usize) -> String {
    let mut text = String::from(
        "version = 1\nresources.chat = [\"read\", \"create\"]\n\
         site.gates.chat = { switch = \"on\", access = \"everyone\" }\n\
         site.roles.root = { grants = [\"gatepost-site:read\", \"gatepost-audit:read\"], all_orgs = true }\n\
         org_roles.guest = { level = 10, grants = [\"chat:*\"] }\nsubjects.root.site_roles = [\"root\"]\n",
    );
    for at in 0..orgs {
        let role = if at % 2 == 0 { "\"guest\"" } else { "" };
        let _ = writeln!(
            text,
            "orgs.o{at:04}.members = {{ alice.roles = [{role}], u{at:04}.roles = [{role}] }}"
        );
    }
    text
}

fn asked() -> Value {
    json!({
        "subject": {"type": "user", "id": "alice"},
        "action": {"name": "read"},
        "resource": {"type": "chat", "id": "1"},
    })
}

#[tokio::test]
async fn the_pages_together_are_what_one_page_has() {
    let pdp = Pdp::new(&policy(23)).await;
    for path in [SEARCH_RESOURCE, SEARCH_SUBJECT, SEARCH_ACTION] {
        let whole = pdp.ok(path, "root", &asked()).await;
        assert_eq!(whole["page"]["next_token"], "");
        for limit in [1, 2, 5, 11, 12, 13, 100] {
            let mut body = asked();
            body["page"] = json!({ "limit": limit });
            let mut all = Vec::new();
            for _ in 0..20 {
                let page = pdp.ok(path, "root", &body).await;
                let results = found(&page);
                assert_eq!(page["page"]["count"], results.len());
                assert!(results.len() <= limit);
                all.extend(results);
                let token = page["page"]["next_token"].as_str().unwrap();
                if token.is_empty() {
                    break;
                }
                // The limit is kept, whether it is said again or not.
                body["page"]["token"] = token.into();
                body["page"]["limit"] = if all.len() % 2 == 0 {
                    Value::Null
                } else {
                    limit.into()
                };
            }
            assert_eq!(all, found(&whole), "{path} {limit}");
        }
    }
}

#[tokio::test]
async fn a_token_is_one_of_its_query_alone() {
    let pdp = Pdp::new(&policy(9)).await;
    let mut body = asked();
    body["page"] = json!({"limit": 2});
    let first = pdp.ok(SEARCH_RESOURCE, "root", &body).await;
    body["page"]["token"] = first["page"]["next_token"].clone();
    assert_eq!(pdp.post(SEARCH_RESOURCE, "root", &body).await.status, 200);

    let changed = |member: &str, value: Value| {
        let mut body = body.clone();
        body[member] = value;
        body
    };
    for other in [
        changed("action", json!({"name": "create"})),
        changed("subject", json!({"type": "user", "id": "root"})),
        changed("subject", json!({"type": "service", "id": "alice"})),
        changed("resource", json!({"type": "chats"})),
        changed("context", json!({"mode": "background"})),
        changed("page", json!({"limit": 3, "token": body["page"]["token"]})),
        changed("page", json!({"limit": 2, "token": "x"})),
        changed("page", json!({"limit": 2, "token": "%"})),
        changed("page", json!({"limit": 2, "token": "A".repeat(38)})),
        changed("page", json!({"limit": 2, "token": "A".repeat(10_000)})),
        changed("page", json!({"limit": 2, "token": 1})),
        changed("page", json!({"limit": -1})),
        changed("page", json!({"limit": 1.5})),
        changed("page", json!({"limit": "2"})),
        changed("page", json!({"properties": []})),
        changed("page", json!([])),
    ] {
        let answered = pdp.post(SEARCH_RESOURCE, "root", &other).await;
        assert_eq!(answered.status, 400, "{other}");
    }
    // Nor is it another subject's, or another search's.
    let mut own = asked();
    own["page"] = body["page"].clone();
    assert_eq!(pdp.post(SEARCH_RESOURCE, "alice", &own).await.status, 400);
    assert_eq!(pdp.post(SEARCH_ACTION, "root", &body).await.status, 400);
    // What is not looked at need not be the same.
    let same = changed("unknown", json!(1));
    assert_eq!(pdp.post(SEARCH_RESOURCE, "root", &same).await.status, 200);
}

#[tokio::test]
async fn a_page_has_a_bounded_number_of_results() {
    let pdp = Pdp::new(&policy(2_400)).await;
    for limit in [
        Value::Null,
        json!(5_000),
        json!(18_446_744_073_709_551_615_u64),
    ] {
        let mut body = asked();
        body["page"] = json!({ "limit": limit });
        let page = pdp.ok(SEARCH_RESOURCE, "alice", &body).await;
        assert_eq!(page["page"]["count"], 1_000);
        body["page"]["token"] = page["page"]["next_token"].clone();
        let page = pdp.ok(SEARCH_RESOURCE, "alice", &body).await;
        assert_eq!(page["page"]["count"], 200);
        assert_eq!(page["page"]["next_token"], "");
    }
    let mut body = asked();
    body["page"] = json!({"limit": 0});
    let page = pdp.ok(SEARCH_RESOURCE, "alice", &body).await;
    assert_eq!(page["page"]["count"], 0);
    assert_ne!(page["page"]["next_token"], "");
}

#[tokio::test]
async fn what_is_found_is_what_a_single_evaluation_allows() {
    let pdp = Pdp::new(&policy(12)).await;
    let answer = pdp.ok(SEARCH_RESOURCE, "alice", &asked()).await;
    assert_eq!(found(&answer).len(), 6);
    for resource in found(&answer) {
        let mut body = asked();
        body["resource"] = resource;
        assert_eq!(pdp.ok(EVALUATION, "alice", &body).await["decision"], true);
    }
}

#[test]
fn a_page_for_which_too_many_would_be_asked_about_ends_early_and_has_a_next() {
    let asker = SubjectId::new("alice").unwrap();
    let mut page = Page::of(&Object::new(), "resource", &asker).unwrap();
    let met = (0..30_000).take_while(|at| {
        let goes_on = page.goes_on();
        page.take(&format!("o{at:05}"), None);
        goes_on
    });
    assert_eq!(met.count(), 10_000);
    assert_ne!(page.next_token().unwrap(), "");
}
