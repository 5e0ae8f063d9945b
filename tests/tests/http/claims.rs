//! What a client says of itself (A19, A20, A24, A27): nothing counts but the identity that was verified
//! and the org where the route declares it.

use crate::served::Adapter;
use crate::service::{Service, request};

crate::service::on_each_adapter!(
    a19_no_header_but_the_identity_changes_an_answer,
    a19_an_admitted_request_is_admitted_as_what_it_is_whatever_else_it_says,
    a20_an_org_that_is_given_twice_or_as_a_list_is_not_the_first_of_them,
    a20_an_identity_that_is_given_twice_is_nobodys,
    a24_an_identity_ends_with_its_request,
    a24_pipelined_requests_have_each_its_own_identity,
    a27_a_role_in_one_org_is_none_in_another,
);

/// Headers that one proxy or framework or another has believed.
const CLAIMS: &[&str] = &[
    "X-Org: acme",
    "X-Org-Id: acme",
    "X-Organization: acme",
    "X-Tenant: acme",
    "X-Role: admin",
    "X-Roles: developer,admin",
    "X-Scope: *:*",
    "X-Mode: foreground",
    "X-Gatepost-Mode: foreground",
    "X-Gatepost-Decision: allow",
    "X-Permit: allow",
    "X-User: alice",
    "X-Remote-User: alice",
    "X-Forwarded-User: alice",
    "X-Authenticated-User: alice",
    "X-Forwarded-For: 127.0.0.1",
    "X-Forwarded-Host: acme",
    "X-Forwarded-Prefix: /orgs/acme",
    "X-Real-IP: 127.0.0.1",
    "Forwarded: for=127.0.0.1;host=acme",
    "X-Original-URL: /healthz",
    "X-Original-Method: GET",
    "X-Rewrite-URL: /healthz",
    "X-Middleware-Subrequest: middleware:middleware:middleware",
    "X-Internal: 1",
    "X-Act-As: alice",
    "Acting-For: alice",
    "Host: acme",
    "User-Agent: foreground",
    "Prefer: wait",
    "Cookie: org=acme; role=admin",
];

async fn a19_no_header_but_the_identity_changes_an_answer(service: Service) {
    for (method, path, who, body) in [
        ("GET", "/orgs/acme/chats", "", ""),
        ("GET", "/orgs/acme/chats", "mallory", ""),
        ("POST", "/orgs/globex/chats", "alice", ""),
        ("POST", "/orgs/acme/killed/1", "alice", ""),
        ("POST", "/orgs/acme/runs", "gina", "detach"),
        ("POST", "/orgs/acme/runs", "gina", "whatever"),
        ("POST", "/chats", "alice", "{}"),
        ("GET", "/orgs/acme/chats/ottos", "mallory", ""),
    ] {
        let plain = service.ask(method, path, who, body).await.normalised();
        assert!(plain.status >= 400, "{method} {path} {who}");
        for claim in CLAIMS {
            let mut wire = service.connect().await;
            wire.send(request(method, path, who, &format!("{claim}\r\n"), body))
                .await;
            let reply = wire.reply().await.normalised();
            if service.adapter == Adapter::Actix && claim.starts_with("Host") {
                // No request has two of them.
                assert_eq!((reply.status, reply.body.len()), (400, 0));
                continue;
            }
            assert_eq!(reply, plain, "{method} {path} by {who} with {claim}");
            service.canary.assert_silent();
        }
    }
}

async fn a19_an_admitted_request_is_admitted_as_what_it_is_whatever_else_it_says(service: Service) {
    let claims = CLAIMS.join("\r\n") + "\r\n";
    let claims = claims
        .replace("acme", "globex")
        .replace("Host: globex\r\n", "");
    for (body, mode) in [
        ("wait", "foreground"),
        ("detach", "background"),
        ("X-Mode: foreground", "background"),
    ] {
        let mut wire = service.connect().await;
        wire.send(request("POST", "/orgs/acme/runs", "alice", &claims, body))
            .await;
        assert_eq!(wire.reply().await.status, 200);
        let ran = service.canary.only();
        assert_eq!(
            (ran.subject.as_deref(), ran.org.as_deref()),
            (Some("alice"), Some("acme"))
        );
        assert_eq!(
            (ran.mode.as_deref(), &*ran.body),
            (Some(mode), body.as_bytes())
        );
    }
}

