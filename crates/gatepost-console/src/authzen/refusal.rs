//! Why a request as a whole is not answered.

use axum::response::{IntoResponse, Response};
use gatepost::{Code, Denial};
use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};

use crate::fault::Fault;

/// Why a request, or one evaluation of several, is not answered: a status of HTTP, and a text (section 11.1.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) message: String,
}

impl Refusal {
    fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
        }
    }

    /// The request cannot be read. What is told of it are the names of its members.
    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// The body has more bytes than are read.
    pub(super) fn too_large() -> Self {
        let message = "the body has more than 1 MiB";
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, message)
    }

    /// The body did not come in time.
    pub(super) fn too_slow() -> Self {
        let message = "the body did not come within 10 seconds";
        Self::new(StatusCode::REQUEST_TIMEOUT, message)
    }

    /// Others are asked about by somebody who may not. It is the same whoever and wherever they are.
    pub(super) fn about_others() -> Self {
        let message = "to ask about others takes `gatepost-audit:read`";
        Self::new(StatusCode::FORBIDDEN, message)
    }

    /// There is no answer for now.
    pub(super) fn unavailable(message: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, message)
    }

    /// There is nothing here.
    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }
}

impl From<Code> for Refusal {
    fn from(code: Code) -> Self {
        Fault::denied(&Denial::new(code)).into()
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        let status = StatusCode::from_u16(fault.status());
        let problem = fault.problem();
        let message = problem.detail.as_ref().unwrap_or(&problem.title);
        Self::new(
            status.unwrap_or(StatusCode::SERVICE_UNAVAILABLE),
            message.clone(),
        )
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Self { status, message } = self;
        let mut response = (status, message).into_response();
        let headers = response.headers_mut();
        match status {
            StatusCode::UNAUTHORIZED => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
            }
            _ => {}
        }
        response
    }
}
