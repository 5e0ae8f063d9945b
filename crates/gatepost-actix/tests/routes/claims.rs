//! What a request says of itself counts only where the requirement says that it is read.

use actix_web::web::{ServiceConfig, resource};
use gatepost_actix::{Gated, Mode, Org, Requirement, TrustedProxy};

use crate::fixture::{
    Canary, READ, RUN, UPDATE, ask, changing, facts, gated, killed_facts, open_facts, request,
    send, serve,
};

const BY_HEADER: Requirement = Requirement::new("chat", "read").org(Org::header("x-org"));
const PATH: &str = "/orgs/acme/chats";

fn routes(canary: &Canary) -> impl FnOnce(&mut ServiceConfig) {
    let gate = gated();
    let chats = resource("/orgs/{org}/chats")
        .route(gate.get(READ, canary.handler("read")))
        .route(gate.post(UPDATE, canary.handler("update")));
    let run = resource("/orgs/{org}/runs").route(gate.post(RUN, canary.handler("run")));
    let by_header = resource("/chats").route(gate.get(BY_HEADER, canary.handler("by-header")));
    |app| {
        app.service(chats).service(run).service(by_header);
    }
}

#[actix_web::test]
async fn a19_no_header_but_the_declared_one_changes_an_answer() {
    let canary = Canary::default();
    let app = serve(routes(&canary)).await;
    for (name, value) in [
        ("x-org", "acme"),
        ("x-role", "developer"),
        ("x-mode", "foreground"),
        ("x-subject", "alice"),
        ("x-user", "alice"),
        ("x-forwarded-user", "alice"),
        ("x-forwarded-for", "127.0.0.1"),
        ("x-forwarded-host", "acme"),
        ("forwarded", "for=127.0.0.1;host=acme"),
        ("x-original-url", "/healthz"),
        ("x-rewrite-url", "/healthz"),
        ("x-middleware-subrequest", "1"),
        ("cookie", "subject=alice"),
    ] {
        for (method, path, who, said) in [
            ("GET", PATH, "", "unauthenticated"),
            ("GET", PATH, "mallory", "not_a_member"),
            ("POST", PATH, "gina", "org_grant_missing"),
            ("POST", "/orgs/acme/runs", "gina", "mode_floor"),
        ] {
            let asked = request(method, path, who).insert_header((name, value));
            assert_eq!(send(&app, asked).await.said(), said, "{name}");
        }
        canary.assert_silent();
        let asked = request("POST", "/orgs/acme/runs", "alice").insert_header((name, value));
        assert_eq!(send(&app, asked).await.status, 200);
        let permit = canary.only().permit.unwrap();
        assert_eq!(
            (permit.subject().as_str(), permit.mode()),
            ("alice", Some(Mode::Background))
        );
    }
}

#[actix_web::test]
async fn a20_an_org_that_is_given_twice_or_as_a_list_is_not_the_first_of_them() {
    let canary = Canary::default();
    let app = serve(routes(&canary)).await;
    let rows: &[(&[(&str, &str)], &str)] = &[
        (&[("x-org", "acme")], "200"),
        (&[("X-ORG", "acme")], "200"),
        (&[], "org_required"),
        (&[("x-org", "")], "bad_request"),
        (&[("x-org", ""), ("x-org", "acme")], "bad_request"),
        (&[("x-org", "acme"), ("x-org", "acme")], "bad_request"),
        (&[("x-org", "acme"), ("X-Org", "globex")], "bad_request"),
        (&[("x-org", "acme, globex")], "bad_request"),
        (&[("x-org", "acme,")], "bad_request"),
        (&[("x-org", "Acme")], "not_a_member"),
        (&[("x_org", "acme")], "org_required"),
    ];
    for (headers, said) in rows {
        let mut asked = request("GET", "/chats", "gina");
        for header in *headers {
            asked = asked.append_header(*header);
        }
        assert_eq!(send(&app, asked).await.said(), *said, "{headers:?}");
    }
    assert_eq!(canary.ran(), ["by-header", "by-header"]);
}

