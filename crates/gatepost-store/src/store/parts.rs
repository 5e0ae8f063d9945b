//! Parts of the policy, each read in one consistent look with its version, for whoever edits them.

use std::collections::{BTreeMap, BTreeSet};

use gatepost::{MemberDocument, PolicyDocument, Snapshot, SubjectDocument, check_id};

use super::PolicyStore;
use super::base::{column, understood};
use super::history::{headings, records};
use super::slice::{Slice, table, unsound};
use super::tx::{Access, Changes, Done, Fault, Job, Result, Stored, Tx, Which};
use crate::change::ChangeRecord;
use crate::error::StoreError;
use crate::fact::{FactKey, FactKind};
use crate::plan::Scope;

/// A part of the policy that is sound by itself.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PolicyPart {
    /// The policy version that it is of.
    pub version: u64,
    /// The part, as a document that compiles.
    pub document: PolicyDocument,
    /// The change that made each fact what it is, without what else it did.
    pub last_changes: BTreeMap<FactKey, ChangeRecord>,
}

/// Some of the members of an org.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct MembersPage {
    /// The policy version that they are of.
    pub version: u64,
    /// The members, by id.
    pub members: Vec<MemberPart>,
    /// Whether there are more behind them.
    pub more: bool,
}

/// A member of an org.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct MemberPart {
    /// The subject.
    pub subject: String,
    /// Its membership.
    pub member: MemberDocument,
    /// What the policy says of the subject, if anything.
    pub known: Option<SubjectDocument>,
    /// The change that made the membership what it is, without what else it did.
    pub last_change: Option<ChangeRecord>,
}

/// What the policy says of a subject.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SubjectPart {
    /// The policy version that it is of.
    pub version: u64,
    /// What is said of the subject itself, if anything.
    pub known: Option<SubjectDocument>,
    /// Each org that it is a member of, with its membership.
    pub memberships: Vec<(String, MemberDocument)>,
    /// The change that made of the subject itself what it is, without what else it did.
    pub last_change: Option<ChangeRecord>,
}

impl PolicyStore {
    /// The vocabulary of the policy: resources, the site's gates and roles, and the roles of orgs.
    ///
    /// # Errors
    ///
    /// [`Unsound`](crate::StoreErrorKind::Unsound), naming the facts, where one cannot be understood.
    pub async fn site(&self) -> Result<PolicyPart> {
        let part = self.run(ReadPart { org: None }).await?;
        // The vocabulary is there, if only as an empty one.
        part.ok_or_else(|| {
            let kind = crate::error::StoreErrorKind::Unsound;
            StoreError::new(kind, self.url(), "has no vocabulary")
        })
    }

    /// An org with all its ancestors, their gates and own roles, and the vocabulary; no members. `None` where
    /// there is no such org.
    ///
    /// # Errors
    ///
    /// [`Unsound`](crate::StoreErrorKind::Unsound), naming the facts, where one cannot be understood.
    pub async fn org(&self, org: &str) -> Result<Option<PolicyPart>> {
        let org = Some(org.to_owned());
        self.run(ReadPart { org }).await
    }

    /// Members that stand in exactly this org, in the order of their ids: the first behind `after`, at most
    /// `limit`. Where there is no such org, it has none.
    ///
    /// # Errors
    ///
    /// [`Unsound`](crate::StoreErrorKind::Unsound), naming the facts, where one cannot be understood.
    pub async fn members(
        &self,
        org: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<MembersPage> {
        let read = ReadMembers {
            org: org.to_owned(),
            after: after.unwrap_or_default().to_owned(),
            limit,
        };
        self.run(read).await
    }

    /// What is said of a subject, and where it is a member.
    ///
    /// # Errors
    ///
    /// [`Unsound`](crate::StoreErrorKind::Unsound), naming the facts, where one cannot be understood.
    pub async fn subject(&self, subject: &str) -> Result<SubjectPart> {
        let subject = subject.to_owned();
        self.run(ReadSubject { subject }).await
    }

    /// The memberships of one subject with their orgs, and the version that they are of.
    ///
    /// # Errors
    ///
    /// [`Unsound`](crate::StoreErrorKind::Unsound) where one of them cannot be understood.
    pub async fn memberships_of(
        &self,
        subject: &str,
    ) -> Result<(u64, Vec<(String, MemberDocument)>)> {
        let subject = subject.to_owned();
        self.run(MembershipsOf { subject }).await
    }

    /// The change that made this version; `None` where none did.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    pub async fn change(&self, version: u64) -> Result<Option<ChangeRecord>> {
        self.run(ReadChange { version }).await
    }
}

