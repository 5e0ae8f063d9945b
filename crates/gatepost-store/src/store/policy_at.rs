//! The policy as it was at an earlier version, by what was changed since.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use gatepost::PolicyDocument;

use super::PolicyStore;
use super::base::{column, understood};
use super::export::{Place, page};
use super::history::{RECOVER, effect};
use super::slice::Slice;
use super::tx::{Access, Changes, Done, FactRow, Fault, Job, Result, Stored, Tx, Which};
use crate::change::Effect;
use crate::error::{StoreError, StoreErrorKind};
use crate::fact::{FactKey, FactKind, Facts};

impl PolicyStore {
    /// The policy as it was at an earlier version: that of now, with what was changed since taken back.
    ///
    /// It is read in one look, and checked on the way: each change must have left what the next one found.
    ///
    /// ```
    /// use gatepost::{PolicyDocument, SiteSwitch};
    /// use gatepost_store::{Author, Change, Command, PolicyStore, StoreUrl};
    ///
    /// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    /// # runtime.block_on(async {
    /// # let folder = tempfile::tempdir()?;
    /// # let store = PolicyStore::init(&StoreUrl::sqlite(folder.path().join("policy.db"))).await?;
    /// let document: PolicyDocument = serde_json::from_str(
    ///     r#"{ "version": 1, "resources": { "chat": ["create"] }, "site": { "gates": { "chat": { "switch": "on" } } } }"#,
    /// )?;
    /// let ines = || Author::Operator { name: "ines".into() };
    /// store.import(&document, ines(), "the first policy", None).await?;
    /// let kill = Command::SiteSwitch { resource: "chat".into(), mode: None, to: SiteSwitch::Off };
    /// store.write(&Change::new(kill, ines(), "a drill")).await?;
    ///
    /// assert_ne!(store.export().await?.1, document);
    /// assert_eq!(store.policy_at(1).await?, document);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Gone`](StoreErrorKind::Gone) where it cannot be told, naming why: the policy was since replaced as a whole,
    /// the store was recovered, changes are no longer in its log, or the version is still to come;
    /// [`Unsound`](StoreErrorKind::Unsound) where the log is not about what is stored.
    pub async fn policy_at(&self, version: u64) -> Result<PolicyDocument> {
        self.run(PolicyAt { version }).await
    }
}

/// How many changes are taken back at once.
const CHANGES: i64 = 1_000;

/// Reads the policy of a version.
#[derive(Debug)]
struct PolicyAt {
    version: u64,
}

impl Job for PolicyAt {
    type Output = PolicyDocument;
    const ACCESS: Access = Access::Read;

    async fn run<T: Tx>(&mut self, tx: &mut T) -> Result<Done<PolicyDocument>> {
        let place = tx.place();
        let raw = tx.head().await?;
        let (newest, whole) = (raw.version, raw.whole);
        understood(&place, raw)?;
        let version = column(self.version);
        if version > newest {
            let why = format!(
                "version {} is still to come: the store is at version {newest}",
                self.version
            );
            return Err(gone(&place, why));
        }
        if version == 0 {
            let why = "version 0 is that of a store without a policy".to_owned();
            return Err(gone(&place, why));
        }
        if whole > version {
            return Err(replaced(tx, version, whole).await?);
        }
        let mut back = Back::default();
        let mut newest = newest;
        while newest > version {
            let oldest = newest.saturating_sub(CHANGES).max(version);
            back.take(tx, (oldest.saturating_add(1)..=newest).collect())
                .await?;
            newest = oldest;
        }
        back.facts(tx).await.map(Done::Nothing)
    }
}

/// Why what was before a whole replacement cannot be told.
async fn replaced<T: Tx>(tx: &mut T, version: i64, whole: i64) -> Result<StoreError> {
    let place = tx.place();
    let rows = tx.changes(&Changes::Of(vec![whole])).await?;
    let what = match rows.first() {
        Some(row) if row.command == RECOVER => {
            "recovered the store: what was lost before it is not known"
        }
        Some(_) => "replaced the policy as a whole: the log does not tell what was before it",
        None => "is no longer in the log",
    };
    let why = format!("the policy of version {version} cannot be told: change {whole} {what}");
    Ok(gone(&place, why))
}

