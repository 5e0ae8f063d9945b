//! What a change comes to, which is written or only looked at.

use std::future::Future;

use gatepost::PolicyDocument;

use super::base::{Base, column, counted};
use super::history;
use super::slice::Slice;
use super::tx::{Access, Done, Entry, Job, Mark, NewHead, Result, Tx};
use crate::change::{Author, Committed, Effect};
use crate::command::WriteRefusal;
use crate::error::{StoreError, StoreErrorKind};
use crate::fact::{FactKey, diff};
use crate::plan::{self, Planned};
use crate::preview::Preview;

/// How many of the changes in between a conflict tells: the newest.
pub(crate) const CHANGES_TOLD: i64 = 20;

/// What comes to a change of facts.
pub(crate) trait Draws: Send + Sync + 'static {
    /// Who makes it.
    fn author(&self) -> &Author;

    /// Why.
    fn reason(&self) -> &str;

    /// What is asked for, as the audit log keeps it.
    fn command(&self) -> serde_json::Result<String>;

    /// Whether somebody waits for it.
    fn is_awaited(&self) -> bool;

    /// What it comes to, or why it is refused.
    fn draw<T: Tx>(&self, tx: &mut T) -> impl Future<Output = Result<Draft>> + Send;
}

/// What a change comes to.
#[derive(Debug)]
pub(crate) struct Draft {
    base: Base,
    version: u64,
    effects: Vec<Effect>,
    killed: String,
    summary: Vec<String>,
}

impl Draft {
    /// What was planned, unless what it is about was changed since the version that the author had before him.
    pub(crate) async fn of<T: Tx>(
        tx: &mut T,
        base: Base,
        slice: &Slice,
        planned: Planned,
        based_on: Option<u64>,
    ) -> Result<Self> {
        let Planned { document, summary } = planned;
        let draft = Self {
            version: counted(&tx.place(), base.version)?,
            effects: effects(slice, &document),
            killed: killed(slice, &document, &base),
            base,
            summary,
        };
        if let Some(based_on) = based_on {
            is_past(tx, &draft.base, based_on)?;
            if draft.changes_something() {
                let keys = draft.effects.iter().map(|effect| effect.key.clone());
                let keys: Vec<FactKey> = keys.collect();
                unchanged_since(tx, &draft.base, based_on, &keys).await?;
            }
        }
        Ok(draft)
    }

    /// What it does to each fact.
    pub(crate) fn effects(&self) -> &[Effect] {
        &self.effects
    }

    fn changes_something(&self) -> bool {
        !self.effects.is_empty() || self.killed != self.base.killed
    }

    fn preview(self) -> Preview {
        let changed = self.changes_something();
        Preview {
            version: self.version,
            changed,
            summary: if changed { self.summary } else { Vec::new() },
            effects: self.effects,
        }
    }
}

/// Writes it.
#[derive(Debug)]
pub(crate) struct Write<D> {
    asked: D,
    command: String,
    mark: Option<Mark>,
}

impl<D: Draws> Write<D> {
    pub(crate) fn new(place: &str, asked: D) -> Result<Self> {
        said(place, asked.author().name(), asked.reason())?;
        let command = asked.command().map_err(|why| {
            let why = format!("the command cannot be written down: {why}");
            StoreError::new(StoreErrorKind::Invalid, place, why)
        })?;
        Ok(Self {
            asked,
            command,
            mark: None,
        })
    }
}

impl<D: Draws> Job for Write<D> {
    type Output = Committed;
    const ACCESS: Access = Access::Write;

