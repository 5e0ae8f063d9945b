//! The basics of a web console, by who attacks it.

use std::sync::Arc;
use std::time::Duration;

use gatepost::{Clock, Gate, PolicyDocument, Snapshot, SubjectId};
use gatepost_store::{CredentialKind, NewCredential};
use http::{HeaderMap, Method};
use serde_json::{Value, json};

use super::rig::{POLICY, Rig, operator, who};
use crate::base::Base;
use crate::cookies;
use crate::identity::Sessions;

const ACME: &str = "/console/api/v1/orgs/acme/changes";

fn switch(to: &str) -> Value {
    json!({ "command": { "command": "org_switch", "org": "acme", "resource": "chat", "to": to }, "reason": "a test" })
}

fn id(text: &str) -> SubjectId {
    SubjectId::new(text).unwrap()
}

fn sessions(rig: &Rig) -> Sessions {
    Sessions::new(rig.store.clone(), Base::new("").unwrap())
}

/// Logs somebody in, and answers with the cookie.
async fn log_in(rig: &Rig, subject: &str) -> String {
    let link = NewCredential::login(id(subject), operator());
    let link = rig.store.issue(&link).await.unwrap();
    let cookie = sessions(rig).log_in(&link.secret, &HeaderMap::new()).await;
    let cookie = cookie.unwrap().unwrap();
    let cookie = cookie.to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a91_no_page_of_another_origin_changes_anything() {
    let rig = Rig::new().await;
    for header in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "http://console.localhost.evil.example"),
        ("origin", "http://sub.console.localhost"),
        ("origin", "http://console.localhost:8080"),
        ("origin", "null"),
    ] {
        for path in [ACME.to_owned(), format!("{ACME}?dry_run=true")] {
            let call = rig.post(&path, &switch("off")).by("ada").on(1);
            let answer = call.with(header.0, header.1).send().await;
            assert_eq!(answer.problem(), (403, "cross_origin".into()), "{header:?}");
        }
    }
    // What a form or an image of another page can send without being asked has another type, or none.
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
    ] {
        let body = axum::body::Body::from(switch("off").to_string());
        let call = rig
            .call(Method::POST, ACME, body)
            .with("content-type", content_type);
        assert_eq!(call.by("ada").on(1).status().await, 415);
    }
    assert_eq!(rig.store.head().await.unwrap().version, 1);
    let own = rig.post(ACME, &switch("off")).by("ada").on(1);
    own.with("sec-fetch-site", "same-origin").send().await.ok();
    let own = rig.post(ACME, &switch("on")).by("ada").on(2);
    own.with("origin", "http://console.localhost")
        .send()
        .await
        .ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_request_is_refused_by_the_gate_before_anything_of_it_is_read() {
    let rig = Rig::new().await;
    let body = axum::body::Body::from("x".repeat(100_000));
    let call = rig
        .call(Method::POST, ACME, body)
        .with("sec-fetch-site", "cross-site");
    assert_eq!(
        call.by("alice").send().await.problem(),
        (403, "site_grant_missing".into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_forbids_frames_scripts_and_keeping() {
    let rig = Rig::new().await;
    let answers = [
        rig.get("/console/api/v1/site").by("root").send().await,
        rig.get("/console/api/v1/site").by("alice").send().await,
        rig.get("/console/api/v1/site").send().await,
        rig.get("/console/api/v1/orgs/%00").by("root").send().await,
        rig.post(ACME, &switch("off")).by("ada").send().await,
    ];
    for answer in answers {
        let policy = answer.header("content-security-policy").unwrap();
        for part in [
            "default-src 'none'",
            "frame-ancestors 'none'",
            "form-action 'self'",
            "base-uri 'none'",
        ] {
            assert!(policy.contains(part), "{policy}");
        }
        assert!(!policy.contains("unsafe"));
        assert_eq!(answer.header("x-frame-options"), Some("DENY"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("referrer-policy"), Some("same-origin"));
        assert_eq!(
            answer.header("cross-origin-opener-policy"),
            Some("same-origin")
        );
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_or_missing_policy_is_an_error_and_no_denial() {
    struct Noon;
    impl Clock for Noon {
        fn now(&self) -> Duration {
            Duration::from_secs(12)
        }
    }
    let rig = Rig::new().await;
    let document: PolicyDocument = toml::from_str(POLICY).unwrap();
    let (stale, feed) = Gate::leased(Arc::new(Noon));
    feed.publish(Snapshot::compile(&document, 1).unwrap());
    let (missing, _feed) = Gate::channel();
    for (gate, code) in [(stale, "policy_stale"), (missing, "policy_unavailable")] {
        let console = crate::Console::new(rig.store.clone(), gate).identity(who);
        let app = console.into_router().unwrap();
        for path in ["/site", "/orgs/acme", "/me", "/orgs"] {
            let answer = rig.get(&format!("/console/api/v1{path}")).by("root");
            let answer = answer.send_to(&app).await;
            assert_eq!(answer.problem(), (503, code.into()), "{path}");
            assert!(answer.header("retry-after").is_some());
        }
        let write = rig.post(ACME, &switch("off")).by("ada").on(1);
        assert_eq!(write.send_to(&app).await.problem(), (503, code.into()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_link_works_once_and_looking_at_it_uses_nothing_up() {
    let rig = Rig::with_sessions().await;
    let link = NewCredential::login(id("ada"), operator());
    let link = rig.store.issue(&link).await.unwrap();
    let (sessions, none) = (sessions(&rig), HeaderMap::new());
    for _ in 0..2 {
        let view = sessions.look(&link.secret).await.unwrap();
        assert_eq!(view.subject.as_deref(), Some("ada"));
    }
    assert!(
        sessions
            .log_in(&link.secret, &none)
            .await
            .unwrap()
            .is_some()
    );
    assert!(
        sessions
            .log_in(&link.secret, &none)
            .await
            .unwrap()
            .is_none()
    );
    assert_eq!(sessions.look(&link.secret).await.unwrap().subject, None);
    for code in ["", "x", &"x".repeat(10_000), "\0"] {
        assert_eq!(sessions.look(code).await.unwrap().subject, None);
        assert!(sessions.log_in(code, &none).await.unwrap().is_none());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_makes_a_session_that_nobody_can_have_fixed() {
    let rig = Rig::with_sessions().await;
    let (one, other) = (log_in(&rig, "ada").await, log_in(&rig, "ada").await);
    assert_ne!(one, other);
    // A session that an attacker made up, or a login link that he puts in its place, is none.
    let link = NewCredential::login(id("ada"), operator());
    let link = rig.store.issue(&link).await.unwrap();
    for made_up in [link.secret.as_str(), "attackers-own-value", ""] {
        let call = rig
            .get("/api/v1/me")
            .with("cookie", &format!("gatepost-session={made_up}"));
        assert_eq!(call.send().await.problem(), (401, "unauthenticated".into()));
    }
    // Two cookies of the name: one is somebody else's.
    let call = rig
        .get("/api/v1/me")
        .with("cookie", &format!("{one}; {other}"));
    assert_eq!(call.send().await.problem(), (400, "bad_request".into()));
    let call = rig.get("/api/v1/me").with("cookie", &one);
    assert_eq!(call.send().await.ok()["subject"], "ada");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_ends_the_session_that_the_browser_had() {
    let rig = Rig::with_sessions().await;
    let before = log_in(&rig, "root").await;
    let mut headers = HeaderMap::new();
    headers.insert("cookie", before.parse().unwrap());
    let link = NewCredential::login(id("ada"), operator());
    let link = rig.store.issue(&link).await.unwrap();
    let cookie = sessions(&rig).log_in(&link.secret, &headers).await;
    assert!(cookie.unwrap().is_some());
    let call = rig.get("/api/v1/me").with("cookie", &before);
    assert_eq!(call.send().await.problem(), (401, "unauthenticated".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_was_logged_out_is_over_wherever_its_cookie_is() {
    let rig = Rig::with_sessions().await;
    let cookie = log_in(&rig, "ada").await;
    let ask = async || rig.get("/api/v1/me").with("cookie", &cookie).status().await;
    assert_eq!(ask().await, 200);
    let mut headers = HeaderMap::new();
    headers.insert("cookie", cookie.parse().unwrap());
    let taken = sessions(&rig).log_out(&headers).await.unwrap().unwrap();
    assert!(taken.to_str().unwrap().contains("Max-Age=0"));
    assert_eq!(ask().await, 401);
    let left = rig
        .store
        .credentials(CredentialKind::Session)
        .await
        .unwrap();
    assert!(left.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_bad_or_revoked_is_nobody_and_not_the_cookies_subject() {
    let rig = Rig::with_sessions().await;
    let new = NewCredential::token(id("aron"), operator(), "a test");
    let token = rig.store.issue(&new).await.unwrap();
    let cookie = log_in(&rig, "ada").await;
    let ask = async |token: &str, cookie: Option<&str>| {
        let mut call = rig
            .get("/api/v1/me")
            .with("authorization", &format!("Bearer {token}"));
        if let Some(cookie) = cookie {
            call = call.with("cookie", cookie);
        }
        call.send().await
    };
    assert_eq!(ask(&token.secret, None).await.ok()["subject"], "aron");
    let both = ask(&token.secret, Some(&cookie)).await.ok();
    assert_eq!(
        (&both["subject"], &both["can_log_out"]),
        (&json!("aron"), &json!(false))
    );
    // A session's secret is no token, and a token no session.
    let session = cookie.split_once('=').unwrap().1;
    for bad in ["", "x", session, &format!("{}x", token.secret)] {
        assert_eq!(
            ask(bad, Some(&cookie)).await.problem(),
            (401, "unauthenticated".into()),
            "{bad}"
        );
    }
    let as_cookie = format!("gatepost-session={}", token.secret);
    assert_eq!(
        rig.get("/api/v1/me")
            .with("cookie", &as_cookie)
            .status()
            .await,
        401
    );
    assert!(rig.store.revoke(&token.credential.id).await.unwrap());
    assert_eq!(
        ask(&token.secret, None).await.problem(),
        (401, "unauthenticated".into())
    );
    let refused = ask(&token.secret, None).await;
    assert_eq!(refused.header("www-authenticate"), Some("Bearer"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_does_no_more_than_its_scopes_say() {
    let rig = Rig::with_sessions().await;
    let new = NewCredential::token(id("root"), operator(), "reads").scopes(["gatepost-site:read"]);
    let token = rig.store.issue(&new).await.unwrap();
    let bearer = format!("Bearer {}", token.secret);
    rig.get("/api/v1/site")
        .with("authorization", &bearer)
        .send()
        .await
        .ok();
    for path in ["/api/v1/orgs/acme", "/api/v1/site/changes"] {
        let answer = rig.get(path).with("authorization", &bearer).send().await;
        assert_eq!(answer.problem(), (403, "scope_missing".into()), "{path}");
    }
    let kill = json!({ "command": { "command": "site_switch", "resource": "chat", "to": "off" }, "reason": "x" });
    let write = rig
        .post("/api/v1/site/changes", &kill)
        .with("authorization", &bearer)
        .on(1);
    assert_eq!(write.send().await.problem(), (403, "scope_missing".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_suspended_has_a_session_and_may_nothing() {
    let rig = Rig::with_sessions().await;
    let cookie = log_in(&rig, "sue").await;
    for path in ["/api/v1/site", "/api/v1/orgs/acme"] {
        let answer = rig.get(path).with("cookie", &cookie).send().await;
        assert_eq!(
            answer.problem(),
            (403, "subject_suspended".into()),
            "{path}"
        );
    }
    // Of itself it is told that it is.
    let asked = json!({ "resource": "chat", "action": "read", "org": "acme" });
    let why = rig
        .post("/api/v1/why", &asked)
        .with("cookie", &cookie)
        .send()
        .await
        .ok();
    assert_eq!(why["code"], "subject_suspended");
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_tls_the_cookies_are_this_hosts_alone() {
    let base = Base::new("")
        .unwrap()
        .public("https://example.com")
        .unwrap();
    let set = cookies::set(&base, cookies::SESSION, "s").unwrap();
    assert_eq!(
        set,
        "__Host-gatepost-session=s; HttpOnly; SameSite=Strict; Secure; Path=/"
    );
    let rig = Rig::with(POLICY, |console| {
        console.at("").public_url("https://example.com")
    })
    .await;
    let cookie = log_in(&rig, "ada").await;
    // The plain name, which any page of a neighbour could have set, is not looked at.
    assert_eq!(
        rig.get("/api/v1/me").with("cookie", &cookie).status().await,
        401
    );
    let call = rig
        .get("/api/v1/me")
        .with("cookie", &format!("__Host-{cookie}"));
    assert_eq!(call.status().await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_text_of_the_store_tells_where_it_is() {
    let rig = Rig::new().await;
    let place = rig.store.url().to_string();
    let nothing = json!({ "command": { "command": "org_switch", "org": "acme", "resource": "nothing", "to": "on" }, "reason": "x" });
    for call in [
        rig.post(ACME, &nothing).by("ada").on(1),
        rig.post(ACME, &switch("off")).by("ada").on(99),
        rig.post(ACME, &switch("off")).by("alice").on(1),
    ] {
        let answer = call.send().await;
        assert!(
            answer.status >= 400 && !answer.text.contains(&place),
            "{}",
            answer.text
        );
        assert!(!answer.text.contains("sqlite"), "{}", answer.text);
    }
}
