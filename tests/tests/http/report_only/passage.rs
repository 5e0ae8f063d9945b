//! What a handler is given on a route that only reports, and that no kill goes through it.

use std::sync::Arc;

use gatepost::{Org, ReportOnly, Requirement};

use crate::calls;
use crate::served::{Adapter, Canary, Reports, Route, Served, Told, Verb, gated};
use crate::service::{POLICY, facts, request};
use crate::table::{Bytes, Client, Protocol, Row, policy, routes};
use crate::wire::{Reply, Wire};

const READ: Requirement = Requirement::new("chat", "read").org(Org::path("org"));
const UPDATE: Requirement = Requirement::new("chat", "update").org(Org::path("org"));
const ROUTES: [Route; 2] = [
    gated("list", Verb::Get, "/orgs/{org}/chats", READ),
    gated("update", Verb::Post, "/orgs/{org}/chats", UPDATE),
];

struct Rig {
    feed: gatepost::Feed,
    canary: Canary,
    told: Told,
    address: std::net::SocketAddr,
}

impl Rig {
    async fn start(adapter: Adapter, reports: Reports) -> Self {
        let (gate, feed) = gatepost::Gate::channel();
        feed.publish(facts(POLICY));
        let told = Told::default();
        let mut served = Served::new(gate, ROUTES.to_vec());
        served.reports = reports;
        served.observers = vec![Arc::new(told.clone())];
        Self {
            feed,
            canary: served.canary.clone(),
            told,
            address: served.on(adapter).await,
        }
    }

    async fn ask(&self, method: &str, org: &str, who: &str) -> Reply {
        let mut wire = Wire::connect(self.address).await;
        let path = format!("/orgs/{org}/chats");
        wire.send(request(method, &path, who, "", "")).await;
        wire.reply().await
    }
}

fn reports(passes: bool) -> [Reports; 2] {
    let of_all = Reports {
        passes,
        own: Some(ReportOnly::ALWAYS),
        resources: Vec::new(),
        logged: false,
    };
    let of_chats = Reports {
        passes,
        own: None,
        resources: vec!["chat"],
        logged: false,
    };
    [of_all, of_chats]
}

#[tokio::test]
async fn a89_a_kill_is_enforced_while_everything_else_is_only_reported() {
    let killed = POLICY.replacen("switch = \"on\"", "switch = \"off\"", 1);
    for adapter in [Adapter::Axum, Adapter::Actix] {
        for reports in reports(true) {
            let rig = Rig::start(adapter, reports).await;
            for (round, policy) in [POLICY, &killed, POLICY, &killed].into_iter().enumerate() {
                rig.feed.publish(facts(policy));
                for (who, method) in [("gina", "POST"), ("alice", "GET"), ("ret", "GET")] {
                    let reply = rig.ask(method, "acme", who).await;
                    if round % 2 == 1 {
                        reply.assert_refused("site_off");
                        rig.canary.assert_silent();
                        assert!(rig.told.only().enforced);
                    } else if who == "ret" {
                        reply.assert_refused("not_a_member");
                        rig.canary.assert_silent();
                        assert!(rig.told.only().enforced);
                    } else {
                        assert_eq!(reply.status, 200, "{adapter:?} {who}");
                        assert_eq!(rig.canary.only().subject.as_deref(), Some(who));
                        assert_eq!(rig.told.only().enforced, who == "alice");
                    }
                }
            }
        }
    }
}

/// Whoever, in whatever org: with this code, the handler does not run.
#[tokio::test]
async fn a89_no_one_is_let_pass_who_is_nobody_or_suspended_or_no_member() {
    for adapter in [Adapter::Axum, Adapter::Actix] {
        for reports in reports(true) {
            let rig = Rig::start(adapter, reports).await;
            for (org, who, code) in [
                ("acme", "", "unauthenticated"),
                ("acme", "sam", "subject_suspended"),
                ("acme", "gina;scopes=agent:*", "scope_missing"),
                ("acme", "gina;kind=agent", "delegator_missing"),
                ("acme", "gina;for=sam", "subject_suspended"),
                ("acme", "gina;for=bob", "not_a_member"),
                ("acme", "bob", "not_a_member"),
                ("nowhere", "gina", "not_a_member"),
                ("gone", "bob", "org_suspended"),
                ("acme", "?", "policy_unavailable"),
            ] {
                let reply = rig.ask("POST", org, who).await;
                if who == "gina;for=sam" || who == "gina;for=bob" {
                    // Gina's own refusal comes first, and the other's keeps it from being let pass.
                    reply.assert_refused("org_grant_missing");
                } else {
                    reply.assert_refused(code);
                }
                rig.canary.assert_silent();
                assert!(rig.told.only().enforced, "{who} in {org}");
            }
        }
    }
}

