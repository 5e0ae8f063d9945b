//! What a write starts from: the head, as far as it has to be understood to write.

use super::tx::{Mark, Result, Tx};
use crate::error::{StoreError, StoreErrorKind};
use crate::head::{Head, RawHead, STORE_FORMAT};

/// Versions are counted up to here: no counter ever wraps.
const MOST: i64 = i64::MAX - 1;

/// The head that a write starts from.
#[derive(Clone, Debug)]
pub(crate) struct Base {
    pub(crate) version: i64,
    pub(crate) epoch: i64,
    pub(crate) whole: i64,
    /// As it is stored, well-formed or not.
    pub(crate) killed: String,
}

impl Base {
    /// Locks the head, and checks that this release understands what is below it.
    ///
    /// What is killed need not be understood: it is written anew.
    pub(crate) async fn lock<T: Tx>(tx: &mut T) -> Result<Self> {
        let raw = tx.head().await?;
        let place = tx.place();
        let killed = raw.killed.clone();
        let head = understood(
            &place,
            RawHead {
                killed: String::new(),
                ..raw.clone()
            },
        )?;
        drop(head);
        Ok(Self {
            version: raw.version,
            epoch: raw.epoch,
            whole: raw.whole,
            killed,
        })
    }

    /// The mark of the commit behind this one.
    pub(crate) fn next(&self, place: &str) -> Result<Mark> {
        mark(place, self.version)
    }
}

/// The mark of the commit behind `version`.
pub(crate) fn mark(place: &str, version: i64) -> Result<Mark> {
    if !(0..MOST).contains(&version) {
        let why = format!("behind version {version} there is no other");
        return Err(StoreError::new(StoreErrorKind::Unsound, place, why));
    }
    Ok(Mark {
        version: version.saturating_add(1),
        token: random(),
    })
}

/// Reads a head, which must be of a format that this release understands.
pub(crate) fn understood(place: &str, raw: RawHead) -> Result<Head> {
    let format = raw.format;
    if format > STORE_FORMAT {
        let why = format!(
            "was written by a newer release of Gatepost: its format is {format}, this release \
             understands {STORE_FORMAT}"
        );
        return Err(StoreError::new(StoreErrorKind::Newer, place, why));
    }
    let unsound = |why: String| StoreError::new(StoreErrorKind::Unsound, place, why);
    if [raw.version, raw.epoch, raw.whole].contains(&i64::MAX) {
        return Err(unsound("a number in the head is at its end".to_owned()));
    }
    let head = raw.read().map_err(|why| unsound(why.to_string()))?;
    if !head.is_understood() {
        return Err(unsound(format!("the head's `format` is {format}")));
    }
    Ok(head)
}

/// A version as the tables have it.
pub(crate) fn column(version: u64) -> i64 {
    i64::try_from(version).unwrap_or(i64::MAX)
}

/// A version as it came out of a table.
pub(crate) fn counted(place: &str, value: i64) -> Result<u64> {
    u64::try_from(value).map_err(|_| {
        let why = format!("a version is {value}");
        StoreError::new(StoreErrorKind::Unsound, place, why)
    })
}

/// A random name, of 128 bits.
pub(crate) fn random() -> String {
    format!("{:032x}", fastrand::u128(..))
}
