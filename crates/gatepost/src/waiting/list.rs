//! The list of the permits that are waited for, and what each of them depends on.

use std::collections::BTreeSet;
use std::hash::{BuildHasher, Hash};
use std::sync::Arc;
use std::time::Duration;

use foldhash::fast::RandomState;

use super::past::Past;
use super::waiter::{State, Waiter};
use super::woken::Woken;
use crate::again::Again;
use crate::changes::{Changed, Changes};
use crate::code::Code;
use crate::evaluation::Standing;
use crate::gate::Gate;
use crate::id::{OrgId, SubjectId};
use crate::snapshot::Snapshot;
use crate::time::Timestamp;

/// Where a permit stands in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key(u32);

/// A permit in the list.
pub(super) struct Row {
    waiter: Arc<Waiter>,
    resource: &'static str,
    tags: Box<[Tag]>,
    until: Option<Timestamp>,
}

/// Who or what a permit depends on, as a hash: two that share one are asked again together, and that is all.
type Tag = u64;

#[derive(Default)]
pub(super) struct List {
    rows: Vec<Option<Row>>,
    free: Vec<Key>,
    /// Those that are over and still have their tags here: many are swept out together.
    gone: Vec<(Key, Row)>,
    tags: BTreeSet<(Tag, Key)>,
    ends: BTreeSet<(Timestamp, Key)>,
    /// Ids are chosen by strangers.
    seed: RandomState,
    pub(super) past: Past,
    /// Whether the keeper looks after it.
    pub(super) is_kept: bool,
}

impl Row {
    pub(super) fn new(
        waiter: Arc<Waiter>,
        resource: &'static str,
        tags: Box<[Tag]>,
        until: Option<Timestamp>,
    ) -> Self {
        Self {
            waiter,
            resource,
            tags,
            until,
        }
    }
}

impl List {
    pub(super) fn len(&self) -> usize {
        self.rows.len() - self.free.len() - self.gone.len()
    }

    /// What a permit depends on by these facts: its subjects, and its orgs from its own to the root.
    pub(super) fn tags(&self, again: &Again, facts: &Snapshot) -> Box<[Tag]> {
        self.each_tag(again, facts).collect()
    }

    /// Whether it depends on the same as before.
    fn are_tags(&self, tags: &[Tag], again: &Again, facts: &Snapshot) -> bool {
        self.each_tag(again, facts).eq(tags.iter().copied())
    }

    fn each_tag(&self, again: &Again, facts: &Snapshot) -> impl Iterator<Item = Tag> {
        let subjects = again.subjects().map(|subject| self.of_subject(subject));
        let orgs = again.path(facts).map(|org| self.of_org(org));
        subjects.chain(orgs)
    }

    fn of_subject(&self, subject: &SubjectId) -> Tag {
        self.tag(0, subject.as_str())
    }

    fn of_org(&self, org: &OrgId) -> Tag {
        self.tag(1, org.as_str())
    }

    fn tag(&self, what: u8, id: impl Hash) -> Tag {
        self.seed.hash_one((what, id))
    }

    pub(super) fn insert(&mut self, row: Row) -> Key {
        let key = self.free.pop().unwrap_or_else(|| {
            self.rows.push(None);
            // As many permits as a process has room for are fewer.
            Key(u32::try_from(self.rows.len() - 1).unwrap_or(u32::MAX))
        });
        self.link(key, &row);
        if let Some(place) = self.rows.get_mut(key.0 as usize) {
            *place = Some(row);
        }
        key
    }

    fn row(&self, key: Key) -> Option<&Row> {
        self.rows.get(key.0 as usize)?.as_ref()
    }

    fn remove(&mut self, key: Key) -> Option<Row> {
        let row = self.rows.get_mut(key.0 as usize)?.take()?;
        self.unlink(key, &row);
        self.free.push(key);
        self.shrink();
        Some(row)
    }

    fn link(&mut self, key: Key, row: &Row) {
        self.tags.extend(row.tags.iter().map(|tag| (*tag, key)));
        self.ends.extend(row.until.map(|until| (until, key)));
    }

    fn unlink(&mut self, key: Key, row: &Row) {
        for tag in &row.tags {
            self.tags.remove(&(*tag, key));
        }
        if let Some(until) = row.until {
            self.ends.remove(&(until, key));
        }
    }

    /// What many took is not kept for the few that come next.
    fn shrink(&mut self) {
        if self.len() == 0 && self.gone.is_empty() {
            self.rows = Vec::new();
            self.free = Vec::new();
        }
    }

    /// Takes out a permit that is over, but for its tags.
    fn end(&mut self, key: Key) {
        let row = self.rows.get_mut(key.0 as usize).and_then(Option::take);
        self.gone.extend(row.map(|row| (key, row)));
    }

    /// Forgets the tags of those that are over.
    pub(super) fn sweep(&mut self) {
        let gone = std::mem::take(&mut self.gone);
        if gone.len() > self.len() {
            // One by one would take longer than to gather what the others have.
            let tags =
                (self.keys()).flat_map(|(key, row)| row.tags.iter().map(move |tag| (*tag, key)));
            let tags = tags.collect();
            let ends = (self.keys()).filter_map(|(key, row)| Some((row.until?, key)));
            let ends = ends.collect();
            (self.tags, self.ends) = (tags, ends);
        } else {
            for (key, row) in &gone {
                self.unlink(*key, row);
            }
        }
        self.free.extend(gone.iter().map(|(key, _)| *key));
        self.shrink();
    }

