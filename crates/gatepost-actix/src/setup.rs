//! What is registered when a service's routes are tried out.

use std::sync::{Mutex, PoisonError};

use gatepost::Requirement;
use gatepost_enforce::{SetupError, SetupProblem};

/// What was registered, and what is wrong with it.
#[derive(Debug, Default)]
pub(crate) struct Setup(Mutex<Registered>);

#[derive(Debug, Default)]
struct Registered {
    routes: usize,
    problems: Vec<SetupProblem>,
    /// Guards that read the path, and were not told its pattern.
    without_pattern: Vec<Requirement>,
}

impl Setup {
    fn change<T>(&self, change: impl FnOnce(&mut Registered) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn count_route(&self) {
        self.change(|setup| setup.routes += 1);
    }

    pub(crate) fn problem(&self, route: &str, message: &str) {
        self.change(|setup| setup.problems.push(SetupProblem::new(route, message)));
    }

    pub(crate) fn await_pattern(&self, requirement: &Requirement) {
        self.change(|setup| setup.without_pattern.push(*requirement));
    }

    pub(crate) fn found_pattern(&self, requirement: &Requirement) {
        self.change(|setup| {
            let is_it = |waiting: &Requirement| waiting.is_same(requirement);
            if let Some(at) = setup.without_pattern.iter().position(is_it) {
                setup.without_pattern.swap_remove(at);
            }
        });
    }

    /// Refuses what was registered, where there is something wrong with it.
    pub(crate) fn finish(&self) -> Result<(), SetupError> {
        let mut problems = self.change(|setup| {
            let mut problems = std::mem::take(&mut setup.problems);
            if setup.routes == 0 {
                problems.insert(0, SetupProblem::no_route());
            }
            problems.extend(setup.without_pattern.drain(..).map(|requirement| {
                let message = format!(
                    "`{requirement}` reads a path parameter, and a guard is asked before there are any: add `.at(\"/the/whole/{{pattern}}\")`"
                );
                SetupProblem::new("guard", message)
            }));
            problems
        });
        problems.dedup();
        SetupError::unless_none(problems)
    }
}
