//! Policies that change while requests come, and what a policy says of whom (A23, A26, A29, A38, A59, A60,
//! A61, A66, A73, A78, A83).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use gatepost::{Gate, PolicyText};

use crate::served::{Adapter, Served};
use crate::service::{POLICY, ROUTES, Service, facts, request};
use crate::wire::{Reply, Wire};

crate::service::on_each_adapter!(
    a26_a_role_that_nothing_defines_is_no_role,
    a29_who_reaches_into_every_org_passes_no_switch_and_no_suspension,
    a38_a_mode_that_nobody_can_tell_is_background,
    a59_a_policy_that_cannot_be_read_leaves_the_last_good_one,
    a60_what_a_new_policy_does_not_say_is_gone,
    a61_no_request_is_decided_by_halves_of_two_policies,
    a66_what_cannot_be_read_is_an_error_and_not_remembered,
    a73_no_answer_is_remembered,
    a78_what_there_is_no_route_for_is_the_same_for_everybody,
    a83_a_panic_in_a_loader_is_an_error_and_the_next_request_is_served,
);

const LIST: &str = "/orgs/acme/chats";

async fn a26_a_role_that_nothing_defines_is_no_role(service: Service) {
    for roles in [
        r#"["retired"]"#,
        r#"["developers"]"#,
        r#"["admin", "owner", "root"]"#,
        r#"["everyone"]"#,
        "[]",
    ] {
        let held = r#"alice = { roles = ["developer"] }"#;
        let text = POLICY.replace(held, &format!("alice = {{ roles = {roles} }}"));
        let Ok(policy) = PolicyText::toml(&text).compile(4711) else {
            // What is reserved is held by nobody, and the document says so.
            assert!(roles.contains("everyone"), "{roles}");
            continue;
        };
        service.feed.publish(policy);
        let reply = service.ask("GET", LIST, "alice", "").await;
        reply.assert_refused("org_grant_missing");
        let reply = service
            .ask("POST", "/orgs/acme/runs", "alice", "wait")
            .await;
        reply.assert_refused("org_grant_missing");
        service.canary.assert_silent();
    }
}

async fn a29_who_reaches_into_every_org_passes_no_switch_and_no_suspension(service: Service) {
    let root = "[site.roles.admin]\ngrants = [\"*:*\"]\nall_orgs = true\n\
                [subjects.root]\nsite_roles = [\"admin\"]\n";
    let policy = format!("{POLICY}{root}");
    service.feed.publish(facts(&policy));
    for org in ["acme", "globex"] {
        let path = format!("/orgs/{org}/chats");
        assert_eq!(service.ask("GET", &path, "root", "").await.status, 200);
        assert_eq!(service.canary.only().subject.as_deref(), Some("root"));
    }
    let closed = policy
        .replacen("switch = \"on\"", "switch = \"opt-out\"", 1)
        .replace(
            "[orgs.acme.members]",
            "[orgs.acme.gates.chat]\nswitch = \"off\"\n[orgs.acme.members]",
        );
    service.feed.publish(facts(&closed));
    for (method, path, code) in [
        ("GET", "/orgs/acme/chats", "org_off"),
        ("GET", "/orgs/gone/chats", "org_suspended"),
        ("GET", "/orgs/nowhere/chats", "not_a_member"),
        ("POST", "/orgs/acme/killed/1", "site_off"),
    ] {
        service
            .ask(method, path, "root", "")
            .await
            .assert_refused(code);
    }
    service.canary.assert_silent();
}

async fn a38_a_mode_that_nobody_can_tell_is_background(service: Service) {
    for body in [
        "",
        "WAIT",
        "wait ",
        "wait\n",
        "foreground",
        "\0",
        "{\"mode\":\"foreground\"}",
    ] {
        let reply = service.ask("POST", "/orgs/acme/runs", "gina", body).await;
        reply.assert_refused("mode_floor");
        assert_eq!(reply.problem()["mode"], "background");
        service.canary.assert_silent();
        let reply = service.ask("POST", "/orgs/acme/runs", "alice", body).await;
        assert_eq!(reply.status, 200);
        assert_eq!(service.canary.only().mode.as_deref(), Some("background"));
    }
}