struct ReadPart {
    org: Option<String>,
}

impl Job for ReadPart {
    type Output = Option<PolicyPart>;
    const ACCESS: Access = Access::Read;

    async fn run<T: Tx>(&mut self, tx: &mut T) -> Result<Done<Self::Output>> {
        let place = tx.place();
        let version = understood(&place, tx.head().await?)?.version;
        let mut scope = Scope::default();
        if let Some(org) = &self.org {
            if check_id(org).is_err() {
                return Ok(Done::Nothing(None));
            }
            scope.orgs.insert(org.clone());
        }
        let mut slice = Slice::dated(tx, &scope).await?;
        let versions = slice.versions.take().unwrap_or_default();
        let facts = slice.whole(&place)?;
        let orgs = &facts.document().orgs;
        if self.org.as_ref().is_some_and(|org| !orgs.contains_key(org)) {
            return Ok(Done::Nothing(None));
        }
        Snapshot::compile(facts.document(), version)
            .map_err(|error| StoreError::unsound_policy(&place, error))?;
        let changes = newest(tx, versions.values().copied()).await?;
        let last_changes = versions.into_iter().filter_map(|(key, version)| {
            let change = changes.get(&version)?;
            Some((key, change.clone()))
        });
        Ok(Done::Nothing(Some(PolicyPart {
            version,
            last_changes: last_changes.collect(),
            document: facts.into_document(),
        })))
    }
}

struct ReadMembers {
    org: String,
    after: String,
    limit: usize,
}

impl Job for ReadMembers {
    type Output = MembersPage;
    const ACCESS: Access = Access::Read;

    async fn run<T: Tx>(&mut self, tx: &mut T) -> Result<Done<MembersPage>> {
        let place = tx.place();
        let version = understood(&place, tx.head().await?)?.version;
        let limit = i64::try_from(self.limit).unwrap_or(i64::MAX);
        let mut rows = Vec::new();
        if check_id(&self.org).is_ok() && !self.after.contains('\0') {
            let which = Which::PageBelow {
                kind: FactKind::Member,
                org: self.org.clone(),
                after: self.after.clone(),
                limit: limit.saturating_add(1),
            };
            rows = tx.facts(&which).await?;
        }
        let more = rows.len() > self.limit;
        rows.truncate(self.limit);
        let mut faults = Vec::new();
        let rows = sound(rows, &mut faults);
        let subjects = rows
            .iter()
            .map(|row| FactKey::new(FactKind::Subject, &row.key.b, ""));
        let subjects = tx.facts(&Which::Keys(subjects.collect())).await?;
        let mut known: BTreeMap<String, SubjectDocument> = sound(subjects, &mut faults)
            .into_iter()
            .filter_map(|row| read(&row, &mut faults).map(|known| (row.key.a, known)))
            .collect();
        let changes = newest(tx, rows.iter().map(|row| row.version)).await?;
        let members = rows.into_iter().filter_map(|row| {
            let member = read(&row, &mut faults)?;
            let subject = row.key.b;
            Some(MemberPart {
                known: known.remove(&subject),
                last_change: changes.get(&row.version).cloned(),
                subject,
                member,
            })
        });
        let members = members.collect();
        match unsound(&place, &faults) {
            Some(error) => Err(error),
            None => Ok(Done::Nothing(MembersPage {
                version,
                members,
                more,
            })),
        }
    }
}

