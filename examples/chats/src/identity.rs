//! Who asks: JSON Web Tokens (RFC 7519), signed with the shared secret.

use std::fmt;

use clap::Args;
use gatepost::{Given, Kind, RequestHead, Subject, SubjectId};
use gatepost_enforce::{FindSubject, SourceError};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Deserializer, Serialize};

use crate::Error;
use crate::secret::Secret;

/// One algorithm: what a token says of its own is compared with it, and never followed.
const ALGORITHM: Algorithm = Algorithm::HS256;
const LIFETIME_SECONDS: u64 = 8 * 60 * 60;

/// Finds the subject of a bearer token (RFC 6750).
pub struct Jwt {
    key: DecodingKey,
    validation: Validation,
}

impl fmt::Debug for Jwt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Jwt")
    }
}

/// Who asks, for the routes of a service.
///
/// # Errors
///
/// When the secret is too short to sign with.
pub fn identity(secret: &Secret) -> Result<Jwt, Error> {
    Ok(Jwt::hs256(secret))
}

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: SubjectId,
    exp: u64,
    /// Words, one space between them. No claim does not limit; an empty one covers nothing.
    #[serde(default, deserialize_with = "not_null")]
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    #[serde(default, deserialize_with = "not_null")]
    #[serde(skip_serializing_if = "Option::is_none")]
    act: Option<Actor>,
}

/// Who acts for the token's `sub` (RFC 8693, 4.1).
///
/// A chain of actors, or one of another issuer, is more than this service understands: refused.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Actor {
    sub: SubjectId,
}

impl Jwt {
    fn hs256(secret: &Secret) -> Self {
        let mut validation = Validation::new(ALGORITHM);
        validation.leeway = 0;
        validation.validate_nbf = true;
        Self {
            key: DecodingKey::from_secret(secret.as_bytes()),
            validation,
        }
    }

    fn verify(&self, token: &str) -> Result<Subject, Error> {
        let token = jsonwebtoken::decode::<Claims>(token, &self.key, &self.validation)?;
        if token.header.crit.is_some() {
            return Err("it has critical headers (RFC 7515, 4.1.11)".into());
        }
        Ok(token.claims.into_subject())
    }
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
        let subject = self.verify(token);
        let subject = subject.inspect_err(|error| tracing::debug!(%error, "a token was refused"));
        Ok(subject.ok())
    }
}

fn bearer(authorization: &[u8]) -> Option<&str> {
    let (scheme, token) = str::from_utf8(authorization).ok()?.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim())
}

impl Claims {
    fn into_subject(self) -> Subject {
        let subject = match self.act {
            Some(agent) => Subject::new(agent.sub)
                .kind(Kind::Agent)
                .acting_for(self.sub),
            None => Subject::new(self.sub),
        };
        match self.scope {
            Some(scope) => subject.scopes(scope.split(' ')),
            None => subject,
        }
    }
}

/// A claim that is `null` is malformed, and not one that is absent: that would widen the token.
fn not_null<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    from: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

/// What a token says.
#[derive(Args, Debug)]
pub struct TokenArgs {
    /// Who asks, or for whom --agent asks
    subject: SubjectId,
    /// A grant that the token is limited to, such as `chat:read`; may be given more than once
    #[arg(long = "scope", value_name = "G")]
    scopes: Vec<String>,
    /// The agent that asks
    #[arg(long, value_name = "A")]
    agent: Option<SubjectId>,
}

impl TokenArgs {
    /// A token of a subject, without limits.
    pub fn of(subject: SubjectId) -> Self {
        Self {
            subject,
            scopes: Vec::new(),
            agent: None,
        }
    }

    /// The token, signed.
    ///
    /// # Errors
    ///
    /// When it cannot be signed.
    pub fn token(&self, secret: &Secret) -> Result<String, Error> {
        let claims = Claims {
            sub: self.subject.clone(),
            exp: jsonwebtoken::get_current_timestamp() + LIFETIME_SECONDS,
            scope: (!self.scopes.is_empty()).then(|| self.scopes.join(" ")),
            act: self.agent.clone().map(|sub| Actor { sub }),
        };
        let key = EncodingKey::from_secret(secret.as_bytes());
        Ok(jsonwebtoken::encode(
            &Header::new(ALGORITHM),
            &claims,
            &key,
        )?)
    }
}
