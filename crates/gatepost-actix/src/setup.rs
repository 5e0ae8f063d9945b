//! What is registered when a service's routes are tried out.

use std::sync::{Arc, Mutex, PoisonError};

use gatepost::Requirement;
use gatepost_enforce::SetupProblem;

use crate::entry::Entry;

/// What was registered, and what is wrong with it.
#[derive(Debug, Default)]
pub(crate) struct Setup {
    is_trial: bool,
    made: Mutex<Made>,
}

#[derive(Debug, Default)]
struct Made {
    requirements: usize,
    entries: Vec<Arc<Entry>>,
    problems: Vec<SetupProblem>,
    /// Guards that read the path, and were not told its pattern.
    without_pattern: Vec<Requirement>,
}

impl Setup {
    /// Of a trial: what is registered outside of one is not kept.
    pub(crate) fn trial() -> Self {
        Self {
            is_trial: true,
            ..Self::default()
        }
    }

    fn change(&self, change: impl FnOnce(&mut Made)) {
        if self.is_trial {
            change(&mut self.made.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }

    /// Counts a requirement that is enforced somewhere.
    pub(crate) fn count_requirement(&self) {
        self.change(|made| made.requirements += 1);
    }

    pub(crate) fn made(&self, entry: &Arc<Entry>) {
        self.change(|made| made.entries.push(entry.clone()));
    }

    pub(crate) fn problem(&self, route: &str, message: &str) {
        self.change(|made| made.problems.push(SetupProblem::new(route, message)));
    }

    pub(crate) fn await_pattern(&self, requirement: &Requirement) {
        self.change(|made| made.without_pattern.push(*requirement));
    }

    pub(crate) fn found_pattern(&self, requirement: &Requirement) {
        self.change(|made| {
            let is_it = |waiting: &Requirement| waiting.is_same(requirement);
            if let Some(at) = made.without_pattern.iter().position(is_it) {
                made.without_pattern.swap_remove(at);
            }
        });
    }

    /// What was registered, and what is wrong with it wherever it is mounted.
    ///
    /// That there is none is said of a trial that came to its end alone.
    pub(crate) fn finish(&self, is_whole: bool) -> (Vec<Arc<Entry>>, Vec<SetupProblem>) {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let made = std::mem::take(&mut *made);
        let mut problems = made.problems;
        if is_whole && made.requirements == 0 {
            problems.insert(0, SetupProblem::no_route());
        }
        problems.extend(made.without_pattern.into_iter().map(|requirement| {
            let message = format!(
                "`{requirement}` reads a path parameter, and a guard is asked before there are any: add `.at(\"/the/whole/{{pattern}}\")`"
            );
            SetupProblem::new("guard", message)
        }));
        (made.entries, problems)
    }
}
