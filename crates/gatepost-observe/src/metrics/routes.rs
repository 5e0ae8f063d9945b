//! Decisions of each route, for as many routes as are told apart.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use arc_swap::ArcSwap;
use metrics::{Counter, counter};

use super::word;

const OUTCOMES: [&str; 3] = ["allow", "deny", "error"];
/// What stands for the routes behind the bound.
const OTHER: &str = "other";
/// What stands for a path that the adapter does not know.
const UNKNOWN: &str = "unknown";

/// Counters of each route. Who counts takes no lock.
pub(super) struct Routes {
    most: usize,
    known: ArcSwap<Known>,
    /// Held by whoever adds a route.
    adding: Mutex<()>,
    other: OfRoute,
}

#[derive(Clone, Default)]
struct Known {
    /// By method and path.
    routes: HashMap<&'static str, HashMap<Box<str>, Arc<OfRoute>>>,
    count: usize,
}

struct OfRoute {
    method: &'static str,
    path: Box<str>,
    /// Of each outcome: not enforced, and enforced.
    counters: [[OnceLock<Counter>; 2]; 3],
}

impl Routes {
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            known: ArcSwap::default(),
            adding: Mutex::new(()),
            other: OfRoute::new(OTHER, OTHER),
        }
    }

    pub(super) fn count(
        &self,
        method: &'static str,
        path: Option<&str>,
        outcome: &'static str,
        is_enforced: bool,
    ) {
        let path = path.unwrap_or(UNKNOWN);
        let known = self.known.load();
        if let Some(route) = known.find(method, path) {
            return route.count(outcome, is_enforced);
        }
        if known.count >= self.most {
            return self.other.count(outcome, is_enforced);
        }
        match self.add(method, path) {
            Some(route) => route.count(outcome, is_enforced),
            None => self.other.count(outcome, is_enforced),
        }
    }

    /// Adds a route, unless there are as many as there may be.
    #[cold]
    fn add(&self, method: &'static str, path: &str) -> Option<Arc<OfRoute>> {
        let _adding = self.adding.lock().unwrap_or_else(PoisonError::into_inner);
        let known = self.known.load_full();
        if let Some(route) = known.find(method, path) {
            return Some(Arc::clone(route));
        }
        if known.count >= self.most {
            return None;
        }
        let mut more = Known::clone(&known);
        let route = Arc::new(OfRoute::new(method, path));
        let paths = more.routes.entry(method).or_default();
        paths.insert(path.into(), Arc::clone(&route));
        more.count += 1;
        self.known.store(Arc::new(more));
        Some(route)
    }
}

impl Known {
    fn find(&self, method: &str, path: &str) -> Option<&Arc<OfRoute>> {
        self.routes.get(method)?.get(path)
    }
}

impl OfRoute {
    fn new(method: &'static str, path: &str) -> Self {
        Self {
            method,
            path: path.into(),
            counters: [const { [const { OnceLock::new() }; 2] }; 3],
        }
    }

    fn count(&self, outcome: &'static str, is_enforced: bool) {
        let of_outcome = OUTCOMES.iter().zip(&self.counters);
        let found = of_outcome.filter(|(word, _)| **word == outcome);
        for (_, [reported, enforced]) in found {
            let counter = if is_enforced { enforced } else { reported };
            let made = counter.get_or_init(|| {
                counter!(
                    "gatepost_route_decisions_total",
                    "method" => self.method,
                    "path" => self.path.to_string(),
                    "outcome" => outcome,
                    "enforced" => word(is_enforced),
                )
            });
            made.increment(1);
        }
    }
}

impl fmt::Debug for Routes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Routes")
            .field("known", &self.known.load().count)
            .field("most", &self.most)
            .finish_non_exhaustive()
    }
}
