//! The keys that tokens are verified with, each for one algorithm.

use std::collections::HashSet;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, crypto};
use serde::Deserialize;

use super::object::Object;

/// The keys that tokens are verified with, each for one algorithm.
pub struct Keys {
    keys: Vec<Key>,
    are_secrets: bool,
}

pub(super) struct Key {
    kid: Option<String>,
    pub(super) algorithm: Algorithm,
    verifying: DecodingKey,
}

/// Keys that cannot be verified with.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyError {
    /// A secret is as long as the hash at least (RFC 7518, 3.2).
    ShortSecret,
    /// This is no JSON Web Key Set (RFC 7517, 5).
    NotASet,
    /// No key of the set is one that verifies signatures, of a kind that is known here, for one algorithm.
    NoKey,
    /// A secret stands beside public keys: a set that is published tells it to everybody.
    PublishedSecret,
    /// Two keys of the set have this id.
    RepeatedId(String),
    /// Secrets do not replace public keys, nor the reverse.
    OtherKind,
}

/// A JSON Web Key (RFC 7517, 4; RFC 7518, 6; RFC 8037, 2).
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
    kid: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
    k: Option<String>,
}

#[derive(Deserialize)]
struct Jwks {
    keys: Vec<Object<Jwk>>,
}

impl Keys {
    /// One secret, for HMAC-SHA256.
    ///
    /// # Errors
    ///
    /// [`KeyError::ShortSecret`] when it has fewer than 32 bytes.
    pub fn hs256(secret: &[u8]) -> Result<Self, KeyError> {
        let algorithm = Algorithm::HS256;
        let verifying = shared(secret, algorithm).ok_or(KeyError::ShortSecret)?;
        Ok(Self {
            keys: vec![Key {
                kid: None,
                algorithm,
                verifying,
            }],
            are_secrets: true,
        })
    }

    /// The keys of a JSON Web Key Set (RFC 7517, 5) that verify signatures.
    ///
    /// They are those of RSA and of secrets that say their `alg`, and those of the curves P-256, P-384 and Ed25519,
    /// which tell it. An RSA key has 2048 to 4096 bits. All others are left out, as the standard asks.
    ///
    /// # Errors
    ///
    /// [`KeyError`] when this is no such set, or none that can be gone by.
    pub fn from_jwks(json: &[u8]) -> Result<Self, KeyError> {
        let set = serde_json::from_slice(json);
        let Object(Jwks { keys }) = set.map_err(|_| KeyError::NotASet)?;
        let secrets = keys.iter().filter(|Object(jwk)| jwk.kty == "oct").count();
        if secrets != 0 && secrets != keys.len() {
            return Err(KeyError::PublishedSecret);
        }
        let keys = keys.into_iter().filter_map(|Object(jwk)| jwk.into_key());
        let keys: Vec<Key> = keys.collect();
        if keys.is_empty() {
            return Err(KeyError::NoKey);
        }
        let mut seen = HashSet::new();
        for id in keys.iter().filter_map(|key| key.kid.as_ref()) {
            if !seen.insert(id) {
                return Err(KeyError::RepeatedId(id.clone()));
            }
        }
        Ok(Self {
            keys,
            are_secrets: secrets != 0,
        })
    }

    /// The key that a token is signed with: the only one, where that has no id, else that of the token's `kid`.
    pub(super) fn pick(&self, kid: Option<&str>) -> Option<&Key> {
        match (&*self.keys, kid) {
            ([only], _) if only.kid.is_none() => Some(only),
            (keys, Some(kid)) => keys.iter().find(|key| key.kid.as_deref() == Some(kid)),
            (_, None) => None,
        }
    }

    pub(super) fn are_secrets(&self) -> bool {
        self.are_secrets
    }
}

impl Key {
    /// Whether the signature, in base64url, is that of the message by this key.
    pub(super) fn verifies(&self, message: &str, signature: &str) -> bool {
        let message = message.as_bytes();
        let verified = crypto::verify(signature, message, &self.verifying, self.algorithm);
        // An error is that of a signature which could be nobody's: it is no fact that was not read.
        matches!(verified, Ok(true))
    }
}

impl Jwk {
    fn into_key(self) -> Option<Key> {
        let verifies = self.usage.as_deref().is_none_or(|usage| usage == "sig")
            && (self.key_ops.as_ref()).is_none_or(|all| all.iter().any(|one| one == "verify"));
        if !verifies {
            return None;
        }
        let algorithm = self.algorithm()?;
        let verifying = match algorithm.family() {
            AlgorithmFamily::Hmac => shared(&URL_SAFE_NO_PAD.decode(self.k?).ok()?, algorithm)?,
            AlgorithmFamily::Rsa => {
                let modulus = URL_SAFE_NO_PAD.decode(self.n?).ok()?;
                let exponent = URL_SAFE_NO_PAD.decode(self.e?).ok()?;
                let zeros = modulus.iter().take_while(|byte| **byte == 0).count();
                if !(2048 / 8..=4096 / 8).contains(&(modulus.len() - zeros)) {
                    return None;
                }
                DecodingKey::from_rsa_raw_components(&modulus, &exponent)
            }
            AlgorithmFamily::Ec => DecodingKey::from_ec_components(&self.x?, &self.y?).ok()?,
            AlgorithmFamily::Ed => DecodingKey::from_ed_components(&self.x?).ok()?,
        };
        Some(Key {
            kid: self.kid,
            algorithm,
            verifying,
        })
    }

    /// The one algorithm that it is for.
    fn algorithm(&self) -> Option<Algorithm> {
        let told = match (&*self.kty, self.crv.as_deref()) {
            ("RSA" | "oct", _) => None,
            ("EC", Some("P-256")) => Some(Algorithm::ES256),
            ("EC", Some("P-384")) => Some(Algorithm::ES384),
            ("OKP", Some("Ed25519")) => Some(Algorithm::EdDSA),
            _ => return None,
        };
        let Some(said) = &self.alg else {
            return told;
        };
        let said: Algorithm = said.parse().ok()?;
        let fits = match told {
            Some(told) => said == told,
            None if self.kty == "RSA" => said.family() == AlgorithmFamily::Rsa,
            None => said.family() == AlgorithmFamily::Hmac,
        };
        fits.then_some(said)
    }
}

/// A secret that is long enough.
fn shared(secret: &[u8], algorithm: Algorithm) -> Option<DecodingKey> {
    let shortest = match algorithm {
        Algorithm::HS512 => 64,
        Algorithm::HS384 => 48,
        _ => 32,
    };
    (secret.len() >= shortest).then(|| DecodingKey::from_secret(secret))
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys = self.keys.iter().map(|key| (&key.kid, key.algorithm));
        f.debug_list().entries(keys).finish()
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ShortSecret => f.write_str("the secret is too short for its algorithm"),
            Self::NotASet => f.write_str("this is no JSON Web Key Set"),
            Self::NoKey => f.write_str(
                "the set has no key that verifies signatures and tells its one algorithm",
            ),
            Self::PublishedSecret => f.write_str("the set has a secret beside public keys"),
            Self::RepeatedId(id) => write!(f, "two keys of the set have the id {id:?}"),
            Self::OtherKind => {
                f.write_str("secrets do not replace public keys, nor public keys secrets")
            }
        }
    }
}

impl std::error::Error for KeyError {}
