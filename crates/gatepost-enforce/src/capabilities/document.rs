//! What is sent to whoever asks what he may do.

use std::borrow::Cow;
use std::hash::BuildHasher;
use std::sync::Arc;

use gatepost::{
    Code, Denial, Given, Language, Mode, OrgId, Remedy, RequestHead, Said, Subject, SubjectId, Tier,
};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::answer::{Answer, HeaderField, Headers};
use crate::source::SourceError;

/// The answer.
#[derive(Serialize)]
pub(super) struct Document<'a> {
    subject: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    acting_for: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    org: Option<&'a str>,
    pub(super) routes: Vec<Line<'a>>,
}

/// The answer about one route, resource and mode.
#[derive(Serialize)]
pub(super) struct Line<'a> {
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "when")]
    pub(super) when: Option<(&'a str, &'a str)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) resource: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) action: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) mode: Option<Mode>,
    #[serde(skip_serializing_if = "is_false")]
    pub(super) public: bool,
    #[serde(flatten)]
    pub(super) outcome: Outcome,
}

/// What a request would come to.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Outcome {
    #[serde(rename = "outcome")]
    word: &'static str,
    #[serde(flatten)]
    refusal: Option<Refusal>,
    /// What it depends on.
    #[serde(skip_serializing_if = "Option::is_none")]
    on: Option<[&'static str; 1]>,
    #[serde(flatten)]
    owners: Option<Box<Owners>>,
}

/// What it would come to by whose object it is.
#[derive(Clone, Debug, Serialize)]
struct Owners {
    own: Outcome,
    other: Outcome,
}

/// What a refusal would say.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Refusal {
    pub(super) code: Code,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tier: Option<Tier>,
    #[serde(flatten, serialize_with = "shared")]
    pub(super) words: Arc<RefusalWords>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) whose: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) required_role: Option<String>,
}

/// What a refusal says in words: the same for many routes.
#[derive(Debug, Serialize)]
pub(super) struct RefusalWords {
    title: &'static str,
    detail: Cow<'static, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<Remedy>,
}

impl From<Said> for RefusalWords {
    fn from(said: Said) -> Self {
        Self {
            title: said.title,
            detail: said.detail,
            remedy: said.remedy,
        }
    }
}

impl Outcome {
    pub(super) const ALLOW: Self = Self::of("allow");
    /// Refused, and nobody is told why.
    pub(super) const HIDDEN: Self = Self::of("deny");

    const fn of(word: &'static str) -> Self {
        Self {
            word,
            refusal: None,
            on: None,
            owners: None,
        }
    }

    pub(super) fn denied(refusal: Refusal) -> Self {
        Self {
            refusal: Some(refusal),
            ..Self::of("deny")
        }
    }

    pub(super) fn depends_on_org() -> Self {
        Self {
            on: Some(["org"]),
            ..Self::of("depends")
        }
    }

    pub(super) fn depends_on_owner(own: Self, other: Self) -> Self {
        Self {
            on: Some(["owner"]),
            owners: Some(Box::new(Owners { own, other })),
            ..Self::of("depends")
        }
    }
}

impl<'a> Document<'a> {
    pub(super) fn of(subject: &'a Subject, org: Option<&'a OrgId>) -> Self {
        Self {
            subject: subject.id().as_str(),
            acting_for: subject.delegator().map(SubjectId::as_str),
            org: org.map(OrgId::as_str),
            routes: Vec::new(),
        }
    }
}

/// About as much as a refusal takes: what is made room for is not copied while it grows.
const LINE_BYTES: usize = 400;

/// The document with a tag over its bytes (RFC 9110, 8.8.3): whoever has these need not be sent them again,
/// whatever else has changed.
pub(super) fn send(document: &Document<'_>, language: Option<Language>) -> Result<Answer, Denial> {
    let mut body = Vec::with_capacity(document.routes.len() * LINE_BYTES);
    serde_json::to_writer(&mut body, document)
        .map_err(|error| SourceError::unavailable(error).into_denial())?;
    let hash = foldhash::quality::FixedState::default().hash_one(&body);
    let mut headers = Headers::default()
        .with(HeaderField::ContentType, "application/json")
        .with(HeaderField::CacheControl, "private, no-cache")
        .with(HeaderField::Vary, "accept-language")
        .with(
            HeaderField::Etag,
            format!("\"{hash:016x}-{:x}\"", body.len()),
        );
    if let Some(language) = language {
        headers.set(HeaderField::ContentLanguage, language.tag);
    }
    Ok(Answer {
        status: 200,
        headers,
        body,
    })
}

/// 304 for whoever has the document (RFC 9110, 13.1.2).
pub(super) fn not_modified(answer: Answer, head: &impl RequestHead) -> Answer {
    // Of several headers none is looked at: the document is sent once too often.
    let Given::Once(known) = head.header("if-none-match") else {
        return answer;
    };
    let is_known = answer.headers.get(HeaderField::Etag).is_some_and(|tag| {
        let known = String::from_utf8_lossy(known);
        let mut known = known.split(',').map(str::trim);
        known.any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag)
    });
    if !is_known {
        return answer;
    }
    let mut headers = answer.headers;
    headers.remove(HeaderField::ContentType);
    headers.remove(HeaderField::ContentLanguage);
    Answer {
        status: 304,
        headers,
        body: Vec::new(),
    }
}

fn shared<S: Serializer>(words: &Arc<RefusalWords>, to: S) -> Result<S::Ok, S::Error> {
    RefusalWords::serialize(words, to)
}

#[allow(clippy::ref_option, reason = "the form that serde asks for")]
fn when<S: Serializer>(when: &Option<(&str, &str)>, to: S) -> Result<S::Ok, S::Error> {
    let mut map = to.serialize_map(Some(1))?;
    if let Some((param, value)) = when {
        map.serialize_entry(param, value)?;
    }
    map.end()
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "the form that serde asks for"
)]
fn is_false(it: &bool) -> bool {
    !it
}
