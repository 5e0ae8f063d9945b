//! Login links, sessions and bearer tokens of the console's own.

use gatepost::Subject;
use gatepost_axum::SourceError;
use gatepost_store::{CredentialKind, PolicyStore};
use http::{HeaderMap, HeaderValue, header};

use super::Came;
use crate::base::Base;
use crate::cookies::{self, SESSION, Sent};
use crate::fault::Fault;
use crate::require::SITE;
use crate::views::LoginView;

/// The console's own identities, as the store keeps them.
#[derive(Debug)]
pub(crate) struct Sessions {
    store: PolicyStore,
    base: Base,
}

/// A credential in a request.
#[derive(Debug, PartialEq, Eq)]
enum Given {
    Nothing,
    Token(String),
    Session(String),
}

impl Sessions {
    /// Those of a store.
    pub(crate) fn new(store: PolicyStore, base: Base) -> Self {
        Self { store, base }
    }

    /// Finds who asks: by a bearer token where there is one, and never by the cookie instead.
    pub(crate) async fn find(&self, headers: &HeaderMap) -> Result<Option<Subject>, SourceError> {
        let (kind, secret) = match given(headers, &self.base)? {
            Given::Nothing => return Ok(None),
            Given::Token(token) => (CredentialKind::Token, token),
            Given::Session(session) => (CredentialKind::Session, session),
        };
        let credential = self.store.credential(kind, &secret).await;
        let credential = credential.map_err(SourceError::unavailable)?;
        Ok(credential.map(|credential| credential.subject()))
    }

    /// By what a request says who asks.
    pub(crate) fn came(&self, headers: &HeaderMap) -> Came {
        match given(headers, &self.base) {
            Ok(Given::Session(_)) => Came::BySession,
            Ok(Given::Nothing | Given::Token(_)) | Err(_) => Came::Otherwise,
        }
    }

    /// What the page of a login link shows; nothing is consumed.
    pub(crate) async fn look(&self, code: &str) -> Result<LoginView, Fault> {
        let link = self.store.credential(CredentialKind::Login, code).await;
        let link = link.map_err(|error| self.fault(&error))?;
        Ok(LoginView {
            code: code.to_owned(),
            subject: link.as_ref().map(|link| link.subject.to_string()),
            expires: link.map(|link| link.expires.to_string()),
        })
    }

    /// Consumes a login link, and answers with the `Set-Cookie` of a new session; `None` where the link is used, over,
    /// or none of ours.
    ///
    /// The session's secret is made by the store in the moment, so nobody can have known it before. A session that
    /// the browser had before is ended with it: nobody would log it out any more.
    pub(crate) async fn log_in(
        &self,
        code: &str,
        headers: &HeaderMap,
    ) -> Result<Option<HeaderValue>, Fault> {
        let issued = match cookies::sent(headers, &self.base, SESSION) {
            Sent::Once(session) => self.store.log_in_instead(code, &session).await,
            Sent::None | Sent::Several => self.store.log_in(code).await,
        };
        let issued = issued.map_err(|error| self.fault(&error))?;
        Ok(issued.and_then(|issued| cookies::set(&self.base, SESSION, &issued.secret)))
    }

    /// Ends the session of a request, and answers with the `Set-Cookie` that takes it from the browser.
    pub(crate) async fn log_out(&self, headers: &HeaderMap) -> Result<Option<HeaderValue>, Fault> {
        if let Sent::Once(secret) = cookies::sent(headers, &self.base, SESSION) {
            let session = self
                .store
                .credential(CredentialKind::Session, &secret)
                .await;
            if let Some(session) = session.map_err(|error| self.fault(&error))? {
                let revoked = self.store.revoke(&session.id).await;
                revoked.map_err(|error| self.fault(&error))?;
            }
        }
        Ok(cookies::unset(&self.base, SESSION))
    }

    fn fault(&self, error: &gatepost_store::StoreError) -> Fault {
        Fault::of_store(error, &self.store.url().to_string(), SITE)
    }
}

/// The credential of a request. What is there twice could be taken for either, so it is an error.
fn given(headers: &HeaderMap, base: &Base) -> Result<Given, SourceError> {
    let mut authorization = headers.get_all(header::AUTHORIZATION).iter();
    match (authorization.next(), authorization.next()) {
        (Some(_), Some(_)) => Err(SourceError::bad_request("`authorization` is given twice")),
        (Some(value), None) => Ok(token(value).map_or(Given::Nothing, Given::Token)),
        (None, _) => match cookies::sent(headers, base, SESSION) {
            Sent::None => Ok(Given::Nothing),
            Sent::Once(session) => Ok(Given::Session(session)),
            Sent::Several => Err(SourceError::bad_request(
                "the session's cookie is there twice",
            )),
        },
    }
}

/// The token of a bearer (RFC 6750); of another scheme nobody is found, and not the cookie's subject instead.
fn token(value: &HeaderValue) -> Option<String> {
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_goes_by_its_token_and_never_by_the_cookie_instead() {
        let base = Base::new("").unwrap();
        let given = |headers: &[(&str, &str)]| {
            let mut map = HeaderMap::new();
            for (name, value) in headers {
                let name: http::HeaderName = name.parse().unwrap();
                map.append(name, value.parse().unwrap());
            }
            given(&map, &base).ok()
        };
        let cookie = ("cookie", "gatepost-session=s");
        assert_eq!(given(&[]), Some(Given::Nothing));
        assert_eq!(given(&[cookie]), Some(Given::Session("s".into())));
        for (authorization, expected) in [
            ("Bearer t", Given::Token("t".into())),
            ("bearer t", Given::Token("t".into())),
            ("Bearer", Given::Nothing),
            ("Basic YTpi", Given::Nothing),
            ("", Given::Nothing),
        ] {
            let given = given(&[("authorization", authorization), cookie]);
            assert_eq!(given, Some(expected), "{authorization}");
        }
        let twice = [("authorization", "Bearer t"), ("authorization", "Bearer t")];
        assert_eq!(given(&twice), None);
        assert_eq!(given(&[cookie, cookie]), None);
    }
}