async fn a59_a_policy_that_cannot_be_read_leaves_the_last_good_one(service: Service) {
    let half = &POLICY[..POLICY.len() / 2];
    let poison = [
        String::new(),
        "version = 2".to_owned(),
        half.to_owned() + "[[",
        POLICY.replace("switch = \"off\"", "switch = \"of\""),
        POLICY.replace("level = 30", "level = nan"),
        POLICY.replace("level = 30", "level = 99999999999999999999"),
        POLICY.replace("grants = [\"chat:*\", \"agent:*\"]", "grants = [null]"),
        POLICY.to_owned() + POLICY,
        format!("x = {}{}", "[".repeat(5_000), "]".repeat(5_000)),
    ];
    for text in poison {
        let refused = PolicyText::toml(&text).compile(2);
        // One who feeds a gate publishes what there is, and tells of what there is not.
        match refused {
            Ok(_) => panic!("read: {text:.100}"),
            Err(error) => service.feed.fault(error.to_string()),
        }
        assert_eq!(service.ask("GET", LIST, "alice", "").await.status, 200);
        assert_eq!(service.canary.only().org.as_deref(), Some("acme"));
        let killed = service
            .ask("POST", "/orgs/acme/killed/1", "alice", "")
            .await;
        killed.assert_refused("site_off");
        service.canary.assert_silent();
    }
}

async fn a60_what_a_new_policy_does_not_say_is_gone(service: Service) {
    let mut wire = service.connect().await;
    let ask = request("GET", LIST, "alice", "", "");
    for (line, code) in [
        ("alice = { roles = [\"developer\"] }\n", "not_a_member"),
        ("grants = [\"chat:*\", \"agent:*\"]", "org_grant_missing"),
        (
            "[site.gates.chat]\nswitch = \"on\"\naccess = \"everyone\"\n",
            "site_off",
        ),
        ("chat = [\"read\", \"update\"]\n", "site_off"),
    ] {
        assert_eq!(POLICY.matches(line).count(), 1, "{line}");
        wire.send(&ask).await;
        assert_eq!(wire.reply().await.status, 200);
        assert_eq!(service.canary.take().len(), 1);
        let mut less = POLICY.replace(line, "");
        if line.starts_with("chat = ") {
            less = less.replace(
                "[site.gates.chat]\nswitch = \"on\"\naccess = \"everyone\"\n",
                "",
            );
            less = less
                .replace("\"chat:read\", ", "")
                .replace("\"chat:*\", ", "");
            less = less.replace("\"chat:*@own\"", "");
        }
        service.feed.publish(facts(&less));
        wire.send(&ask).await;
        wire.reply().await.assert_refused(code);
        service.canary.assert_silent();
        service.feed.publish(facts(POLICY));
    }
}

async fn a61_no_request_is_decided_by_halves_of_two_policies(service: Service) {
    // Under either policy alice is refused; by the site of one and the members of the other she were not.
    let killed = POLICY.replacen("switch = \"on\"", "switch = \"off\"", 1);
    let expelled = POLICY.replace("alice = { roles = [\"developer\"] }\n", "");
    let policies = [killed, expelled];
    service.feed.publish(facts(&policies[0]));
    let done = Arc::new(AtomicBool::new(false));
    let (feed, over) = (service.feed.clone(), done.clone());
    let publisher = std::thread::spawn(move || {
        let mut published = 0;
        while !over.load(Ordering::SeqCst) {
            feed.publish(facts(&policies[published % 2]));
            published += 1;
        }
        published
    });
    let mut wire = service.connect().await;
    let mut codes = [0, 0];
    for _ in 0..600 {
        wire.send(request("GET", LIST, "alice", "", "")).await;
        match wire.reply().await.code().as_deref() {
            Some("site_off") => codes[0] += 1,
            Some("not_a_member") => codes[1] += 1,
            other => panic!("{other:?}"),
        }
    }
    done.store(true, Ordering::SeqCst);
    assert!(publisher.join().unwrap() > 20);
    assert!(codes[0] > 0 && codes[1] > 0, "{codes:?}");
    service.canary.assert_silent();
}

async fn a66_what_cannot_be_read_is_an_error_and_not_remembered(service: Service) {
    let mut wire = service.connect().await;
    for _ in 0..3 {
        for (path, who) in [
            ("/orgs/acme/shown/broken", "alice"),
            ("/orgs/acme/chats/broken", "otto"),
            ("/orgs/acme/chats", "?"),
        ] {
            wire.send(request("GET", path, who, "", "")).await;
            wire.reply().await.assert_refused("policy_unavailable");
            service.canary.assert_silent();
        }
        wire.send(request("GET", "/orgs/acme/shown/alices", "alice", "", ""))
            .await;
        assert_eq!(wire.reply().await.status, 200);
        assert_eq!(service.canary.take().len(), 1);
    }
}

async fn a83_a_panic_in_a_loader_is_an_error_and_the_next_request_is_served(service: Service) {
    let mut wire = service.connect().await;
    for _ in 0..3 {
        wire.send(request("GET", "/orgs/acme/shown/panics", "alice", "", ""))
            .await;
        wire.reply().await.assert_refused("policy_unavailable");
        wire.send(request("GET", "/orgs/acme/chats/panics", "otto", "", ""))
            .await;
        wire.reply().await.assert_refused("policy_unavailable");
        service.canary.assert_silent();
        wire.send(request("GET", "/orgs/acme/shown/alices", "alice", "", ""))
            .await;
        assert_eq!(wire.reply().await.status, 200);
        assert_eq!(service.canary.take().len(), 1);
    }
    assert_eq!(service.chats.in_flight(), 0);
}

