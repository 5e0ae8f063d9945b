//! Where a store is.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::error::{StoreError, StoreErrorKind};

/// Where a store is: `sqlite:PATH`, or `postgres://SUBJECT:PASSWORD@HOST/DATABASE`.
///
/// Its `Display` and `Debug` leave out the password, and everything behind `?`,
/// where one may stand as well: they are fit for a log.
///
/// ```
/// use gatepost_store::StoreUrl;
///
/// let url: StoreUrl = "postgres://gatepost:secret@db.internal/policy?sslmode=disable".parse()?;
/// assert_eq!(url.to_string(), "postgres://gatepost@db.internal/policy");
/// assert_eq!("sqlite:policy.db".parse::<StoreUrl>()?.to_string(), "sqlite:policy.db");
/// assert!("policy.db".parse::<StoreUrl>().is_err());
/// # Ok::<(), gatepost_store::StoreError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct StoreUrl(Kind);

#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite(PathBuf),
    Postgres { whole: String, told: String },
}

impl StoreUrl {
    /// The store in an SQLite file.
    pub fn sqlite(path: impl Into<PathBuf>) -> Self {
        Self(Kind::Sqlite(path.into()))
    }

    pub(crate) fn kind(&self) -> &Kind {
        &self.0
    }

    /// The file, of a store that is in one.
    pub fn file(&self) -> Option<&Path> {
        match &self.0 {
            Kind::Sqlite(path) => Some(path),
            Kind::Postgres { .. } => None,
        }
    }
}

impl FromStr for StoreUrl {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() || path.contains('\0') {
                return Err(bad("sqlite:", "a path is missing behind `sqlite:`"));
            }
            return Ok(Self::sqlite(path));
        }
        for scheme in ["postgres://", "postgresql://"] {
            if let Some(rest) = text.strip_prefix(scheme) {
                let told = format!("postgres://{}", without_secrets(rest));
                return Ok(Self(Kind::Postgres {
                    whole: text.to_owned(),
                    told,
                }));
            }
        }
        // What was given may be a password, so it is not repeated.
        Err(bad(
            "store",
            "a store is `sqlite:PATH` or `postgres://NAME:PASSWORD@HOST/DATABASE`",
        ))
    }
}

fn bad(place: &str, why: &str) -> StoreError {
    StoreError::new(StoreErrorKind::BadUrl, place, why)
}

/// The part before `?`, without what stands between `:` and the last `@`.
///
/// A password with a `/`, `?` or `#` that is not escaped is a mistake, and a secret all the same: where an `@`
/// stands behind, all before it is taken for credentials.
fn without_secrets(rest: &str) -> String {
    let end = rest.find(['?', '#']).unwrap_or(rest.len());
    let (shown, tail) = rest.split_at(end);
    let name = |credentials: &str| credentials.split(':').next().unwrap_or_default().to_owned();
    match shown.rsplit_once('@') {
        Some((credentials, place)) => format!("{}@{place}", name(credentials)),
        None if tail.contains('@') => format!("{}@...", name(shown)),
        None => shown.to_owned(),
    }
}

impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Kind::Postgres { told, .. } => f.write_str(told),
        }
    }
}

impl fmt::Debug for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_of_a_url_tells_its_secrets() {
        for (url, told) in [
            ("postgres://a:s3cret@h:5432/db", "postgres://a@h:5432/db"),
            ("postgresql://a:s3cret@h/db?x=1", "postgres://a@h/db"),
            ("postgres://a:s3c@ret@h/db", "postgres://a@h/db"),
            ("postgres://a:s3cret/x@h/db", "postgres://a@h/db"),
            ("postgres://h/db?password=s3cret", "postgres://h/db"),
            ("postgres://h/db#s3cret", "postgres://h/db"),
            ("postgres://a:s3cret#b@h/db", "postgres://a@..."),
            ("postgres://a:s3cret?b@h/db", "postgres://a@..."),
            ("postgres://:s3cret@h/db", "postgres://@h/db"),
        ] {
            let url: StoreUrl = url.parse().unwrap();
            assert_eq!(url.to_string(), told);
            assert_eq!(format!("{url:?}"), format!("StoreUrl({told})"));
        }
        for url in [
            "",
            "policy.db",
            "postgress://a:s3cret@h/db",
            "mysql://a:s3cret@h",
            "sqlite:",
        ] {
            let error = url.parse::<StoreUrl>().unwrap_err();
            assert_eq!(error.kind(), StoreErrorKind::BadUrl);
            assert!(!format!("{error} {error:?}").contains("s3cret"));
        }
    }
}
