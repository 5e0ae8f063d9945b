//! The body: untouched, or read whole and handed on whole.

use std::sync::atomic::{AtomicUsize, Ordering};

use gatepost::{Mode, Org, Requirement, Subject};
use http::Response;
use serde_json::json;

use crate::fixture::{Canary, CountedBody, answer, ask, assert_refused, enforcer, gate, subject};

const READ: Requirement = Requirement::new("chat", "read").org(Org::path("org"));
const BY_BODY: Requirement = Requirement::new("chat", "read").org(Org::json("org"));
const WITHIN_32: Requirement = Requirement::new("chat", "read").org(Org::json_within("org", 32));
const EXECUTE: Requirement = Requirement::new("agent", "execute").org(Org::path("org"));

/// Foreground where the body begins with an `f`; what does not begin with a letter is not known.
fn first_letter(body: &[u8]) -> Option<Mode> {
    match body.first() {
        Some(b'f') => Some(Mode::Foreground),
        Some(b'a'..=b'z') => Some(Mode::Background),
        _ => None,
    }
}

/// Sends a body and gives the answer, the canary, and how often the body was polled.
async fn send(
    requirement: Requirement,
    who: Option<Subject>,
    body: CountedBody,
) -> (Response<Vec<u8>>, Canary, usize) {
    let canary = Canary::default();
    let polls = body.polls();
    let request = ask("/acme", who, body);
    let response = answer(&enforcer(gate()), requirement, &canary, request).await;
    (response, canary, polls.load(Ordering::SeqCst))
}

async fn alice(requirement: Requirement, body: CountedBody) -> (Response<Vec<u8>>, Canary, usize) {
    send(requirement, Some(subject("alice")), body).await
}

#[tokio::test]
async fn a_route_that_reads_nothing_from_the_body_hands_it_on_untouched() {
    let content: Vec<u8> = (0..=255).collect();
    let (response, canary, _) = alice(READ, CountedBody::chunked(&content, 7)).await;
    assert_eq!(response.status(), 200);
    let seen = canary.seen();
    assert_eq!((seen.polls, &*seen.body), (0, &*content));
}

