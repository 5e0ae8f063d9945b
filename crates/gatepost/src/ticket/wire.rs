//! A ticket as text: `gp1`, the id of the key, the claims, the signature, with dots between them.
//!
//! The claims are JSON in base64url (RFC 4648, 5). The signature is of all that stands before it, so version
//! and key are signed as well. What is in the claims is looked at only once the signature is good.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::ring::KeyRing;
use crate::id::{OrgId, SubjectId};
use crate::vocabulary::Kind;

const VERSION: &str = "gp1";
/// Scopes may be many; no queue has to carry, and nobody to read, as many as that.
const LONGEST: usize = 64 * 1024;

/// What a ticket says.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Claims {
    #[serde(rename = "s")]
    pub(super) subject: SubjectId,
    /// What it was, by policy and identity together.
    #[serde(rename = "k")]
    pub(super) kind: Kind,
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    pub(super) acting_for: Option<SubjectId>,
    /// An empty list covers nothing, none at all does not limit.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub(super) scopes: Option<Vec<String>>,
    #[serde(rename = "o")]
    pub(super) org: OrgId,
    #[serde(rename = "r")]
    pub(super) resource: String,
    #[serde(rename = "a")]
    pub(super) action: String,
    #[serde(rename = "w", default, skip_serializing_if = "Option::is_none")]
    pub(super) owner: Option<Owner>,
    /// Milliseconds since 1970, as `expires`.
    #[serde(rename = "i")]
    pub(super) issued: i64,
    #[serde(rename = "e")]
    pub(super) expires: i64,
    #[serde(rename = "v")]
    pub(super) version: u64,
}

/// Whose object it is.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Owner {
    /// That of whoever the work is for.
    #[serde(rename = "b")]
    Beneficiary,
    /// This one's.
    #[serde(rename = "s")]
    Subject(SubjectId),
}

/// None where it would be too long to be verified.
pub(super) fn sign(claims: &Claims, keys: &KeyRing) -> Option<String> {
    // Nothing in it can fail to be JSON; should it ever, what comes out is no ticket.
    let json = serde_json::to_vec(claims).unwrap_or_default();
    let claims = URL_SAFE_NO_PAD.encode(json);
    let text = format!("{VERSION}.{}.{claims}", keys.id());
    let signature = URL_SAFE_NO_PAD.encode(keys.sign(&text));
    let ticket = format!("{text}.{signature}");
    (ticket.len() <= LONGEST).then_some(ticket)
}

/// None of what was not signed by any of the keys, or does not say what a ticket says.
pub(super) fn verify(ticket: &str, keys: &KeyRing) -> Option<Claims> {
    if ticket.len() > LONGEST {
        return None;
    }
    let (text, signature) = ticket.rsplit_once('.')?;
    let mut parts = text.split('.');
    let (version, key, claims) = (parts.next()?, parts.next()?, parts.next()?);
    if version != VERSION || parts.next().is_some() {
        return None;
    }
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    if !keys.has_signed(key, text, &signature) {
        return None;
    }
    let json = URL_SAFE_NO_PAD.decode(claims).ok()?;
    serde_json::from_slice(&json).ok()
}
