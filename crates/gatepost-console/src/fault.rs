//! Why the console does not answer as it was asked.

use axum::response::{IntoResponse, Response};
use gatepost::{Code, Denial, PROBLEM_JSON};
use gatepost_store::{ChangeRecord, StoreError, StoreErrorKind};
use http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};

use crate::views::{ChangeView, ProblemView};

/// Where the console's own kinds of problems are named.
const TYPES: &str = "https://gatepost.dev/problems/";

/// Why the console does not answer as it was asked: policy's no, or what is wrong with the request.
#[derive(Clone, Debug)]
pub(crate) struct Fault(Box<ProblemView>);

/// A problem as it went into a response, for a page to be made of it.
#[derive(Clone, Debug)]
pub(crate) struct Told(pub(crate) ProblemView);

/// A kind of problem of the console's own.
struct Kind {
    name: &'static str,
    title: &'static str,
    status: StatusCode,
}

impl Kind {
    const fn new(name: &'static str, title: &'static str, status: StatusCode) -> Self {
        Self {
            name,
            title,
            status,
        }
    }

    fn fault(&self, detail: impl Into<String>) -> Fault {
        Fault(Box::new(ProblemView {
            r#type: format!("{TYPES}{}", self.name),
            title: self.title.to_owned(),
            status: self.status.as_u16(),
            detail: Some(detail.into()),
            ..ProblemView::default()
        }))
    }
}

const BAD_REQUEST: Kind = Kind::new(
    "bad_request",
    "The request cannot be read",
    StatusCode::BAD_REQUEST,
);
const CROSS_ORIGIN: Kind = Kind::new(
    "cross_origin",
    "The request does not come from the console",
    StatusCode::FORBIDDEN,
);
const BEYOND: Kind = Kind::new(
    "beyond",
    "More than is held cannot be given",
    StatusCode::FORBIDDEN,
);
const NOT_FOUND: Kind = Kind::new("not_found", "There is nothing here", StatusCode::NOT_FOUND);
const CHANGED: Kind = Kind::new(
    "changed",
    "Changed by others in between",
    StatusCode::PRECONDITION_FAILED,
);
const TOO_LARGE: Kind = Kind::new(
    "too_large",
    "The body is too large",
    StatusCode::PAYLOAD_TOO_LARGE,
);
const TOO_SLOW: Kind = Kind::new(
    "too_slow",
    "The body did not come in time",
    StatusCode::REQUEST_TIMEOUT,
);
const UNSUPPORTED: Kind = Kind::new(
    "unsupported_media_type",
    "The body is of another type",
    StatusCode::UNSUPPORTED_MEDIA_TYPE,
);
const INVALID: Kind = Kind::new(
    "invalid",
    "The change makes no sense in this policy",
    StatusCode::UNPROCESSABLE_ENTITY,
);
const VERSION_REQUIRED: Kind = Kind::new(
    "version_required",
    "The version that the change is based on is missing",
    StatusCode::PRECONDITION_REQUIRED,
);
const BUSY: Kind = Kind::new(
    "busy",
    "Somebody else is writing",
    StatusCode::SERVICE_UNAVAILABLE,
);
const UNREACHABLE: Kind = Kind::new(
    "unreachable",
    "The store cannot be reached",
    StatusCode::SERVICE_UNAVAILABLE,
);
const UNSOUND: Kind = Kind::new(
    "unsound",
    "The store cannot be understood",
    StatusCode::SERVICE_UNAVAILABLE,
);

impl Fault {
    /// The request cannot be read. The detail quotes nothing that is a secret.
    pub(crate) fn bad_request(detail: impl Into<String>) -> Self {
        BAD_REQUEST.fault(detail)
    }

    /// The request was sent by a page of somebody else, or it cannot be told by whose.
    pub(crate) fn cross_origin(detail: impl Into<String>) -> Self {
        CROSS_ORIGIN.fault(detail)
    }

    /// There is no such thing, or none that may be known here: the same answer for both.
    pub(crate) fn not_found() -> Self {
        NOT_FOUND.fault("There is no such thing here.")
    }

    /// The body is larger than what is read.
    pub(crate) fn too_large() -> Self {
        TOO_LARGE.fault("The body is larger than what is read of one.")
    }

