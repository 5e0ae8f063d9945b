//! The orgs as a tree, walked from the roots down without a thread's stack.

use std::collections::HashMap;

use crate::policy::{OrgDocument, PolicyDocument};

/// One step of a walk.
#[derive(Clone, Copy)]
pub(super) enum Visit {
    /// An org is entered; its ancestors have been entered and not been left.
    Enter(usize),
    /// An org is left; all below it have been.
    Leave(usize),
}

/// Every org by its row, in the order of their ids.
pub(super) struct Tree<'d> {
    rows: Vec<(&'d str, &'d OrgDocument)>,
    row_of: HashMap<&'d str, usize>,
    parents: Vec<Option<usize>>,
    visits: Vec<Visit>,
    /// When each org is entered and left, counted in visits.
    spans: Vec<(usize, usize)>,
}

impl<'d> Tree<'d> {
    /// The tree of a document whose orgs all lie under orgs, in no circle.
    pub(super) fn of(document: &'d PolicyDocument) -> Self {
        let rows: Vec<(&str, &OrgDocument)> = document
            .orgs
            .iter()
            .map(|(id, org)| (id.as_str(), org))
            .collect();
        let row_of: HashMap<&str, usize> = rows
            .iter()
            .enumerate()
            .map(|(row, (id, _))| (*id, row))
            .collect();
        let parent = |org: &OrgDocument| row_of.get(org.parent.as_deref()?).copied();
        let parents: Vec<Option<usize>> = rows.iter().map(|(_, org)| parent(org)).collect();
        let visits = walk(&parents);
        let mut spans = vec![(0, 0); rows.len()];
        for (moment, visit) in visits.iter().enumerate() {
            match *visit {
                Visit::Enter(row) => {
                    if let Some(span) = spans.get_mut(row) {
                        span.0 = moment;
                    }
                }
                Visit::Leave(row) => {
                    if let Some(span) = spans.get_mut(row) {
                        span.1 = moment;
                    }
                }
            }
        }
        Self {
            rows,
            row_of,
            parents,
            visits,
            spans,
        }
    }

    pub(super) fn visits(&self) -> impl Iterator<Item = Visit> {
        self.visits.iter().copied()
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn org(&self, row: usize) -> Option<(&'d str, &'d OrgDocument)> {
        self.rows.get(row).copied()
    }

    pub(super) fn parent(&self, row: usize) -> Option<usize> {
        self.parents.get(row).copied().flatten()
    }

    pub(super) fn row(&self, id: &str) -> Option<usize> {
        self.row_of.get(id).copied()
    }

    /// Whether `org` is `ancestor` or lies under it.
    pub(super) fn holds(&self, ancestor: usize, org: usize) -> bool {
        match (self.spans.get(ancestor), self.spans.get(org)) {
            (Some(outer), Some(inner)) => outer.0 <= inner.0 && inner.1 <= outer.1,
            _ => false,
        }
    }
}

fn walk(parents: &[Option<usize>]) -> Vec<Visit> {
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); parents.len()];
    let mut to_do = Vec::new();
    for (row, parent) in parents.iter().enumerate().rev() {
        match parent.and_then(|parent| children.get_mut(parent)) {
            Some(siblings) => siblings.push(row),
            None => to_do.push(Visit::Enter(row)),
        }
    }
    let mut visits = Vec::with_capacity(2 * parents.len());
    while let Some(visit) = to_do.pop() {
        visits.push(visit);
        if let Visit::Enter(row) = visit {
            to_do.push(Visit::Leave(row));
            let below = children.get_mut(row).map(std::mem::take);
            to_do.extend(below.unwrap_or_default().into_iter().map(Visit::Enter));
        }
    }
    visits
}