fn gone(place: &str, why: String) -> StoreError {
    StoreError::new(StoreErrorKind::Gone, place, why)
}

/// What has become of each fact since a version, read from the newest change to the oldest.
#[derive(Debug, Default)]
struct Back(BTreeMap<FactKey, Since>);

/// What a fact was, and what became of it.
#[derive(Debug)]
struct Since {
    before: Option<String>,
    after: Option<String>,
}

impl Back {
    /// Takes changes back, which are the ones before those that have been.
    async fn take<T: Tx>(&mut self, tx: &mut T, versions: Vec<i64>) -> Result<()> {
        let place = tx.place();
        let rows = tx.changes(&Changes::Of(versions.clone())).await?;
        let mut logged = rows.iter().map(|row| row.version);
        // They are gapless, and given in order.
        if let Some(lost) = versions
            .iter()
            .find(|version| logged.next() != Some(**version))
        {
            let why = format!(
                "change {lost} is no longer in the log, so what was before it cannot be told"
            );
            return Err(gone(&place, why));
        }
        let mut effects = tx.effects(&versions).await?;
        effects.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
        for (version, row) in effects {
            self.add(&place, version, effect(&place, version, row)?)?;
        }
        Ok(())
    }

    fn add(&mut self, place: &str, version: i64, effect: Effect) -> Result<()> {
        match self.0.entry(effect.key) {
            Entry::Vacant(there) => {
                there.insert(Since {
                    before: effect.before,
                    after: effect.after,
                });
            }
            Entry::Occupied(mut there) => {
                if there.get().before != effect.after {
                    let why = format!(
                        "what change {version} made of the fact `{}` is not what a later one found",
                        there.key()
                    );
                    return Err(StoreError::new(StoreErrorKind::Unsound, place, why));
                }
                there.get_mut().before = effect.before;
            }
        }
        Ok(())
    }

    /// The facts as they were.
    async fn facts<T: Tx>(mut self, tx: &mut T) -> Result<PolicyDocument> {
        let place = tx.place();
        let mut all = Slice::new();
        for kind in FactKind::ALL {
            let mut behind = Place::start();
            let mut read = Vec::new();
            while let Some(rows) = page(tx, *kind, &mut behind).await? {
                for row in rows {
                    read.extend(self.as_it_was(&place, row)?);
                }
            }
            // What is gone by now.
            while let Some(next) = self.0.first_entry()
                && next.key().kind == *kind
            {
                let (key, since) = next.remove_entry();
                if since.after.is_some() {
                    return Err(other(&place, &key));
                }
                read.extend(since.before.map(|body| Ok(as_stored(key, body))));
            }
            all.add(read);
        }
        all.add(tx.facts(&Which::Strange).await?);
        all.whole(&place).map(Facts::into_document)
    }

    /// A fact as it was before it became what is stored, if it was there.
    fn as_it_was(&mut self, place: &str, row: FactRow) -> Result<Option<FactRow>> {
        let key = match &row {
            Ok(row)
            | Err(Fault {
                fact: Some(row), ..
            }) => &row.key,
            Err(Fault { fact: None, .. }) => return Ok(Some(row)),
        };
        let Some((key, since)) = self.0.remove_entry(key) else {
            return Ok(Some(row));
        };
        if let Ok(row) = &row
            && since.after.as_ref() != Some(&row.body)
        {
            return Err(other(place, &key));
        }
        Ok(since.before.map(|body| Ok(as_stored(key, body))))
    }
}

fn as_stored(key: FactKey, body: String) -> Stored {
    Stored {
        key,
        body,
        version: 0,
    }
}

fn other(place: &str, key: &FactKey) -> StoreError {
    let why = format!("the fact `{key}` is not what the log says was made of it");
    StoreError::new(StoreErrorKind::Unsound, place, why)
}
