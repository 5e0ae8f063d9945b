//! A change that is undone, from what is stored to what is to be stored.

use gatepost::Timestamp;

use super::base::{Base, column, counted};
use super::draft::{CHANGES_TOLD, Draft, Draws, conflict, refused, touched_since};
use super::history::{self, IMPORT, RECOVER, UndoCommand};
use super::slice::{Slice, unsound};
use super::tx::{Changes, Result, Stored, Tx, Which};
use crate::change::{Author, Effect, Undo};
use crate::fact::{FactKey, FactKind};
use crate::plan::{self, Aim, Scope, UndoRefusal};

impl Draws for Undo {
    fn author(&self) -> &Author {
        &self.author
    }

    fn reason(&self) -> &str {
        &self.reason
    }

    fn command(&self) -> serde_json::Result<String> {
        serde_json::to_string(&UndoCommand::Undo {
            version: self.version,
        })
    }

    fn is_awaited(&self) -> bool {
        self.awaited
    }

    async fn draw<T: Tx>(&self, tx: &mut T) -> Result<Draft> {
        let place = tx.place();
        let base = Base::lock(tx).await?;
        let aim = self.aim(tx).await?;
        let done = aim.as_deref().unwrap_or_default();
        let scope = Scope::of_undo(done, &self.author);
        let slice = Slice::read(tx, &scope).await?;
        if let Some(error) = unsound(&place, &slice.faults) {
            return Err(error);
        }
        let version = counted(&place, base.version)?;
        let document = slice.facts.document();
        let planned = plan::undo(&aim, &self.author, document, version, Timestamp::now());
        let planned = match planned {
            Ok(planned) => planned,
            Err(UndoRefusal::Refused(refusal)) => {
                let what = format!("undoing change {}", self.version);
                return Err(refused(&place, &what, &refusal));
            }
            Err(UndoRefusal::Changed(keys)) => {
                let since = column(self.version);
                let versions = touched_since(tx, &base, since, &keys).await?;
                return Err(conflict(tx, self.version, versions).await?);
            }
        };
        let draft = Draft::of(tx, base, &slice, planned, self.based_on).await?;
        self.leaves_nothing_hanging(tx, &draft, &slice).await?;
        Ok(draft)
    }
}

impl Undo {
    /// What the change did, or why it cannot be undone.
    async fn aim<T: Tx>(&self, tx: &mut T) -> Result<Aim> {
        let which = Changes::Of(vec![column(self.version)]);
        let Some(change) = history::records(tx, which).await?.pop() else {
            return Ok(Err(format!("there is no change {}", self.version)));
        };
        Ok(match change.command.as_str() {
            IMPORT => Err(format!(
                "change {} imported a whole policy, which is not undone: import the one before",
                self.version
            )),
            RECOVER => Err(format!(
                "change {} recovered the store, which is not undone",
                self.version
            )),
            _ => Ok(change.effects),
        })
    }

    /// Checks that what goes with this undo was not taken up since: by what stands below an org, or by who holds
    /// a role. It would be found again by the next thing of that name.
    async fn leaves_nothing_hanging<T: Tx>(
        &self,
        tx: &mut T,
        draft: &Draft,
        slice: &Slice,
    ) -> Result<()> {
        let since = column(self.version);
        let mut versions = Vec::new();
        for Effect { key, after, .. } in draft.effects() {
            if after.is_none() {
                for row in hanging(tx, key, slice, since).await? {
                    versions.push(row.version);
                }
            }
        }
        if versions.is_empty() {
            return Ok(());
        }
        versions.sort_unstable();
        versions.dedup();
        let told = usize::try_from(CHANGES_TOLD).unwrap_or(usize::MAX);
        let newest = versions.split_off(versions.len().saturating_sub(told));
        Err(conflict(tx, self.version, newest).await?)
    }
}

/// What would hang in the air without a fact that was not there before version `since`.
async fn hanging<T: Tx>(
    tx: &mut T,
    key: &FactKey,
    slice: &Slice,
    since: i64,
) -> Result<Vec<Stored>> {
    let FactKey { kind, a, b } = key;
    let naming = |kind, name: &str| Which::Naming(kind, serde_json::Value::from(name).to_string());
    let mut found = Vec::new();
    match kind {
        FactKind::Org => {
            for below in [FactKind::OrgGate, FactKind::OwnRole, FactKind::Member] {
                let which = Which::PageBelow {
                    kind: below,
                    org: a.clone(),
                    after: String::new(),
                    limit: CHANGES_TOLD,
                };
                // However long it has been there.
                found.extend(tx.facts(&which).await?.into_iter().flatten());
            }
            let naming_it = [
                (FactKind::Org, "parent"),
                (FactKind::Subject, "default_org"),
            ];
            for (kind, field) in naming_it {
                let rows = tx.facts(&naming(kind, a)).await?.into_iter().flatten();
                found.extend(rows.filter(|row| row.version > since && names(row, field, a)));
            }
        }
        FactKind::SiteRole => {
            let rows = tx.facts(&naming(FactKind::Subject, a)).await?;
            let rows = rows.into_iter().flatten();
            found.extend(rows.filter(|row| row.version > since && names(row, "site_roles", a)));
        }
        FactKind::OrgRole | FactKind::OwnRole => {
            let role = if *kind == FactKind::OrgRole { a } else { b };
            let rows = tx.facts(&naming(FactKind::Member, role)).await?;
            let rows = rows.into_iter().flatten();
            let holds = |row: &Stored| row.version > since && names(row, "roles", role);
            // An own role is held in its org and below it.
            let reached =
                |row: &Stored| *kind == FactKind::OrgRole || lies_under(slice, &row.key.a, a);
            found.extend(rows.filter(|row| holds(row) && reached(row)));
        }
        FactKind::Resource
        | FactKind::SiteGate
        | FactKind::OrgGate
        | FactKind::Member
        | FactKind::Subject => {}
    }
    Ok(found)
}

/// Whether a field of the fact is the text, or a list with it.
fn names(row: &Stored, field: &str, text: &str) -> bool {
    let Ok(body) = serde_json::from_str::<serde_json::Value>(&row.body) else {
        return false;
    };
    match body.get(field) {
        Some(serde_json::Value::Array(all)) => all.iter().any(|one| one == text),
        Some(one) => one == text,
        None => false,
    }
}

/// Whether the org is that one, or lies under it.
fn lies_under(slice: &Slice, org: &str, above: &str) -> bool {
    let orgs = &slice.facts.document().orgs;
    let parent = |id: &&str| orgs.get(*id)?.parent.as_deref();
    let mut path = std::iter::successors(Some(org), parent).take(orgs.len().saturating_add(1));
    path.any(|id| id == above)
}
