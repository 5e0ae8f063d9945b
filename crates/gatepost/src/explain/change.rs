//! What would change an answer: each change as something to do, and in words.

mod asked;
mod org;
mod site;

use std::fmt;

use super::scene::and;
use crate::vocabulary::Mode;

pub(super) use asked::AskedChange;
pub(super) use org::{OrgChange, Want};
pub(super) use site::SiteChange;

/// Something that, done alone, lets the check that failed pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Asked(AskedChange),
    Site(SiteChange),
    Org(OrgChange),
}

impl From<AskedChange> for Change {
    fn from(change: AskedChange) -> Self {
        Self::Asked(change)
    }
}

impl From<SiteChange> for Change {
    fn from(change: SiteChange) -> Self {
        Self::Site(change)
    }
}

impl From<OrgChange> for Change {
    fn from(change: OrgChange) -> Self {
        Self::Org(change)
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Asked(change) => change.fmt(f),
            Self::Site(change) => change.fmt(f),
            Self::Org(change) => change.fmt(f),
        }
    }
}

/// A resource, or one of its modes.
fn what(resource: &str, mode: Option<Mode>) -> String {
    mode.map_or_else(
        || resource.to_owned(),
        |mode| format!("{mode} for {resource}"),
    )
}

fn admins_can(orgs: &[String]) -> String {
    match orgs {
        [org] => format!("an admin of {org} can"),
        orgs => format!("the admins of {} together can", and(orgs)),
    }
}
