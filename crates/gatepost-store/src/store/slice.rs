//! The part of a policy that a change is about.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::DeserializeOwned;

use super::tx::{FactRow, Fault, Result, Stored, Tx, Which};
use crate::error::{StoreError, StoreErrorKind};
use crate::fact::{FactKey, FactKind, Facts};
use crate::plan::{OwnRoles, Scope};

/// How many rows that are not understood an error names.
const FAULTS_TOLD: usize = 10;

/// What has to be there for anything to be said about a policy.
const VOCABULARY: [FactKind; 4] = [
    FactKind::Resource,
    FactKind::SiteGate,
    FactKind::SiteRole,
    FactKind::OrgRole,
];

/// The part of a policy that a change is about.
#[derive(Debug)]
pub(crate) struct Slice {
    pub(crate) facts: Facts,
    /// Rows that are not understood; they are left out.
    pub(crate) faults: Vec<Fault>,
    /// Which version put each of them there, where that is asked for.
    pub(crate) versions: Option<BTreeMap<FactKey, i64>>,
}

impl Slice {
    pub(crate) fn new() -> Self {
        Self {
            facts: Facts::new(),
            faults: Vec::new(),
            versions: None,
        }
    }

    /// The vocabulary alone.
    pub(crate) async fn vocabulary<T: Tx>(tx: &mut T) -> Result<Self> {
        Self::new().with_vocabulary(tx).await
    }

    /// What the scope names.
    pub(crate) async fn read<T: Tx>(tx: &mut T, scope: &Scope) -> Result<Self> {
        Self::new().with(tx, scope).await
    }

    /// What the scope names, and which version put it there.
    pub(crate) async fn dated<T: Tx>(tx: &mut T, scope: &Scope) -> Result<Self> {
        let slice = Self {
            versions: Some(BTreeMap::new()),
            ..Self::new()
        };
        slice.with(tx, scope).await
    }

    async fn with_vocabulary<T: Tx>(mut self, tx: &mut T) -> Result<Self> {
        let vocabulary = Which::Kinds(VOCABULARY.to_vec());
        self.add(tx.facts(&vocabulary).await?);
        Ok(self)
    }

    async fn with<T: Tx>(self, tx: &mut T, scope: &Scope) -> Result<Self> {
        let mut slice = self.with_vocabulary(tx).await?;
        let read = match &scope.own_roles {
            OwnRoles::All => {
                let kinds = vec![FactKind::Org, FactKind::OrgGate, FactKind::OwnRole];
                slice.add(tx.facts(&Which::Kinds(kinds)).await?);
                let orgs = slice.facts.document().orgs.keys();
                orgs.chain(&scope.orgs).cloned().collect()
            }
            OwnRoles::OfPaths => slice.paths(tx, scope.orgs.clone()).await?,
            OwnRoles::Named(name) => {
                let mut orgs = scope.orgs.clone();
                let which = Which::Named(FactKind::OwnRole, name.clone());
                let found = tx.facts(&which).await?.into_iter().flatten().next();
                orgs.extend(found.map(|row| row.key.a));
                slice.paths(tx, orgs).await?
            }
        };
        slice.subjects(tx, scope, &read).await?;
        Ok(slice)
    }

    /// Refuses what is not understood in full.
    pub(crate) fn whole(self, place: &str) -> Result<Facts> {
        match unsound(place, &self.faults) {
            Some(error) => Err(error),
            None => Ok(self.facts),
        }
    }

    /// Puts rows in, each of them behind what it stands below.
    pub(crate) fn add(&mut self, rows: Vec<FactRow>) {
        let (mut sound, mut faults) = (Vec::with_capacity(rows.len()), Vec::new());
        for row in rows {
            match row {
                Ok(row) => sound.push(row),
                Err(fault) => faults.push(fault),
            }
        }
        sound.sort_by_key(|row| row.key.kind);
        self.faults.append(&mut faults);
        for row in sound {
            if let Some(versions) = &mut self.versions {
                versions.insert(row.key.clone(), row.version);
            }
            if let Err(why) = self.facts.add(&row.key, &row.body) {
                self.faults.push(Fault {
                    why: why.to_string(),
                    fact: Some(row),
                });
            }
        }
    }

