//! The secret that tokens and tickets are signed with, shared by services, workers and `token` commands.

use std::env;
use std::fmt;
use std::fs::{self, File, Metadata};
use std::io::{ErrorKind, Read, Write};
use std::path::Path;

use etcetera::BaseStrategy;
use etcetera::base_strategy::Xdg;
use gatepost::KeyRing;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use tempfile::NamedTempFile;

use crate::Error;

const VARIABLE: &str = "AXUM_CHATS_SECRET";
/// Secrets whose tickets are believed too: the one before, or the one to come.
const OTHERS: &str = "AXUM_CHATS_OTHER_SECRETS";
/// HS256 takes no key that is shorter than its hash (RFC 7518, 3.2).
const SHORTEST: usize = 32;
/// A random secret, in hexadecimal digits.
const DIGITS: usize = 64;

/// The secret that tokens are signed with, and tickets by a key that is made of it.
pub struct Secret(Vec<u8>);

impl Secret {
    /// One that is made elsewhere, at random.
    ///
    /// # Errors
    ///
    /// When it is too short.
    pub fn new(secret: impl Into<Vec<u8>>) -> Result<Self, Error> {
        let secret = secret.into();
        match secret.len() {
            0..SHORTEST => Err(format!("needs {SHORTEST} bytes or more").into()),
            _ => Ok(Self(secret)),
        }
    }

    /// The one of the environment, else that of a file in the user's state directory, which
    /// whoever comes first creates.
    ///
    /// # Errors
    ///
    /// When there is none and none can be made, or when it may be known to others.
    pub fn load() -> Result<Self, Error> {
        if let Some(given) = env::var_os(VARIABLE) {
            let given = Self::new(given.into_encoded_bytes());
            return given.map_err(|error| format!("{VARIABLE}: {error}").into());
        }
        let state = Xdg::new()?
            .state_dir()
            .ok_or("there is no state directory")?;
        let path = state.join("axum-chats").join("secret");
        let loaded = match Self::read(&path) {
            Ok(None) => create(&path).and_then(|()| Self::read(&path)),
            read => read,
        };
        let loaded = loaded.and_then(|secret| secret.ok_or("was removed meanwhile".into()));
        loaded.map_err(|error| format!("{}: {error}", path.display()).into())
    }

    /// The secret of a file; none where there is no such file.
    fn read(path: &Path) -> Result<Option<Self>, Error> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        check_private(&file.metadata()?)?;
        let mut secret = Vec::with_capacity(DIGITS);
        file.take(DIGITS as u64 + 1).read_to_end(&mut secret)?;
        if secret.len() != DIGITS || !secret.iter().all(u8::is_ascii_hexdigit) {
            return Err(format!(
                "does not hold {DIGITS} hexadecimal digits; remove it to get a new one"
            )
            .into());
        }
        Ok(Some(Self(secret)))
    }

    /// The keys of tickets: this secret's signs, and those of the secrets in `AXUM_CHATS_OTHER_SECRETS`, one
    /// space between them, are believed. So a secret is changed without a ticket lost: the new one is told to
    /// all as another one, then takes the old one's place, and the old one goes when its tickets are over.
    ///
    /// # Errors
    ///
    /// When one of them is too short.
    pub fn ticket_keys(&self) -> Result<KeyRing, Error> {
        let others = env::var(OTHERS).unwrap_or_default();
        let mut keys = KeyRing::new(&self.key_id()?, &self.derived("tickets")?)?;
        for other in others.split_whitespace() {
            let other = Self::new(other).map_err(|error| format!("{OTHERS}: {error}"))?;
            keys = keys.and(&other.key_id()?, &other.derived("tickets")?)?;
        }
        Ok(keys)
    }

    /// Names the secret, and tells nothing of it.
    fn key_id(&self) -> Result<String, Error> {
        let [a, b, c, d, ..] = self.derived("the name of the key of tickets")?;
        Ok(format!("{:08x}", u32::from_be_bytes([a, b, c, d])))
    }

    /// A secret for one purpose, which tells nothing of this one or of that for another purpose.
    fn derived(&self, purpose: &str) -> Result<[u8; 32], Error> {
        let mut derived = Hmac::<Sha256>::new_from_slice(&self.0)?;
        derived.update(purpose.as_bytes());
        Ok(derived.finalize().into_bytes().into())
    }

    /// The secret's bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// Puts a whole file there at once, or leaves the one of whoever came first.
fn create(path: &Path) -> Result<(), Error> {
    let folder = path.parent().ok_or("has no folder")?;
    fs::create_dir_all(folder)?;
    let mut random = [0; DIGITS / 2];
    getrandom::fill(&mut random)?;
    // Of mode 0600 from the beginning, where there are modes.
    let mut file = NamedTempFile::new_in(folder)?;
    for byte in random {
        write!(file, "{byte:02x}")?;
    }
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Ok(_) => Ok(()),
        Err(error) if error.error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error.error.into()),
    }
}

#[cfg(unix)]
fn check_private(file: &Metadata) -> Result<(), Error> {
    use std::os::unix::fs::PermissionsExt;
    let mode = file.permissions().mode() & 0o777;
    match mode & 0o077 {
        0 => Ok(()),
        _ => Err(format!("is open to others (mode {mode:04o}); remove it to get a new one").into()),
    }
}

#[cfg(not(unix))]
fn check_private(_: &Metadata) -> Result<(), Error> {
    Ok(())
}
