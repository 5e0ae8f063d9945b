//! A store that lost commits, brought ahead of everyone who has seen them.

use super::base::{Base, counted, mark};
use super::draft::{killed, said};
use super::history::RECOVER;
use super::import::operator;
use super::slice::Slice;
use super::tx::{Access, Done, Entry, Job, Mark, NewHead, Result, Tx};
use crate::change::{Author, Authority, Committed};
use crate::error::{StoreError, StoreErrorKind};

/// Begins a new epoch behind every version that a replica has seen.
#[derive(Debug)]
pub(crate) struct Recover {
    author: String,
    reason: String,
    mark: Option<Mark>,
}

impl Recover {
    pub(crate) fn new(place: &str, author: &Author, reason: &str) -> Result<Self> {
        operator(place, author)?;
        said(place, author.name(), reason)?;
        Ok(Self {
            author: author.name().to_owned(),
            reason: reason.to_owned(),
            mark: None,
        })
    }
}

/// How far a replica may have been ahead of its store: a row that says more would take all versions that are
/// left, and every kill with them.
const FARTHEST: i64 = 1 << 40;

impl Job for Recover {
    type Output = Committed;
    const ACCESS: Access = Access::Write;

    async fn run<T: Tx>(&mut self, tx: &mut T) -> Result<Done<Committed>> {
        let place = tx.place();
        let base = Base::lock(tx).await?;
        let replicas = tx.replicas().await?;
        let far = |of: i64, base: i64| of > base.saturating_add(FARTHEST);
        let absurd = replicas
            .iter()
            .find(|row| far(row.version, base.version) || far(row.epoch, base.epoch));
        if let Some(row) = absurd {
            let id = row.id.escape_debug();
            let why = format!(
                "the row of the replica `{id}` says that it has seen version {} of epoch {}, which no store comes \
                 to: delete the row; nothing was written",
                row.version, row.epoch
            );
            return Err(StoreError::new(StoreErrorKind::Unsound, &place, why));
        }
        let seen = replicas.iter().map(|replica| replica.version);
        let mark = mark(&place, seen.fold(base.version, i64::max))?;
        self.mark = Some(mark.clone());
        let seen = replicas.iter().map(|replica| replica.epoch);
        let epoch = seen.fold(base.epoch, i64::max);
        let epoch = epoch.checked_add(1).filter(|epoch| *epoch < i64::MAX);
        let epoch = epoch.ok_or_else(|| {
            let why = "there is no epoch behind this one";
            StoreError::new(StoreErrorKind::Unsound, &place, why)
        })?;
        let slice = Slice::vocabulary(tx).await?;
        let killed = killed(&slice, slice.facts.document(), &base);
        tx.record(&Entry {
            mark: mark.clone(),
            author: self.author.clone(),
            authority: Authority::Operator.as_str(),
            acting_for: None,
            reason: self.reason.clone(),
            command: RECOVER.to_owned(),
            whole: true,
            awaited: false,
        })
        .await?;
        let version = counted(&place, mark.version)?;
        let whole = mark.version;
        tx.set_head(&NewHead {
            mark,
            epoch,
            whole,
            killed,
        })
        .await?;
        Ok(Done::Commit(Committed {
            version,
            changed: true,
            summary: vec![format!("epoch {} -> {epoch}", base.epoch)],
        }))
    }

    fn mark(&self) -> Option<&Mark> {
        self.mark.as_ref()
    }
}
