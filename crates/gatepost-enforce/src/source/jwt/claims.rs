//! What a token says, read strictly.

use gatepost::{Kind, Subject, SubjectId, Timestamp};
use jsonwebtoken::Algorithm;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};

use super::Refused;
use super::object::Object;

/// The header (RFC 7515, 4). A member that is read here and is there twice is an error, below as well.
#[derive(Deserialize)]
pub(super) struct Header {
    alg: String,
    #[serde(default, deserialize_with = "not_null")]
    typ: Option<String>,
    #[serde(default, deserialize_with = "not_null")]
    kid: Option<String>,
    #[serde(default, deserialize_with = "is_there")]
    crit: bool,
    #[serde(default, deserialize_with = "is_there")]
    b64: bool,
}

impl Header {
    pub(super) fn check(&self) -> Result<(), Refused> {
        if self.crit || self.b64 {
            return Err("it asks for an extension (RFC 7515, 4.1.11)");
        }
        let Some(given) = &self.typ else {
            return Ok(());
        };
        let given = given.to_ascii_lowercase();
        // A media type whose first part may be left out (RFC 7515, 4.1.9).
        match given.strip_prefix("application/").unwrap_or(&given) {
            "jwt" | "at+jwt" => Ok(()),
            _ => Err("its `typ` is that of something else"),
        }
    }

    pub(super) fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    pub(super) fn algorithm(&self) -> Option<Algorithm> {
        self.alg.parse().ok()
    }
}

/// The claims (RFC 7519, 4.1; RFC 8693, 4) that say who asks.
#[derive(Deserialize)]
pub(super) struct Claims {
    #[serde(default, deserialize_with = "not_null")]
    iss: Option<String>,
    #[serde(default, deserialize_with = "not_null")]
    aud: Option<Audience>,
    sub: SubjectId,
    exp: f64,
    #[serde(default, deserialize_with = "not_null")]
    nbf: Option<f64>,
    #[serde(default, deserialize_with = "not_null")]
    scope: Option<String>,
    #[serde(default, deserialize_with = "not_null")]
    act: Option<Object<Actor>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

/// Who acts for the token's `sub`; a chain of actors, or one of another issuer, has more members.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Actor {
    sub: SubjectId,
}

impl Claims {
    pub(super) fn is_from(&self, issuer: &str) -> bool {
        self.iss.as_deref() == Some(issuer)
    }

    pub(super) fn is_for(&self, audience: &str) -> bool {
        match &self.aud {
            None => false,
            Some(Audience::One(named)) => named == audience,
            Some(Audience::Many(named)) => named.iter().any(|named| named == audience),
        }
    }

    pub(super) fn names_parties(&self) -> bool {
        self.iss.is_some() || self.aud.is_some()
    }

    pub(super) fn check_time(&self, now: f64, leeway: f64) -> Result<(), Refused> {
        if now - leeway >= self.exp {
            return Err("it is over");
        }
        if self.nbf.is_some_and(|begin| now + leeway < begin) {
            return Err("it has not begun");
        }
        Ok(())
    }

    /// When the token is over; one that is not before the end of time is not.
    #[allow(
        clippy::cast_possible_truncation,
        reason = "what is too large becomes the greatest number, which is no moment"
    )]
    fn end(&self, leeway: f64) -> Option<Timestamp> {
        Timestamp::from_millis(((self.exp + leeway) * 1000.0).floor() as i64)
    }

    pub(super) fn into_subject(self, leeway: f64) -> Subject {
        let end = self.end(leeway);
        let subject = match self.act {
            Some(Object(agent)) => Subject::new(agent.sub)
                .kind(Kind::Agent)
                .acting_for(self.sub),
            None => Subject::new(self.sub),
        };
        let subject = match self.scope {
            Some(scope) => subject.scopes(scope.split(' ')),
            None => subject,
        };
        match end {
            Some(end) => subject.expires(end),
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

fn is_there<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(from).map(|_| true)
}
