//! A whole policy, put in the place of what is stored.

use std::collections::BTreeMap;

use gatepost::{PolicyDocument, Snapshot};

use super::base::{Base, counted};
use super::draft::{all_unchanged_since, said};
use super::export::{Place, page};
use super::history::IMPORT;
use super::tx::{Access, Done, Entry, Fault, Job, Mark, NewHead, Result, Tx, Which};
use crate::change::{Author, Authority, Committed, Effect};
use crate::error::{StoreError, StoreErrorKind};
use crate::fact::{FactKey, FactKind, facts_of};
use crate::plan;

/// Up to how many effects an import is written down fact by fact.
const EFFECTS: usize = 10_000;
/// How many facts are written at once.
const BATCH: usize = 10_000;

/// Puts a document in the place of the stored policy.
pub(crate) struct Import {
    document: PolicyDocument,
    author: String,
    reason: String,
    based_on: Option<u64>,
    mark: Option<Mark>,
}

impl Import {
    /// Refuses a document that is not sound before the store is asked anything.
    pub(crate) fn new(
        place: &str,
        document: &PolicyDocument,
        author: &Author,
        reason: &str,
        based_on: Option<u64>,
    ) -> Result<Self> {
        operator(place, author)?;
        said(place, author.name(), reason)?;
        Snapshot::compile(document, 1).map_err(|error| StoreError::unsound_policy(place, error))?;
        Ok(Self {
            document: document.clone(),
            author: author.name().to_owned(),
            reason: reason.to_owned(),
            based_on,
            mark: None,
        })
    }
}

/// Refuses everyone but the operator: nothing that a policy says is behind this.
pub(crate) fn operator(place: &str, author: &Author) -> Result<()> {
    match author {
        Author::Operator { .. } => Ok(()),
        Author::Subject(_) => Err(StoreError::new(
            StoreErrorKind::Denied,
            place,
            "only the operator may do this, at the store itself",
        )),
    }
}

impl Job for Import {
    type Output = Committed;
    const ACCESS: Access = Access::Replace;

    async fn run<T: Tx>(&mut self, tx: &mut T) -> Result<Done<Committed>> {
        let place = tx.place();
        let base = Base::lock(tx).await?;
        if let Some(based_on) = self.based_on {
            all_unchanged_since(tx, &base, based_on).await?;
        }
        let changes = Changes::read(tx, &self.document).await?;
        let killed = plan::killed_words(&self.document);
        if changes.count == 0 && killed == base.killed {
            return Ok(Done::Nothing(Committed {
                version: counted(&place, base.version)?,
                changed: false,
                summary: Vec::new(),
            }));
        }
        let mark = base.next(&place)?;
        self.mark = Some(mark.clone());
        // What an empty store is filled with is its beginning, and no list of changes.
        let listed = changes.effects.filter(|_| changes.was_filled);
        if let Some(effects) = &listed {
            tx.apply(effects, mark.version).await?;
            tx.log(effects, mark.version).await?;
        } else {
            replace(tx, &self.document, mark.version).await?;
        }
        let whole = listed.is_none();
        tx.record(&Entry {
            mark: mark.clone(),
            author: self.author.clone(),
            authority: Authority::Operator.as_str(),
            acting_for: None,
            reason: self.reason.clone(),
            command: IMPORT.to_owned(),
            whole,
            awaited: false,
        })
        .await?;
        let version = counted(&place, mark.version)?;
        let whole = if whole { mark.version } else { base.whole };
        tx.set_head(&NewHead {
            mark,
            epoch: base.epoch,
            whole,
            killed,
        })
        .await?;
        Ok(Done::Commit(Committed {
            version,
            changed: true,
            summary: vec![format!("{} facts changed", changes.count)],
        }))
    }

    fn mark(&self) -> Option<&Mark> {
        self.mark.as_ref()
    }
}

async fn replace<T: Tx>(tx: &mut T, document: &PolicyDocument, version: i64) -> Result<()> {
    tx.clear().await?;
    let mut facts = facts_of(document);
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        batch.clear();
        batch.extend(facts.by_ref().take(BATCH));
        if batch.is_empty() {
            return Ok(());
        }
        tx.insert(&batch, version).await?;
    }
}

/// What is to be done to the stored facts.
struct Changes {
    count: usize,
    /// Each of them; `None` where they are too many, or where a row is not understood.
    effects: Option<Vec<Effect>>,
    was_filled: bool,
}

impl Changes {
    async fn read<T: Tx>(tx: &mut T, document: &PolicyDocument) -> Result<Self> {
        let mut wanted: BTreeMap<FactKey, String> = facts_of(document).collect();
        let mut changes = Self {
            count: 0,
            effects: Some(Vec::new()),
            was_filled: false,
        };
        for kind in FactKind::ALL {
            let mut place = Place::start();
            while let Some(rows) = page(tx, *kind, &mut place).await? {
                changes.was_filled = true;
                for row in rows {
                    changes.compare(row, &mut wanted);
                }
            }
        }
        for strange in tx.facts(&Which::Strange).await? {
            changes.compare(strange, &mut wanted);
        }
        for (key, body) in wanted {
            changes.push(key, None, Some(body));
        }
        Ok(changes)
    }

    fn compare(&mut self, row: super::tx::FactRow, wanted: &mut BTreeMap<FactKey, String>) {
        match row {
            Ok(row) => match wanted.remove(&row.key) {
                Some(body) if body == row.body => {}
                after => self.push(row.key, Some(row.body), after),
            },
            Err(Fault { fact, .. }) => {
                fact.map(|row| wanted.remove(&row.key));
                self.count += 1;
                self.effects = None;
            }
        }
    }

    fn push(&mut self, key: FactKey, before: Option<String>, after: Option<String>) {
        self.count += 1;
        if self.count > EFFECTS {
            self.effects = None;
        }
        if let Some(effects) = &mut self.effects {
            effects.push(Effect { key, before, after });
        }
    }
}
