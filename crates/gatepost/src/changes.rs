//! What a new policy version changes, for whoever waits to hear of it.

use std::collections::BTreeMap;

use crate::id::{OrgId, SubjectId};
use crate::kills::Kills;
use crate::vocabulary::Mode;

/// What live facts have different from those before them, as far as a decision could tell.
///
/// It may name more than has changed, and never less.
///
/// ```
/// use gatepost::{Changed, Changes, Gate, OrgId, PolicyText};
///
/// let (gate, feed) = Gate::channel();
/// feed.publish(PolicyText::toml("version = 1\n[orgs.acme]\n").compile(1)?);
/// let suspended = PolicyText::toml("version = 1\n[orgs.acme]\nstatus = \"suspended\"\n").compile(2)?;
/// let acme = Changed::Org(OrgId::new("acme")?);
/// assert!(feed.publish_changes(suspended, &Changes::of([acme])));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Whether nobody has decided by what it was in between.
    changed: BTreeMap<Changed, bool>,
    killed: Vec<(String, Option<Mode>)>,
}

/// Something that has changed, by what a decision would have to be about to depend on it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Changed {
    /// What every decision may depend on, such as a role.
    Everything,
    /// A resource: the site's gate of it, or its actions.
    Resource(String),
    /// An org by itself, its gates or its own roles.
    Org(OrgId),
    /// A subject, or one of its memberships.
    Subject(SubjectId),
}

impl Changes {
    /// These, and no others.
    pub fn of(changed: impl IntoIterator<Item = Changed>) -> Self {
        Self {
            changed: changed.into_iter().map(|it| (it, false)).collect(),
            killed: Vec::new(),
        }
    }

    /// Adds one.
    pub fn add(&mut self, changed: Changed) {
        self.changed.entry(changed).or_insert(false);
    }

    /// Adds one that was something else in between, which nobody has decided by. A permit that depends on it
    /// is not asked again: it is over, and `policy_unavailable`.
    pub fn add_overtaken(&mut self, changed: Changed) {
        self.changed.insert(changed, true);
    }

    /// A resource, or one mode of it, was switched off by the site for a while, and no longer is. A permit that
    /// would not have been given meanwhile is over.
    pub fn add_kill_meanwhile(&mut self, resource: impl Into<String>, mode: Option<Mode>) {
        self.killed.push((resource.into(), mode));
    }

    /// Each that has changed, and whether it was overtaken.
    pub fn iter(&self) -> impl Iterator<Item = (&Changed, bool)> {
        self.changed
            .iter()
            .map(|(changed, overtaken)| (changed, *overtaken))
    }

    /// What was switched off for a while, and no longer is.
    pub fn killed_meanwhile(&self) -> Kills {
        self.killed.iter().cloned().collect()
    }
}