    /// The body was not there in time.
    pub(crate) fn too_slow() -> Self {
        TOO_SLOW.fault("The body was not all there within ten seconds.")
    }

    /// The body is of another type than the route takes.
    pub(crate) fn unsupported_media_type(takes: &str) -> Self {
        UNSUPPORTED.fault(format!("The body has to be `{takes}`."))
    }

    /// The change makes no sense in this policy.
    pub(crate) fn invalid(detail: impl Into<String>) -> Self {
        INVALID.fault(detail)
    }

    /// A write does not say which version it is based on.
    pub(crate) fn version_required() -> Self {
        VERSION_REQUIRED.fault(
            "`If-Match` says which version was looked at, as in `If-Match: \"17\"`; `*` is whatever is there.",
        )
    }

    /// Others have changed what the change is about.
    pub(crate) fn changed(changes: &[ChangeRecord]) -> Self {
        let mut fault = CHANGED
            .fault("What the change is about was changed since that version; nothing was written.");
        fault.0.changes = changes.iter().map(ChangeView::of).collect();
        fault
    }

    /// What is asked for is refused by policy, or could not be decided.
    pub(crate) fn denied(denial: &Denial) -> Self {
        Self(Box::new(ProblemView::of(&denial.problem())))
    }

    /// Nobody was found who asks.
    pub(crate) fn unauthenticated() -> Self {
        Self::denied(&Denial::new(Code::Unauthenticated))
    }

    /// The store cannot be understood, and the log says why.
    pub(crate) fn unsound() -> Self {
        UNSOUND.fault("The log of the console says more.")
    }

    /// What a store said; the log has all of it, the client nothing of where the store is.
    ///
    /// `resource` is the one that was to be changed, or read.
    pub(crate) fn of_store(error: &StoreError, place: &str, resource: &'static str) -> Self {
        let told = error.to_string();
        let why = told.strip_prefix(&format!("{place}: "));
        let why = || why.unwrap_or("The store says no more.").to_owned();
        match error.kind() {
            StoreErrorKind::Denied => {
                let code = error.code().unwrap_or(Code::PolicyUnavailable);
                Self::denied(&Denial::new(code).asked(resource, "update"))
            }
            StoreErrorKind::Beyond => BEYOND.fault(why()),
            StoreErrorKind::Invalid => Self::invalid(why()),
            // A version that is still to come: nothing was changed since.
            StoreErrorKind::Conflict if error.conflicting().is_empty() => CHANGED.fault(why()),
            StoreErrorKind::Conflict => Self::changed(error.conflicting()),
            StoreErrorKind::Busy => logged(error, &BUSY),
            // A file that is gone may be back in a moment, as a server that is down.
            StoreErrorKind::Unreachable | StoreErrorKind::Missing => logged(error, &UNREACHABLE),
            _ => logged(error, &UNSOUND),
        }
    }

    /// Whether nothing could be told, rather than something having been refused.
    pub(crate) fn is_error(&self) -> bool {
        self.0.status >= 500
    }

    /// The HTTP status.
    pub(crate) fn status(&self) -> u16 {
        self.0.status
    }

    /// What the client is told.
    pub(crate) fn problem(&self) -> &ProblemView {
        &self.0
    }

    /// What the log is told.
    pub(crate) fn told(&self) -> String {
        self.0.title.clone()
    }

    /// Leaves out of what others changed in between whatever is not to be told here.
    pub(crate) fn map_changes(mut self, tell: impl Fn(ChangeView) -> ChangeView) -> Self {
        let changes = std::mem::take(&mut self.0.changes);
        self.0.changes = changes.into_iter().map(tell).collect();
        self
    }
}

fn logged(error: &StoreError, kind: &Kind) -> Fault {
    tracing::error!(target: "gatepost::console", %error, "the store did not answer as it was asked");
    kind.fault("Nothing was changed. The log of the console says more.")
}

impl From<Code> for Fault {
    fn from(code: Code) -> Self {
        Self::denied(&Denial::new(code))
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status);
        let status = status.unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
        // Texts and numbers alone: there is nothing in it that JSON cannot write.
        let bytes = serde_json::to_vec(&self.0).unwrap_or_default();
        let mut response = (status, bytes).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        match status {
            StatusCode::UNAUTHORIZED => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
            }
            _ => {}
        }
        response.extensions_mut().insert(Told(*self.0));
        response
    }
}
