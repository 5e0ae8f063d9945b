//! Tokens: JSON Web Tokens (RFC 7519), signed with the shared secret and verified by Gatepost.

use clap::Args;
use gatepost::SubjectId;
use gatepost_enforce::jwt::Jwt;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;

use crate::{Error, Secret};

const LIFETIME_SECONDS: u64 = 8 * 60 * 60;

/// Who asks, for the routes of a service.
///
/// A service whose tokens come from elsewhere has [`Jwt::new`] here, with issuer, audience and key set.
///
/// # Errors
///
/// When the secret is too short to sign with.
pub fn identity(secret: &Secret) -> Result<Jwt, Error> {
    Ok(Jwt::hs256(secret.as_bytes())?)
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

#[derive(Serialize)]
struct Claims<'a> {
    sub: &'a SubjectId,
    exp: u64,
    /// Words, one space between them. No claim does not limit; an empty one covers nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    /// Who acts for `sub` (RFC 8693, 4.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    act: Option<Actor<'a>>,
}

#[derive(Serialize)]
struct Actor<'a> {
    sub: &'a SubjectId,
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
            sub: &self.subject,
            exp: jsonwebtoken::get_current_timestamp() + LIFETIME_SECONDS,
            scope: (!self.scopes.is_empty()).then(|| self.scopes.join(" ")),
            act: self.agent.as_ref().map(|sub| Actor { sub }),
        };
        let key = EncodingKey::from_secret(secret.as_bytes());
        let header = Header::new(Algorithm::HS256);
        Ok(jsonwebtoken::encode(&header, &claims, &key)?)
    }
}