    /// Removes a permit, where it is this one that stands there.
    pub(super) fn remove_if(&mut self, key: Key, waiter: &Arc<Waiter>) -> Option<Row> {
        let is_this = |row: &Row| Arc::ptr_eq(&row.waiter, waiter);
        if self.row(key).is_some_and(is_this) {
            self.remove(key)
        } else {
            None
        }
    }

    fn keys(&self) -> impl Iterator<Item = (Key, &Row)> {
        let rows = (0..).map(Key).zip(&self.rows);
        rows.filter_map(|(key, row)| Some((key, row.as_ref()?)))
    }

    fn tagged(&self, tag: Tag) -> impl Iterator<Item = Key> {
        let keys = self.tags.range((tag, Key(0))..=(tag, Key(u32::MAX)));
        keys.map(|(_, key)| *key)
    }

    /// The permits that may depend on what has changed, and whether that was overtaken.
    pub(super) fn concerned(&self, changes: &Changes) -> Vec<(Key, bool)> {
        let mut concerned = Vec::new();
        for (changed, overtaken) in changes.iter() {
            let mut add = |key: Key| concerned.push((key, overtaken));
            match changed {
                Changed::Everything => self.keys().for_each(|(key, _)| add(key)),
                Changed::Resource(name) => {
                    let rows = self.keys().filter(|(_, row)| row.resource == name);
                    rows.for_each(|(key, _)| add(key));
                }
                Changed::Org(org) => self.tagged(self.of_org(org)).for_each(add),
                Changed::Subject(subject) => self.tagged(self.of_subject(subject)).for_each(add),
            }
        }
        // Of two that are the same the one that was overtaken comes first, and counts.
        concerned.sort_unstable_by_key(|(key, overtaken)| (*key, !overtaken));
        concerned.dedup_by_key(|(key, _)| *key);
        concerned
    }

    /// Asks a permit again. Behind the last one comes a [`sweep`](Self::sweep).
    pub(super) fn reconsider(
        &mut self,
        gate: &Gate,
        key: Key,
        facts: &Snapshot,
        at: Timestamp,
        is_overtaken: bool,
        woken: &mut Woken,
    ) {
        let Some(row) = self.row(key) else { return };
        let waiter = row.waiter.clone();
        let mut inner = waiter.lock();
        let mut past = self.past.since(inner.again.version(), row.resource);
        past.is_overtaken |= is_overtaken;
        let (until, state) = match inner.again.ask(gate, facts, &past, at) {
            Standing::Over(denial) => {
                self.end(key);
                inner.state = State::Over(Box::new(denial));
                woken.add(inner.waker.take());
                return;
            }
            Standing::Unknown(subject) => (None, State::Unknown { key, subject }),
            Standing::Holds { until } => (until, State::Holds { key, until }),
        };
        let has_to_act = !matches!(
            (&inner.state, &state),
            (State::Holds { .. }, State::Holds { .. })
        );
        inner.state = state;
        if has_to_act {
            woken.add(inner.waker.take());
        }
        if row.until != until || !self.are_tags(&row.tags, &inner.again, facts) {
            let tags = self.tags(&inner.again, facts);
            self.relink(key, tags, until);
        }
    }

    /// What a permit depends on is something else now; it stays where it is.
    fn relink(&mut self, key: Key, tags: Box<[Tag]>, until: Option<Timestamp>) {
        let Some(mut row) = self.rows.get_mut(key.0 as usize).and_then(Option::take) else {
            return;
        };
        self.unlink(key, &row);
        (row.tags, row.until) = (tags, until);
        self.link(key, &row);
        if let Some(place) = self.rows.get_mut(key.0 as usize) {
            *place = Some(row);
        }
    }

    /// Asks those again of which something has ended; tells for how long nothing else does.
    pub(super) fn look(
        &mut self,
        gate: &Gate,
        facts: &Snapshot,
        at: Timestamp,
        woken: &mut Woken,
    ) -> Option<Duration> {
        while let Some((end, key)) = self.ends.first().copied() {
            if end > at {
                break;
            }
            self.reconsider(gate, key, facts, at, false, woken);
            // What was asked about has an end behind this moment, if any.
            self.ends.remove(&(end, key));
        }
        self.sweep();
        self.left(at)
    }

    /// For how long no membership ends that one of them depends on.
    pub(super) fn left(&self, at: Timestamp) -> Option<Duration> {
        let (end, _) = self.ends.first()?;
        Some(at.until(*end))
    }

    /// Ends every one of them with an error.
    pub(super) fn end_all(&mut self, code: Code, woken: &mut Woken) {
        for row in std::mem::take(&mut self.rows).into_iter().flatten() {
            let mut inner = row.waiter.lock();
            inner.state = State::Over(Box::new(inner.again.error(code)));
            woken.add(inner.waker.take());
        }
        self.free = Vec::new();
        self.tags = BTreeSet::new();
        self.ends = BTreeSet::new();
    }
}
