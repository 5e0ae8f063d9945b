//! What a client gets instead of the handler's answer: the same bytes from every adapter.

mod headers;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use gatepost::{
    Catalogue, DecisionId, Denial, Given, Language, PROBLEM_JSON, PreparedProblems,
    ProblemDocument, RequestHead,
};

use crate::caught::caught;

pub use headers::{HeaderField, Headers};

/// An answer in the form that any framework can send.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answer {
    /// The HTTP status (RFC 9110).
    pub status: u16,
    /// The headers.
    pub headers: Headers,
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
        self.worded(denial, language, |language| {
            denial.problem_in(language).to_json()
        })
    }

    /// [`denied_in`](Self::denied_in), with what is prepared of the route's documents.
    pub(crate) fn prepared_in(
        &self,
        denial: &Denial,
        language: Language,
        prepared: &PreparedProblems,
    ) -> Answer {
        self.worded(denial, language, |language| {
            prepared.to_json(denial, language)
        })
    }

    fn worded(
        &self,
        denial: &Denial,
        language: Language,
        render: impl Fn(Language) -> Vec<u8>,
    ) -> Answer {
        if self.own.is_some() {
            return self.owned(denial, language);
        }
        // A language of the service's own is a function of the service.
        let (body, language) = match caught(|| render(language)) {
            Ok(body) => (body, language),
            Err(_) => (render(Language::ENGLISH), Language::ENGLISH),
        };
        let status = denial.status();
        Answer {
            status,
            headers: self.headers(
                status,
                Cow::Borrowed(PROBLEM_JSON),
                (!denial.is_hidden()).then_some(language),
            ),
            body,
        }
    }

    /// Where the service has a body of its own.
    fn owned(&self, denial: &Denial, language: Language) -> Answer {
        if denial.is_hidden() {
            return self.of(&denial.problem(), None);
        }
        match caught(|| denial.problem_in(language)) {
            Ok(problem) => self.of(&problem, Some(language)),
            Err(_) => self.of(&denial.problem(), Some(Language::ENGLISH)),
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
        let (content_type, body) = match own {
            Some(own) => (Cow::Owned(own.content_type), own.bytes),
            None => (Cow::Borrowed(PROBLEM_JSON), problem.to_json()),
        };
        Answer {
            status: status.unwrap_or(problem.status),
            headers: self.headers(problem.status, content_type, language),
            body,
        }
    }

    fn headers(
        &self,
        status: u16,
        content_type: Cow<'static, str>,
        language: Option<Language>,
    ) -> Headers {
        let mut headers = Headers::default()
            .with(HeaderField::ContentType, content_type)
            .with(HeaderField::CacheControl, "no-store")
            // Who asks, and in which language, may stand in any header that the service likes.
            .with(HeaderField::Vary, "*");
        if let Some(language) = language {
            headers.set(HeaderField::ContentLanguage, language.tag);
        }
        // RFC 9110 asks for the one, and its section 10.2.3 allows the other.
        match status {
            401 => headers.set(HeaderField::WwwAuthenticate, self.challenge.clone()),
            503 => headers.set(HeaderField::RetryAfter, RETRY_SECONDS),
            _ => {}
        }
        headers
    }

    /// The languages.
    pub(crate) fn catalogue(&self) -> &Catalogue {
        &self.catalogue
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
mod tests;
