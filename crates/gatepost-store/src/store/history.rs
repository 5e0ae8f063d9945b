//! The audit log, read.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

use super::base::{column, counted, understood};
use super::tx::{Access, ChangeRow, Changes, Done, EffectRow, Job, Result, Tx};
use crate::change::{Authority, ChangeRecord, Effect};
use crate::command::Command;
use crate::error::{StoreError, StoreErrorKind};
use crate::fact::{FactKey, FactKind};

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
    let versions: Vec<i64> = rows.iter().map(|row| row.version).collect();
    let mut effects: BTreeMap<i64, Vec<Effect>> = BTreeMap::new();
    for (version, row) in tx.effects(&versions).await? {
        let effect = effect(&place, version, row)?;
        effects.entry(version).or_default().push(effect);
    }
    let records = rows.into_iter().map(|row| {
        let mut effects = effects.remove(&row.version).unwrap_or_default();
        in_order(&mut effects);
        record(&place, row, effects)
    });
    records.collect()
}

/// Changes without what they did, the oldest first.
pub(crate) async fn headings<T: Tx>(tx: &mut T, versions: Vec<i64>) -> Result<Vec<ChangeRecord>> {
    let place = tx.place();
    let rows = tx.changes(&Changes::Of(versions)).await?;
    let records = rows.into_iter().map(|row| record(&place, row, Vec::new()));
    records.collect()
}

/// Puts effects in the order in which they can be done: what others stand below is put
/// before them, and taken away behind them.
pub(crate) fn in_order(effects: &mut [Effect]) {
    effects.sort_by(|one, other| match (&one.after, &other.after) {
        (Some(_), Some(_)) => one.key.cmp(&other.key),
        (None, None) => other.key.cmp(&one.key),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
    });
}

fn effect(place: &str, version: i64, row: EffectRow) -> Result<Effect> {
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

fn record(place: &str, row: ChangeRow, effects: Vec<Effect>) -> Result<ChangeRecord> {
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
        sentence: sentence(&row.command),
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

/// A command of a newer release is told as it is stored.
fn sentence(command: &str) -> String {
    match command {
        IMPORT => "the whole policy imported".to_owned(),
        RECOVER => "the store recovered".to_owned(),
        _ => match serde_json::from_str::<Command>(command) {
            Ok(command) => command.to_string(),
            Err(_) => command.escape_debug().to_string(),
        },
    }
}
