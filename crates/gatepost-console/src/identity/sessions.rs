//! Login links, sessions and bearer tokens of the console's own.

use gatepost::Subject;
use gatepost_axum::SourceError;
use gatepost_store::PolicyStore;
use http::{HeaderMap, header};

use super::Came;
use crate::base::Base;
use crate::cookies::{self, SESSION, Sent};
use crate::fault::Fault;
use crate::views::LoginView;

/// The console's own identities, as the store keeps them.
#[derive(Debug)]
pub(crate) struct Sessions {
    store: PolicyStore,
    base: Base,
}

impl Sessions {
    /// Those of a store.
    pub(crate) fn new(store: PolicyStore, base: Base) -> Self {
        Self { store, base }
    }

    /// Finds who asks: by a bearer token where there is one, and never by the cookie instead.
    pub(crate) async fn find(&self, headers: &HeaderMap) -> Result<Option<Subject>, SourceError> {
        let _ = (&self.store, headers);
        Ok(None)
    }

    /// By what a request says who asks.
    pub(crate) fn came(&self, headers: &HeaderMap) -> Came {
        if headers.contains_key(header::AUTHORIZATION) {
            return Came::Otherwise;
        }
        match cookies::sent(headers, &self.base, SESSION) {
            Sent::Once(_) => Came::BySession,
            Sent::None | Sent::Several => Came::Otherwise,
        }
    }

    /// What the page of a login link shows; nothing is consumed.
    pub(crate) async fn look(&self, code: &str) -> Result<LoginView, Fault> {
        Ok(LoginView {
            code: code.to_owned(),
            subject: None,
            expires: None,
        })
    }

    /// Consumes a login link, and answers with the `Set-Cookie` of a new session; `None` where the link is used, over,
    /// or none of ours.
    pub(crate) async fn log_in(&self, code: &str) -> Result<Option<http::HeaderValue>, Fault> {
        let _ = code;
        Ok(None)
    }

    /// Ends the session of a request, and answers with the `Set-Cookie` that takes it from the browser.
    pub(crate) async fn log_out(
        &self,
        headers: &HeaderMap,
    ) -> Result<Option<http::HeaderValue>, Fault> {
        let _ = headers;
        Ok(cookies::unset(&self.base, SESSION))
    }
}
