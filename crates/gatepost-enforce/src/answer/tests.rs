use std::sync::Mutex;

use gatepost::Code;

use super::*;
use crate::testing::Head;

fn header<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    let mut found = (answer.headers.iter()).filter(|(field, _)| field.name() == name);
    let first = found.next().map(|(_, value)| value);
    assert!(found.next().is_none(), "`{name}` is there twice");
    first
}

fn answers(
    own: impl Fn(&ProblemDocument<'_>) -> Option<OwnBody> + Send + Sync + 'static,
) -> Answers {
    let mut answers = Answers::default();
    answers.set_body(own);
    answers
}

fn own(status: Option<u16>, content_type: &str) -> OwnBody {
    OwnBody {
        status,
        content_type: content_type.to_owned(),
        bytes: b"own".to_vec(),
    }
}

#[test]
fn every_code_has_its_status_and_headers() {
    for code in Code::ALL {
        let denial = Denial::new(*code).asked("chat", "create");
        let answer = Answers::default().denied(&denial, &Head::default());
        assert_eq!(answer.status, code.status(), "{code}");
        assert_eq!(answer.body, denial.body(), "{code}");
        assert_eq!(
            header(&answer, "content-type"),
            Some(PROBLEM_JSON),
            "{code}"
        );
        assert_eq!(header(&answer, "cache-control"), Some("no-store"), "{code}");
        assert_eq!(header(&answer, "vary"), Some("*"), "{code}");
        let challenge = (code.status() == 401).then_some("Bearer");
        assert_eq!(header(&answer, "www-authenticate"), challenge, "{code}");
        let retry = (code.status() == 503).then_some("1");
        assert_eq!(header(&answer, "retry-after"), retry, "{code}");
    }
}

#[test]
fn a_body_of_its_own_does_not_make_a_refusal_an_answer() {
    let codes = [
        Code::SiteOff,
        Code::Unauthenticated,
        Code::PolicyUnavailable,
        Code::PermitMissing,
    ];
    for code in codes {
        let denial = Denial::new(code);
        for status in [
            0,
            100,
            101,
            200,
            204,
            302,
            404,
            422,
            499,
            500,
            503,
            599,
            600,
            999,
            u16::MAX,
        ] {
            let answers = answers(move |_| Some(own(Some(status), "text/plain")));
            let answer = answers.denied(&denial, &Head::default());
            let is_of_class = status / 100 == code.status() / 100;
            let expected = if is_of_class { status } else { code.status() };
            assert_eq!(
                (answer.status, &*answer.body),
                (expected, &b"own"[..]),
                "{code} {status}"
            );
            assert_eq!(header(&answer, "content-type"), Some("text/plain"));
            assert_eq!(header(&answer, "cache-control"), Some("no-store"));
            let is_challenged = header(&answer, "www-authenticate").is_some();
            assert_eq!(is_challenged, code == Code::Unauthenticated);
        }
    }
}

#[test]
fn a_body_that_cannot_be_made_or_sent_is_the_problem_document() {
    let denial = Denial::new(Code::SiteOff).asked("chat", "create");
    let plain = Answers::default().denied(&denial, &Head::default());
    let types = [
        "",
        "text/plain\r\nset-cookie: a=b",
        "text/plain\n",
        "text\0",
        "text/pl\u{e4}in",
    ];
    for content_type in types {
        let answers = answers(move |_| Some(own(Some(404), content_type)));
        assert_eq!(
            answers.denied(&denial, &Head::default()),
            plain,
            "{content_type:?}"
        );
    }
    let panics = answers(|_| panic!("of the service"));
    assert_eq!(panics.denied(&denial, &Head::default()), plain);
    let none = answers(|_| None);
    assert_eq!(none.denied(&denial, &Head::default()), plain);
}

#[test]
fn a_hidden_denial_and_a_missing_object_are_told_alike() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let seen = told.clone();
    let answers = answers(move |problem| {
        seen.lock().unwrap().push(format!("{problem:?}"));
        Some(own(None, "text/plain"))
    });
    let german = Head::with(&[("accept-language", b"de")]);
    for code in Code::ALL {
        let hidden = Denial::new(*code).asked("chat", "read").hidden(true);
        if !hidden.is_hidden() {
            // What nobody hides: that it is not known who asks, or what the policy says.
            assert!(matches!(
                answers.denied(&hidden, &german).status,
                401 | 500 | 503
            ));
            told.lock().unwrap().clear();
            continue;
        }
        let one = answers.denied(&hidden, &german);
        let other = answers.not_found(hidden.decision());
        assert_eq!(one, other, "{code}");
        assert_eq!(one.status, 404);
        let mut told = told.lock().unwrap();
        assert_eq!(told[0], told[1], "{code}");
        told.clear();

        let plain = Answers::default();
        assert_eq!(
            plain.denied(&hidden, &german),
            plain.not_found(hidden.decision())
        );
    }
}

#[test]
fn a_refusal_is_worded_for_its_reader() {
    let denial = Denial::new(Code::SiteOff).asked("chat", "create");
    let name = "accept-language";
    let rows: [(&[&[u8]], &str); 8] = [
        (&[], "en"),
        (&[b"de"], "de"),
        (&[b"de-CH, en;q=0.5"], "de"),
        (&[b"fr, de;q=0.1"], "de"),
        (&[b"fr"], "en"),
        (&[b"de", b"en"], "en"),
        (&[b"\xff"], "en"),
        (&[b"de;q=0"], "en"),
    ];
    for (asked, tag) in rows {
        let asked: Vec<_> = asked.iter().map(|value| (name, *value)).collect();
        let answer = Answers::default().denied(&denial, &Head::with(&asked));
        assert_eq!(header(&answer, "content-language"), Some(tag), "{asked:?}");
    }
    let hidden = denial.hidden(true);
    let answer = Answers::default().denied(&hidden, &Head::with(&[(name, b"de")]));
    assert_eq!(header(&answer, "content-language"), None);
}

#[test]
#[should_panic(expected = "a challenge is visible ASCII")]
fn a_challenge_cannot_write_headers_of_its_own() {
    Answers::default().set_challenge("Bearer\r\nset-cookie: a=b");
}
