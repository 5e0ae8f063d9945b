//! What the handlers of the API refuse with, for the document.

use utoipa::IntoResponses;

use crate::views::ProblemView;

/// Of a route that reads.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "it is read as a description alone")]
pub(super) enum Reading {
    /// The request cannot be read.
    #[response(status = 400, content_type = "application/problem+json")]
    BadRequest(ProblemView),
    /// Nobody was found who asks.
    #[response(status = 401, content_type = "application/problem+json")]
    Unauthenticated(ProblemView),
    /// Refused. `code` says why, and `remedy` who can change that.
    #[response(status = 403, content_type = "application/problem+json")]
    Refused(ProblemView),
    /// There is no such thing, or none that may be known here.
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(ProblemView),
    /// What is asked for is too large to be shown.
    #[response(status = 422, content_type = "application/problem+json")]
    TooLarge(ProblemView),
    /// It could not be decided, or the store did not answer. That is no refusal: ask again.
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(ProblemView),
}

/// Of a route that takes a body.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "it is read as a description alone")]
pub(super) enum Asking {
    /// The request cannot be read.
    #[response(status = 400, content_type = "application/problem+json")]
    BadRequest(ProblemView),
    /// Nobody was found who asks.
    #[response(status = 401, content_type = "application/problem+json")]
    Unauthenticated(ProblemView),
    /// Refused: by policy, with its `code`, or because a page of another origin sent it.
    #[response(status = 403, content_type = "application/problem+json")]
    Refused(ProblemView),
    /// There is no such thing, or none that may be known here.
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(ProblemView),
    /// The body is larger than 64 KiB.
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(ProblemView),
    /// The body is not `application/json`.
    #[response(status = 415, content_type = "application/problem+json")]
    Unsupported(ProblemView),
    /// It could not be decided, or the store did not answer. That is no refusal: ask again.
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(ProblemView),
}

/// Of a route that changes something, beside those of one that takes a body.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "it is read as a description alone")]
pub(super) enum Writing {
    /// What the change is about was changed since the version in `If-Match`: `changes` says by what.
    #[response(status = 412, content_type = "application/problem+json")]
    Changed(ProblemView),
    /// The change makes no sense in this policy.
    #[response(status = 422, content_type = "application/problem+json")]
    Invalid(ProblemView),
    /// `If-Match` is missing.
    #[response(status = 428, content_type = "application/problem+json")]
    VersionRequired(ProblemView),
}
