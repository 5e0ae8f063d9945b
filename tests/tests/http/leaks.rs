//! What a refusal gives away (A75, A77, A79).

use serde_json::Value;

use crate::service::{Service, request};
use crate::wire::Reply;

crate::service::on_each_adapter!(
    a75_an_org_that_one_may_not_know_looks_like_one_that_is_not_there,
    a75_a_hidden_refusal_is_the_same_for_every_reason_and_every_org,
    a77_a_refusal_names_no_role_rule_grant_or_version_and_no_cause_of_an_error,
    a79_no_cache_keeps_a_refusal,
);

/// The answer to somebody about an org, with the id of the org made alike.
async fn about(
    service: &Service,
    method: &str,
    path: &str,
    who: &str,
    body: &str,
    org: &str,
) -> Reply {
    let mut reply = service
        .ask(
            method,
            &path.replace("ORG", org),
            who,
            &body.replace("ORG", org),
        )
        .await
        .normalised();
    let text = String::from_utf8(reply.body.clone()).unwrap();
    reply.body = text
        .replace(&format!(r#""org":"{org}""#), r#""org":"ORG""#)
        .into_bytes();
    assert!(
        !String::from_utf8_lossy(&reply.body).contains(org),
        "quoted elsewhere: {text}"
    );
    reply
}

async fn a75_an_org_that_one_may_not_know_looks_like_one_that_is_not_there(service: Service) {
    // `gone` exists and is suspended, `none` does not exist; neither do the others' twins of equal length.
    for (exists, does_not) in [("acme", "acmf"), ("globex", "globey"), ("gone", "none")] {
        for (method, path, body) in [
            ("GET", "/orgs/ORG/chats", ""),
            ("HEAD", "/orgs/ORG/chats", ""),
            ("POST", "/orgs/ORG/chats", "x"),
            ("POST", "/orgs/ORG/runs", "wait"),
            ("POST", "/orgs/ORG/runs", "detach"),
            ("POST", "/orgs/ORG/runs", "?"),
            ("POST", "/chats", r#"{"org":"ORG"}"#),
            ("GET", "/orgs/ORG/shown/alices", ""),
            ("GET", "/orgs/ORG/shown/stuck", ""),
            ("GET", "/orgs/ORG/chats/alices", ""),
            ("PUT", "/orgs/ORG/chats", ""),
        ] {
            for who in ["mallory", "edna", ""] {
                let known = about(&service, method, path, who, body, exists).await;
                let unknown = about(&service, method, path, who, body, does_not).await;
                assert_eq!(known, unknown, "{method} {path} by {who}");
                assert!(known.status >= 400);
                let lengths = (
                    known.header("content-length"),
                    unknown.header("content-length"),
                );
                assert_eq!(lengths.0, lengths.1);
                service.canary.assert_silent();
            }
        }
    }
    assert_eq!(service.chats.loads(), 0);
}

async fn a75_a_hidden_refusal_is_the_same_for_every_reason_and_every_org(service: Service) {
    let mut seen: Vec<Reply> = Vec::new();
    for (path, who) in [
        ("/orgs/acme/chats/alices", "mallory"),
        ("/orgs/acmf/chats/alices", "mallory"),
        ("/orgs/a-longer-name/chats/none", "mallory"),
        ("/orgs/gone/chats/alices", "bob"),
        ("/orgs/acme/chats/alices", "otto"),
        ("/orgs/acme/chats/none", "otto"),
        ("/orgs/acme/chats/alices", "sam"),
        ("/orgs/%00/chats/alices", "mallory"),
    ] {
        let reply = service.ask("GET", path, who, "").await;
        assert_eq!(reply.status, 404, "{path}");
        let members: Vec<_> = reply.problem().into_iter().map(|(name, _)| name).collect();
        let mut want = vec!["type", "title", "status", "decision"];
        want.sort_unstable();
        assert_eq!(members, want);
        seen.push(reply.normalised());
        service.canary.assert_silent();
    }
    assert!(seen.iter().all(|reply| *reply == seen[0]), "{seen:?}");
    // Who asks, and whether there is an answer, is not hidden.
    service
        .ask("GET", "/orgs/acme/chats/alices", "", "")
        .await
        .assert_refused("unauthenticated");
    service
        .ask("GET", "/orgs/acme/chats/broken", "otto", "")
        .await
        .assert_refused("policy_unavailable");
}

/// One request for each way to be refused.
const REFUSED: &[(&str, &str, &str, &str, &str)] = &[
    ("GET", "/orgs/acme/chats", "", "", "unauthenticated"),
    ("GET", "/orgs/acme/chats", "sam", "", "subject_suspended"),
    ("POST", "/orgs/acme/killed/1", "alice", "", "site_off"),
    ("GET", "/orgs/acme/chats", "mallory", "", "not_a_member"),
    ("GET", "/orgs/gone/chats", "bob", "", "org_suspended"),
    (
        "POST",
        "/orgs/globex/chats",
        "alice",
        "",
        "org_grant_missing",
    ),
    ("POST", "/orgs/acme/runs", "gina", "detach", "mode_floor"),
    ("POST", "/chats", "alice", "{}", "org_required"),
    ("POST", "/chats", "alice", "[]", "bad_request"),
    ("GET", "/orgs/%FF/chats", "alice", "", "bad_request"),
    (
        "GET",
        "/orgs/acme/shown/broken",
        "alice",
        "",
        "policy_unavailable",
    ),
];

async fn a77_a_refusal_names_no_role_rule_grant_or_version_and_no_cause_of_an_error(
    service: Service,
) {
    let documented = [
        "type", "title", "status", "detail", "code", "tier", "resource", "action", "mode", "org",
        "remedy", "decision",
    ];
    for (method, path, who, body, code) in REFUSED {
        let reply = service.ask(method, path, who, body).await;
        reply.assert_refused(code);
        let mut problem = reply.problem();
        if *code == "mode_floor" {
            // The one role that is named: the one that would do. Not the one that the subject holds.
            assert_eq!(
                problem.remove("required_role"),
                Some(Value::from("developer"))
            );
        }
        for name in problem.keys() {
            assert!(documented.contains(&&**name), "{code}: {name}");
        }
        let shown = format!("{:?} {}", reply.headers, Value::Object(problem));
        for secret in [
            "guest",
            "author",
            "developer",
            "4711",
            "chat:",
            "agent:",
            "@own",
            "database",
            "Bearer alice",
        ] {
            assert!(
                !shown.contains(secret),
                "{code} gives away {secret}: {shown}"
            );
        }
        let names: Vec<_> = reply.headers.iter().map(|(name, _)| &**name).collect();
        let usual = [
            "content-type",
            "content-language",
            "cache-control",
            "vary",
            "content-length",
            "date",
            "www-authenticate",
            "retry-after",
        ];
        assert!(names.iter().all(|name| usual.contains(name)), "{names:?}");
    }
    service.canary.assert_silent();
}

async fn a79_no_cache_keeps_a_refusal(service: Service) {
    let hidden = [("GET", "/orgs/acme/chats/alices", "otto", "", "")];
    let large = " ".repeat(300);
    let too_large = [("POST", "/chats", "alice", &*large, "")];
    for (method, path, who, body, _) in REFUSED.iter().chain(&hidden).chain(&too_large) {
        for headers in [
            "",
            "Cache-Control: only-if-cached, max-stale\r\n",
            "If-None-Match: *\r\n",
            "Range: bytes=0-1\r\n",
        ] {
            let mut wire = service.connect().await;
            wire.send(request(method, path, who, headers, body)).await;
            let reply = wire.reply().await;
            assert!(reply.status >= 400, "{path}: {}", reply.status);
            assert_eq!(reply.header("cache-control"), Some("no-store"), "{path}");
            for name in ["etag", "last-modified", "expires", "age"] {
                assert_eq!(reply.header(name), None);
            }
        }
    }
    service.canary.assert_silent();
}