    /// The rows that were not understood, as far as it is known which facts they are.
    pub(crate) fn misread(&self) -> impl Iterator<Item = &Stored> {
        self.faults.iter().filter_map(|fault| fault.fact.as_ref())
    }

    /// Takes a resource whose row is not understood for one without actions: it is declared,
    /// so that it can be switched off.
    pub(crate) fn stand_in_resources(&mut self) {
        let misread = self.faults.iter().filter_map(|fault| fault.fact.as_ref());
        for row in misread.filter(|row| row.key.kind == FactKind::Resource) {
            // One that is there twice is there.
            let _ = self.facts.add(&row.key, "[]");
        }
    }

    /// Orgs with all their ancestors, and the gates and own roles of each; which orgs were asked for.
    async fn paths<T: Tx>(
        &mut self,
        tx: &mut T,
        mut asked: BTreeSet<String>,
    ) -> Result<BTreeSet<String>> {
        let mut read = BTreeSet::new();
        while !asked.is_empty() {
            let keys = asked.iter().map(|org| FactKey::new(FactKind::Org, org, ""));
            let rows = tx.facts(&Which::Keys(keys.collect())).await?;
            self.add(rows);
            read.append(&mut asked);
            // Parents that form a ring end it as well.
            asked = self.parents(&read);
        }
        if !read.is_empty() {
            let below = vec![FactKind::OrgGate, FactKind::OwnRole];
            let orgs = read.iter().cloned().collect();
            self.add(tx.facts(&Which::Below(below, orgs)).await?);
        }
        Ok(read)
    }

    fn parents(&self, read: &BTreeSet<String>) -> BTreeSet<String> {
        let orgs = self.facts.document().orgs.values();
        let parents = orgs.filter_map(|org| org.parent.as_ref());
        parents.filter(|id| !read.contains(*id)).cloned().collect()
    }

    async fn subjects<T: Tx>(
        &mut self,
        tx: &mut T,
        scope: &Scope,
        orgs: &BTreeSet<String>,
    ) -> Result<()> {
        let mut keys = Vec::new();
        for subject in &scope.subjects {
            keys.push(FactKey::new(FactKind::Subject, subject, ""));
            let members = orgs
                .iter()
                .map(|org| FactKey::new(FactKind::Member, org, subject));
            keys.extend(members);
        }
        if !keys.is_empty() {
            self.add(tx.facts(&Which::Keys(keys)).await?);
        }
        Ok(())
    }
}

/// Reads what a fact says where it stands by itself.
pub(crate) fn table<T: DeserializeOwned>(row: &Stored) -> std::result::Result<T, Fault> {
    // Serde would read a table from a list as well.
    let is_table = row.body.trim_start().starts_with('{');
    let why = match serde_json::from_str(&row.body) {
        Ok(read) if is_table => return Ok(read),
        Ok(_) => String::new(),
        Err(why) => format!(": {why}"),
    };
    Err(Fault {
        why: format!("the fact `{}` is not understood{why}", row.key),
        fact: Some(row.clone()),
    })
}

/// Says which rows are not understood, if there are any.
pub(crate) fn unsound(place: &str, faults: &[Fault]) -> Option<StoreError> {
    if faults.is_empty() {
        return None;
    }
    let told: Vec<&str> = faults
        .iter()
        .take(FAULTS_TOLD)
        .map(|fault| fault.why.as_str())
        .collect();
    let mut text = told.join("; ");
    if let more @ 1.. = faults.len().saturating_sub(FAULTS_TOLD) {
        text = format!("{text}; and {more} more");
    }
    Some(StoreError::new(StoreErrorKind::Unsound, place, text))
}
