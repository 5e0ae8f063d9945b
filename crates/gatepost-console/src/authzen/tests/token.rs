//! What asks for the next page: it tells nothing, and goes on where the last page ended.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatepost::{Gate, PolicyText, Snapshot};
use serde_json::{Value, json};

use super::{Pdp, SEARCH_ACTION, SEARCH_RESOURCE, SEARCH_SUBJECT, found};

/// A policy with these orgs, in each of which alice may read, as may a member who is named as the org is.
fn facts(orgs: &[&str], foreign: usize, version: u64) -> Snapshot {
    let mut text = String::from(
        "version = 1\nresources.chat = [\"read\", \"create\", \"delete\"]\n\
         site.gates.chat = { switch = \"on\", access = \"everyone\" }\n\
         site.roles.root = { grants = [\"gatepost-site:read\", \"gatepost-audit:read\"], all_orgs = true }\n\
         org_roles.guest = { level = 10, grants = [\"chat:*\"] }\nsubjects.root.site_roles = [\"root\"]\n",
    );
    for org in orgs {
        let member = format!("{org}.roles = [\"guest\"]");
        let _ = writeln!(
            text,
            "orgs.{org}.members = {{ alice.roles = [\"guest\"], {member} }}"
        );
    }
    for at in 0..foreign {
        let _ = writeln!(text, "orgs.a-foreign-{at:05}.members = {{ }}");
    }
    PolicyText::toml(text).compile(version).unwrap()
}

fn asked(org: Option<&str>) -> Value {
    json!({
        "subject": {"type": "user", "id": "alice"},
        "action": {"name": "read"},
        "resource": {"type": "chat", "id": "1"},
        "context": {"org": org, "org_rule": "none"},
    })
}

fn ids(answer: &Value) -> Vec<String> {
    let ids = found(answer)
        .into_iter()
        .map(|it| it["id"].as_str().unwrap().to_owned());
    ids.collect()
}

#[tokio::test]
async fn the_next_page_goes_on_behind_the_last_whatever_was_removed_or_added_in_front() {
    for path in [SEARCH_RESOURCE, SEARCH_SUBJECT] {
        let (gate, feed) = Gate::channel();
        let policy = |ids: &[&str], version| match path {
            SEARCH_SUBJECT => members(ids, version),
            _ => facts(ids, 0, version),
        };
        feed.publish(policy(&["b", "d", "f", "h"], 1));
        let pdp = Pdp::of_gate(gate, "", None).await;
        let mut body = asked((path == SEARCH_SUBJECT).then_some("top"));
        body["page"] = json!({"limit": 2});
        let first = pdp.ok(path, "root", &body).await;
        assert_eq!(ids(&first).join(" "), "b d", "{path}");
        body["page"]["token"] = first["page"]["next_token"].clone();
        for (now, want) in [
            (&["b", "d", "f", "h"][..], "f h"),
            (&["f", "h"], "f h"),
            (&["d", "f", "h"], "f h"),
            (&["a", "b", "c", "d", "e", "f", "h"], "e f"),
            (&["b"], ""),
        ] {
            feed.publish(policy(now, 2));
            let next = pdp.ok(path, "root", &body).await;
            assert_eq!(ids(&next).join(" "), want, "{path} {now:?}");
        }
    }
}

/// A policy with one org, and these members in it.
fn members(ids: &[&str], version: u64) -> Snapshot {
    let members = ids.iter().map(|id| format!("{id}.roles = [\"guest\"]"));
    let members = members.collect::<Vec<_>>().join(", ");
    let text = format!(
        "version = 1\nresources.chat = [\"read\"]\n\
         site.gates.chat = {{ switch = \"on\", access = \"everyone\" }}\n\
         site.roles.root = {{ grants = [\"gatepost-audit:read\"], all_orgs = true }}\n\
         org_roles.guest = {{ level = 10, grants = [\"chat:*\"] }}\nsubjects.root.site_roles = [\"root\"]\n\
         orgs.top.members = {{ {members} }}\n"
    );
    PolicyText::toml(text).compile(version).unwrap()
}

#[tokio::test]
async fn a_token_tells_nothing_of_the_orgs_that_there_are() {
    let mut tokens = Vec::new();
    for foreign in [0, 3, 300] {
        let pdp = Pdp::of_gate(Gate::fixed(facts(&["b", "delta"], foreign, 1)), "", None).await;
        for limit in [0, 1] {
            let mut body = asked(None);
            body["page"] = json!({ "limit": limit });
            let page = pdp.ok(SEARCH_RESOURCE, "alice", &body).await;
            let token = page["page"]["next_token"].as_str().unwrap().to_owned();
            let bytes = URL_SAFE_NO_PAD.decode(&token).unwrap();
            let is_there = |id: &[u8]| bytes.windows(id.len()).any(|it| it == id);
            assert!(!is_there(b"delta") && !is_there(b"a-foreign"));
            tokens.push((limit, token));
        }
    }
    // The orgs that it may not know make no difference; and all of them are as long as each other.
    for (limit, token) in &tokens {
        let same = tokens.iter().find(|(other, _)| other == limit).unwrap();
        assert_eq!(*token, same.1);
        assert_eq!(token.len(), tokens[0].1.len());
    }
}

#[tokio::test]
async fn a_token_that_was_touched_anywhere_is_a_bad_request() {
    let pdp = Pdp::of_gate(Gate::fixed(facts(&["b", "d", "f"], 0, 1)), "", None).await;
    for path in [SEARCH_RESOURCE, SEARCH_ACTION] {
        let mut body = asked((path == SEARCH_ACTION).then_some("b"));
        body["page"] = json!({"limit": 1});
        let page = pdp.ok(path, "alice", &body).await;
        let token = page["page"]["next_token"].as_str().unwrap();
        let bytes = URL_SAFE_NO_PAD.decode(token).unwrap();
        for at in (0..bytes.len()).step_by(5) {
            let mut touched = bytes.clone();
            touched[at] ^= 1;
            body["page"]["token"] = URL_SAFE_NO_PAD.encode(&touched).into();
            assert_eq!(
                pdp.post(path, "alice", &body).await.status,
                400,
                "{path} {at}"
            );
        }
        for end in [bytes.len() - 1, 1] {
            body["page"]["token"] = URL_SAFE_NO_PAD.encode(&bytes[..end]).into();
            assert_eq!(
                pdp.post(path, "alice", &body).await.status,
                400,
                "{path} {end}"
            );
        }
        body["page"]["token"] = token.into();
        assert_eq!(pdp.post(path, "alice", &body).await.status, 200, "{path}");
    }
}
