//! Facts put together to a document.

use std::collections::BTreeMap;
use std::fmt;

use gatepost::{OrgDocument, PolicyDocument, PolicyError, Snapshot};
use serde::de::DeserializeOwned;

use super::{FactKey, FactKind};
use crate::change::Effect;

/// A policy that facts are put into and taken out of.
///
/// A fact is replaced as a whole, never merged with what was there.
#[derive(Clone, Debug)]
pub(crate) struct Facts(PolicyDocument);

/// A fact that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FactError {
    key: String,
    why: String,
}

impl Facts {
    /// None yet.
    pub(crate) fn new() -> Self {
        let mut document = PolicyDocument::default();
        document.version = Some(gatepost::FORMAT_VERSION);
        Self(document)
    }

    /// Those that a document says.
    pub(crate) fn of(document: PolicyDocument) -> Self {
        Self(document)
    }

    pub(crate) fn document(&self) -> &PolicyDocument {
        &self.0
    }

    pub(crate) fn into_document(self) -> PolicyDocument {
        self.0
    }

    /// Compiles them as the given policy version.
    pub(crate) fn compile(&self, version: u64) -> Result<Snapshot, PolicyError> {
        Snapshot::compile(&self.0, version)
    }

    /// Compiles them as the given policy version, whose memberships are elsewhere.
    pub(crate) fn compile_looking_through(&self, version: u64) -> Result<Snapshot, PolicyError> {
        Snapshot::compile_looking_through(&self.0, version)
    }

    /// Puts a fact in that is not there yet: one that is there twice is two stories.
    pub(crate) fn add(&mut self, key: &FactKey, body: &str) -> Result<(), FactError> {
        if self.put(key, body)? {
            return Err(FactError::new(key, "is there twice"));
        }
        Ok(())
    }

    /// Does what a change did.
    pub(crate) fn apply(&mut self, effect: &Effect) -> Result<(), FactError> {
        if let Some(body) = &effect.after {
            return self.put(&effect.key, body).map(|_| ());
        }
        self.take(&effect.key);
        Ok(())
    }

    /// Puts a fact in, in the place of what was there; whether there was something.
    fn put(&mut self, key: &FactKey, body: &str) -> Result<bool, FactError> {
        let document = &mut self.0;
        let FactKey { kind, a, b } = key;
        if kind.is_below_org() == b.is_empty() {
            return Err(FactError::new(key, "has the key of another kind"));
        }
        // Serde would read a table from a list as well.
        if *kind != FactKind::Resource && !body.trim_start().starts_with('{') {
            return Err(FactError::new(key, "is no table"));
        }
        match kind {
            FactKind::Resource => put(&mut document.resources, a, key, body),
            FactKind::SiteGate => put(&mut document.site.gates, a, key, body),
            FactKind::SiteRole => put(&mut document.site.roles, a, key, body),
            FactKind::OrgRole => put(&mut document.org_roles, a, key, body),
            FactKind::Subject => put(&mut document.subjects, a, key, body),
            FactKind::Org => put_org(&mut document.orgs, key, body),
            FactKind::OrgGate => put(&mut org(document, key)?.gates, b, key, body),
            FactKind::OwnRole => put(&mut org(document, key)?.roles, b, key, body),
            FactKind::Member => put(&mut org(document, key)?.members, b, key, body),
        }
    }

    /// Takes a fact out, with what stands below it.
    fn take(&mut self, key: &FactKey) {
        let document = &mut self.0;
        let FactKey { kind, a, b } = key;
        match kind {
            FactKind::Resource => drop(document.resources.remove(a)),
            FactKind::SiteGate => drop(document.site.gates.remove(a)),
            FactKind::SiteRole => drop(document.site.roles.remove(a)),
            FactKind::OrgRole => drop(document.org_roles.remove(a)),
            FactKind::Subject => drop(document.subjects.remove(a)),
            FactKind::Org => drop(document.orgs.remove(a)),
            FactKind::OrgGate | FactKind::OwnRole | FactKind::Member => {
                // Where the org is not there, nothing stands below it either.
                if let Some(org) = document.orgs.get_mut(a) {
                    take_below(org, *kind, b);
                }
            }
        }
    }
}

fn take_below(org: &mut OrgDocument, kind: FactKind, name: &str) {
    match kind {
        FactKind::OrgGate => drop(org.gates.remove(name)),
        FactKind::OwnRole => drop(org.roles.remove(name)),
        FactKind::Member => drop(org.members.remove(name)),
        FactKind::Resource
        | FactKind::SiteGate
        | FactKind::SiteRole
        | FactKind::OrgRole
        | FactKind::Org
        | FactKind::Subject => {}
    }
}

fn read<T: DeserializeOwned>(key: &FactKey, body: &str) -> Result<T, FactError> {
    serde_json::from_str(body)
        .map_err(|why| FactError::new(key, &format!("is not understood: {why}")))
}

fn put<T: DeserializeOwned>(
    pieces: &mut BTreeMap<String, T>,
    name: &str,
    key: &FactKey,
    body: &str,
) -> Result<bool, FactError> {
    let piece = read(key, body)?;
    Ok(pieces.insert(name.to_owned(), piece).is_some())
}

/// What stands below the org stays.
fn put_org(
    orgs: &mut BTreeMap<String, OrgDocument>,
    key: &FactKey,
    body: &str,
) -> Result<bool, FactError> {
    let mut org: OrgDocument = read(key, body)?;
    if !(org.gates.is_empty() && org.roles.is_empty() && org.members.is_empty()) {
        return Err(FactError::new(key, "holds what belongs below it"));
    }
    let old = orgs.remove(&key.a);
    let replaced = old.is_some();
    if let Some(old) = old {
        org.gates = old.gates;
        org.roles = old.roles;
        org.members = old.members;
    }
    orgs.insert(key.a.clone(), org);
    Ok(replaced)
}

fn org<'d>(
    document: &'d mut PolicyDocument,
    key: &FactKey,
) -> Result<&'d mut OrgDocument, FactError> {
    let found = document.orgs.get_mut(&key.a);
    found.ok_or_else(|| FactError::new(key, "stands below an org that is not there"))
}

impl FactError {
    fn new(key: &FactKey, why: &str) -> Self {
        Self {
            key: key.to_string(),
            why: why.to_owned(),
        }
    }
}

impl fmt::Display for FactError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the fact `{}` {}", self.key, self.why)
    }
}
