//! Searches run apart from everything else, few at a time, and ask about few.

use std::fmt::Write as _;

use futures_util::FutureExt as _;
use serde_json::{Value, json};

use super::super::apart::{MOST, TURNS};
use super::{EVALUATION, Pdp, SEARCH_ACTION, SEARCH_RESOURCE, SEARCH_SUBJECT, found};

/// A policy with more orgs than a page asks about; alice is a member of the last, and of the one above another.
fn policy() -> String {
    let mut text = String::from(
        "version = 1\nresources.chat = [\"read\"]\n\
         site.gates.chat = { switch = \"on\", access = \"everyone\" }\n\
         site.roles.root = { grants = [\"gatepost-site:read\", \"gatepost-audit:read\"], all_orgs = true }\n\
         org_roles.guest = { level = 10, grants = [\"chat:*\"] }\nsubjects.root.site_roles = [\"root\"]\n\
         site.roles.console.grants = [\"gatepost-audit:read\"]\nsubjects.lead.site_roles = [\"console\"]\n\
         org_roles.lead = { level = 40, grants = [\"chat:*\", \"gatepost-audit:read\"] }\n\
         org_roles.anyone.grants = [\"chat:read\"]\n\
         orgs.z-below.parent = \"z-top\"\norgs.z-town.visibility = \"public\"\n\
         orgs.z-top.members = { alice.roles = [\"guest\"], zoe.roles = [\"guest\"], lead.roles = [\"lead\"] }\n",
    );
    for at in 0..12_000 {
        let _ = writeln!(
            text,
            "orgs.o{at:05}.members = {{ m{at:05}.roles = [\"guest\"] }}"
        );
    }
    text
}

fn asked(org: Option<&str>) -> Value {
    json!({
        "subject": {"type": "user", "id": "alice"},
        "action": {"name": "read"},
        "resource": {"type": "chat", "id": "1"},
        "context": {"org": org, "org_rule": "none"},
    })
}

#[test]
fn a_search_leaves_its_thread_to_others() {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().max_blocking_threads(1).build();
    runtime.unwrap().block_on(async {
        let pdp = Pdp::new(&policy()).await;
        // As long as there is no thread for it a search waits, and others are answered.
        let (done, doing) = std::sync::mpsc::channel::<()>();
        let other = tokio::task::spawn_blocking(move || doing.recv());
        for (path, org) in [
            (SEARCH_RESOURCE, None),
            (SEARCH_SUBJECT, Some("z-top")),
            (SEARCH_ACTION, Some("z-top")),
        ] {
            let answered = pdp.post(path, "root", &asked(org)).now_or_never();
            assert!(answered.is_none(), "{path}");
            let answered = pdp.post(EVALUATION, "root", &asked(org)).now_or_never();
            assert_eq!(answered.unwrap().status, 200);
        }
        drop(done);
        assert!(other.await.unwrap().is_err());
    });
}

#[tokio::test]
async fn an_org_that_it_may_not_know_is_not_asked_about() {
    let pdp = Pdp::new(&policy()).await;
    for (asker, want) in [
        ("alice", &["z-below", "z-top", "z-town"][..]),
        ("stranger", &["z-town"]),
    ] {
        let mut body = asked(None);
        body["subject"]["id"] = asker.into();
        let answer = pdp.ok(SEARCH_RESOURCE, asker, &body).await;
        let ids = found(&answer).into_iter();
        let ids: Vec<_> = ids
            .map(|it| it["id"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(ids, want);
        assert_eq!(answer["page"]["next_token"], "");
    }
}

#[tokio::test]
async fn a_subject_that_an_auditor_may_not_ask_about_is_not_asked_about() {
    let pdp = Pdp::new(&policy()).await;
    let answer = pdp.ok(SEARCH_SUBJECT, "lead", &asked(Some("z-top"))).await;
    let ids = found(&answer).into_iter();
    let ids: Vec<_> = ids
        .map(|it| it["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids, ["alice", "lead", "zoe"]);
    assert_eq!(answer["page"]["next_token"], "");
    // Whoever may ask about everybody is answered in pages.
    let answer = pdp.ok(SEARCH_SUBJECT, "root", &asked(Some("z-top"))).await;
    assert_ne!(answer["page"]["next_token"], "");
}

#[tokio::test]
async fn a_search_whose_turn_does_not_come_is_told_to_come_again() {
    let pdp = Pdp::new(&policy()).await;
    let turns = TURNS.acquire_many(MOST.try_into().unwrap()).await.unwrap();
    tokio::time::pause();
    let answered = pdp.post(SEARCH_RESOURCE, "alice", &asked(None)).await;
    assert_eq!(answered.status, 503);
    assert_eq!(answered.headers["retry-after"], "1");
    drop(turns);
    let answered = pdp.post(SEARCH_RESOURCE, "alice", &asked(None)).await;
    assert_eq!(answered.status, 200);
}
