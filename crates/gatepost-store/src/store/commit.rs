//! A change, from what is stored to what is to be stored.

use gatepost::{PolicyDocument, Timestamp};

use super::base::{Base, column, counted};
use super::history;
use super::slice::{Slice, unsound};
use super::tx::{Access, Done, Entry, Job, Mark, NewHead, Result, Tx};
use crate::change::{Change, Committed, Effect};
use crate::command::{Command, WriteRefusal};
use crate::error::{StoreError, StoreErrorKind};
use crate::fact::{FactKey, diff};
use crate::plan::{self, Planned, Scope};

/// How many of the changes in between a conflict tells: the newest.
const CHANGES_TOLD: i64 = 20;

/// Writes one change.
#[derive(Debug)]
pub(crate) struct Commit {
    change: Change,
    command: String,
    mark: Option<Mark>,
}

impl Commit {
    pub(crate) fn new(place: &str, change: &Change) -> Result<Self> {
        said(place, change.author.name(), &change.reason)?;
        let command = serde_json::to_string(&change.command).map_err(|why| {
            let why = format!("the command cannot be written down: {why}");
            StoreError::new(StoreErrorKind::Invalid, place, why)
        })?;
        Ok(Self {
            change: change.clone(),
            command,
            mark: None,
        })
    }
}

impl Job for Commit {
    type Output = Committed;
    const ACCESS: Access = Access::Write;

    async fn run<T: Tx>(&mut self, tx: &mut T) -> Result<Done<Committed>> {
        let change = &self.change;
        let place = tx.place();
        let base = Base::lock(tx).await?;
        let scope = Scope::of(&change.command, &change.author);
        let mut slice = Slice::read(tx, &scope).await?;
        if scope.tolerant {
            slice.stand_in_resources();
        } else if let Some(error) = unsound(&place, &slice.faults) {
            return Err(error);
        }
        let version = counted(&place, base.version)?;
        let before = slice.facts.document();
        let Planned { document, summary } = plan::plan(
            &change.command,
            &change.author,
            before,
            version,
            Timestamp::now(),
        )
        .map_err(|refusal| refused(&place, &change.command, &refusal))?;
        let effects = effects(&slice, &document);
        let killed = killed(&slice, &document, &base);
        if let Some(based_on) = change.based_on {
            is_past(tx, &base, based_on)?;
        }
        if effects.is_empty() && killed == base.killed {
            return Ok(Done::Nothing(Committed {
                version,
                changed: false,
                summary: Vec::new(),
            }));
        }
        if let Some(based_on) = change.based_on {
            let keys: Vec<FactKey> = effects.iter().map(|effect| effect.key.clone()).collect();
            unchanged_since(tx, &base, based_on, &keys).await?;
        }
        let mark = base.next(&place)?;
        self.mark = Some(mark.clone());
        tx.apply(&effects, mark.version).await?;
        tx.log(&effects, mark.version).await?;
        tx.record(&Entry {
            mark: mark.clone(),
            author: change.author.name().to_owned(),
            authority: change.author.authority().as_str(),
            acting_for: change.author.acting_for().map(str::to_owned),
            reason: change.reason.clone(),
            command: self.command.clone(),
            whole: false,
            awaited: change.awaited,
        })
        .await?;
        let version = counted(&place, mark.version)?;
        tx.set_head(&NewHead {
            mark,
            epoch: base.epoch,
            whole: base.whole,
            killed,
        })
        .await?;
        Ok(Done::Commit(Committed {
            version,
            changed: true,
            summary,
        }))
    }

    fn mark(&self) -> Option<&Mark> {
        self.mark.as_ref()
    }
}

/// What has to be done to the facts; where a row that is not understood is replaced, it is what was before.
fn effects(slice: &Slice, after: &PolicyDocument) -> Vec<Effect> {
    let mut effects = diff(slice.facts.document(), after);
    for effect in &mut effects {
        let row = slice.misread().find(|row| row.key == effect.key);
        if let Some(row) = row.filter(|_| effect.before.is_none()) {
            effect.before = Some(row.body.clone());
        }
    }
    effects
}