struct ReadSubject {
    subject: String,
}

impl Job for ReadSubject {
    type Output = SubjectPart;
    const ACCESS: Access = Access::Read;

    async fn run<T: Tx>(&mut self, tx: &mut T) -> Result<Done<SubjectPart>> {
        let place = tx.place();
        let version = understood(&place, tx.head().await?)?.version;
        let mut part = SubjectPart {
            version,
            known: None,
            memberships: Vec::new(),
            last_change: None,
        };
        if check_id(&self.subject).is_err() {
            return Ok(Done::Nothing(part));
        }
        let mut faults = Vec::new();
        let key = FactKey::new(FactKind::Subject, &self.subject, "");
        for row in sound(tx.facts(&Which::Keys(vec![key])).await?, &mut faults) {
            part.last_change = headings(tx, vec![row.version]).await?.pop();
            part.known = read(&row, &mut faults);
        }
        part.memberships = memberships(tx, &self.subject, &mut faults).await?;
        match unsound(&place, &faults) {
            Some(error) => Err(error),
            None => Ok(Done::Nothing(part)),
        }
    }
}

struct MembershipsOf {
    subject: String,
}

impl Job for MembershipsOf {
    type Output = (u64, Vec<(String, MemberDocument)>);
    const ACCESS: Access = Access::Read;

    async fn run<T: Tx>(&mut self, tx: &mut T) -> Result<Done<Self::Output>> {
        let place = tx.place();
        let version = understood(&place, tx.head().await?)?.version;
        let mut faults = Vec::new();
        let members = memberships(tx, &self.subject, &mut faults).await?;
        match unsound(&place, &faults) {
            Some(error) => Err(error),
            None => Ok(Done::Nothing((version, members))),
        }
    }
}

/// Each org that a subject is a member of, with its membership.
async fn memberships<T: Tx>(
    tx: &mut T,
    subject: &str,
    faults: &mut Vec<Fault>,
) -> Result<Vec<(String, MemberDocument)>> {
    let members = Which::Named(FactKind::Member, subject.to_owned());
    let rows = sound(tx.facts(&members).await?, faults).into_iter();
    let members = rows.filter_map(|row| {
        let member = read(&row, faults)?;
        Some((row.key.a, member))
    });
    Ok(members.collect())
}

struct ReadChange {
    version: u64,
}

impl Job for ReadChange {
    type Output = Option<ChangeRecord>;
    const ACCESS: Access = Access::Read;

    async fn run<T: Tx>(&mut self, tx: &mut T) -> Result<Done<Self::Output>> {
        understood(&tx.place(), tx.head().await?)?;
        let which = Changes::Of(vec![column(self.version)]);
        Ok(Done::Nothing(records(tx, which).await?.pop()))
    }
}

/// The changes of these versions, each once.
async fn newest<T: Tx>(
    tx: &mut T,
    versions: impl Iterator<Item = i64>,
) -> Result<BTreeMap<i64, ChangeRecord>> {
    let versions: BTreeSet<i64> = versions.collect();
    let changes = headings(tx, versions.into_iter().collect()).await?;
    let changes = changes.into_iter();
    Ok(changes
        .map(|change| (column(change.version), change))
        .collect())
}

/// The rows that are well; the others are faults.
fn sound(rows: Vec<super::tx::FactRow>, faults: &mut Vec<Fault>) -> Vec<Stored> {
    let mut sound = Vec::with_capacity(rows.len());
    for row in rows {
        match row {
            Ok(row) => sound.push(row),
            Err(fault) => faults.push(fault),
        }
    }
    sound
}

/// What a row says; where it is not understood, that is a fault.
fn read<T: serde::de::DeserializeOwned>(row: &Stored, faults: &mut Vec<Fault>) -> Option<T> {
    table(row).map_err(|fault| faults.push(fault)).ok()
}
