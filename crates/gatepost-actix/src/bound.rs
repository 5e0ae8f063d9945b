//! A request that is bound to its permit: its handler, what that reads, and what is sent.

mod body;
mod payload;

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::{Poll, ready};

use actix_web::Error;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use gatepost::{Code, Denial};
use gatepost_enforce::{Bond, LastWord};

use crate::answer::denied;
use crate::connection::Connection;
use crate::extract::Rejection;
pub(crate) use body::bind;

/// What is inside of a gate, and runs the request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Inside {
    Handler,
    /// A scope, a resource or an application, which changes the request in place and panics where somebody else
    /// has it too. So none is kept to answer with, and a revocation is an error for what is around.
    Routes,
}

/// Goes on with an admitted request for as long as its permit holds; beyond that the answer is the denial.
pub(crate) async fn within<B, F>(
    mut bond: Bond,
    mut request: ServiceRequest,
    inside: Inside,
    run: impl FnOnce(ServiceRequest) -> F,
) -> Result<ServiceResponse<EitherBody<B>>, Error>
where
    B: MessageBody + 'static,
    F: Future<Output = Result<ServiceResponse<B>, Error>>,
{
    payload::bind(&mut request, &bond);
    let connection = Connection::of(request.request());
    let kept = match inside {
        Inside::Handler => Some(request.request().clone()),
        Inside::Routes => None,
    };
    let ended = {
        let mut running = pin!(async move { run(request).await });
        poll_fn(|context| match ready!(bond.poll_holds(context)) {
            Ok(()) => running.as_mut().poll(context).map(Ok),
            Err(last) => Poll::Ready(Err(last)),
        })
        .await
    };
    match (ended, kept) {
        (Ok(response), _) => {
            Ok(response?.map_body(|head, body| bind(head, body, bond, connection)))
        }
        (Err(last), Some(request)) => {
            let response = denied(last.answer().clone(), Denial::clone(last.denial()));
            Ok(ServiceResponse::new(request, response).map_into_right_body())
        }
        (Err(last), None) => Err(Rejection::revoked(&last).into()),
    }
}

/// Why a body broke off.
#[derive(Debug)]
pub(crate) struct Revoked(Code);

impl From<LastWord> for Revoked {
    fn from(last: LastWord) -> Self {
        Self(last.denial().code())
    }
}

impl fmt::Display for Revoked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the permit was revoked: {}", self.0)
    }
}

impl std::error::Error for Revoked {}
