//! Subjects that a signed token names: JSON Web Tokens (RFC 7519), as bearer tokens (RFC 6750).
//!
//! ```
//! use gatepost_enforce::jwt::{Jwt, Keys};
//!
//! // What the issuer publishes at its `jwks_uri`. Fetching it is the service's own business.
//! let published = br#"{"keys": [{
//!     "kid": "2026-11", "kty": "OKP", "crv": "Ed25519", "use": "sig",
//!     "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
//! }]}"#;
//! let subject = Jwt::new("https://login.example.com", "chats", Keys::from_jwks(published)?);
//!
//! // Kept where the set is fetched anew: what is no longer published opens nothing from then on.
//! let keys = subject.keys();
//! keys.replace(Keys::from_jwks(published)?)?;
//! # Ok::<(), gatepost_enforce::jwt::KeyError>(())
//! ```
//!
//! # What is nobody
//!
//! No `authorization` header, one of another scheme, and any token that is not sound: the request is
//! `unauthenticated`, and why a token was refused is logged at `debug`, without what was in it. The header
//! given twice is `bad_request`. A token is sound where all of this holds:
//!
//! - It is signed by a key of the set, by that key's algorithm. What the token says of the algorithm must be the same,
//!   and chooses nothing. `kid` picks the key, unless there is one key alone and it has no id. `jwk`, `jku` and the
//!   like are not read.
//! - It has no `crit` and no `b64`: they ask for extensions, and none is known here. `typ` is `JWT`, `at+jwt`
//!   (RFC 9068) or absent, since a token made for something else does not say who asks (RFC 8725, 3.11).
//! - `iss` is the issuer that [`Jwt::new`] was given, and `aud` is or has the audience; for [`Jwt::hs256`] neither
//!   is there.
//! - `exp` is there and has not come; `nbf`, where it is there, has. Both are numbers, with a fraction or without.
//! - No member that is read here is there twice, is `null`, or is of another type.
//!
//! # Who it is
//!
//! `sub`; or where there is `act` (RFC 8693, 4.1) the agent that it names, acting for `sub`. A chain of actors, or an
//! actor of another issuer, is nobody. `scope`, with one space between its words, limits what the token is
//! good for: none does not limit, and an empty one covers nothing. `exp` is the subject's
//! [end](gatepost::Subject::expires): what goes on under a permit of it is over with the token.

mod claims;
mod keys;
mod object;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use arc_swap::ArcSwap;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatepost::{Given, RequestHead, Subject};
use serde::de::DeserializeOwned;

use self::claims::{Claims, Header};
use self::object::Object;
use super::{FindSubject, SourceError};

pub use self::keys::{KeyError, Keys};

/// The longest token that is looked at, in bytes.
const LONGEST: usize = 16 * 1024;

/// Finds the subject of a bearer token.
///
/// See the [module](self) for what a token must be.
pub struct Jwt {
    keys: KeysHandle,
    parties: Parties,
    leeway: Duration,
}

/// Whom a token must name.
enum Parties {
    /// Who signed it, and whom it is for.
    Named { issuer: String, audience: String },
    /// The service signs its tokens itself.
    Own,
}

/// Why a token was refused, without what was in it.
type Refused = &'static str;

impl Jwt {
    /// Tokens that an issuer signs for this audience.
    pub fn new(issuer: impl Into<String>, audience: impl Into<String>, keys: Keys) -> Self {
        let parties = Parties::Named {
            issuer: issuer.into(),
            audience: audience.into(),
        };
        Self::of(parties, keys)
    }

    /// Tokens that the service signs itself, by HMAC-SHA256 with a secret that nobody else has.
    ///
    /// It need not name itself in them. One that names an issuer or an audience all the same was made
    /// for something else: nobody.
    ///
    /// # Errors
    ///
    /// [`KeyError`] when the secret is too short.
    pub fn hs256(secret: &[u8]) -> Result<Self, KeyError> {
        Ok(Self::of(Parties::Own, Keys::hs256(secret)?))
    }

