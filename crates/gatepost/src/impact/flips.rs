//! What routes ask, and what of it is answered otherwise.

use std::collections::HashSet;
use std::rc::Rc;

use super::classes::Key;
use crate::id::{OrgId, SubjectId};
use crate::inventory::Inventory;
use crate::matrix::{Ask, AskedIn, MatrixCell};
use crate::snapshot::{Map, Snapshot};
use crate::subject::Subject;
use crate::time::Timestamp;

/// Everything that the routes ask, and what was answered so far.
pub(super) struct Questions<'r, 'f> {
    before: &'f Snapshot,
    after: &'f Snapshot,
    at: Timestamp,
    asked: Vec<Question<'r>>,
    alone: Map<Key, Rc<[Flip]>>,
    in_org: Map<Key, Rc<[Flip]>>,
}

/// What a route asks.
#[derive(Debug)]
pub(super) struct Question<'r> {
    pub(super) method: &'r str,
    pub(super) path: &'r str,
    /// `chat:create#foreground`
    pub(super) asks: String,
    ask: Ask<'r>,
}

/// What is answered otherwise.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flip {
    /// Which of the questions.
    pub(super) question: usize,
    pub(super) before: MatrixCell,
    pub(super) after: MatrixCell,
}

/// So many answers are kept; members of a policy are of far fewer kinds.
const KEPT: usize = 100_000;

impl<'r, 'f> Questions<'r, 'f> {
    pub(super) fn new(
        routes: &'r Inventory,
        before: &'f Snapshot,
        after: &'f Snapshot,
        at: Timestamp,
    ) -> Self {
        let mut met = HashSet::new();
        let mut asked = Vec::new();
        for route in routes.routes() {
            for ask in route.requirement().into_iter().flat_map(Ask::all) {
                let (method, path) = (&*route.method, &*route.path);
                // An inventory may have a route twice.
                if met.insert((path, method, ask)) {
                    asked.push(Question {
                        method,
                        path,
                        asks: ask.to_string(),
                        ask,
                    });
                }
            }
        }
        Self {
            before,
            after,
            at,
            asked,
            alone: Map::default(),
            in_org: Map::default(),
        }
    }

    pub(super) fn asked(&self) -> &[Question<'r>] {
        &self.asked
    }

    /// What is answered otherwise where a request of the subject's names no org.
    pub(super) fn alone(&mut self, key: &Key, subject: &SubjectId) -> Rc<[Flip]> {
        if let Some(known) = self.alone.get(key) {
            return Rc::clone(known);
        }
        let flips = self.flips(subject, |ask, facts, subject, at| {
            let is_asked = ask.asked_in() != AskedIn::Named;
            is_asked.then(|| ask.answer_unnamed(facts, subject, at))
        });
        keep(&mut self.alone, *key, flips)
    }

    /// What is answered otherwise where a request of the subject's names this org.
    pub(super) fn in_org(&mut self, key: &Key, subject: &SubjectId, org: &OrgId) -> Rc<[Flip]> {
        if let Some(known) = self.in_org.get(key) {
            return Rc::clone(known);
        }
        let flips = self.flips(subject, |ask, facts, subject, at| {
            let is_asked = matches!(ask.asked_in(), AskedIn::Named | AskedIn::NamedOrDefault);
            is_asked.then(|| ask.answer(facts, subject, org, at))
        });
        keep(&mut self.in_org, *key, flips)
    }

    fn flips(
        &self,
        subject: &SubjectId,
        answer: impl Fn(&Ask<'r>, &'f Snapshot, &Subject, Option<Timestamp>) -> Option<MatrixCell>,
    ) -> Rc<[Flip]> {
        let subject = Subject::new(subject.clone());
        let flip = |(question, asked): (usize, &Question<'r>)| {
            let answer = |facts| answer(&asked.ask, facts, &subject, Some(self.at));
            let (before, after) = (answer(self.before)?, answer(self.after)?);
            let is_other = before.is_laxer_than(after) || after.is_laxer_than(before);
            is_other.then_some(Flip {
                question,
                before,
                after,
            })
        };
        self.asked.iter().enumerate().filter_map(flip).collect()
    }
}

fn keep(kept: &mut Map<Key, Rc<[Flip]>>, key: Key, flips: Rc<[Flip]>) -> Rc<[Flip]> {
    if kept.len() >= KEPT {
        kept.clear();
    }
    kept.insert(key, Rc::clone(&flips));
    flips
}