    async fn run<T: Tx>(&mut self, tx: &mut T) -> Result<Done<Committed>> {
        let place = tx.place();
        let draft = self.asked.draw(tx).await?;
        if !draft.changes_something() {
            return Ok(Done::Nothing(Committed {
                version: draft.version,
                changed: false,
                summary: Vec::new(),
            }));
        }
        let Draft {
            base,
            effects,
            killed,
            summary,
            ..
        } = draft;
        let mark = base.next(&place)?;
        self.mark = Some(mark.clone());
        tx.apply(&effects, mark.version).await?;
        tx.log(&effects, mark.version).await?;
        let author = self.asked.author();
        tx.record(&Entry {
            mark: mark.clone(),
            author: author.name().to_owned(),
            authority: author.authority().as_str(),
            acting_for: author.acting_for().map(str::to_owned),
            reason: self.asked.reason().to_owned(),
            command: self.command.clone(),
            whole: false,
            awaited: self.asked.is_awaited(),
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

/// Only looks at it.
#[derive(Debug)]
pub(crate) struct Look<D>(D);

impl<D: Draws> Look<D> {
    pub(crate) fn new(place: &str, asked: D) -> Result<Self> {
        said_by(place, asked.author().name())?;
        // Why it is done is for whoever does it to say.
        if !asked.reason().trim().is_empty() {
            is_reason(place, asked.reason())?;
        }
        Ok(Self(asked))
    }
}

impl<D: Draws> Job for Look<D> {
    type Output = Preview;
    const ACCESS: Access = Access::Read;

    async fn run<T: Tx>(&mut self, tx: &mut T) -> Result<Done<Preview>> {
        let draft = self.0.draw(tx).await?;
        Ok(Done::Nothing(draft.preview()))
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
    if since == base.version {
        return Ok(());
    }
    let versions = touched_since(tx, base, since, keys).await?;
    if versions.is_empty() {
        return Ok(());
    }
    Err(conflict(tx, based_on, versions).await?)
}

/// The changes since in which one of the facts may have become another.
pub(crate) async fn touched_since<T: Tx>(
    tx: &mut T,
    base: &Base,
    since: i64,
    keys: &[FactKey],
) -> Result<Vec<i64>> {
    let mut versions = tx.touched(keys, since, CHANGES_TOLD).await?;
    if base.whole > since && !versions.contains(&base.whole) {
        versions.push(base.whole);
    }
    Ok(versions)
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
    let place = tx.place();
    let version = counted(&place, base.version)?;
    Err(StoreError::still_to_come(place, based_on, version))
}

pub(crate) async fn conflict<T: Tx>(
    tx: &mut T,
    based_on: u64,
    versions: Vec<i64>,
) -> Result<StoreError> {
    let changes = history::records(tx, super::tx::Changes::Of(versions)).await?;
    Ok(StoreError::conflict(tx.place(), based_on, changes))
}

/// The most bytes of an author's name, and of a reason.
const AUTHOR_BYTES: usize = 255;
const REASON_BYTES: usize = 1000;

/// Checks who and why, before anything is asked of the store.
pub(crate) fn said(place: &str, author: &str, reason: &str) -> Result<()> {
    said_by(place, author)?;
    is_reason(place, reason)
}

/// Checks who, before anything is asked of the store.
pub(crate) fn said_by(place: &str, author: &str) -> Result<()> {
    is_said(place, "the author's name", AUTHOR_BYTES, author)
}

fn is_reason(place: &str, reason: &str) -> Result<()> {
    is_said(place, "the reason", REASON_BYTES, reason)
}

fn is_said(place: &str, what: &str, most: usize, text: &str) -> Result<()> {
    let why = if text.trim().is_empty() {
        format!("{what} is missing")
    } else if text.len() > most {
        format!("{what} is longer than {most} bytes")
    } else if text.contains('\0') {
        // PostgreSQL stores no text with it.
        format!("{what} has a zero byte in it")
    } else {
        return Ok(());
    };
    Err(StoreError::new(StoreErrorKind::Invalid, place, why))
}

/// A refusal as the store tells it; `what` was asked for.
pub(crate) fn refused(place: &str, what: &str, refusal: &WriteRefusal) -> StoreError {
    let kind = match refusal {
        WriteRefusal::Denied(denial) => {
            return StoreError::denied(place, denial.code(), what);
        }
        WriteRefusal::Beyond(_) => StoreErrorKind::Beyond,
        WriteRefusal::Invalid(_) => StoreErrorKind::Invalid,
        WriteRefusal::Unreadable(_) => StoreErrorKind::Unsound,
    };
    StoreError::new(kind, place, refusal)
}
