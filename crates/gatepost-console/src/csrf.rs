//! What a form of the console carries that no other page can know.
//!
//! A random cookie that no script reads, and a hidden field that repeats it: another site can have a browser send
//! a form, and neither read nor set the cookie.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::FromRequestParts;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderMap;
use http::request::Parts;
use subtle::ConstantTimeEq as _;

use crate::base::Base;
use crate::cookies::{self, CSRF, Sent};
use crate::fault::Fault;

/// The length of 32 bytes in base64.
const LENGTH: usize = 43;

/// The token for the hidden field `csrf` of a form; a handler that shows a form takes it, and the browser then has
/// the cookie.
#[derive(Clone, Debug)]
pub(crate) struct CsrfToken(Arc<str>);

/// The token of a request, which becomes a cookie where it is taken.
#[derive(Clone, Debug)]
pub(crate) struct Offered {
    token: CsrfToken,
    is_new: bool,
    is_taken: Arc<AtomicBool>,
}

impl CsrfToken {
    /// What stands in the field.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    fn random() -> Option<Self> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).ok()?;
        Some(Self(URL_SAFE_NO_PAD.encode(bytes).into()))
    }

    /// The one that the browser has, unless somebody has set another one beside it.
    fn sent(headers: &HeaderMap, base: &Base) -> Option<Self> {
        match cookies::sent(headers, base, CSRF) {
            Sent::Once(token) if token.len() == LENGTH => Some(Self(token.into())),
            Sent::Once(_) | Sent::None | Sent::Several => None,
        }
    }
}

impl Offered {
    /// The browser's own token, or a new one.
    pub(crate) fn to(headers: &HeaderMap, base: &Base) -> Option<Self> {
        let sent = CsrfToken::sent(headers, base);
        let is_new = sent.is_none();
        Some(Self {
            token: sent.or_else(CsrfToken::random)?,
            is_new,
            is_taken: Arc::default(),
        })
    }

    /// The token, if it has to become a cookie.
    pub(crate) fn to_be_set(&self) -> Option<&str> {
        (self.is_new && self.is_taken.load(Ordering::Relaxed)).then(|| self.token.as_str())
    }
}

/// Goes on only where a form repeats the browser's cookie.
pub(crate) fn check(headers: &HeaderMap, base: &Base, field: &str) -> Result<(), Fault> {
    let refused = || {
        Fault::cross_origin(
            "The form is not of this browser's console, or is from before a login. Load the page again.",
        )
    };
    let sent = CsrfToken::sent(headers, base).ok_or_else(refused)?;
    let is_same = sent.as_str().as_bytes().ct_eq(field.as_bytes());
    if !bool::from(is_same) {
        return Err(refused());
    }
    Ok(())
}

impl<S: Sync> FromRequestParts<S> for CsrfToken {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        let offered = parts.extensions.get::<Offered>();
        let offered = offered.ok_or_else(Fault::unsound)?;
        offered.is_taken.store(true, Ordering::Relaxed);
        Ok(offered.token.clone())
    }
}
