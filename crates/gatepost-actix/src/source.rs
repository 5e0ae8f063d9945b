//! Where a request's subject comes from.

use std::fmt;
use std::sync::Arc;

use actix_web::HttpRequest;
use async_trait::async_trait;
use gatepost::Subject;
use gatepost_enforce::{FindSubject, SourceError};

/// A [`FindSubject`] for what has to be awaited, such as a session in a store.
///
/// Its future stays on the worker's thread. It must not keep a clone of the request beyond its end: actix's
/// router changes a request in place, and panics where it is not the only one that has it.
///
/// actix goes on with a request whose client has closed its half of the connection, and a load goes on with
/// it; [`HttpServer::h1_allow_half_closed`](actix_web::HttpServer::h1_allow_half_closed) says otherwise.
#[async_trait(?Send)]
pub trait LoadSubject: Send + Sync + 'static {
    /// Loads the subject.
    ///
    /// # Errors
    ///
    /// [`SourceError`] when it cannot be told who asks.
    async fn load(&self, request: &HttpRequest) -> Result<Option<Subject>, SourceError>;
}

#[derive(Clone)]
pub(crate) enum SubjectSource {
    Find(Arc<dyn FindSubject<HttpRequest>>),
    Load(Arc<dyn LoadSubject>),
}

impl fmt::Debug for SubjectSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SubjectSource")
    }
}
