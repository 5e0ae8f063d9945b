//! Where a request's subject comes from, and what happens where a source cannot say.

#[cfg(feature = "jwt")]
pub mod jwt;
#[cfg(feature = "proxy")]
mod proxy;

use std::borrow::Cow;
use std::fmt;
use std::future::Future;

use gatepost::{Code, Denial, RequestHead, Subject};

use crate::caught::{caught, caught_async};

#[cfg(feature = "proxy")]
pub use proxy::{ProxyError, TrustedProxy};

/// Finds the subject in what the service's own authentication left in the request.
///
/// `R` is the framework's request; a source that needs nothing but headers and addresses goes by `head`,
/// and is one for every framework. A function over the request is a source.
///
/// `None` is nobody: `unauthenticated`. What cannot be told is an error, never nobody and never anybody.
///
/// ```
/// use gatepost::Subject;
/// use gatepost_enforce::{FindSubject, SourceError};
///
/// /// The framework's request, with what its authentication has found.
/// struct Request(Option<Subject>);
///
/// fn who(request: &Request) -> Result<Option<Subject>, SourceError> {
///     Ok(request.0.clone())
/// }
///
/// fn is_source<R>(_: impl FindSubject<R>) {}
/// is_source::<Request>(who);
/// ```
pub trait FindSubject<R: ?Sized>: Send + Sync + 'static {
    /// Finds the subject.
    ///
    /// # Errors
    ///
    /// [`SourceError`] when it cannot be told who asks.
    fn find(&self, request: &R, head: &dyn RequestHead) -> Result<Option<Subject>, SourceError>;
}

impl<R: ?Sized, F> FindSubject<R> for F
where
    F: Fn(&R) -> Result<Option<Subject>, SourceError> + Send + Sync + 'static,
{
    fn find(&self, request: &R, _: &dyn RequestHead) -> Result<Option<Subject>, SourceError> {
        self(request)
    }
}

/// Asks a source; one that panics could not say.
///
/// # Errors
///
/// As [`FindSubject::find`].
pub fn find_subject<R: ?Sized>(
    source: &(impl FindSubject<R> + ?Sized),
    request: &R,
    head: &dyn RequestHead,
) -> Result<Option<Subject>, SourceError> {
    caught(|| source.find(request, head))
        .unwrap_or_else(|panicked| Err(SourceError::unavailable(panicked)))
}

/// Awaits a source; one that panics could not say.
///
/// # Errors
///
/// As the source's own.
pub async fn load_subject(
    load: impl Future<Output = Result<Option<Subject>, SourceError>>,
) -> Result<Option<Subject>, SourceError> {
    let loaded = caught_async(load).await;
    loaded.unwrap_or_else(|panicked| Err(SourceError::unavailable(panicked)))
}

/// A source could not say what it was asked.
#[derive(Debug)]
pub struct SourceError(Kind);

#[derive(Debug)]
enum Kind {
    Unavailable(Box<dyn std::error::Error + Send + Sync>),
    BadRequest(Cow<'static, str>),
}

impl SourceError {
    /// What is asked could not be read: `policy_unavailable`, 503. Never a denial.
    pub fn unavailable(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(Kind::Unavailable(source.into()))
    }

    /// The request gives it in a form that cannot be read: `bad_request`, 400. The reason quotes no id.
    pub fn bad_request(reason: &'static str) -> Self {
        Self(Kind::BadRequest(Cow::Borrowed(reason)))
    }

    /// What reading a value out of a request refused.
    pub(crate) fn unreadable(denial: &Denial) -> Self {
        let reason = denial.reason().unwrap_or_default().to_owned();
        Self(Kind::BadRequest(Cow::Owned(reason)))
    }

    /// What the client is told; the source goes to the log.
    pub fn into_denial(self) -> Denial {
        match self.0 {
            Kind::BadRequest(reason) => Denial::bad_request(reason),
            Kind::Unavailable(source) => {
                let logged = caught(|| {
                    tracing::error!(target: "gatepost::source", error = &*source as &dyn std::error::Error, "a fact could not be read");
                });
                drop(logged);
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