#[tokio::test]
async fn a_handler_that_needs_proof_does_not_run_on_a_route_that_only_reports() {
    for adapter in [Adapter::Axum, Adapter::Actix] {
        let over = Reports {
            passes: false,
            own: Some(ReportOnly::until("2026-01-01")),
            resources: Vec::new(),
            logged: false,
        };
        for reports in reports(false).into_iter().chain([over.clone()]) {
            let is_over = reports.own == over.own;
            let rig = Rig::start(adapter, reports).await;
            // With a permit, or without one.
            let allowed = rig.ask("GET", "acme", "alice").await;
            allowed.assert_refused("permit_missing");
            let denied = rig.ask("POST", "acme", "gina").await;
            denied.assert_refused(if is_over {
                "org_grant_missing"
            } else {
                "permit_missing"
            });
            rig.ask("POST", "acme", "bob")
                .await
                .assert_refused("not_a_member");
            rig.canary.assert_silent();
        }
    }
}

#[tokio::test]
async fn the_passage_of_an_enforced_route_is_the_permit() {
    for adapter in [Adapter::Axum, Adapter::Actix] {
        let enforced = Reports {
            passes: true,
            ..Reports::default()
        };
        let permits = Rig::start(adapter, Reports::default()).await;
        let passages = Rig::start(adapter, enforced).await;
        let permitted = permits.ask("GET", "acme", "alice").await;
        assert_eq!(permitted.status, 200);
        let passed = passages.ask("GET", "acme", "alice").await;
        // With the reach, which only a permit has.
        assert_eq!(passed.normalised(), permitted.normalised());
        assert_eq!(passages.canary.only(), permits.canary.only());
        let denied = passages.ask("POST", "acme", "gina").await;
        denied.assert_refused("org_grant_missing");
        passages.canary.assert_silent();
    }
}

/// What is read only to find out whether a refused request goes on, and cannot be: then it does not.
#[tokio::test]
async fn a83_a89_what_cannot_be_read_lets_nobody_pass() {
    let large = format!("{{\"org\":\"acme\",\"more\":\"{}\"}}", "x".repeat(300));
    for adapter in [Adapter::Axum, Adapter::Actix] {
        let [of_all, _] = reports(true);
        let (gate, feed) = gatepost::Gate::channel();
        let told = Told::default();
        let mut served = Served::new(gate, routes());
        served.reports = of_all;
        served.observers = vec![Arc::new(told.clone())];
        let (canary, chats) = (served.canary.clone(), served.chats.clone());
        let address = served.on(adapter).await;
        feed.publish(policy());
        for (path, body, loads, goes_on) in [
            ("/orgs/acme/open/alices", "", 1, true),
            ("/orgs/acme/open/broken", "", 1, false),
            ("/orgs/acme/open/panics", "", 1, false),
            ("/orgs/acme/open/alices", "", 1, true),
            ("/chats", r#"{"org":"acme"}"#, 0, true),
            ("/chats", r#"{"org":"nowhere"}"#, 0, false),
            ("/chats", r#"{"org":7}"#, 0, false),
            ("/chats", "no JSON", 0, false),
            ("/chats", &large, 0, false),
        ] {
            let before = chats.loads();
            let mut wire = Wire::connect(address).await;
            let json = "Content-Type: application/json\r\n";
            wire.send(request("POST", path, "nora", json, body)).await;
            let reply = wire.reply().await;
            let line = told.only();
            let told = (line.code, line.enforced);
            assert_eq!(
                told,
                (Some("site_grant_missing"), !goes_on),
                "{path} {body}"
            );
            assert_eq!(chats.loads() - before, loads, "{path}");
            if goes_on {
                assert_eq!(reply.status, 200, "{path} {body}");
                canary.only();
            } else {
                reply.assert_refused("site_grant_missing");
                canary.assert_silent();
            }
        }
    }
}

/// The code of the refusal of a call, or none.
async fn call(address: std::net::SocketAddr, method: &str, who: &str) -> Option<String> {
    let headers = vec![("x-org".to_owned(), Bytes::Text("acme".to_owned()))];
    let path = format!("/gatepost.test.Table/{method}");
    let message = Some(calls::Note::default().framed());
    let row = Row::post(path, Some(who.to_owned()), headers, message);
    let mut client = Client::new(Protocol::H2, address);
    let reply = client.ask(&row, "POST").await.unwrap();
    calls::reason(&reply)
}

#[tokio::test]
async fn a_method_that_needs_proof_does_not_run_where_it_only_reports() {
    for passes in [false, true] {
        let [of_all, _] = reports(passes);
        let (gate, feed) = gatepost::Gate::channel();
        let mut served = Served::new(gate, Vec::new());
        served.reports = of_all;
        let canary = served.canary.clone();
        let address = calls::serve(served).await;
        feed.publish(policy());
        let code = call(address, "ReadNote", "alice").await;
        assert_eq!(code.as_deref(), (!passes).then_some("permit_missing"));
        assert_eq!(canary.take().len(), usize::from(passes));
        let code = call(address, "UpdateKilled", "alice").await;
        assert_eq!(code.as_deref(), Some("site_off"));
        let code = call(address, "ReadNote", "mallory").await;
        assert_eq!(code.as_deref(), Some("not_a_member"));
        canary.assert_silent();
    }
}
