//! What a backend does in one transaction, and the rows that it gives and takes.
//!
//! A backend only runs SQL. What is read, judged and written stands once, in the
//! [jobs](Job) beside this file.

use std::future::Future;

use super::aside::Aside;
use super::decisions::DecisionTable;
use crate::change::Effect;
use crate::error::StoreError;
use crate::fact::{FactKey, FactKind};
use crate::head::RawHead;

pub(crate) type Result<T> = std::result::Result<T, StoreError>;

/// What is done in one transaction.
pub(crate) trait Job: Send + 'static {
    type Output: Send + 'static;
    /// What it needs of the transaction.
    const ACCESS: Access;

    fn run<T: Tx>(&mut self, tx: &mut T)
    -> impl Future<Output = Result<Done<Self::Output>>> + Send;

    /// By what a commit is recognised of which it is not known whether it was written.
    #[cfg_attr(
        not(feature = "postgres"),
        allow(dead_code, reason = "a file always answers")
    )]
    fn mark(&self) -> Option<&Mark> {
        None
    }
}

/// What a transaction is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// One consistent look.
    Read,
    /// A short write.
    Write,
    /// A write of any size.
    Replace,
    /// A short look at what stands beside the policy.
    Glance,
    /// A short write beside the policy, of which no replica has to know.
    Note,
}

/// How a job ends its transaction.
#[derive(Debug)]
pub(crate) enum Done<T> {
    /// What it wrote is to stand.
    Commit(T),
    /// There is nothing to write.
    Nothing(T),
}

/// The version and the token of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) version: i64,
    pub(crate) token: String,
}

/// A transaction on one of the backends.
pub(crate) trait Tx: Aside + DecisionTable {
    /// Which store this is, without its password.
    fn place(&self) -> String;

    /// The head; to write, it is locked, so that every writer waits here for the one before.
    fn head(&mut self) -> impl Future<Output = Result<RawHead>> + Send;

    fn facts(&mut self, which: &Which) -> impl Future<Output = Result<Vec<FactRow>>> + Send;

    /// Versions since `since` in which one of the facts was changed: the newest first, at most `limit`.
    fn touched(
        &mut self,
        keys: &[FactKey],
        since: i64,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<i64>>> + Send;

    /// Changes, the oldest first.
    fn changes(&mut self, which: &Changes) -> impl Future<Output = Result<Vec<ChangeRow>>> + Send;

    /// What the changes did, in order of the versions.
    fn effects(
        &mut self,
        versions: &[i64],
    ) -> impl Future<Output = Result<Vec<(i64, EffectRow)>>> + Send;

    fn replicas(&mut self) -> impl Future<Output = Result<Vec<ReplicaFields>>> + Send;

    /// Does to the facts what each effect says.
    fn apply(
        &mut self,
        effects: &[Effect],
        version: i64,
    ) -> impl Future<Output = Result<()>> + Send;

    /// Writes down what a change did.
    fn log(&mut self, effects: &[Effect], version: i64) -> impl Future<Output = Result<()>> + Send;

    /// Takes every fact out.
    fn clear(&mut self) -> impl Future<Output = Result<()>> + Send;

    /// Puts facts in that are not there.
    fn insert(
        &mut self,
        facts: &[(FactKey, String)],
        version: i64,
    ) -> impl Future<Output = Result<()>> + Send;

    /// Writes down who changed the policy, when and why.
    fn record(&mut self, entry: &Entry) -> impl Future<Output = Result<()>> + Send;

    fn set_head(&mut self, head: &NewHead) -> impl Future<Output = Result<()>> + Send;
}

/// Which facts are read.
#[derive(Clone, Debug)]
pub(crate) enum Which {
    /// All of these kinds.
    Kinds(Vec<FactKind>),
    /// These, as far as they are there.
    Keys(Vec<FactKey>),
    /// Of these kinds, below these orgs.
    Below(Vec<FactKind>, Vec<String>),
    /// Of this kind, below any org, of this name.
    Named(FactKind, String),
    /// Of this kind, in order, behind a place.
    Page {
        kind: FactKind,
        after: (String, String),
        limit: i64,
    },
    /// Of this kind, below this org, in order, behind a name.
    PageBelow {
        kind: FactKind,
        org: String,
        after: String,
        limit: i64,
    },
    /// Of this kind, with this text anywhere in them.
    Naming(FactKind, String),
    /// Of no kind that this release knows, or of no name, which is in front of every place; a few of them.
    Strange,
}

/// Which changes are read.
#[derive(Clone, Debug)]
pub(crate) enum Changes {
    /// These.
    Of(Vec<i64>),
    /// The first since a version, or the last of all, as far as the filter lets them through.
    Page {
        after: Option<i64>,
        before: Option<i64>,
        limit: i64,
        org: Option<String>,
        author: Option<String>,
    },
}

/// A fact as it is stored, or why it is none.
pub(crate) type FactRow = std::result::Result<Stored, Fault>;

/// A fact as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) key: FactKey,
    pub(crate) body: String,
    /// The version that put it there.
    pub(crate) version: i64,
}

