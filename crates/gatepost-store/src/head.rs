//! The head: the one row that says which policy a store holds.

use std::fmt;

use gatepost::{Kills, KillsError};

/// The newest format of a store that this release understands.
///
/// A release that meets a greater one closes: it cannot know what it would overlook.
pub const STORE_FORMAT: i64 = 1;

/// The one row that says which policy a store holds.
///
/// Its shape never changes, so that a release that cannot make sense of anything
/// else in the store still sees how new the policy is and what is switched off.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Head {
    /// The format of all else in the store; see [`STORE_FORMAT`].
    pub format: i64,
    /// Which store this is: a random name that it was given when it was made.
    pub lineage: String,
    /// How often an operator has [recovered](crate::PolicyStore::recover) the store.
    pub epoch: u64,
    /// The policy version.
    pub version: u64,
    /// A random name of the commit that made this version. The same version with another
    /// token is another history.
    pub token: String,
    /// The newest version that replaced the policy as a whole.
    pub whole: u64,
    /// What the site has switched off.
    pub kills: Kills,
}

/// A head as it is stored.
#[derive(Clone, Debug)]
pub(crate) struct RawHead {
    pub(crate) format: i64,
    pub(crate) lineage: String,
    pub(crate) epoch: i64,
    pub(crate) version: i64,
    pub(crate) token: String,
    pub(crate) whole: i64,
    pub(crate) killed: String,
}

/// A head that cannot be one: somebody has written over it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum HeadError {
    Negative { column: &'static str, value: i64 },
    Kills(KillsError),
}

impl RawHead {
    pub(crate) fn read(self) -> Result<Head, HeadError> {
        Ok(Head {
            format: self.format,
            epoch: count("epoch", self.epoch)?,
            version: count("version", self.version)?,
            whole: count("whole", self.whole)?,
            kills: self.killed.parse().map_err(HeadError::Kills)?,
            lineage: self.lineage,
            token: self.token,
        })
    }
}

fn count(column: &'static str, value: i64) -> Result<u64, HeadError> {
    u64::try_from(value).map_err(|_| HeadError::Negative { column, value })
}

impl Head {
    /// Whether this release understands what the store holds.
    pub(crate) fn is_understood(&self) -> bool {
        (1..=STORE_FORMAT).contains(&self.format)
    }
}

impl fmt::Display for HeadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Negative { column, value } => write!(f, "the head's `{column}` is {value}"),
            Self::Kills(error) => error.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw() -> RawHead {
        RawHead {
            format: 1,
            lineage: "l".into(),
            epoch: 1,
            version: 7,
            token: "t".into(),
            whole: 0,
            killed: "agent#background chat".into(),
        }
    }

    #[test]
    fn a_head_that_cannot_be_one_is_refused() {
        assert_eq!(raw().read().unwrap().version, 7);
        let negative = |change: fn(&mut RawHead)| {
            let mut head = raw();
            change(&mut head);
            head.read().unwrap_err().to_string()
        };
        assert_eq!(
            negative(|head| head.version = -1),
            "the head's `version` is -1"
        );
        assert_eq!(
            negative(|head| head.epoch = i64::MIN),
            format!("the head's `epoch` is {}", i64::MIN)
        );
        assert_eq!(negative(|head| head.whole = -2), "the head's `whole` is -2");
        assert!(negative(|head| head.killed = "chat#sometimes".into()).contains("chat#sometimes"));
        assert!(negative(|head| head.killed = "gatepost-site".into()).contains("gatepost-site"));
    }

    #[test]
    fn a_newer_format_is_not_understood_and_neither_is_none() {
        for (format, understood) in [
            (1, true),
            (2, false),
            (0, false),
            (-1, false),
            (i64::MAX, false),
        ] {
            let head = RawHead { format, ..raw() }.read().unwrap();
            assert_eq!(head.is_understood(), understood, "{format}");
        }
    }
}