/// What the head has to say is off.
///
/// Where a row is not understood, what was off before stays off.
pub(crate) fn killed(slice: &Slice, after: &PolicyDocument, base: &Base) -> String {
    let words = plan::killed_words(after);
    if slice.faults.is_empty() || base.killed.parse::<gatepost::Kills>().is_err() {
        return words;
    }
    let kept = base.killed.split(' ').filter(|word| !word.is_empty());
    let all: std::collections::BTreeSet<&str> = words.split(' ').chain(kept).collect();
    let all: Vec<&str> = all.into_iter().filter(|word| !word.is_empty()).collect();
    all.join(" ")
}

/// Checks that none of the facts was changed since the version that the author had before him.
async fn unchanged_since<T: Tx>(
    tx: &mut T,
    base: &Base,
    based_on: u64,
    keys: &[FactKey],
) -> Result<()> {
    let since = column(based_on);
    is_past(tx, base, based_on)?;
    if since == base.version {
        return Ok(());
    }
    let mut versions = tx.touched(keys, since, CHANGES_TOLD).await?;
    if base.whole > since && !versions.contains(&base.whole) {
        versions.push(base.whole);
    }
    if versions.is_empty() {
        return Ok(());
    }
    Err(conflict(tx, based_on, versions).await?)
}

/// Checks that nothing at all was changed since.
pub(crate) async fn all_unchanged_since<T: Tx>(
    tx: &mut T,
    base: &Base,
    based_on: u64,
) -> Result<()> {
    is_past(tx, base, based_on)?;
    let since = column(based_on);
    if since == base.version {
        return Ok(());
    }
    let from = base.version.saturating_sub(CHANGES_TOLD).max(since);
    let versions = (from.saturating_add(1)..=base.version).collect();
    Err(conflict(tx, based_on, versions).await?)
}

/// Nobody had a version before him that is still to come: it was lost, or is of another store.
fn is_past<T: Tx>(tx: &T, base: &Base, based_on: u64) -> Result<()> {
    if column(based_on) <= base.version {
        return Ok(());
    }
    let why = format!(
        "is at version {}, so nothing can be based on version {based_on}; nothing was written",
        base.version
    );
    Err(StoreError::new(StoreErrorKind::Conflict, tx.place(), why))
}

async fn conflict<T: Tx>(tx: &mut T, based_on: u64, versions: Vec<i64>) -> Result<StoreError> {
    let changes = history::records(tx, super::tx::Changes::Of(versions)).await?;
    Ok(StoreError::conflict(tx.place(), based_on, changes))
}

/// The most bytes of an author's name, and of a reason.
const AUTHOR_BYTES: usize = 255;
const REASON_BYTES: usize = 1000;

/// Checks who and why, before anything is asked of the store.
pub(crate) fn said(place: &str, author: &str, reason: &str) -> Result<()> {
    let wrong = |what: &str, most: usize, text: &str| {
        if text.trim().is_empty() {
            return Some(format!("{what} is missing"));
        }
        if text.len() > most {
            return Some(format!("{what} is longer than {most} bytes"));
        }
        // PostgreSQL stores no text with it.
        text.contains('\0')
            .then(|| format!("{what} has a zero byte in it"))
    };
    let wrong = wrong("the author's name", AUTHOR_BYTES, author)
        .or_else(|| wrong("the reason", REASON_BYTES, reason));
    match wrong {
        Some(why) => Err(StoreError::new(StoreErrorKind::Invalid, place, why)),
        None => Ok(()),
    }
}

fn refused(place: &str, command: &Command, refusal: &WriteRefusal) -> StoreError {
    let kind = match refusal {
        WriteRefusal::Denied(denial) => {
            let what = format!("the change `{command}`");
            return StoreError::denied(place, denial.code(), what);
        }
        WriteRefusal::Beyond(_) => StoreErrorKind::Beyond,
        WriteRefusal::Invalid(_) => StoreErrorKind::Invalid,
        WriteRefusal::Unreadable(_) => StoreErrorKind::Unsound,
    };
    StoreError::new(kind, place, refusal)
}
