//! Facts: what a policy document says, one row each.

mod document;
mod load;
mod read;

use std::fmt;

pub(crate) use document::{body_of, diff, facts_of, in_order};
pub(crate) use load::Facts;
pub(crate) use read::{FactError, Stated, change};

/// What a fact is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum FactKind {
    /// A resource and its actions.
    Resource,
    /// The site's gate of a resource.
    SiteGate,
    /// A role of the site.
    SiteRole,
    /// A role that a membership in any org can hold.
    OrgRole,
    /// An org by itself.
    Org,
    /// An org's gate of a resource.
    OrgGate,
    /// A role of an org's own.
    OwnRole,
    /// A membership.
    Member,
    /// A subject.
    Subject,
}

impl FactKind {
    /// Every kind. What others stand below comes before them.
    pub const ALL: &[Self] = &[
        Self::Resource,
        Self::SiteGate,
        Self::SiteRole,
        Self::OrgRole,
        Self::Org,
        Self::OrgGate,
        Self::OwnRole,
        Self::Member,
        Self::Subject,
    ];

    /// The word as it stands in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Resource => "resource",
            Self::SiteGate => "site_gate",
            Self::SiteRole => "site_role",
            Self::OrgRole => "org_role",
            Self::Org => "org",
            Self::OrgGate => "org_gate",
            Self::OwnRole => "own_role",
            Self::Member => "member",
            Self::Subject => "subject",
        }
    }

    /// Reads the word as it stands in tables.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == text)
    }

    /// Whether facts of this kind stand below an org.
    pub(crate) fn is_below_org(self) -> bool {
        match self {
            Self::OrgGate | Self::OwnRole | Self::Member => true,
            Self::Resource
            | Self::SiteGate
            | Self::SiteRole
            | Self::OrgRole
            | Self::Org
            | Self::Subject => false,
        }
    }
}

impl fmt::Display for FactKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Which fact.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct FactKey {
    /// What it is about.
    pub kind: FactKind,
    /// The name or id of that, or of the org that it stands below.
    pub a: String,
    /// What stands below the org: a resource, a role, a subject; else empty.
    pub b: String,
}

impl FactKey {
    /// A fact's key; `b` is empty where nothing stands below `a`.
    pub fn new(kind: FactKind, a: impl Into<String>, b: impl Into<String>) -> Self {
        Self {
            kind,
            a: a.into(),
            b: b.into(),
        }
    }
}

impl fmt::Display for FactKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.a.escape_debug())?;
        if self.b.is_empty() {
            return Ok(());
        }
        write!(f, " {}", self.b.escape_debug())
    }
}

#[cfg(test)]
mod tests;
