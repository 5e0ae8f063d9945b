//! Tokens that are not what they seem: nobody's, and never somebody else's.

use jsonwebtoken::{Algorithm, Header};
use serde_json::{Value, json};

use super::harness::{SECRET, Service, in_seconds, sign, sign_as};

#[test]
fn a_token_that_is_not_sound_is_nobodys() {
    let service = Service::start();
    let list = |token: &str| {
        let authorization = format!("Bearer {token}");
        service.send("GET", "/orgs/acme/chats", &[&authorization], "")
    };
    let sound = json!({"sub": "alice", "exp": in_seconds(60)});
    assert_eq!(list(&sign(&sound)).status, 200);

    let with = |key: &str, value: Value| {
        let mut claims = sound.clone();
        claims[key] = value;
        sign(&claims)
    };
    let algorithm = |algorithm| sign_as(&Header::new(algorithm), &sound, SECRET);
    let mut critical = Header::new(Algorithm::HS256);
    critical.crit = Some(vec!["b64".into()]);
    let signed = sign(&sound);
    let (message, signature) = signed.rsplit_once('.').unwrap();
    let header = message.split_once('.').unwrap().0;
    let root = sign(&json!({"sub": "root", "exp": in_seconds(60)}));
    let roots_claims = root.split('.').nth(1).unwrap();
    let rows = [
        ("empty", String::new()),
        ("no token", "alice".into()),
        (
            "another secret",
            sign_as(
                &Header::new(Algorithm::HS256),
                &sound,
                &SECRET.replace('a', "b"),
            ),
        ),
        ("another algorithm", algorithm(Algorithm::HS512)),
        // {"alg":"none"}
        (
            "no algorithm",
            format!(
                "eyJhbGciOiJub25lIn0.{}.",
                message.split_once('.').unwrap().1
            ),
        ),
        ("no signature", format!("{message}.")),
        (
            "another's claims",
            format!("{header}.{roots_claims}.{signature}"),
        ),
        ("two tokens", format!("{signed}, {signed}")),
        ("critical headers", sign_as(&critical, &sound, SECRET)),
        ("over", with("exp", in_seconds(-1).into())),
        ("no end", sign(&json!({"sub": "alice"}))),
        (
            "an end in words",
            with("exp", json!(in_seconds(60).to_string())),
        ),
        ("an end below zero", with("exp", json!(-1))),
        ("not yet", with("nbf", in_seconds(60).into())),
        ("for another service", with("aud", json!("billing"))),
        ("of another issuer", with("iss", json!("elsewhere"))),
        ("no subject", sign(&json!({"exp": in_seconds(60)}))),
        ("an empty subject", with("sub", json!(""))),
        (
            "a subject with a control character",
            with("sub", json!("alice\u{0}")),
        ),
        ("a number as subject", with("sub", json!(7))),
        ("scope null", with("scope", Value::Null)),
        ("a list of scopes", with("scope", json!(["chat:read"]))),
        ("act null", with("act", Value::Null)),
        ("act a string", with("act", json!("planner-bot"))),
        ("act a list", with("act", json!(["planner-bot"]))),
        ("act of nobody", with("act", json!({}))),
        ("act of an empty subject", with("act", json!({"sub": ""}))),
        (
            "a chain of actors",
            with("act", json!({"sub": "planner-bot", "act": {"sub": "root"}})),
        ),
        (
            "an actor of another issuer",
            with("act", json!({"sub": "planner-bot", "iss": "elsewhere"})),
        ),
    ];
    for (what, token) in rows {
        let answer = list(&token);
        assert_eq!(
            (answer.status, answer.code().as_deref()),
            (401, Some("unauthenticated")),
            "{what}"
        );
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"), "{what}");
    }
}

#[test]
fn one_authorization_header_of_the_bearer_scheme_is_one_token() {
    let service = Service::start();
    let alice = sign(&json!({"sub": "alice", "exp": in_seconds(60)}));
    let root = sign(&json!({"sub": "root", "exp": in_seconds(60)}));
    let bearer = format!("Bearer {alice}");
    let others = format!("Bearer {root}");
    let rows: [(&[&str], u16, Option<&str>); 12] = [
        (&[&bearer], 200, None),
        (&[&bearer.replacen("Bearer", "bEARER", 1)], 200, None),
        (&[&bearer.replacen(' ', "  ", 1)], 200, None),
        (&[], 401, Some("unauthenticated")),
        (&[""], 401, Some("unauthenticated")),
        (&["Bearer"], 401, Some("unauthenticated")),
        (&["Bearer "], 401, Some("unauthenticated")),
        (&[&alice], 401, Some("unauthenticated")),
        (
            &[&bearer.replacen("Bearer", "Basic", 1)],
            401,
            Some("unauthenticated"),
        ),
        (&[&bearer, &others], 400, Some("bad_request")),
        (&[&bearer, &bearer], 400, Some("bad_request")),
        (&["Basic eDp5", &bearer], 400, Some("bad_request")),
    ];
    for (headers, status, code) in rows {
        let answer = service.send("GET", "/orgs/acme/chats", headers, "");
        assert_eq!(
            (answer.status, answer.code().as_deref()),
            (status, code),
            "{headers:?}"
        );
    }
}
