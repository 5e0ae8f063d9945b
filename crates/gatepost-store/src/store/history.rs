//! The audit log, read.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::base::{column, counted, understood};
use super::tx::{Access, ChangeRow, Changes, Done, EffectRow, Job, Result, Tx};
use crate::change::{Authority, ChangeRecord, Effect};
use crate::command::Command;
use crate::error::{StoreError, StoreErrorKind};
use crate::fact::{FactKey, FactKind, in_order};

/// Which changes a history is about.
///
/// ```
/// use gatepost_store::HistoryFilter;
///
/// let filter = HistoryFilter::default().org("acme").author("ines");
/// assert_ne!(filter, HistoryFilter::default());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "it is given to `PolicyStore::history`"]
pub struct HistoryFilter {
    org: Option<String>,
    author: Option<String>,
    before: Option<u64>,
}

impl HistoryFilter {
    /// Only changes of this org, or of what stands below it.
    pub fn org(mut self, id: impl Into<String>) -> Self {
        self.org = Some(id.into());
        self
    }

    /// Only changes that are older than this version: without a version behind which they are, the newest of those.
    pub fn before(mut self, version: u64) -> Self {
        self.before = Some(version);
        self
    }

    /// Only changes by this author.
    pub fn author(mut self, name: impl Into<String>) -> Self {
        self.author = Some(name.into());
        self
    }
}

/// Reads the audit log.
#[derive(Debug)]
pub(crate) struct History {
    which: Option<Changes>,
}

impl History {
    pub(crate) fn new(after: Option<u64>, limit: usize, filter: &HistoryFilter) -> Self {
        Self {
            which: Some(Changes::Page {
                after: after.map(column),
                before: filter.before.map(column),
                limit: i64::try_from(limit).unwrap_or(i64::MAX),
                org: filter.org.clone(),
                author: filter.author.clone(),
            }),
        }
    }
}

impl Job for History {
    type Output = Vec<ChangeRecord>;
    const ACCESS: Access = Access::Read;

    async fn run<T: Tx>(&mut self, tx: &mut T) -> Result<Done<Vec<ChangeRecord>>> {
        let head = tx.head().await?;
        understood(&tx.place(), head)?;
        let which = self.which.take().unwrap_or(Changes::Of(Vec::new()));
        records(tx, which).await.map(Done::Nothing)
    }
}

/// Changes with what they did, the oldest first.
pub(crate) async fn records<T: Tx>(tx: &mut T, which: Changes) -> Result<Vec<ChangeRecord>> {
    let place = tx.place();
    let rows = tx.changes(&which).await?;
    let undone = undone(tx, &rows).await?;
    let versions: Vec<i64> = rows.iter().map(|row| row.version).collect();
    let mut effects: BTreeMap<i64, Vec<Effect>> = BTreeMap::new();
    for (version, row) in tx.effects(&versions).await? {
        let effect = effect(&place, version, row)?;
        effects.entry(version).or_default().push(effect);
    }
    let records = rows.into_iter().map(|row| {
        let mut effects = effects.remove(&row.version).unwrap_or_default();
        in_order(&mut effects);
        record(&place, row, effects, &undone)
    });
    records.collect()
}

/// Changes without what they did, the oldest first.
pub(crate) async fn headings<T: Tx>(tx: &mut T, versions: Vec<i64>) -> Result<Vec<ChangeRecord>> {
    let place = tx.place();
    let rows = tx.changes(&Changes::Of(versions)).await?;
    let undone = undone(tx, &rows).await?;
    let records = rows
        .into_iter()
        .map(|row| record(&place, row, Vec::new(), &undone));
    records.collect()
}

/// What a change did to a fact.
pub(crate) fn effect(place: &str, version: i64, row: EffectRow) -> Result<Effect> {
    let kind = FactKind::parse(&row.kind).ok_or_else(|| {
        let kind = row.kind.escape_debug();
        unread(place, version, format_args!("`{kind}` is no kind of fact"))
    })?;
    Ok(Effect {
        key: FactKey::new(kind, row.a, row.b),
        before: row.before,
        after: row.after,
    })
}

fn record(
    place: &str,
    row: ChangeRow,
    effects: Vec<Effect>,
    undone: &Undone,
) -> Result<ChangeRecord> {
    let authority = Authority::parse(&row.authority).ok_or_else(|| {
        let word = row.authority.escape_debug();
        unread(place, row.version, format_args!("`{word}` is no authority"))
    })?;
    let at = row.at.parse();
    Ok(ChangeRecord {
        version: counted(place, row.version)?,
        at: at.map_err(|why| unread(place, row.version, why))?,
        author: row.author,
        authority,
        acting_for: row.acting_for,
        reason: row.reason,
        sentence: sentence(&row.command, undone, DEPTH),
        command: row.command,
        effects,
    })
}

fn unread(place: &str, version: i64, why: impl fmt::Display) -> StoreError {
    let why = format!("the change of version {version} cannot be read: {why}");
    StoreError::new(StoreErrorKind::Unsound, place, why)
}

/// What was asked for as the audit log keeps it, where it is no [`Command`].
pub(crate) const IMPORT: &str = r#"{"command":"import"}"#;
pub(crate) const RECOVER: &str = r#"{"command":"recover"}"#;

/// An undo as the audit log keeps it; it is no [`Command`], since only the log says what it does.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum UndoCommand {
    Undo { version: u64 },
}

/// How deep a sentence goes that tells what was undone, and what that had undone.
const DEPTH: u32 = 3;

/// The commands of changes that were undone, by version.
type Undone = BTreeMap<i64, String>;

/// Reads which commands the undos among the changes undid, as far as a sentence tells it.
async fn undone<T: Tx>(tx: &mut T, rows: &[ChangeRow]) -> Result<Undone> {
    let mut undone = Undone::new();
    let mut asked = undone_by(rows);
    for _ in 0..DEPTH {
        asked.retain(|version| !undone.contains_key(version));
        if asked.is_empty() {
            break;
        }
        let rows = tx.changes(&Changes::Of(asked)).await?;
        asked = undone_by(&rows);
        undone.extend(rows.into_iter().map(|row| (row.version, row.command)));
    }
    Ok(undone)
}

fn undone_by(rows: &[ChangeRow]) -> Vec<i64> {
    let undos = rows.iter().filter_map(|row| undo(&row.command));
    undos.map(column).collect()
}

/// Which change a command undoes, if it is an undo.
fn undo(command: &str) -> Option<u64> {
    let UndoCommand::Undo { version } = serde_json::from_str(command).ok()?;
    Some(version)
}

/// A command of a newer release is told as it is stored.
fn sentence(command: &str, undone: &Undone, depth: u32) -> String {
    match command {
        IMPORT => return "the whole policy imported".to_owned(),
        RECOVER => return "the store recovered".to_owned(),
        _ => {}
    }
    if let Some(version) = undo(command) {
        let what = undone.get(&column(version)).filter(|_| depth > 0);
        return match what {
            Some(what) => {
                let what = sentence(what, undone, depth.saturating_sub(1));
                format!("change {version} undone: {what}")
            }
            None => format!("change {version} undone"),
        };
    }
    match serde_json::from_str::<Command>(command) {
        Ok(command) => command.to_string(),
        Err(_) => command.escape_debug().to_string(),
    }
}
