//! Tokens that are refused, and why.

use super::*;

fn refusal(token: &str) -> &'static str {
    published()
        .verify(token)
        .map_or_else(|reason| reason, |_| "none")
}

#[test]
fn a_header_chooses_nothing_and_asks_for_nothing() {
    let rows: [(&str, &[&str]); 5] = [
        (
            "its header cannot be read",
            &[
                "",
                "RS256",
                "null",
                r#"["RS256","JWT","rsa"]"#,
                r#"{"kid":"rsa"}"#,
                r#"{"alg":null,"kid":"rsa"}"#,
                r#"{"alg":["RS256"],"kid":"rsa"}"#,
                r#"{"alg":"none","alg":"RS256","kid":"rsa"}"#,
                r#"{"alg":"none","\u0061lg":"RS256","kid":"rsa"}"#,
                r#"{"alg":"RS256","kid":"rsa","kid":"rsa"}"#,
                r#"{"alg":"RS256","kid":null}"#,
                r#"{"alg":"RS256","kid":0}"#,
                r#"{"alg":"RS256","kid":"rsa","typ":null}"#,
                r#"{"alg":"RS256","kid":"rsa"}{}"#,
            ],
        ),
        (
            "it asks for an extension (RFC 7515, 4.1.11)",
            &[
                r#"{"alg":"RS256","kid":"rsa","crit":["x"],"x":1}"#,
                r#"{"alg":"RS256","kid":"rsa","crit":[]}"#,
                r#"{"alg":"RS256","kid":"rsa","crit":null}"#,
                r#"{"alg":"RS256","kid":"rsa","crit":["b64"],"b64":true}"#,
                r#"{"alg":"RS256","kid":"rsa","b64":false}"#,
            ],
        ),
        (
            "its `typ` is that of something else",
            &[
                r#"{"alg":"RS256","kid":"rsa","typ":"logout+jwt"}"#,
                r#"{"alg":"RS256","kid":"rsa","typ":"dpop+jwt"}"#,
                r#"{"alg":"RS256","kid":"rsa","typ":""}"#,
            ],
        ),
        (
            "no key has its `kid`",
            &[
                r#"{"alg":"RS256"}"#,
                r#"{"alg":"RS256","kid":""}"#,
                r#"{"alg":"RS256","kid":"RSA"}"#,
                r#"{"alg":"RS256","kid":"../rsa"}"#,
                r#"{"alg":"RS256","jwk":{"kid":"rsa"}}"#,
            ],
        ),
        (
            "its key is for another algorithm",
            &[
                r#"{"alg":"none","kid":"rsa"}"#,
                r#"{"alg":"None","kid":"rsa"}"#,
                r#"{"alg":"","kid":"rsa"}"#,
                r#"{"alg":"rs256","kid":"rsa"}"#,
                r#"{"alg":"RS256 ","kid":"rsa"}"#,
                r#"{"alg":"RS512","kid":"rsa"}"#,
                r#"{"alg":"PS256","kid":"rsa"}"#,
                r#"{"alg":"HS256","kid":"rsa"}"#,
                r#"{"alg":"ES256","kid":"rsa"}"#,
                r#"{"alg":"RS256","kid":"ec"}"#,
            ],
        ),
    ];
    for (reason, headers) in rows {
        for header in headers {
            let signed = headed(header, &sound());
            assert_eq!(refusal(&signed), reason, "{header}");
            assert_eq!(ask(&published(), &signed), None, "{header}");
            let (message, _) = signed.rsplit_once('.').unwrap();
            assert_eq!(refusal(&format!("{message}.")), reason, "{header}");
        }
    }
}

