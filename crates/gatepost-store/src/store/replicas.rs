//! Who decides by the stored policy, as they themselves say it.

use std::fmt;
use std::time::Duration;

use gatepost::Timestamp;

use super::base::understood;
use super::tx::{Access, Done, Job, ReplicaFields, Result, Tx};
use crate::error::{StoreError, StoreErrorKind};
use crate::replica::{LONGEST_LEASE, State};

/// A replica, as it last said of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReplicaRow {
    /// A random name that it gave itself when it started.
    pub id: String,
    /// What its operator calls it.
    pub name: String,
    /// When it started, by the store's clock.
    pub started: Timestamp,
    /// When it last said so, by the store's clock.
    pub at: Timestamp,
    /// How long ago that was when the store was asked.
    pub age: Duration,
    /// How long its policy counts without hearing from the store.
    pub lease: Duration,
    /// The epoch of the policy that it decides by.
    pub epoch: u64,
    /// The version of the policy that it decides by.
    pub version: u64,
    /// How it is, in a word.
    pub state: String,
    /// The release of Gatepost.
    pub library: String,
}

impl ReplicaRow {
    /// Whether it says that it decides by that version of the policy, or by a newer one of the same history.
    ///
    /// A version is of an [epoch](crate::Head): a replica whose epoch is older decides by what was before the store
    /// was recovered, however high its version is.
    pub fn decides_by(&self, epoch: u64, version: u64) -> bool {
        self.state == State::Live.as_str() && self.epoch >= epoch && self.version >= version
    }
}

/// Reads every replica.
#[derive(Debug)]
pub(crate) struct Replicas;

impl Job for Replicas {
    type Output = Vec<ReplicaRow>;
    const ACCESS: Access = Access::Read;

    async fn run<T: Tx>(&mut self, tx: &mut T) -> Result<Done<Vec<ReplicaRow>>> {
        let head = tx.head().await?;
        let place = tx.place();
        understood(&place, head)?;
        let rows = tx.replicas().await?.into_iter();
        let rows: Result<_> = rows.map(|row| read(&place, row)).collect();
        rows.map(Done::Nothing)
    }
}

fn read(place: &str, row: ReplicaFields) -> Result<ReplicaRow> {
    let id = row.id.escape_debug().to_string();
    let unread = |why: &dyn fmt::Display| {
        let why = format!("the row of the replica `{id}` cannot be read: {why}");
        StoreError::new(StoreErrorKind::Unsound, place, why)
    };
    let moment = |text: &str| text.parse().map_err(|why| unread(&why));
    // A clock that was set back makes no row younger than now.
    let millis = |value: i64| Duration::from_millis(u64::try_from(value).unwrap_or(0));
    // Whoever wrote such a row, it is no word of a replica: its lease is waited for.
    let written = (u64::try_from(row.epoch), u64::try_from(row.version));
    let (epoch, version, state) = match written {
        (Ok(epoch), Ok(version)) => (epoch, version, row.state),
        _ => (0, 0, "unreadable".to_owned()),
    };
    Ok(ReplicaRow {
        started: moment(&row.started)?,
        at: moment(&row.at)?,
        age: millis(row.age_ms),
        // No replica has a longer one.
        lease: millis(row.lease_ms).min(LONGEST_LEASE),
        epoch,
        version,
        id: row.id,
        name: row.name,
        state,
        library: row.library,
    })
}