async fn say(service: &Service, wire: &mut Wire, asked: &(&str, &str, &str, &str)) -> Reply {
    let (method, path, who, body) = asked;
    wire.send(request(method, path, who, "", body)).await;
    let mut reply = wire.reply_to(method).await.normalised();
    // Who has not read a body may not know where the next request begins.
    if reply.header("connection") == Some("close") {
        *wire = service.connect().await;
        reply.headers.retain(|(name, _)| name != "connection");
    }
    reply
}

/// One subject in other orgs and modes, another subject in the same, and nobody.
const ASKED: &[(&str, &str, &str, &str)] = &[
    ("GET", "/orgs/acme/chats", "alice", ""),
    ("POST", "/orgs/acme/chats", "alice", ""),
    ("GET", "/orgs/globex/chats", "alice", ""),
    ("POST", "/orgs/globex/chats", "alice", ""),
    ("POST", "/orgs/acme/runs", "gina", "wait"),
    ("POST", "/orgs/acme/runs", "gina", "detach"),
    ("POST", "/orgs/acme/runs", "alice", "detach"),
    ("GET", "/orgs/acme/chats", "bob", ""),
    ("GET", "/orgs/globex/chats", "bob", ""),
    ("GET", "/orgs/acme/shown/ottos", "otto", ""),
    ("GET", "/orgs/acme/shown/alices", "otto", ""),
    ("GET", "/orgs/acme/chats", "", ""),
    ("POST", "/chats", "alice", r#"{"org":"acme"}"#),
    ("POST", "/chats", "alice", r#"{"org":"globex"}"#),
];

async fn a73_no_answer_is_remembered(service: Service) {
    let mut alone = Vec::new();
    for asked in ASKED {
        alone.push(say(&service, &mut service.connect().await, asked).await);
    }
    let statuses: Vec<_> = alone.iter().map(|reply| reply.status).collect();
    assert!(statuses.contains(&200) && statuses.contains(&403) && statuses.contains(&401));
    let mut wire = service.connect().await;
    for step in [1, 3, 5, 9, 11, 13] {
        let mut at = 0;
        for _ in ASKED {
            for _ in 0..2 {
                assert_eq!(
                    say(&service, &mut wire, &ASKED[at]).await,
                    alone[at],
                    "{:?}",
                    ASKED[at]
                );
            }
            at = (at + step) % ASKED.len();
        }
    }
    service.feed.publish(facts(
        &POLICY.replace("switch = \"on\"", "switch = \"off\""),
    ));
    for asked in ASKED.iter().filter(|asked| !asked.2.is_empty()) {
        assert_eq!(
            say(&service, &mut wire, asked).await.code().as_deref(),
            Some("site_off")
        );
    }
}

async fn a78_what_there_is_no_route_for_is_the_same_for_everybody(service: Service) {
    for (method, path, status) in [
        ("GET", "/nowhere", 404),
        ("GET", "/orgs/ORG", 404),
        ("GET", "/orgs/ORG/chats/1/2", 404),
        ("PUT", "/orgs/ORG/chats", 405),
        ("DELETE", "/orgs/ORG/shown/alices", 405),
        ("GET", "/chats", 405),
    ] {
        let mut seen: Option<Reply> = None;
        for org in ["acme", "globex", "gone", "nowhere"] {
            for who in ["", "mallory", "alice", "sam"] {
                let reply = service
                    .ask(method, &path.replace("ORG", org), who, "")
                    .await;
                assert_eq!(
                    (reply.status, reply.body.len()),
                    (status, 0),
                    "{method} {path}"
                );
                let reply = reply.normalised();
                assert_eq!(*seen.get_or_insert_with(|| reply.clone()), reply);
            }
        }
    }
    service.canary.assert_silent();
}

#[tokio::test]
async fn a23_without_an_authentication_nobody_is_admitted() {
    for adapter in [Adapter::Axum, Adapter::Actix] {
        let mut served = Served::new(Gate::fixed(facts(POLICY)), ROUTES.to_vec());
        served.authenticates = false;
        let canary = served.canary.clone();
        let mut wire = Wire::connect(served.on(adapter).await).await;
        for (method, path) in [("GET", LIST), ("POST", "/chats"), ("POST", "/killed")] {
            wire.send(request(method, path, "alice", "", "")).await;
            wire.reply().await.assert_refused("policy_unavailable");
        }
        canary.assert_silent();
        wire.send(request("GET", "/healthz", "", "", "")).await;
        assert_eq!(wire.reply().await.status, 200);
    }
}
