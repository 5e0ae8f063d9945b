//! What a handler behind a requirement receives.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use gatepost::{Denial, Given, Language};
use gatepost_enforce::{Answer, Answers, NotThere, Requires, permit_missing};
use http::request::Parts;

/// Proves that the request was allowed: the [`gatepost::Permit`] of this route.
///
/// On a route without a requirement the handler does not run: `permit_missing`, 500, and an error in the log.
#[derive(Clone, Debug)]
pub struct Permit(gatepost::Permit);

impl Deref for Permit {
    type Target = gatepost::Permit;

    fn deref(&self) -> &gatepost::Permit {
        &self.0
    }
}

impl<S: Sync> FromRequestParts<S> for Permit {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejection> {
        match parts.extensions.get::<gatepost::Permit>() {
            Some(permit) => Ok(Self(permit.clone())),
            None => Err(Rejection::permit_missing(parts, without_permit(parts))),
        }
    }
}

/// Why there is no permit.
fn without_permit(parts: &Parts) -> &'static str {
    match parts.extensions.get::<gatepost::Passage>() {
        Some(_) => "the route only reports, and gives a passage to handlers that take one",
        None => "the route has no requirement",
    }
}

/// The request went on: with a permit, or because its requirement [only reports](gatepost::ReportOnly).
///
/// It is there on every route with a requirement, so nothing of the handler changes on the day on which its route is
/// enforced. On a route without one the handler does not run: `permit_missing`, 500, and an error in the log.
///
/// ```
/// use gatepost_axum::Passage;
///
/// async fn create_chat(passage: Passage) -> String {
///     match passage.would_deny() {
///         None => format!("{} may", passage.subject()),
///         Some(denial) => format!("{} will be refused: {}", passage.subject(), denial.code()),
///     }
/// }
/// # let _ = create_chat;
/// ```
#[derive(Clone, Debug)]
pub struct Passage(gatepost::Passage);

impl Deref for Passage {
    type Target = gatepost::Passage;

    fn deref(&self) -> &gatepost::Passage {
        &self.0
    }
}

impl<S: Sync> FromRequestParts<S> for Passage {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejection> {
        if let Some(permit) = parts.extensions.get::<gatepost::Permit>() {
            return Ok(Self(permit.clone().into()));
        }
        match parts.extensions.get::<gatepost::Passage>() {
            Some(passage) => Ok(Self(passage.clone())),
            None => Err(Rejection::permit_missing(
                parts,
                "the route has no requirement",
            )),
        }
    }
}

/// The [`Permit`] of one requirement.
///
/// ```
/// use gatepost_axum::{Org, PermitFor, Requirement, Requires};
///
/// struct DeleteChat;
///
/// impl Requires for DeleteChat {
///     const REQUIREMENT: Requirement = Requirement::new("chat", "delete").org(Org::path("org"));
/// }
///
/// async fn delete_chat(permit: PermitFor<DeleteChat>) -> String {
///     format!("{} deletes a chat", permit.subject())
/// }
/// # let _ = delete_chat;
/// ```
///
/// On a route with another requirement the handler does not run: `permit_missing`, 500, and an error in the log.
pub struct PermitFor<R>(gatepost::Permit, PhantomData<fn() -> R>);

impl<R> Deref for PermitFor<R> {
    type Target = gatepost::Permit;

    fn deref(&self) -> &gatepost::Permit {
        &self.0
    }
}

impl<R> fmt::Debug for PermitFor<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PermitFor").field(&self.0).finish()
    }
}

impl<R: Requires, S: Sync> FromRequestParts<S> for PermitFor<R> {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejection> {
        match parts.extensions.get::<gatepost::Permit>() {
            Some(permit) if permit.requirement().is_same(&R::REQUIREMENT) => {
                Ok(Self(permit.clone(), PhantomData))
            }
            Some(_) => Err(Rejection::permit_missing(
                parts,
                "the route has another requirement",
            )),
            None => Err(Rejection::permit_missing(parts, without_permit(parts))),
        }
    }
}

/// The object that the request was decided on.
///
/// Where there is none in the request's org the handler does not run: 404, with the bytes of a hidden denial.
pub struct Entity<E>(pub Arc<E>);

impl<E> Deref for Entity<E> {
    type Target = E;

    fn deref(&self) -> &E {
        &self.0
    }
}

impl<E: fmt::Debug> fmt::Debug for Entity<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Entity").field(&self.0).finish()
    }
}

impl<E: Send + Sync + 'static, S: Sync> FromRequestParts<S> for Entity<E> {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejection> {
        let Some(entity) = parts.extensions.get::<gatepost_tower::Entity>().cloned() else {
            return Err(Rejection::permit_missing(
                parts,
                "the route loads no entity",
            ));
        };
        match entity.get::<E>() {
            Some(Ok(entity)) => Ok(Self(entity)),
            Some(Err(not_there)) => Err(Rejection::not_there(&not_there)),
            None => Err(Rejection::permit_missing(
                parts,
                "the route loads another type of entity",
            )),
        }
    }
}

/// Why a handler did not run. As a response, it is a problem document (RFC 9457).
#[derive(Debug)]
pub struct Rejection {
    answer: Answer,
    /// None of an object that does not exist.
    denial: Option<Box<Denial>>,
}

impl Rejection {
    fn permit_missing(request: &Parts, why: &'static str) -> Self {
        let denial = permit_missing(request.method.as_str(), request.uri.path(), why);
        let accepted = request.headers.get_all(http::header::ACCEPT_LANGUAGE);
        let accepted = accepted.iter().map(http::HeaderValue::as_bytes);
        let answers = Answers::default();
        let language = answers.choose(Given::of(accepted));
        Self {
            answer: answers.denied_in(&denial, language),
            denial: Some(Box::new(denial)),
        }
    }

    fn not_there(not_there: &NotThere) -> Self {
        Self {
            answer: not_there.answer().clone(),
            denial: None,
        }
    }
}

impl From<Denial> for Rejection {
    fn from(denial: Denial) -> Self {
        Self {
            answer: Answers::default().denied_in(&denial, Language::ENGLISH),
            denial: Some(Box::new(denial)),
        }
    }
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        match self.denial {
            Some(denial) => gatepost_tower::response(self.answer, *denial),
            None => gatepost_tower::send(self.answer),
        }
    }
}
