//! What facts were in between, and are not any more.

use crate::changes::{Changed, Changes};
use crate::kills::Kills;
use crate::snapshot::Snapshot;
use crate::vocabulary::Mode;

/// What the site has switched off and on again, and what was overtaken before anybody decided by it, with the
/// version since which it is so no more.
///
/// A permit from before is one that the kill was for, be it that nobody waited for it at the time. There is one
/// row a resource and what became of it at the most.
#[derive(Default)]
pub(super) struct Past {
    rows: Vec<Row>,
    /// Of everything, by which version it was overtaken last.
    overtaken: u64,
}

struct Row {
    resource: Box<str>,
    was: Was,
    since: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Was {
    /// The resource was off, or a mode of it.
    Off(Option<Mode>),
    /// It was something that nobody has decided by.
    Unseen,
}

/// What there was behind some version, of one resource.
#[derive(Default)]
pub(crate) struct Since {
    pub(crate) kills: Kills,
    /// Whether there was something that nobody has decided by.
    pub(crate) is_overtaken: bool,
}

impl Past {
    /// Notes what `facts` switch on again, and what was overtaken between these and those before.
    ///
    /// It is noted before these facts are live: whoever has them finds it.
    pub(super) fn note(&mut self, before: Option<&Snapshot>, facts: &Snapshot, changes: &Changes) {
        let version = facts.version();
        let mut is_of_the_site = false;
        for (changed, overtaken) in changes.iter() {
            match changed {
                Changed::Everything => {
                    is_of_the_site = true;
                    if overtaken {
                        self.overtaken = version;
                    }
                }
                Changed::Resource(name) => {
                    is_of_the_site = true;
                    if overtaken {
                        self.add(name, Was::Unseen, version);
                    }
                }
                Changed::Org(_) | Changed::Subject(_) => {}
            }
        }
        let meanwhile = changes.killed_meanwhile();
        if !is_of_the_site && meanwhile.is_empty() {
            return;
        }
        let then = before.map(Snapshot::kills).unwrap_or_default();
        let now = facts.kills();
        for (resource, mode) in then.iter().chain(meanwhile.iter()) {
            if !now.of(resource).any(|off| off == mode) {
                self.add(resource, Was::Off(mode), version);
            }
        }
    }

    fn add(&mut self, resource: &str, was: Was, since: u64) {
        let mut rows = self.rows.iter_mut();
        match rows.find(|row| *row.resource == *resource && row.was == was) {
            Some(row) => row.since = since,
            None => self.rows.push(Row {
                resource: resource.into(),
                was,
                since,
            }),
        }
    }

    /// What there was behind that version, of a resource.
    pub(super) fn since(&self, version: u64, resource: &str) -> Since {
        let rows = self.rows.iter();
        let later = || {
            let rows = rows.clone();
            rows.filter(|row| *row.resource == *resource && version < row.since)
        };
        let kills = later().filter_map(|row| match row.was {
            Was::Off(mode) => Some((row.resource.to_string(), mode)),
            Was::Unseen => None,
        });
        Since {
            kills: kills.collect(),
            is_overtaken: version < self.overtaken || later().any(|row| row.was == Was::Unseen),
        }
    }
}