    fn of(parties: Parties, keys: Keys) -> Self {
        Self {
            keys: KeysHandle(Arc::new(ArcSwap::from_pointee(keys))),
            parties,
            leeway: Duration::ZERO,
        }
    }

    /// How far the issuer's clock may be off; not at all unless told.
    #[must_use]
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway;
        self
    }

    /// The keys, to be replaced while the service runs.
    pub fn keys(&self) -> KeysHandle {
        self.keys.clone()
    }

    fn verify(&self, token: &str) -> Result<Subject, Refused> {
        if token.len() > LONGEST {
            return Err("it is too long");
        }
        let (message, signature) = token.rsplit_once('.').ok_or("it has no parts")?;
        let (header, claims) = message.split_once('.').ok_or("it has two parts")?;

        let header: Header = read(header).ok_or("its header cannot be read")?;
        header.check()?;
        let keys = self.keys.0.load();
        let key = keys.pick(header.kid()).ok_or("no key has its `kid`")?;
        if header.algorithm() != Some(key.algorithm) {
            return Err("its key is for another algorithm");
        }
        if !key.verifies(message, signature) {
            return Err("its signature is not the key's");
        }

        let claims: Claims = read(claims).ok_or("its claims cannot be read")?;
        self.parties.check(&claims)?;
        let leeway = self.leeway.as_secs_f64();
        claims.check_time(now(), leeway)?;
        Ok(claims.into_subject(leeway))
    }
}

impl Parties {
    fn check(&self, claims: &Claims) -> Result<(), Refused> {
        match self {
            Self::Named { issuer, audience } => {
                if !claims.is_from(issuer) {
                    return Err("it is not the issuer's");
                }
                if !claims.is_for(audience) {
                    return Err("it is not for this audience");
                }
            }
            Self::Own => {
                if claims.names_parties() {
                    return Err("it names an issuer or an audience, and the service's own do not");
                }
            }
        }
        Ok(())
    }
}

/// One part of a token: base64url without padding (RFC 7515, 2), and in it one JSON object.
fn read<T: DeserializeOwned>(part: &str) -> Option<T> {
    let json = URL_SAFE_NO_PAD.decode(part).ok()?;
    let Object(read) = serde_json::from_slice(&json).ok()?;
    Some(read)
}

/// Seconds since 1970. By a clock that stands before it every token is over.
fn now() -> f64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(f64::INFINITY, |now| now.as_secs_f64())
}

impl<R: ?Sized> FindSubject<R> for Jwt {
    fn find(&self, _: &R, head: &dyn RequestHead) -> Result<Option<Subject>, SourceError> {
        let given = match head.header("authorization") {
            Given::Absent => return Ok(None),
            Given::Once(given) => given,
            Given::Repeated => {
                return Err(SourceError::bad_request("`authorization` is given twice"));
            }
        };
        let Some(token) = bearer(given) else {
            return Ok(None);
        };
        let subject = self.verify(token).inspect_err(|reason| {
            tracing::debug!(target: "gatepost::source", reason, "a token was refused");
        });
        Ok(subject.ok())
    }
}

fn bearer(authorization: &[u8]) -> Option<&str> {
    let (scheme, token) = str::from_utf8(authorization).ok()?.split_once(' ')?;
    let is_bearer = scheme.eq_ignore_ascii_case("bearer");
    is_bearer.then_some(token.trim_matches(' '))
}

impl fmt::Debug for Jwt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jwt")
            .field("keys", &self.keys)
            .field("leeway", &self.leeway)
            .finish_non_exhaustive()
    }
}

/// The keys of a [`Jwt`], to be replaced while the service runs.
#[derive(Clone, Debug)]
pub struct KeysHandle(Arc<ArcSwap<Keys>>);

impl KeysHandle {
    /// From now on these keys verify, and no others.
    ///
    /// # Errors
    ///
    /// [`KeyError::OtherKind`] when these are secrets and those were public keys, or the reverse: nothing is replaced.
    pub fn replace(&self, keys: Keys) -> Result<(), KeyError> {
        if self.0.load().are_secrets() != keys.are_secrets() {
            return Err(KeyError::OtherKind);
        }
        self.0.store(Arc::new(keys));
        Ok(())
    }
}
