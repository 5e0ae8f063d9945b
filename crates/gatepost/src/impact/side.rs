//! What is counted on each side: of those who may do less, and of those who may do more.

#[cfg(test)]
mod tests;

use std::collections::HashSet;

use serde::Serialize;

use super::flips::{Flip, Questions};
use super::walk::EitherOrg;
use crate::id::{OrgId, SubjectId};
use crate::matrix::MatrixCell;

/// Those who may do less, or those who may do more.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ImpactSide {
    /// How many members: a subject in each org that it is a member of.
    pub members: u64,
    /// How many subjects by themselves, where no org is named.
    pub alone: u64,
    /// How many subjects, whichever of the two they are counted as.
    pub subjects: u64,
    /// How many orgs.
    pub orgs: u64,
    /// How many routes: a method and a path, however much it asks.
    pub distinct_routes: u64,
    /// What each route asks, once a resource and mode; what concerns the most comes first.
    pub routes: Vec<ImpactRoute>,
    /// A few of them.
    pub examples: Vec<ImpactExample>,
}

/// What a route asks, and for how many it is answered otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ImpactRoute {
    /// The route's method.
    pub method: String,
    /// Its path.
    pub path: String,
    /// `chat:create#foreground`
    pub asks: String,
    /// For how many members.
    pub members: u64,
    /// For how many subjects by themselves.
    pub alone: u64,
}

/// One answer that is another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ImpactExample {
    /// Who asks.
    pub subject: SubjectId,
    /// In which org, where the request names one.
    pub org: Option<OrgId>,
    /// The route's method.
    pub method: String,
    /// Its path.
    pub path: String,
    /// `chat:create#foreground`
    pub asks: String,
    /// What was answered.
    pub before: MatrixCell,
    /// What is answered.
    pub after: MatrixCell,
}

/// So many examples are told, each of another member or subject by itself.
const EXAMPLES: usize = 5;

/// What has been counted so far.
pub(super) struct Tally<'f> {
    losing: Count<'f>,
    gaining: Count<'f>,
}

struct Count<'f> {
    members: u64,
    alone: u64,
    subjects: u64,
    /// Whether the subject at hand is counted.
    is_counted: bool,
    /// Whether each org is.
    orgs: Vec<bool>,
    /// Of each question how many members, and how many subjects by themselves.
    routes: Vec<(u64, u64)>,
    examples: Vec<(SubjectId, Option<&'f OrgId>, Flip)>,
}

impl<'f> Tally<'f> {
    pub(super) fn new(questions: usize, orgs: usize) -> Self {
        Self {
            losing: Count::new(questions, orgs),
            gaining: Count::new(questions, orgs),
        }
    }

    pub(super) fn next_subject(&mut self) {
        self.losing.is_counted = false;
        self.gaining.is_counted = false;
    }

    /// Counts what is answered otherwise for a subject in an org, or by itself.
    pub(super) fn add(&mut self, flips: &[Flip], subject: &SubjectId, org: Option<EitherOrg<'f>>) {
        let lost = |flip: &&Flip| flip.before.is_laxer_than(flip.after);
        let gained = |flip: &&Flip| flip.after.is_laxer_than(flip.before);
        self.losing.add(flips.iter().filter(lost), subject, org);
        self.gaining.add(flips.iter().filter(gained), subject, org);
    }

    pub(super) fn finish(self, questions: &Questions<'_, '_>) -> (ImpactSide, ImpactSide) {
        (
            self.losing.finish(questions),
            self.gaining.finish(questions),
        )
    }
}

impl<'f> Count<'f> {
    fn new(questions: usize, orgs: usize) -> Self {
        Self {
            members: 0,
            alone: 0,
            subjects: 0,
            is_counted: false,
            orgs: vec![false; orgs],
            routes: vec![(0, 0); questions],
            examples: Vec::new(),
        }
    }

    fn add<'a>(
        &mut self,
        flips: impl Iterator<Item = &'a Flip>,
        subject: &SubjectId,
        org: Option<EitherOrg<'f>>,
    ) {
        let (member, alone) = if org.is_some() { (1, 0) } else { (0, 1) };
        let mut is_first = true;
        for flip in flips {
            if let Some(route) = self.routes.get_mut(flip.question) {
                route.0 += member;
                route.1 += alone;
            }
            if !std::mem::take(&mut is_first) {
                continue;
            }
            self.members += member;
            self.alone += alone;
            self.subjects += u64::from(!self.is_counted);
            self.is_counted = true;
            if let Some(org) = org.and_then(|org| self.orgs.get_mut(org.row)) {
                *org = true;
            }
            if self.examples.len() < EXAMPLES {
                let org = org.map(|org| org.id);
                self.examples.push((subject.clone(), org, *flip));
            }
        }
    }

    fn finish(self, questions: &Questions<'_, '_>) -> ImpactSide {
        let counted = questions.asked().iter().zip(&self.routes);
        let counted = counted.filter(|(_, of)| **of != (0, 0));
        let mut routes: Vec<_> = counted
            .map(|(asked, (members, alone))| ImpactRoute {
                method: asked.method.to_owned(),
                path: asked.path.to_owned(),
                asks: asked.asks.clone(),
                members: *members,
                alone: *alone,
            })
            .collect();
        routes.sort_by_key(|route| std::cmp::Reverse(route.members + route.alone));
        let distinct: HashSet<_> = (routes.iter())
            .map(|route| (&route.method, &route.path))
            .collect();
        let distinct_routes = distinct.iter().map(|_| 1).sum();
        let example = |(subject, org, flip): &(SubjectId, Option<&OrgId>, Flip)| {
            let asked = questions.asked().get(flip.question)?;
            Some(ImpactExample {
                subject: subject.clone(),
                org: (*org).cloned(),
                method: asked.method.to_owned(),
                path: asked.path.to_owned(),
                asks: asked.asks.clone(),
                before: flip.before,
                after: flip.after,
            })
        };
        ImpactSide {
            members: self.members,
            alone: self.alone,
            subjects: self.subjects,
            orgs: self.orgs.iter().map(|is_met| u64::from(*is_met)).sum(),
            distinct_routes,
            routes,
            examples: self.examples.iter().filter_map(example).collect(),
        }
    }
}
