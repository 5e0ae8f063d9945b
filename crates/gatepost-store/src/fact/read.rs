//! One fact, read by the document's own strict types.

use std::fmt;

use gatepost::{FactChange, OrgDocument};
use serde::de::DeserializeOwned;

use super::{FactKey, FactKind};

/// A fact as it is stored.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stated<'s> {
    pub(crate) kind: FactKind,
    pub(crate) a: &'s str,
    pub(crate) b: &'s str,
    pub(crate) body: &'s str,
}

/// A fact that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FactError {
    key: String,
    why: String,
}

impl<'s> Stated<'s> {
    pub(crate) fn of(key: &'s FactKey, body: &'s str) -> Self {
        let FactKey { kind, a, b } = key;
        Self {
            kind: *kind,
            a,
            b,
            body,
        }
    }

    /// Whether the key is one of its kind.
    pub(crate) fn check_key(&self) -> Result<(), FactError> {
        if self.kind.is_below_org() == self.b.is_empty() {
            return Err(self.error("has the key of another kind"));
        }
        Ok(())
    }

    /// Reads what it says.
    pub(crate) fn read_body<T: DeserializeOwned>(&self) -> Result<T, FactError> {
        // Serde would read a table from a list as well.
        if self.kind != FactKind::Resource && !self.body.trim_start().starts_with('{') {
            return Err(self.error("is no table"));
        }
        serde_json::from_str(self.body)
            .map_err(|why| self.error(&format!("is not understood: {why}")))
    }

    /// Reads an org, which has nothing below it by itself.
    pub(crate) fn read_org(&self) -> Result<OrgDocument, FactError> {
        let org: OrgDocument = self.read_body()?;
        if org.gates.is_empty() && org.roles.is_empty() && org.members.is_empty() {
            return Ok(org);
        }
        Err(self.error("holds what belongs below it"))
    }

    pub(crate) fn error(&self, why: &str) -> FactError {
        let Self { kind, a, b, .. } = *self;
        FactError {
            key: FactKey::new(kind, a, b).to_string(),
            why: why.to_owned(),
        }
    }
}

/// What has become of a fact, none where it was taken away.
pub(crate) fn change(key: &FactKey, body: Option<&str>) -> Result<FactChange, FactError> {
    let stated = body.map(|body| Stated::of(key, body));
    if let Some(stated) = stated {
        stated.check_key()?;
    }
    let (a, b) = (|| key.a.clone(), || key.b.clone());
    Ok(match key.kind {
        FactKind::Resource => FactChange::Resource(a(), read(stated)?),
        FactKind::SiteGate => FactChange::SiteGate(a(), read(stated)?),
        FactKind::SiteRole => FactChange::SiteRole(a(), read(stated)?),
        FactKind::OrgRole => FactChange::OrgRole(a(), read(stated)?),
        FactKind::Subject => FactChange::Subject(a(), read(stated)?),
        FactKind::Org => {
            let org = stated.map(|stated| stated.read_org()).transpose()?;
            FactChange::Org(a(), org)
        }
        FactKind::OrgGate => FactChange::OrgGate(a(), b(), read(stated)?),
        FactKind::OwnRole => FactChange::OwnRole(a(), b(), read(stated)?),
        FactKind::Member => FactChange::Member(a(), b(), read(stated)?),
    })
}

fn read<T: DeserializeOwned>(stated: Option<Stated<'_>>) -> Result<Option<T>, FactError> {
    stated.map(|stated| stated.read_body()).transpose()
}

impl fmt::Display for FactError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the fact `{}` {}", self.key, self.why)
    }
}
