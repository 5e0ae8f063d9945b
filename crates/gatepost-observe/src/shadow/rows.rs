//! Where two policies disagree, kept within bounds whatever is asked.

use std::collections::HashMap;
use std::hash::RandomState;

use gatepost::{Code, OrgId, SubjectId, Timestamp};
use gatepost_enforce::Decided;

use super::Flip;
use super::report::{ShadowExample, ShadowReport, ShadowRow};
use super::sketch::Sketch;

/// How many decisions are named in each row.
const EXAMPLES: usize = 3;

/// The disagreements, by what they are about.
#[derive(Debug)]
pub(super) struct Rows {
    kept: HashMap<Key, Row>,
    limit: usize,
    /// By this, whoever chooses subjects cannot choose what is counted of them.
    hasher: RandomState,
    denied: Sum,
    allowed: Sum,
}

/// Of one side, all of it and what there was no row for.
#[derive(Debug, Default)]
struct Sum {
    all: u64,
    other: u64,
}

/// What a disagreement is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    flip: Flip,
    method: &'static str,
    path: Option<Box<str>>,
    requirement: String,
    org: Option<OrgId>,
    code: Code,
}

#[derive(Debug)]
struct Row {
    requests: u64,
    subjects: Sketch,
    first: Timestamp,
    last: Timestamp,
    examples: Vec<ShadowExample>,
}

impl Key {
    pub(super) fn of(flip: Flip, code: Code, decided: &Decided<'_>) -> Self {
        Self {
            flip,
            method: decided.method,
            path: decided.path.map(Box::from),
            requirement: decided.requirement.to_string(),
            org: decided.org().cloned(),
            code,
        }
    }
}

impl Rows {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            kept: HashMap::new(),
            limit,
            hasher: RandomState::new(),
            denied: Sum::default(),
            allowed: Sum::default(),
        }
    }

    pub(super) fn limit(&mut self, rows: usize) {
        self.limit = rows;
    }

    pub(super) fn add(&mut self, key: Key, decided: &Decided<'_>, at: Timestamp) {
        let sum = match key.flip {
            Flip::Denied => &mut self.denied,
            Flip::Allowed => &mut self.allowed,
        };
        sum.all = sum.all.saturating_add(1);
        if self.kept.len() >= self.limit && !self.kept.contains_key(&key) {
            sum.other = sum.other.saturating_add(1);
            return;
        }
        let row = self.kept.entry(key).or_insert_with(|| Row {
            requests: 0,
            subjects: Sketch::default(),
            first: at,
            last: at,
            examples: Vec::new(),
        });
        row.requests = row.requests.saturating_add(1);
        row.last = at;
        let subject = decided.subject().map(gatepost::Subject::id);
        if let Some(subject) = subject {
            row.subjects.add(&self.hasher, subject.as_str());
        }
        if row.examples.len() < EXAMPLES && !is_told(&row.examples, subject) {
            row.examples.push(ShadowExample {
                decision: decided.verdict.decision().to_string(),
                subject: subject.cloned(),
            });
        }
    }

    /// Puts in what a report says of disagreements.
    pub(super) fn tell(&self, report: &mut ShadowReport) {
        (report.newly_denied, report.other_denied) = (self.denied.all, self.denied.other);
        (report.newly_allowed, report.other_allowed) = (self.allowed.all, self.allowed.other);
        for (key, row) in &self.kept {
            let told = ShadowRow {
                method: key.method,
                path: key.path.as_deref().map(str::to_owned),
                requirement: key.requirement.clone(),
                org: key.org.clone(),
                code: key.code,
                requests: row.requests,
                subjects: row.subjects.count(),
                first: row.first,
                last: row.last,
                examples: row.examples.clone(),
            };
            match key.flip {
                Flip::Denied => report.denied.push(told),
                Flip::Allowed => report.allowed.push(told),
            }
        }
        report.sort();
    }
}

/// Another decision of the same subject would tell no more.
fn is_told(examples: &[ShadowExample], subject: Option<&SubjectId>) -> bool {
    let mut subjects = examples.iter().map(|example| example.subject.as_ref());
    subjects.any(|told| told == subject)
}
