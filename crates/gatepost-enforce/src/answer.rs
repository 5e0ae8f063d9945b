//! What a client gets instead of the handler's answer: the same bytes from every adapter.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use gatepost::{
    Catalogue, DecisionId, Denial, Given, Language, PROBLEM_JSON, ProblemDocument, RequestHead,
};

use crate::caught::caught;

/// An answer in the form that any framework can send.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answer {
    /// The HTTP status (RFC 9110).
    pub status: u16,
    /// The headers; their names are in lower case.
    pub headers: Vec<(&'static str, Cow<'static, str>)>,
    /// The body.
    pub body: Vec<u8>,
}

/// A service's own body for a refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(
    clippy::exhaustive_structs,
    reason = "built by the service, field by field"
)]
pub struct OwnBody {
    /// Another status of the same class; one of another class is not taken.
    pub status: Option<u16>,
    /// The media type.
    pub content_type: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// How refusals are answered: in which languages, with which challenge, in whose words.
#[derive(Clone)]
pub struct Answers {
    catalogue: Catalogue,
    challenge: Cow<'static, str>,
    own: Option<Arc<Own>>,
}

type Own = dyn Fn(&ProblemDocument<'_>) -> Option<OwnBody> + Send + Sync;

/// Seconds after which a client may ask again what could not be answered.
const RETRY_SECONDS: &str = "1";

impl Default for Answers {
    fn default() -> Self {
        Self {
            catalogue: Catalogue::shipped(),
            challenge: Cow::Borrowed("Bearer"),
            own: None,
        }
    }
}

impl Answers {
    /// Sets the `WWW-Authenticate` challenge of a 401 (RFC 9110, 11.6.1).
    ///
    /// # Panics
    ///
    /// When it cannot stand in a header.
    pub fn set_challenge(&mut self, challenge: impl Into<Cow<'static, str>>) {
        let challenge = challenge.into();
        assert!(
            is_header_value(&challenge),
            "a challenge is visible ASCII, and not empty"
        );
        self.challenge = challenge;
    }

    /// Sets the languages.
    pub fn set_catalogue(&mut self, catalogue: Catalogue) {
        self.catalogue = catalogue;
    }

    /// Sets the service's own body; `None` leaves the problem document.
    ///
    /// It is given what the client may know and no more. It cannot make a refusal an answer: a status of
    /// another class is not taken, and where it panics the problem document is sent.
    pub fn set_body(
        &mut self,
        own: impl Fn(&ProblemDocument<'_>) -> Option<OwnBody> + Send + Sync + 'static,
    ) {
        self.own = Some(Arc::new(own));
    }

    /// Answers with a denial or error, to whoever sent the request.
    pub fn denied(&self, denial: &Denial, head: &(impl RequestHead + ?Sized)) -> Answer {
        self.denied_in(denial, self.language(head))
    }

    /// Answers that there is no such object: the bytes of a hidden denial.
    pub fn not_found(&self, decision: DecisionId) -> Answer {
        self.of(&ProblemDocument::not_found(decision), None)
    }

    /// The language that the reader asks for.
    pub fn language(&self, head: &(impl RequestHead + ?Sized)) -> Language {
        self.choose(head.header("accept-language"))
    }

    /// The language that a reader asks for with this `Accept-Language`.
    ///
    /// Which of several lists is meant is not guessed, and no error either.
    pub fn choose(&self, accepted: Given<'_>) -> Language {
        let asked = match accepted {
            Given::Once(value) => std::str::from_utf8(value).ok(),
            Given::Absent | Given::Repeated => None,
        };
        self.catalogue.choose(asked)
    }

    /// Answers with a denial or error, in a language.
    pub fn denied_in(&self, denial: &Denial, language: Language) -> Answer {
        let language = (!denial.is_hidden()).then_some(language);
        // A language of the service's own is a function of the service.
        let worded = language.and_then(|language| {
            let problem = caught(|| denial.problem_in(language)).ok()?;
            Some((problem, language))
        });
        match worded {
            Some((problem, language)) => self.of(&problem, Some(language)),
            None if denial.is_hidden() => self.of(&denial.problem(), None),
            None => self.of(&denial.problem(), Some(Language::ENGLISH)),
        }
    }

    fn of(&self, problem: &ProblemDocument<'_>, language: Option<Language>) -> Answer {
        let own = self.own.as_ref().and_then(|own| {
            caught(|| own(problem))
                .inspect_err(|panicked| {
                    tracing::error!(target: "gatepost::source", error = %panicked, "the service's own body could not be made");
                })
                .ok()
                .flatten()
        });
        // One that could not be sent whole is not sent at all.
        let own = own.filter(|own| is_header_value(&own.content_type));
        let status = own.as_ref().and_then(|own| own.status);
        let status = status.filter(|status| status / 100 == problem.status / 100);
        let status = status.unwrap_or(problem.status);
        let (content_type, body) = match own {
            Some(own) => (Cow::Owned(own.content_type), own.bytes),
            None => (Cow::Borrowed(PROBLEM_JSON), problem.to_json()),
        };
        let mut headers = vec![
            ("content-type", content_type),
            ("cache-control", Cow::Borrowed("no-store")),
            // Who asks, and in which language, may stand in any header that the service likes.
            ("vary", Cow::Borrowed("*")),
        ];
        if let Some(language) = language {
            headers.push(("content-language", Cow::Borrowed(language.tag)));
        }
        // RFC 9110 asks for the one, and its section 10.2.3 allows the other.
        match problem.status {
            401 => headers.push(("www-authenticate", self.challenge.clone())),
            503 => headers.push(("retry-after", Cow::Borrowed(RETRY_SECONDS))),
            _ => {}
        }
        Answer {
            status,
            headers,
            body,
        }
    }
}

/// Whether a text can stand in a header (RFC 9110, 5.5); one with a line end would write headers of its own.
fn is_header_value(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

impl fmt::Debug for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answers")
            .field("challenge", &self.challenge)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use gatepost::Code;

    use super::*;
    use crate::testing::Head;

    fn header<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
        let mut found = answer.headers.iter().filter(|(other, _)| *other == name);
        let first = found.next().map(|(_, value)| &**value);
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
}
