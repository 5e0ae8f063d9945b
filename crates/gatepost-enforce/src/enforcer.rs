//! What the routes of a service share: the gate, the entity loaders, the answers.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use gatepost::{Gate, ReportOnly, Requirement, Resource};

use crate::answer::Answers;
use crate::entity::{AnyLoader, EntityLoader};
use crate::observe::{Journal, Observer};
use crate::setup::RouteError;

/// What the routes of a service share, whatever its framework.
#[derive(Clone)]
pub struct Enforcer {
    gate: Gate,
    loaders: HashMap<&'static str, Arc<dyn AnyLoader>>,
    answers: Answers,
    observers: Vec<Arc<dyn Observer>>,
    journal: Option<Arc<dyn Journal>>,
    report_only: Vec<(&'static str, ReportOnly)>,
}

impl Enforcer {
    /// Enforces by a gate.
    pub fn new(gate: Gate) -> Self {
        Self {
            gate,
            loaders: HashMap::new(),
            answers: Answers::default(),
            observers: Vec::new(),
            journal: None,
            report_only: Vec::new(),
        }
    }

    /// Says how the objects of a resource are loaded.
    pub fn add_loader(&mut self, resource: &'static str, loader: impl EntityLoader) {
        self.loaders.insert(resource, Arc::new(loader));
    }

    /// Adds somebody who is told of each decision.
    pub fn add_observer(&mut self, observer: impl Observer) {
        self.observers.push(Arc::new(observer));
    }

    /// Sets where admissions are written down of requirements that are [logged](Requirement::logged).
    pub fn set_journal(&mut self, journal: impl Journal) {
        self.journal = Some(Arc::new(journal));
    }

    /// Has all requirements about a resource only report.
    pub fn add_report_only(&mut self, resource: &'static str, report_only: ReportOnly) {
        self.report_only.push((resource, report_only));
    }

    /// The requirement as it is enforced here, where its own word and that about its resource, whichever is
    /// stricter, say whether it only reports.
    pub fn effective(&self, requirement: &Requirement) -> Requirement {
        let resource = requirement.resource();
        let about = self.report_only.iter();
        let about = about.filter(|(of, _)| resources(resource).any(|named| named == *of));
        let about = about.map(|(_, report_only)| *report_only);
        let all = about.chain(requirement.reports_only());
        match all.min() {
            Some(report_only) => requirement.report_only(report_only),
            None => *requirement,
        }
    }

    /// Whether of the resources that a requirement can be about some report only, and it does not by itself.
    fn reports_in_part(&self, requirement: &Requirement) -> bool {
        let is_listed = |named: &str| self.report_only().any(|listed| listed == named);
        let mut named = resources(requirement.resource()).map(is_listed);
        let first = named.next();
        requirement.reports_only().is_none() && named.any(|other| Some(other) != first)
    }

    /// The resources that are to report only by themselves.
    pub(crate) fn report_only(&self) -> impl Iterator<Item = &'static str> {
        self.report_only.iter().map(|(resource, _)| *resource)
    }

    pub(crate) fn observers(&self) -> &[Arc<dyn Observer>] {
        &self.observers
    }

    pub(crate) fn journal(&self) -> Option<&Arc<dyn Journal>> {
        self.journal.as_ref()
    }

    /// The gate.
    pub fn gate(&self) -> &Gate {
        &self.gate
    }

    /// How refusals are answered.
    pub fn answers(&self) -> &Answers {
        &self.answers
    }

    /// How refusals are answered, to be changed.
    pub fn answers_mut(&mut self) -> &mut Answers {
        &mut self.answers
    }

    pub(crate) fn loader(&self, resource: &str) -> Option<&Arc<dyn AnyLoader>> {
        self.loaders.get(resource)
    }

    /// Says whether a requirement can be met as it is meant.
    ///
    /// # Errors
    ///
    /// [`RouteError`], for start-up to be refused with.
    pub fn check(&self, requirement: &Requirement) -> Result<(), RouteError> {
        let effective = self.effective(requirement);
        effective.check().map_err(RouteError::Requirement)?;
        if self.reports_in_part(requirement) {
            return Err(RouteError::ReportsInPart);
        }
        if requirement.is_logged() && self.journal.is_none() {
            return Err(RouteError::NoJournal);
        }
        if !requirement.owner_rule().is_loaded() && !requirement.org_rule().is_by_entity() {
            return Ok(());
        }
        let missing = |resource: &str| !self.loaders.contains_key(resource);
        let unloaded = resources(requirement.resource()).find(|name| missing(name));
        match unloaded {
            Some(resource) => Err(RouteError::NoLoader(resource)),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Enforcer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Enforcer")
            .field("gate", &self.gate)
            .finish_non_exhaustive()
    }
}

/// The resources that a requirement can be about, some perhaps more than once: those of its map, and the last one.
pub(crate) fn resources(resource: Resource) -> impl Iterator<Item = &'static str> {
    let (first, others) = match resource {
        Resource::ByPath { map, otherwise, .. } => (otherwise, map),
        other => (other.name(), [].as_slice()),
    };
    let others = others.iter().map(|(_, named)| *named);
    others.chain([first])
}
