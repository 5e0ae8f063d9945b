//! Where a request's subject comes from.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use gatepost::{Code, Denial, Subject};
use http::request::Parts;

/// Finds the subject in what the service's own authentication left in the request.
///
/// `None` is nobody: `unauthenticated`. What cannot be told is an error, never nobody and never anybody.
///
/// ```
/// use gatepost::Subject;
/// use gatepost_tower::{FindSubject, SourceError};
/// use http::request::Parts;
///
/// fn who(request: &Parts) -> Result<Option<Subject>, SourceError> {
///     Ok(request.extensions.get::<Subject>().cloned())
/// }
///
/// let (request, ()) = http::Request::new(()).into_parts();
/// assert!(matches!(who.find(&request), Ok(None)));
/// ```
pub trait FindSubject: Send + Sync + 'static {
    /// Finds the subject.
    ///
    /// # Errors
    ///
    /// [`SourceError`] when it cannot be told who asks.
    fn find(&self, request: &Parts) -> Result<Option<Subject>, SourceError>;
}

impl<F> FindSubject for F
where
    F: Fn(&Parts) -> Result<Option<Subject>, SourceError> + Send + Sync + 'static,
{
    fn find(&self, request: &Parts) -> Result<Option<Subject>, SourceError> {
        self(request)
    }
}

/// [`FindSubject`] for what has to be awaited, such as a session in a store.
#[async_trait]
pub trait LoadSubject: Send + Sync + 'static {
    /// Loads the subject.
    ///
    /// # Errors
    ///
    /// [`SourceError`] when it cannot be told who asks.
    async fn load(&self, request: &Parts) -> Result<Option<Subject>, SourceError>;
}

#[derive(Clone)]
pub(crate) enum SubjectSource {
    Find(Arc<dyn FindSubject>),
    Load(Arc<dyn LoadSubject>),
}

/// A source could not say what it was asked.
#[derive(Debug)]
pub struct SourceError(Kind);

#[derive(Debug)]
enum Kind {
    Unavailable(Box<dyn std::error::Error + Send + Sync>),
    BadRequest(&'static str),
}

impl SourceError {
    /// What is asked could not be read: `policy_unavailable`, 503. Never a denial.
    pub fn unavailable(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(Kind::Unavailable(source.into()))
    }

    /// The request gives it in a form that cannot be read: `bad_request`, 400. The reason quotes no id.
    pub fn bad_request(reason: &'static str) -> Self {
        Self(Kind::BadRequest(reason))
    }

    /// What the client is told; the source goes to the log.
    pub(crate) fn into_denial(self) -> Denial {
        match self.0 {
            Kind::BadRequest(reason) => Denial::bad_request(reason),
            Kind::Unavailable(source) => {
                tracing::error!(target: "gatepost::source", error = &*source as &dyn std::error::Error, "a fact could not be read");
                Denial::new(Code::PolicyUnavailable)
            }
        }
    }
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Unavailable(_) => f.write_str("a fact that the decision needs could not be read"),
            Kind::BadRequest(reason) => write!(f, "the request cannot be read: {reason}"),
        }
    }
}

impl std::error::Error for SourceError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0 {
            Kind::Unavailable(source) => Some(&**source),
            Kind::BadRequest(_) => None,
        }
    }
}
