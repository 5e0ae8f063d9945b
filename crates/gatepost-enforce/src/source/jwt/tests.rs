//! Tokens that are not what they seem: nobody's, and never somebody else's.

mod refused;
mod sets;

use std::time::Duration;

use base64::engine::general_purpose::STANDARD;
use gatepost::{Kind, SubjectId};
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use serde_json::{Value, json};

use super::*;
use crate::testing::Head;

const JWKS: &str = include_str!("testdata/jwks.json");
const SECRET: &[u8] = b"a secret of the tests, 32 bytes and more";
const FAR: u64 = 4_102_444_800;

fn der(pem: &str) -> Vec<u8> {
    let lines = pem.lines().filter(|line| !line.starts_with('-'));
    STANDARD.decode(lines.collect::<String>()).unwrap()
}

fn rsa() -> EncodingKey {
    EncodingKey::from_rsa_der(&der(include_str!("testdata/rsa.pem")))
}

fn ec() -> EncodingKey {
    EncodingKey::from_ec_der(&der(include_str!("testdata/ec.pem")))
}

fn ed() -> EncodingKey {
    EncodingKey::from_ed_der(&der(include_str!("testdata/ed.pem")))
}

fn part(text: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

/// Signs what it is given, be it a header or not.
fn sign(header: &str, claims: &str, key: &EncodingKey, algorithm: Algorithm) -> String {
    let message = format!("{}.{}", part(header), part(claims));
    let signature = crypto::sign(message.as_bytes(), key, algorithm).unwrap();
    format!("{message}.{signature}")
}

/// A token of alice's, by the RSA key of the set, with these claims put in.
fn with(changes: &Value) -> String {
    let mut claims: Value = serde_json::from_str(&sound()).unwrap();
    let changes = changes.as_object().unwrap().clone();
    claims.as_object_mut().unwrap().extend(changes);
    claimed(&claims.to_string())
}

fn claimed(claims: &str) -> String {
    headed(r#"{"alg":"RS256","kid":"rsa"}"#, claims)
}

fn headed(header: &str, claims: &str) -> String {
    sign(header, claims, &rsa(), Algorithm::RS256)
}

fn sound() -> String {
    json!({"iss": "https://login.test", "aud": "chats", "sub": "alice", "exp": FAR}).to_string()
}

fn published() -> Jwt {
    let keys = Keys::from_jwks(JWKS.as_bytes()).unwrap();
    Jwt::new("https://login.test", "chats", keys)
}

fn ask(source: &Jwt, token: &str) -> Option<Subject> {
    let value = format!("Bearer {token}");
    source
        .find(&(), &Head::with(&[("authorization", value.as_bytes())]))
        .unwrap()
}

fn far(millis: i64) -> gatepost::Timestamp {
    let seconds = i64::try_from(FAR).unwrap();
    gatepost::Timestamp::from_millis(seconds * 1000 + millis).unwrap()
}

fn alice() -> Subject {
    Subject::new(SubjectId::new("alice").unwrap()).expires(far(0))
}

#[test]
fn the_end_of_a_token_is_the_end_of_its_subject() {
    let end = |source: &Jwt, exp: Value| {
        let found = ask(source, &with(&json!({ "exp": exp }))).unwrap();
        found.end()
    };
    assert_eq!(end(&published(), json!(FAR)), Some(far(0)));
    assert_eq!(end(&published(), json!(4_102_444_800.5)), Some(far(500)));
    let lenient = published().leeway(Duration::from_secs(2));
    assert_eq!(end(&lenient, json!(FAR)), Some(far(2000)));
    assert_eq!(end(&published(), json!(1e300)), None);
}

#[test]
fn a_sound_token_names_its_subject() {
    let claims = sound();
    let rows = [
        ("RSA", with(&json!({}))),
        (
            "EC",
            sign(
                r#"{"alg":"ES256","kid":"ec"}"#,
                &claims,
                &ec(),
                Algorithm::ES256,
            ),
        ),
        (
            "Ed",
            sign(
                r#"{"alg":"EdDSA","kid":"ed"}"#,
                &claims,
                &ed(),
                Algorithm::EdDSA,
            ),
        ),
        (
            "typ",
            headed(r#"{"typ":"JWT","alg":"RS256","kid":"rsa"}"#, &claims),
        ),
        (
            "typ of RFC 9068",
            headed(
                r#"{"typ":"application/at+JWT","alg":"RS256","kid":"rsa"}"#,
                &claims,
            ),
        ),
        (
            "keys of its own",
            headed(
                r#"{"alg":"RS256","kid":"rsa","jku":"https://evil.test","jwk":{}}"#,
                &claims,
            ),
        ),
        (
            "several audiences",
            with(&json!({"aud": ["billing", "chats"]})),
        ),
        (
            "an end with a fraction",
            with(&json!({"exp": 4_102_444_800.5})),
        ),
        ("began", with(&json!({"nbf": 1, "iat": "whenever"}))),
        ("other claims", with(&json!({"email": ["x"], "azp": 7}))),
    ];
    for (what, token) in rows {
        let found = ask(&published(), &token).unwrap();
        assert_eq!(found.expires(far(0)), alice(), "{what}");
    }
}

#[test]
fn one_authorization_header_of_the_bearer_scheme_is_one_token() {
    let good = with(&json!({}));
    let find = |values: &[&str]| {
        let values: Vec<_> = values
            .iter()
            .map(|value| ("authorization", value.as_bytes()))
            .collect();
        published().find(&(), &Head::with(&values))
    };
    let bearer = format!("Bearer {good}");
    for hers in [
        bearer.clone(),
        format!("bEARER {good}"),
        format!("Bearer   {good} "),
    ] {
        assert_eq!(find(&[&hers]).unwrap(), Some(alice()), "{hers}");
    }
    let basic = format!("Basic {good}");
    let nobody = [
        "",
        "Bearer",
        "Bearer ",
        &good,
        &basic,
        &format!("Bearer\t{good}"),
        &format!(" {bearer}"),
    ];
    for nobody in nobody {
        assert_eq!(find(&[nobody]).unwrap(), None, "{nobody}");
    }
    assert_eq!(find(&[]).unwrap(), None);
    assert_eq!(
        published()
            .find(&(), &Head::with(&[("authorization", b"Bearer \xff")]))
            .unwrap(),
        None
    );
    for twice in [[&bearer, &bearer], [&basic, &bearer]] {
        let error = find(&twice.map(String::as_str)).unwrap_err();
        assert_eq!(error.into_denial().code(), gatepost::Code::BadRequest);
    }
}

#[test]
fn an_actor_asks_and_scopes_limit() {
    let subject = |changes: &Value| ask(&published(), &with(changes)).unwrap();
    let id = |text| SubjectId::new(text).unwrap();
    let agent = subject(&json!({"act": {"sub": "planner-bot"}}));
    let expected = Subject::new(id("planner-bot"))
        .kind(Kind::Agent)
        .acting_for(id("alice"))
        .expires(far(0));
    assert_eq!(agent, expected);

    let scopes = |scope: &str| {
        let subject = subject(&json!({"scope": scope}));
        let list = subject.scope_list().unwrap().iter().map(str::to_owned);
        list.collect::<Vec<_>>()
    };
    assert_eq!(scopes("openid chat:read"), ["openid", "chat:read"]);
    // A word that is no grant covers nothing.
    assert_eq!(scopes(""), [""]);
    assert!(subject(&json!({})).scope_list().is_none());
}

#[test]
fn a_key_that_is_taken_out_opens_nothing_any_more() {
    let source = published();
    let keys = source.keys();
    let token = with(&json!({}));
    assert_eq!(ask(&source, &token), Some(alice()));

    let mut set: Value = serde_json::from_str(JWKS).unwrap();
    set["keys"].as_array_mut().unwrap().remove(0);
    let without = Keys::from_jwks(set.to_string().as_bytes()).unwrap();
    keys.replace(without).unwrap();
    assert_eq!(ask(&source, &token), None);
    let by_ec = sign(
        r#"{"alg":"ES256","kid":"ec"}"#,
        &sound(),
        &ec(),
        Algorithm::ES256,
    );
    assert_eq!(ask(&source, &by_ec), Some(alice()));

    let secret = Keys::hs256(SECRET).unwrap();
    assert_eq!(keys.replace(secret).unwrap_err(), KeyError::OtherKind);
    assert_eq!(ask(&source, &by_ec), Some(alice()));
}

#[test]
fn clocks_may_be_off_by_the_leeway_and_no_more() {
    let source = published().leeway(Duration::from_secs(30));
    let rows = [
        (json!({"exp": now() - 20.0}), true),
        (json!({"exp": now() - 31.0}), false),
        (json!({"nbf": now() + 20.0}), true),
        (json!({"nbf": now() + 60.0}), false),
    ];
    for (changes, is_sound) in rows {
        assert_eq!(
            ask(&source, &with(&changes)).is_some(),
            is_sound,
            "{changes}"
        );
    }
}

#[test]
fn a_service_that_signs_for_itself_names_nobody_else() {
    let source = Jwt::hs256(SECRET).unwrap();
    let key = EncodingKey::from_secret(SECRET);
    let token = |claims: Value| {
        sign(
            r#"{"alg":"HS256"}"#,
            &claims.to_string(),
            &key,
            Algorithm::HS256,
        )
    };
    assert_eq!(
        ask(&source, &token(json!({"sub": "alice", "exp": FAR}))),
        Some(alice())
    );
    for (name, value) in [("aud", "chats"), ("iss", "https://login.test"), ("aud", "")] {
        let named = token(json!({"sub": "alice", "exp": FAR, name: value}));
        assert_eq!(ask(&source, &named), None, "{name}");
    }
    let hs512 = sign(
        r#"{"alg":"HS512"}"#,
        r#"{"sub":"alice","exp":4102444800}"#,
        &key,
        Algorithm::HS512,
    );
    assert_eq!(ask(&source, &hs512), None);
    // A key without an id is the only one, whatever the token calls it.
    let called = sign(
        r#"{"alg":"HS256","kid":"x"}"#,
        r#"{"sub":"alice","exp":4102444800}"#,
        &key,
        Algorithm::HS256,
    );
    assert_eq!(ask(&source, &called), Some(alice()));
    assert_eq!(
        Jwt::hs256(&SECRET[..31]).unwrap_err(),
        KeyError::ShortSecret
    );

    let new = Keys::hs256(b"another secret, of 32 bytes or more").unwrap();
    source.keys().replace(new).unwrap();
    assert_eq!(ask(&source, &called), None);
}

#[test]
fn no_secret_is_in_a_debug_text() {
    let texts = [
        format!("{:?}", Jwt::hs256(SECRET).unwrap()),
        format!("{:?}", published()),
    ];
    assert!(
        texts[0].contains("HS256") && texts[1].contains("RS256"),
        "{texts:?}"
    );
    let digits = format!("{SECRET:?}");
    assert!(!texts.concat().contains("a secret") && !texts.concat().contains(&digits[1..20]));
}