#[test]
fn a_public_key_is_no_secret() {
    let pem = include_str!("../testdata/rsa.pem");
    let set: Value = serde_json::from_str(JWKS).unwrap();
    let modulus = set["keys"][0]["n"].as_str().unwrap();
    let raw = URL_SAFE_NO_PAD.decode(modulus).unwrap();
    let secrets = [
        pem.as_bytes(),
        &der(pem),
        modulus.as_bytes(),
        &raw,
        JWKS.as_bytes(),
        b"",
    ];
    for secret in secrets {
        let key = EncodingKey::from_secret(secret);
        let by = |header| sign(header, &sound(), &key, Algorithm::HS256);
        let honest = by(r#"{"alg":"HS256","kid":"rsa"}"#);
        assert_eq!(refusal(&honest), "its key is for another algorithm");
        let posing = by(r#"{"alg":"RS256","kid":"rsa"}"#);
        assert_eq!(refusal(&posing), "its signature is not the key's");
    }
    for algorithm in [Algorithm::RS512, Algorithm::PS256] {
        let posing = sign(
            r#"{"alg":"RS256","kid":"rsa"}"#,
            &sound(),
            &rsa(),
            algorithm,
        );
        assert_eq!(refusal(&posing), "its signature is not the key's");
    }
}

#[test]
fn a_token_that_is_taken_apart_does_not_hold() {
    let good = with(&json!({}));
    let (message, signature) = good.rsplit_once('.').unwrap();
    let (header, payload) = message.split_once('.').unwrap();
    let roots = part(sound().replace("alice", "root"));
    let none = part(r#"{"alg":"none"}"#);
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    let rows = [
        ("empty", String::new()),
        ("no parts", "alice".into()),
        ("one dot", message.into()),
        ("only dots", "..".into()),
        ("only claims", format!(".{payload}.")),
        ("four parts", format!("{good}.{signature}")),
        (
            "as if encrypted",
            format!("{header}..{payload}.{signature}.x"),
        ),
        ("two tokens", format!("{good}, {good}")),
        ("a dot in front", format!(".{good}")),
        ("a space within", format!("{header}. {payload}.{signature}")),
        ("no algorithm", format!("{none}.{payload}.")),
        ("no signature", format!("{message}.")),
        (
            "a changed signature",
            format!("{message}.{first}{}", &signature[1..]),
        ),
        (
            "half a signature",
            format!("{message}.{}", &signature[..signature.len() / 2]),
        ),
        ("a padded signature", format!("{message}.{signature}==")),
        (
            "a signature twice",
            format!("{message}.{signature}{signature}"),
        ),
        ("another's claims", format!("{header}.{roots}.{signature}")),
        ("padded claims", format!("{header}.{payload}=.{signature}")),
        (
            "another header",
            format!(
                "{}.{payload}.{signature}",
                part(r#"{"alg":"RS256","kid":"rsa" }"#)
            ),
        ),
        ("too long", with(&json!({"x": "x".repeat(LONGEST)}))),
    ];
    for (what, token) in rows {
        assert_eq!(ask(&published(), &token), None, "{what}");
    }
}

#[test]
fn claims_stand_in_base64url_without_padding() {
    let header = part(r#"{"alg":"RS256","kid":"rsa"}"#);
    let sound = format!("{} ", sound());
    let mut broken = sound.clone().into_bytes();
    broken[12] = 0xff;
    let rows = [
        (part(&sound), "none"),
        (format!("{}=", part(&sound)), "its claims cannot be read"),
        (
            STANDARD.encode(sound.replace("alice", "\u{ff}?\u{ff}>")),
            "its claims cannot be read",
        ),
        (part(broken), "its claims cannot be read"),
        (
            part(format!("{{\"x\":{}", "[".repeat(9000))),
            "its claims cannot be read",
        ),
        (part(""), "its claims cannot be read"),
        (part("alice"), "its claims cannot be read"),
        (part("null"), "its claims cannot be read"),
        (part(format!("{sound}{{}}")), "its claims cannot be read"),
        (part(format!("[{sound}]")), "its claims cannot be read"),
        (
            part(r#"["https://login.test","chats","alice",4102444800]"#),
            "its claims cannot be read",
        ),
    ];
    for (claims, reason) in rows {
        let message = format!("{header}.{claims}");
        let signature = crypto::sign(message.as_bytes(), &rsa(), Algorithm::RS256).unwrap();
        assert_eq!(
            refusal(&format!("{message}.{signature}")),
            reason,
            "{claims}"
        );
    }
}

/// Sound claims with one of them as this text, or without it.
fn claims(name: &str, text: Option<&str>) -> String {
    let sound: Value = serde_json::from_str(&sound()).unwrap();
    let others = sound
        .as_object()
        .unwrap()
        .iter()
        .filter(|(other, _)| *other != name);
    let others = others.map(|(name, value)| format!("{name:?}:{value}"));
    let members = others.chain(text.map(|text| format!("{name:?}:{text}")));
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}

const MALFORMED: [(&str, &[&str]); 7] = [
    (
        "exp",
        &[
            r#""4102444800""#,
            "null",
            "true",
            "[4102444800]",
            "{}",
            "1e400",
            "NaN",
            "0x7f",
            "+1",
        ],
    ),
    ("nbf", &[r#""1""#, "null", "[]"]),
    ("iss", &["null", "7", r#"["https://login.test"]"#]),
    (
        "aud",
        &[
            "null",
            "7",
            r#"["chats",7]"#,
            r#"["chats",null]"#,
            r#"{"chats":"chats"}"#,
        ],
    ),
    (
        "sub",
        &[
            "null",
            "7",
            "\"\"",
            r#"["alice"]"#,
            r#""alice\u0000""#,
            r#""alice\n""#,
        ],
    ),
    ("scope", &["null", "7", "[]", r#"["chat:read"]"#, "{}"]),
    (
        "act",
        &[
            "null",
            r#""a""#,
            "[]",
            r#"["a"]"#,
            "{}",
            r#"{"sub":""}"#,
            r#"{"sub":7}"#,
        ],
    ),
];

/// Behind a claim's name: it twice, or an actor that is more than one.
const MORE_THAN_ONE: [(&str, &str); 9] = [
    ("exp", r#"1,"exp":4102444800"#),
    ("nbf", r#"1,"nbf":1"#),
    ("iss", r#""x","iss":"https://login.test""#),
    ("aud", r#""x","aud":"chats""#),
    ("sub", r#""root","sub":"alice""#),
    ("sub", r#""root","\u0073ub":"alice""#),
    ("scope", r#""","scope":"*:*""#),
    ("act", r#"{"sub":"a"},"act":{"sub":"a"}"#),
    ("act", r#"{"sub":"a","sub":"b"}"#),
];

#[test]
fn a_claim_that_is_read_is_there_once_and_of_its_type() {
    let malformed = MALFORMED.into_iter();
    let malformed = malformed.flat_map(|(name, texts)| texts.iter().map(move |text| (name, *text)));
    let long = format!("{:?}", "a".repeat(256));
    let others = [
        ("sub", &*long),
        ("act", r#"{"sub":"a","act":{"sub":"root"}}"#),
        ("act", r#"{"sub":"a","iss":"x"}"#),
    ];
    for (name, text) in malformed.chain(MORE_THAN_ONE).chain(others) {
        let claims = claims(name, Some(text));
        assert_eq!(
            refusal(&claimed(&claims)),
            "its claims cannot be read",
            "{claims}"
        );
    }
    for required in ["exp", "sub"] {
        let claims = claims(required, None);
        assert_eq!(
            refusal(&claimed(&claims)),
            "its claims cannot be read",
            "{claims}"
        );
    }
}

#[test]
fn a_token_is_this_issuers_for_this_audience_now() {
    let [over, over_now, later] = [-1.0, 0.0, 60.0].map(|by| (now() + by).to_string());
    let rows: [(&str, &str, &[Option<&str>]); 4] = [
        (
            "it is not the issuer's",
            "iss",
            &[
                None,
                Some("\"\""),
                Some(r#""https://login.test/""#),
                Some(r#""HTTPS://login.test""#),
            ],
        ),
        (
            "it is not for this audience",
            "aud",
            &[
                None,
                Some("\"\""),
                Some("\"billing\""),
                Some("\"Chats\""),
                Some("\"chats \""),
                Some("[]"),
                Some(r#"["billing","chat"]"#),
            ],
        ),
        (
            "it is over",
            "exp",
            &[
                Some("-1"),
                Some("-1e300"),
                Some("0"),
                Some("1.5"),
                Some(&over),
                Some(&over_now),
            ],
        ),
        (
            "it has not begun",
            "nbf",
            &[Some("4102444800"), Some("1e300"), Some(&later)],
        ),
    ];
    for (reason, name, texts) in rows {
        for text in texts {
            let claims = claims(name, *text);
            assert_eq!(refusal(&claimed(&claims)), reason, "{claims}");
        }
    }
}
