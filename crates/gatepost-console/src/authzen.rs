//! The Authorization API 1.0 of the `OpenID` Foundation (AuthZEN): decisions and searches, for programs that know no
//! more of Gatepost than that.
//!
//! | there | here |
//! | --- | --- |
//! | `subject.type` | what the identity says that the subject is: `user`, `service` or `agent` |
//! | `subject.id` | the subject |
//! | `subject.properties.scopes`, `.acting_for` | the token's scopes, and whom it acts for |
//! | `action.name` | the action |
//! | `resource.type` | the resource |
//! | `resource.id` | nothing: Gatepost does not know single objects, and tells the id to nobody |
//! | `resource.properties.org`, or `context.org` | the org; named in both, it has to be the same |
//! | `resource.properties.owner`, or `context.owner` | who owns the object; likewise |
//! | `context.org_rule` | what holds where no org is named: unless told otherwise `default`, the subject's own |
//! | `context.mode`, `.at` | the mode, and the moment |
//!
//! Everything else in `properties` and in `context` is not looked at. A member that is `null` is not there.
//!
//! A type of a subject, a resource or an action that there is not is no mistake of whoever asks: nobody may it.
//!
//! Whoever asks is answered about itself, as the identity that it came with: its token's scopes limit it, and whom
//! it acts for it acts for here. About others, and about those for whom it says that it acts, it has to be allowed
//! to read the audit log.

mod apart;
mod decision;
mod entity;
mod evaluation;
mod evaluations;
mod inquiry;
mod json;
mod metadata;
mod page;
mod question;
mod refusal;
mod request_id;
mod search;
#[cfg(test)]
mod tests;
mod token;

use axum::extract::Request;
use axum::handler::Handler;
use axum::middleware::from_fn;
use axum::routing::{MethodRouter, get, post};
use gatepost_axum::Gated;

use crate::base::Base;
use crate::body::{Unread, collected};
use crate::kept::Kept;
use json::Object;
use refusal::Refusal;

/// Why the routes have no requirement of their own.
const WHY: &str = "answers each subject about itself alone, unless it may audit";

const EVALUATION: &str = "/access/v1/evaluation";
const EVALUATIONS: &str = "/access/v1/evaluations";
const SEARCH_SUBJECT: &str = "/access/v1/search/subject";
const SEARCH_RESOURCE: &str = "/access/v1/search/resource";
const SEARCH_ACTION: &str = "/access/v1/search/action";

/// The most bytes of a body.
const LIMIT: usize = 1024 * 1024;

/// Adds the routes.
pub(crate) fn routes(gated: Gated<Kept>) -> Gated<Kept> {
    gated
        .public(EVALUATION, asked(evaluation::evaluation), WHY)
        .public(EVALUATIONS, asked(evaluations::evaluations), WHY)
        .public(SEARCH_SUBJECT, asked(search::subjects), WHY)
        .public(SEARCH_RESOURCE, asked(search::resources), WHY)
        .public(SEARCH_ACTION, asked(search::actions), WHY)
}

/// Adds the route of what the endpoints are, which stands in front of the console's own path.
pub(crate) fn well_known(gated: Gated<Kept>, base: &Base) -> Gated<Kept> {
    let path = format!("{}{}", metadata::WELL_KNOWN, base.path());
    let why = "where the endpoints are is told to everybody";
    gated.public(&path, get(metadata::metadata), why)
}

/// An endpoint: whatever it answers has the identifier of the request.
fn asked<H, T>(handler: H) -> MethodRouter<Kept>
where
    H: Handler<T, Kept>,
    T: 'static,
{
    post(handler).layer(from_fn(request_id::echo))
}

/// Reads the body of a request: a JSON object.
async fn read(request: Request) -> Result<Object, Refusal> {
    let (parts, body) = request.into_parts();
    if !json::is_json(&parts.headers) {
        return Err(Refusal::bad_request(
            "the `Content-Type` has to be `application/json`",
        ));
    }
    let body = collected(body, LIMIT).await.map_err(|why| match why {
        Unread::TooLarge => Refusal::too_large(),
        Unread::TooSlow => Refusal::too_slow(),
    })?;
    json::object(&body)
}