#[actix_web::test]
async fn a23_a24_nobody_is_nobody_whoever_asked_before() {
    let canary = Canary::default();
    let app = serve(routes(&canary)).await;
    for (who, said) in [
        ("alice", "200"),
        ("", "unauthenticated"),
        ("gina", "200"),
        ("mallory", "not_a_member"),
        ("", "unauthenticated"),
        ("store down", "policy_unavailable"),
        ("alice", "200"),
    ] {
        assert_eq!(ask(&app, "GET", PATH, who).await.said(), said, "{who}");
    }
    let by = |hit: &crate::fixture::Hit| hit.permit.as_ref().unwrap().subject().to_string();
    let by: Vec<_> = canary.hits().iter().map(by).collect();
    assert_eq!(by, ["alice", "gina", "alice"]);
    let two = request("GET", PATH, "alice").append_header(("authorization", "root"));
    assert_eq!(send(&app, two).await.said(), "bad_request");
}

#[actix_web::test]
async fn a26_a27_a29_roles_hold_where_they_are_held_and_as_what_they_are() {
    let canary = Canary::default();
    let app = serve(routes(&canary)).await;
    for (method, path, who, said) in [
        ("GET", PATH, "cased", "org_grant_missing"),
        ("POST", "/orgs/globex/chats", "alice", "org_grant_missing"),
        ("GET", "/orgs/globex/chats", "gina", "not_a_member"),
        ("POST", "/orgs/globex/chats", "root", "200"),
        ("GET", "/orgs/nowhere/chats", "root", "not_a_member"),
    ] {
        assert_eq!(
            ask(&app, method, path, who).await.said(),
            said,
            "{path} {who}"
        );
    }
    assert!(canary.only().permit.unwrap().is_via_all_orgs());
}

#[actix_web::test]
async fn a66_what_could_not_be_read_is_no_denial() {
    let canary = Canary::default();
    let (gate, feed) = gatepost_actix::Gate::channel();
    let gate = Gated::new(gate, crate::fixture::who);
    let app = serve(|app| {
        app.route("/orgs/{org}/chats", gate.get(READ, canary.handler("read")));
    })
    .await;
    // No policy yet.
    for who in ["", "mallory", "alice"] {
        let answer = ask(&app, "GET", PATH, who).await;
        assert_eq!(
            (answer.said(), answer.status.as_u16()),
            ("policy_unavailable".into(), 503)
        );
        assert_eq!(answer.header("retry-after"), Some("1"));
    }
    feed.publish(facts());
    assert_eq!(
        ask(&app, "GET", PATH, "store down").await.said(),
        "policy_unavailable"
    );
    canary.assert_silent();
    assert_eq!(ask(&app, "GET", PATH, "alice").await.said(), "200");
}

#[actix_web::test]
async fn a73_each_request_is_decided_by_the_policy_of_its_moment() {
    let canary = Canary::default();
    let (gate, feed) = changing();
    let app = serve(|app| {
        app.route("/orgs/{org}/chats", gate.get(READ, canary.handler("read")));
    })
    .await;
    for version in 1..6 {
        feed.publish(open_facts(version));
        assert_eq!(ask(&app, "GET", PATH, "gina").await.said(), "200");
        assert_eq!(
            ask(&app, "GET", "/orgs/globex/chats", "gina").await.said(),
            "not_a_member"
        );
        feed.publish(killed_facts(version));
        assert_eq!(ask(&app, "GET", PATH, "gina").await.said(), "site_off");
        assert_eq!(ask(&app, "GET", PATH, "root").await.said(), "site_off");
    }
    assert_eq!(canary.ran().len(), 5);
}

#[actix_web::test]
async fn a19_a_header_of_a_proxy_is_believed_from_the_proxy_alone() {
    let canary = Canary::default();
    let proxy = TrustedProxy::new("x-forwarded-user", ["10.0.0.0/8"]).unwrap();
    let gate = Gated::new(gatepost_actix::Gate::fixed(facts()), proxy);
    let app = serve(|app| {
        app.route("/orgs/{org}/chats", gate.get(READ, canary.handler("read")));
    })
    .await;
    for (peer, said) in [
        (Some("10.1.2.3:9"), "200"),
        (Some("11.1.2.3:9"), "unauthenticated"),
        (None, "policy_unavailable"),
    ] {
        let mut asked = request("GET", PATH, "")
            .insert_header(("x-forwarded-user", "gina"))
            .insert_header(("x-forwarded-for", "10.0.0.1"));
        if let Some(peer) = peer {
            asked = asked.peer_addr(peer.parse().unwrap());
        }
        assert_eq!(send(&app, asked).await.said(), said, "{peer:?}");
    }
}
