//! Which kills are over already.

use crate::changes::{Changed, Changes};
use crate::kills::Kills;
use crate::snapshot::Snapshot;
use crate::vocabulary::Mode;

/// What the site has switched off and on again, with the version since which it is on.
///
/// A permit from before such a kill is one that the kill was for, be it that nobody waited for it at the time.
/// There is one row a resource and mode at the most.
#[derive(Default)]
pub(super) struct Killed(Vec<(Box<str>, Option<Mode>, u64)>);

impl Killed {
    /// Notes what `facts` switch on again, and what was switched off between these and those before.
    pub(super) fn note(&mut self, before: Option<&Snapshot>, facts: &Snapshot, changes: &Changes) {
        let meanwhile = changes.killed_meanwhile();
        let is_of_the_site = |(changed, _): (&Changed, bool)| {
            matches!(changed, Changed::Everything | Changed::Resource(_))
        };
        if meanwhile.is_empty() && !changes.iter().any(is_of_the_site) {
            return;
        }
        let then = before.map(Snapshot::kills).unwrap_or_default();
        let now = facts.kills();
        for (resource, mode) in then.iter().chain(meanwhile.iter()) {
            if !now.of(resource).any(|off| off == mode) {
                self.add(resource, mode, facts.version());
            }
        }
    }

    fn add(&mut self, resource: &str, mode: Option<Mode>, version: u64) {
        let mut rows = self.0.iter_mut();
        match rows.find(|(name, of, _)| **name == *resource && *of == mode) {
            Some((_, _, since)) => *since = version,
            None => self.0.push((resource.into(), mode, version)),
        }
    }

    /// What was killed after that version, of a resource.
    pub(super) fn since(&self, version: u64, resource: &str) -> Option<Kills> {
        let rows = self.0.iter();
        let later = rows.filter(|(name, _, since)| **name == *resource && version < *since);
        let kills: Kills = later
            .map(|(name, mode, _)| (name.to_string(), *mode))
            .collect();
        (!kills.is_empty()).then_some(kills)
    }
}