/// A row that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Where its key is understood: the fact, and what was in it.
    pub(crate) fact: Option<Stored>,
    /// Which row, and why.
    pub(crate) why: String,
}

/// Reads a fact out of its columns, each a text if it is well, and the version that put it there.
pub(crate) fn fact_row(
    kind: Option<&str>,
    a: Option<&str>,
    b: Option<&str>,
    body: Option<&str>,
    version: i64,
) -> FactRow {
    let parsed = kind.and_then(FactKind::parse);
    let (Some(kind), Some(a), Some(b)) = (parsed, a, b) else {
        let [kind, a, b] = [kind, a, b].map(|text| text.unwrap_or("?").escape_debug().to_string());
        return Err(Fault {
            fact: None,
            why: format!("the fact `{kind} {a} {b}` is of a kind that this release does not know"),
        });
    };
    let key = FactKey::new(kind, a, b);
    match body {
        Some(body) => Ok(Stored {
            key,
            body: body.to_owned(),
            version,
        }),
        None => Err(Fault {
            why: format!("the fact `{key}` holds no text"),
            fact: Some(Stored {
                key,
                body: String::new(),
                version,
            }),
        }),
    }
}

/// A row of `gatepost_change`.
#[derive(Clone, Debug)]
pub(crate) struct ChangeRow {
    pub(crate) version: i64,
    pub(crate) at: String,
    pub(crate) author: String,
    pub(crate) authority: String,
    pub(crate) acting_for: Option<String>,
    pub(crate) reason: String,
    pub(crate) command: String,
}

/// A row of `gatepost_effect`.
#[derive(Clone, Debug)]
pub(crate) struct EffectRow {
    pub(crate) kind: String,
    pub(crate) a: String,
    pub(crate) b: String,
    pub(crate) before: Option<String>,
    pub(crate) after: Option<String>,
}

/// A row of `gatepost_replica`.
#[derive(Clone, Debug)]
pub(crate) struct ReplicaFields {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) started: String,
    pub(crate) at: String,
    pub(crate) age_ms: i64,
    pub(crate) lease_ms: i64,
    pub(crate) epoch: i64,
    pub(crate) version: i64,
    pub(crate) state: String,
    pub(crate) library: String,
}

/// What is written down of a change; the store adds the time.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) mark: Mark,
    pub(crate) author: String,
    pub(crate) authority: &'static str,
    pub(crate) acting_for: Option<String>,
    pub(crate) reason: String,
    pub(crate) command: String,
    pub(crate) whole: bool,
    pub(crate) awaited: bool,
}

/// What a commit makes of the head.
#[derive(Clone, Debug)]
pub(crate) struct NewHead {
    pub(crate) mark: Mark,
    pub(crate) epoch: i64,
    pub(crate) whole: i64,
    pub(crate) killed: String,
}
