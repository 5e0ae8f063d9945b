//! What a handler behind a requirement receives.

use std::fmt;
use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, ResponseError};
use gatepost::{Denial, Language};
use gatepost_enforce::{Answer, Answers, LastWord, NotThere, Requires, permit_missing};

use crate::answer::{denied, send};
use crate::head::Head;
use crate::route::Passed;

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

impl FromRequest for Permit {
    type Error = Rejection;
    type Future = Ready<Result<Self, Rejection>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let permit = permit_of(request);
        let missing = || Rejection::permit_missing(request, without_permit(request));
        ready(permit.map(Self).ok_or_else(missing))
    }
}

/// The request went on: with a permit, or because its requirement [only reports](gatepost::ReportOnly).
///
/// It is there on every route with a requirement, so nothing of the handler changes on the day on which its route is
/// enforced. On a route without one the handler does not run: `permit_missing`, 500, and an error in the log.
#[derive(Clone, Debug)]
pub struct Passage(gatepost::Passage);

impl Deref for Passage {
    type Target = gatepost::Passage;

    fn deref(&self) -> &gatepost::Passage {
        &self.0
    }
}

impl FromRequest for Passage {
    type Error = Rejection;
    type Future = Ready<Result<Self, Rejection>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let extensions = request.extensions();
        let passage = extensions.get::<Passed>().map(|it| it.passage.clone());
        let missing = || Rejection::permit_missing(request, "the route has no requirement");
        ready(passage.map(Self).ok_or_else(missing))
    }
}

/// Why there is no permit.
fn without_permit(request: &HttpRequest) -> &'static str {
    if request.extensions().contains::<Passed>() {
        "the route only reports, and gives a passage to handlers that take one"
    } else {
        "the route has no requirement"
    }
}

fn permit_of(request: &HttpRequest) -> Option<gatepost::Permit> {
    let extensions = request.extensions();
    extensions.get::<Passed>().and_then(Passed::permit).cloned()
}

/// The [`Permit`] of one requirement.
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

impl<R: Requires + 'static> FromRequest for PermitFor<R> {
    type Error = Rejection;
    type Future = Ready<Result<Self, Rejection>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let permit = permit_of(request);
        ready(match permit {
            Some(permit) if permit.requirement().is_same(&R::REQUIREMENT) => {
                Ok(Self(permit, PhantomData))
            }
            Some(_) => Err(Rejection::permit_missing(
                request,
                "the route has another requirement",
            )),
            None => Err(Rejection::permit_missing(request, without_permit(request))),
        })
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

impl<E: Send + Sync + 'static> FromRequest for Entity<E> {
    type Error = Rejection;
    type Future = Ready<Result<Self, Rejection>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let passed = request.extensions();
        let entity = passed
            .get::<Passed>()
            .and_then(|passed| passed.entity.clone());
        drop(passed);
        let Some(entity) = entity else {
            return ready(Err(Rejection::permit_missing(
                request,
                "the route loads no entity",
            )));
        };
        ready(match entity.get::<E>() {
            Some(Ok(entity)) => Ok(Self(entity)),
            Some(Err(not_there)) => Err(Rejection::not_there(&not_there)),
            None => Err(Rejection::permit_missing(
                request,
                "the route loads another type of entity",
            )),
        })
    }
}

/// Why a handler did not run, or not to its end. As a response, it is a problem document (RFC 9457).
#[derive(Debug)]
pub struct Rejection {
    answer: Answer,
    /// None of an object that does not exist.
    denial: Option<Box<Denial>>,
}

impl Rejection {
    fn permit_missing(request: &HttpRequest, why: &'static str) -> Self {
        let denial = permit_missing(request.method().as_str(), request.path(), why);
        Self {
            answer: Answers::default().denied(&denial, &Head(request)),
            denial: Some(Box::new(denial)),
        }
    }

    pub(crate) fn revoked(last: &LastWord) -> Self {
        Self {
            answer: last.answer().clone(),
            denial: Some(Box::new(Denial::clone(last.denial()))),
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

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.denial {
            Some(denial) => write!(f, "the handler did not run: {}", denial.code()),
            None => f.write_str("the handler did not run: there is no such object"),
        }
    }
}

impl ResponseError for Rejection {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let answer = self.answer.clone();
        match &self.denial {
            Some(denial) => denied(answer, Denial::clone(denial)),
            None => send(answer),
        }
    }
}