#[tokio::test]
async fn a_refusal_that_does_not_depend_on_the_body_never_polls_it() {
    let killed = |org| Requirement::new("killed", "read").org(org);
    let paid = |org| Requirement::new("paid", "read").org(org);
    let by_mode = EXECUTE.mode_from_body(64, first_letter);
    let narrow = subject("alice").scopes(["chat:update"]);
    let asked = |resource: &str| json!({"resource": resource, "action": "read"});
    let executed = json!({"resource": "agent", "action": "execute"});
    let in_acme = json!({"resource": "agent", "action": "execute", "org": "acme"});
    let rows = [
        (BY_BODY, None, "unauthenticated", asked("chat")),
        (by_mode, None, "unauthenticated", executed.clone()),
        (
            BY_BODY,
            Some(subject("sam")),
            "subject_suspended",
            asked("chat"),
        ),
        (BY_BODY, Some(narrow), "scope_missing", asked("chat")),
        (
            killed(Org::json("org")),
            Some(subject("alice")),
            "site_off",
            asked("killed"),
        ),
        (
            killed(Org::path("org")),
            Some(subject("alice")),
            "site_off",
            asked("killed"),
        ),
        (
            paid(Org::json("org")),
            Some(subject("alice")),
            "site_grant_missing",
            asked("paid"),
        ),
        (
            by_mode,
            Some(subject("mallory")),
            "not_a_member",
            in_acme.clone(),
        ),
        (by_mode, Some(subject("otto")), "org_grant_missing", in_acme),
    ];
    for (requirement, who, code, members) in rows {
        let body = CountedBody::chunked(br#"{"org":"acme"}"#, 4);
        let (response, canary, polls) = send(requirement, who, body).await;
        assert_refused(&response, code, members);
        assert_eq!((canary.calls(), polls), (0, 0), "{code}");
    }
}

#[tokio::test]
async fn a_body_that_names_the_org_is_replayed_byte_for_byte() {
    let content = b"\n {\"org\"\t:\"acme\", \"title\" : \"\\u0041\xc3\xa9\" }  \r\n";
    for size in [1, 3, content.len()] {
        let body = CountedBody::chunked(content, size);
        let (response, canary, polls) = alice(BY_BODY, body).await;
        assert_eq!(response.status(), 200);
        assert_eq!(&*canary.seen().body, content);
        assert_eq!(canary.permit().org().unwrap().as_str(), "acme");
        // Once a piece and once for the end: it is read once.
        assert_eq!(polls, content.len().div_ceil(size) + 1);
    }
}

#[tokio::test]
async fn a_body_that_tells_the_mode_is_replayed_byte_for_byte() {
    let every_byte: Vec<u8> = (0..=255).collect();
    for (content, mode) in [
        (&every_byte[..], Mode::Background),
        (b"", Mode::Background),
        (b"foreground, please", Mode::Foreground),
        (b"detached", Mode::Background),
    ] {
        let body = CountedBody::chunked(content, 10);
        let requirement = EXECUTE.mode_from_body(256, first_letter);
        let (response, canary, _) = alice(requirement, body).await;
        assert_eq!(response.status(), 200);
        assert_eq!(canary.permit().mode(), Some(mode));
        assert_eq!(&*canary.seen().body, content);
    }
}

#[tokio::test]
async fn a_mode_that_cannot_be_told_is_background_and_has_backgrounds_floor() {
    let requirement = EXECUTE.mode_from_body(256, first_letter);
    let gina = || Some(subject("gina"));
    let (response, canary, _) = send(requirement, gina(), CountedBody::declared("f")).await;
    assert_eq!((response.status().as_u16(), canary.calls()), (200, 1));
    for content in ["?", "", "background"] {
        let (response, canary, _) = send(requirement, gina(), CountedBody::declared(content)).await;
        let members = json!({
            "resource": "agent", "action": "execute", "org": "acme",
            "mode": "background", "required_role": "developer",
        });
        assert_refused(&response, "mode_floor", members);
        assert_eq!(canary.calls(), 0);
    }
}

#[tokio::test]
async fn the_limit_is_exact_whether_the_length_is_declared_or_not() {
    let content = |length: usize| format!("{:<length$}", r#"{"org":"acme"}"#).into_bytes();
    let too_large = || json!({"resource": "chat", "action": "read"});
    let at_limit = || {
        let content = content(32);
        [
            CountedBody::declared(content.clone()),
            CountedBody::chunked(&content, 1),
            CountedBody::chunked(&content, 32),
            CountedBody::chunked(&content, 8).claiming(4),
        ]
    };
    for body in at_limit() {
        let (response, canary, _) = alice(WITHIN_32, body).await;
        assert_eq!(response.status(), 200);
        assert_eq!(&*canary.seen().body, content(32));
    }
    // What declares too much is not even polled; what declares nothing, or too little, is read up to the limit.
    let over = content(33);
    let rows = [
        (CountedBody::declared(over.clone()), 0),
        (CountedBody::chunked(&content(14), 1).claiming(33), 0),
        (CountedBody::chunked(&over, 33), 1),
        (CountedBody::chunked(&over, 1), 33),
        (CountedBody::chunked(&over, 11).claiming(14), 3),
        (CountedBody::chunked(&[b' '; 4096], 32).claiming(32), 2),
    ];
    for (body, want) in rows {
        let (response, canary, polls) = alice(WITHIN_32, body).await;
        assert_refused(&response, "body_too_large", too_large());
        assert_eq!((canary.calls(), polls), (0, want));
    }
}

#[tokio::test]
async fn org_and_mode_out_of_one_body_read_it_once_and_keep_each_its_own_limit() {
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    fn counted(body: &[u8]) -> Option<Mode> {
        ASKED.fetch_add(1, Ordering::SeqCst);
        (body.len() == 14).then_some(Mode::Foreground)
    }
    let both = |org: usize, mode: usize| {
        Requirement::new("agent", "execute")
            .org(Org::json_within("org", org))
            .mode_from_body(mode, counted)
    };
    let body = || CountedBody::chunked(br#"{"org":"acme"}"#, 2);

    let (response, canary, polls) = alice(both(14, 14), body()).await;
    assert_eq!((response.status().as_u16(), polls), (200, 8));
    assert_eq!(ASKED.load(Ordering::SeqCst), 1);
    let permit = canary.permit();
    assert_eq!(permit.mode(), Some(Mode::Foreground));
    assert_eq!(permit.org().unwrap().as_str(), "acme");
    assert_eq!(&*canary.seen().body, br#"{"org":"acme"}"#);

    for (org, mode) in [(13, 64), (64, 13), (13, 13)] {
        let (response, canary, _) = alice(both(org, mode), body()).await;
        let members = json!({"resource": "agent", "action": "execute"});
        assert_refused(&response, "body_too_large", members);
        assert_eq!(canary.calls(), 0);
    }
    assert_eq!(ASKED.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_a_bad_request() {
    for requirement in [BY_BODY, EXECUTE.mode_from_body(64, first_letter)] {
        for content in [&b""[..], br#"{"org":"acme"}"#] {
            let (response, canary, polls) = alice(requirement, CountedBody::broken(content)).await;
            let name = requirement.resource().resolve(|_| None);
            let members = json!({"resource": name, "action": requirement.action()});
            assert_refused(&response, "bad_request", members);
            assert_eq!((canary.calls(), polls), (0, 2));
        }
    }
}

#[tokio::test]
async fn a_body_that_names_no_org_or_one_that_cannot_be_read_is_refused() {
    let rows = [
        ("", "org_required"),
        ("{}", "org_required"),
        (r#"{"org":null}"#, "org_required"),
        (r#"{"Org":"acme"}"#, "org_required"),
        (r#"{"org":"acme","org":"acme"}"#, "bad_request"),
        (r#"{"org":"acme","\u006frg":"globex"}"#, "bad_request"),
        (r#"{"org":["acme"]}"#, "bad_request"),
        (r#"{"org":""}"#, "bad_request"),
        (r#"{"org":"a\u0000b"}"#, "bad_request"),
        (r#"[{"org":"acme"}]"#, "bad_request"),
        ("org=acme", "bad_request"),
        (r#"{"org":"acme"} {"org":"globex"}"#, "bad_request"),
    ];
    for (content, code) in rows {
        let body = CountedBody::declared(content);
        let (response, canary, _) = alice(BY_BODY, body).await;
        let members = json!({"resource": "chat", "action": "read"});
        assert_refused(&response, code, members);
        assert_eq!(canary.calls(), 0, "{content}");
    }
}