async fn a20_an_org_that_is_given_twice_or_as_a_list_is_not_the_first_of_them(service: Service) {
    for (body, code) in [
        (r#"{"org":"acme","org":"globex"}"#, "bad_request"),
        (r#"{"org":"globex","org":"acme"}"#, "bad_request"),
        (r#"{"org":"acme","org":"acme"}"#, "bad_request"),
        (r#"{"org":"","org":"acme"}"#, "bad_request"),
        (r#"{"org":null,"org":"acme"}"#, "bad_request"),
        (r#"{"org":"acme","\u006frg":"globex"}"#, "bad_request"),
        (r#"{"org":["acme","globex"]}"#, "bad_request"),
        (r#"{"org":{"id":"acme"}}"#, "bad_request"),
        (r#"{"org":""}"#, "bad_request"),
        (r#"{"org":"acme"}{"org":"globex"}"#, "bad_request"),
        (r#"{"org":"acme,globex"}"#, "not_a_member"),
        (r#"{"org":"Acme"}"#, "not_a_member"),
        (r#"{"org":" acme"}"#, "not_a_member"),
        (r#"{"Org":"acme","ORG":"acme"}"#, "org_required"),
        (r#"{"data":{"org":"acme"}}"#, "org_required"),
        ("", "org_required"),
    ] {
        service
            .ask("POST", "/chats", "alice", body)
            .await
            .assert_refused(code);
        service.canary.assert_silent();
    }
    // And neither query nor path is where this route says that its org stands.
    for path in ["/chats?org=acme", "/chats?org=acme&org=acme"] {
        service
            .ask("POST", path, "alice", "{}")
            .await
            .assert_refused("org_required");
        service.canary.assert_silent();
    }
    let body = r#" {"title":"x", "org" : "acme"} "#;
    assert_eq!(
        service.ask("POST", "/chats", "alice", body).await.status,
        200
    );
    let ran = service.canary.only();
    assert_eq!(
        (ran.org.as_deref(), &*ran.body),
        (Some("acme"), body.as_bytes())
    );
}

async fn a20_an_identity_that_is_given_twice_is_nobodys(service: Service) {
    for headers in [
        "Authorization: Bearer alice\r\n",
        "authorization: Bearer mallory\r\n",
        "AUTHORIZATION:\r\n",
    ] {
        let mut wire = service.connect().await;
        wire.send(request("GET", "/orgs/acme/chats", "alice", headers, ""))
            .await;
        wire.reply().await.assert_refused("bad_request");
        service.canary.assert_silent();
    }
}

async fn a24_an_identity_ends_with_its_request(service: Service) {
    let mut wire = service.connect().await;
    for (who, status, code) in [
        ("alice", 200, None),
        ("", 401, Some("unauthenticated")),
        ("mallory", 403, Some("not_a_member")),
        ("", 401, Some("unauthenticated")),
        ("alice", 200, None),
        ("sam", 403, Some("subject_suspended")),
        ("", 401, Some("unauthenticated")),
    ] {
        wire.send(request("GET", "/orgs/acme/chats", who, "", ""))
            .await;
        let reply = wire.reply().await;
        assert_eq!(reply.status, status, "{who}");
        match code {
            Some(code) => {
                reply.assert_refused(code);
                service.canary.assert_silent();
            }
            None => assert_eq!(service.canary.only().subject.as_deref(), Some(who)),
        }
    }
}

async fn a24_pipelined_requests_have_each_its_own_identity(service: Service) {
    let mut wire = service.connect().await;
    let askers = ["alice", "", "mallory", "alice", "", "alice"];
    let all = askers.map(|who| request("GET", "/orgs/acme/chats", who, "", ""));
    wire.send(all.concat()).await;
    for who in askers {
        let status = match who {
            "alice" => 200,
            "" => 401,
            _ => 403,
        };
        assert_eq!(wire.reply().await.status, status);
    }
    assert!(
        service
            .canary
            .take()
            .iter()
            .all(|ran| ran.subject.as_deref() == Some("alice"))
    );
}

async fn a27_a_role_in_one_org_is_none_in_another(service: Service) {
    for (method, path, who, code) in [
        ("POST", "/orgs/acme/chats", "bob", "not_a_member"),
        ("GET", "/orgs/acme/chats", "bob", "not_a_member"),
        ("POST", "/orgs/globex/chats", "alice", "org_grant_missing"),
        ("POST", "/orgs/globex/chats", "gina", "not_a_member"),
        ("POST", "/orgs/gone/chats", "bob", "org_suspended"),
    ] {
        service
            .ask(method, path, who, "")
            .await
            .assert_refused(code);
        service.canary.assert_silent();
    }
    // The same connection, one org after the other.
    let mut wire = service.connect().await;
    for (org, status) in [("globex", 200), ("acme", 403), ("globex", 200)] {
        wire.send(request(
            "POST",
            &format!("/orgs/{org}/chats"),
            "bob",
            "",
            "",
        ))
        .await;
        assert_eq!(wire.reply().await.status, status);
    }
    assert!(
        service
            .canary
            .take()
            .iter()
            .all(|ran| ran.org.as_deref() == Some("globex"))
    );
}
