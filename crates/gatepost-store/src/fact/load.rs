//! Facts put together to a document.

use std::collections::BTreeMap;

use gatepost::{OrgDocument, PolicyDocument};
use serde::de::DeserializeOwned;

use super::read::{FactError, Stated};
use super::{FactKey, FactKind};
use crate::change::Effect;

/// A policy that facts are put into and taken out of.
///
/// A fact is replaced as a whole, never merged with what was there.
#[derive(Clone, Debug)]
pub(crate) struct Facts(PolicyDocument);

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

    /// Puts a fact in that is not there yet: one that is there twice is two stories.
    pub(crate) fn add(&mut self, key: &FactKey, body: &str) -> Result<(), FactError> {
        if self.put(key, body)? {
            return Err(Stated::of(key, body).error("is there twice"));
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
        let stated = Stated::of(key, body);
        stated.check_key()?;
        let document = &mut self.0;
        let FactKey { kind, a, b } = key;
        match kind {
            FactKind::Resource => put(&mut document.resources, a, stated),
            FactKind::SiteGate => put(&mut document.site.gates, a, stated),
            FactKind::SiteRole => put(&mut document.site.roles, a, stated),
            FactKind::OrgRole => put(&mut document.org_roles, a, stated),
            FactKind::Subject => put(&mut document.subjects, a, stated),
            FactKind::Org => put_org(&mut document.orgs, stated),
            FactKind::OrgGate => put(&mut org(document, stated)?.gates, b, stated),
            FactKind::OwnRole => put(&mut org(document, stated)?.roles, b, stated),
            FactKind::Member => put(&mut org(document, stated)?.members, b, stated),
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

fn put<T: DeserializeOwned>(
    pieces: &mut BTreeMap<String, T>,
    name: &str,
    stated: Stated<'_>,
) -> Result<bool, FactError> {
    let piece = stated.read_body()?;
    Ok(pieces.insert(name.to_owned(), piece).is_some())
}

/// What stands below the org stays.
fn put_org(
    orgs: &mut BTreeMap<String, OrgDocument>,
    stated: Stated<'_>,
) -> Result<bool, FactError> {
    let mut org = stated.read_org()?;
    let old = orgs.remove(stated.a);
    let replaced = old.is_some();
    if let Some(old) = old {
        org.gates = old.gates;
        org.roles = old.roles;
        org.members = old.members;
    }
    orgs.insert(stated.a.to_owned(), org);
    Ok(replaced)
}

fn org<'d>(
    document: &'d mut PolicyDocument,
    stated: Stated<'_>,
) -> Result<&'d mut OrgDocument, FactError> {
    let found = document.orgs.get_mut(stated.a);
    found.ok_or_else(|| stated.error("stands below an org that is not there"))
}
