//! Everybody whom either policy has, and the orgs that each is a member of.

use crate::id::{OrgId, SubjectId};
use crate::snapshot::{OrgIndex, Snapshot};
use crate::time::Timestamp;

/// The subjects and orgs of two policies, one subject's orgs at a time.
pub(super) struct Walk<'f> {
    before: Side<'f>,
    after: Side<'f>,
    at: Timestamp,
    orgs: Vec<EitherOrg<'f>>,
    /// The orgs of the subject that is at hand.
    found: Vec<usize>,
    /// The orgs that are still to be gone down from.
    open: Vec<usize>,
    /// Which subject it is.
    turn: usize,
}

/// An org of either policy.
#[derive(Clone, Copy)]
pub(super) struct EitherOrg<'f> {
    /// Its position among those of both.
    pub(super) row: usize,
    pub(super) id: &'f OrgId,
    pub(super) before: Option<OrgIndex>,
    pub(super) after: Option<OrgIndex>,
}

/// What one of the policies has.
struct Side<'f> {
    facts: &'f Snapshot,
    /// Where each of its orgs stands among those of both, by its number.
    rows: Vec<usize>,
    number_of: Box<dyn Fn(OrgIndex) -> usize>,
    /// Of each org of both, where its children begin, and at the end how many there are in all.
    starts: Vec<usize>,
    children: Vec<usize>,
    /// By whose turn each org was met last.
    met: Vec<usize>,
}

/// Some of the orgs of both policies.
pub(super) struct Found<'w, 'f> {
    orgs: &'w [EitherOrg<'f>],
    rows: &'w [usize],
}

impl<'f> Found<'_, 'f> {
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = EitherOrg<'f>> {
        self.rows
            .iter()
            .filter_map(|row| self.orgs.get(*row).copied())
    }
}

impl<'f> Walk<'f> {
    pub(super) fn new(before: &'f Snapshot, after: &'f Snapshot, at: Timestamp) -> Self {
        let mut orgs: Vec<EitherOrg<'f>> = (before.org_rows().enumerate())
            .map(|(row, (index, org))| EitherOrg {
                row,
                id: &org.id,
                before: Some(index),
                after: None,
            })
            .collect();
        let number_before = before.org_numbers();
        let rows_before = (0..orgs.len()).collect();
        let mut rows_after = Vec::new();
        for (index, org) in after.org_rows() {
            let there = before.org_index(&org.id).map(&number_before);
            let row = there.unwrap_or(orgs.len());
            rows_after.push(row);
            match orgs.get_mut(row) {
                Some(there) => there.after = Some(index),
                None => orgs.push(EitherOrg {
                    row,
                    id: &org.id,
                    before: None,
                    after: Some(index),
                }),
            }
        }
        Self {
            before: Side::new(before, rows_before, orgs.len()),
            after: Side::new(after, rows_after, orgs.len()),
            at,
            orgs,
            found: Vec::new(),
            open: Vec::new(),
            turn: 0,
        }
    }

    /// How many orgs there are.
    pub(super) fn len(&self) -> usize {
        self.orgs.len()
    }

    /// Every subject of either policy, once, in the order of their ids.
    pub(super) fn subjects(&self) -> Vec<SubjectId> {
        let (before, after) = (self.before.facts, self.after.facts);
        let more = after.subjects().filter(|id| before.subject(id).is_none());
        let mut all: Vec<_> = before.subjects().chain(more).collect();
        all.sort_unstable();
        all
    }

    /// The orgs that a subject is a member of by either policy, directly or by way of one above; where they are
    /// more than `limit`, not all of them, but more.
    pub(super) fn orgs_of(&mut self, subject: &SubjectId, limit: usize) -> Found<'_, 'f> {
        self.turn += 1;
        self.found.clear();
        for side in [&mut self.before, &mut self.after] {
            side.go_down(subject, (self.turn, self.at), &mut self.open, |row| {
                self.found.push(row);
                // Each of the two may have found the same.
                self.found.len() <= limit.saturating_mul(2)
            });
        }
        self.found.sort_unstable();
        self.found.dedup();
        Found {
            orgs: &self.orgs,
            rows: &self.found,
        }
    }
}

impl<'f> Side<'f> {
    fn new(facts: &'f Snapshot, rows: Vec<usize>, orgs: usize) -> Self {
        let number_of = facts.org_numbers();
        let row_of = |index: OrgIndex| rows.get(number_of(index)).copied();
        let under = || {
            facts.org_rows().filter_map(|(index, org)| {
                let parent = row_of(org.parent?)?;
                Some((parent, row_of(index)?))
            })
        };
        let mut starts = vec![0; orgs + 1];
        for (parent, _) in under() {
            if let Some(start) = starts.get_mut(parent + 1) {
                *start += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut free = starts.clone();
        let mut children = vec![0; sum];
        for (parent, child) in under() {
            if let Some(free) = free.get_mut(parent) {
                if let Some(slot) = children.get_mut(*free) {
                    *slot = child;
                }
                *free += 1;
            }
        }
        Self {
            facts,
            rows,
            number_of: Box::new(number_of),
            starts,
            children,
            met: vec![0; orgs],
        }
    }

    /// Finds the orgs that the subject is a member of here, for as long as more are asked for.
    fn go_down(
        &mut self,
        subject: &SubjectId,
        (turn, at): (usize, Timestamp),
        open: &mut Vec<usize>,
        mut found: impl FnMut(usize) -> bool,
    ) {
        let facts = self.facts;
        let Some(known) = facts.subject(subject) else {
            return;
        };
        open.clear();
        let memberships = known.memberships().iter();
        let current = memberships.filter(|it| it.is_current(at));
        open.extend(current.filter_map(|it| self.rows.get((self.number_of)(it.org)).copied()));
        while let Some(row) = open.pop() {
            match self.met.get_mut(row) {
                Some(met) if *met != turn => *met = turn,
                _ => continue,
            }
            if !found(row) {
                return;
            }
            if let [from, to, ..] = *self.starts.get(row..).unwrap_or_default() {
                open.extend(self.children.get(from..to).unwrap_or_default());
            }
        }
    }
}
