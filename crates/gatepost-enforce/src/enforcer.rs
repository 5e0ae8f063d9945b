//! What the routes of a service share: the gate, the entity loaders, the answers.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use gatepost::{Gate, Requirement, Resource};

use crate::answer::Answers;
use crate::entity::{AnyLoader, EntityLoader};
use crate::setup::RouteError;

/// What the routes of a service share, whatever its framework.
#[derive(Clone)]
pub struct Enforcer {
    gate: Gate,
    loaders: HashMap<&'static str, Arc<dyn AnyLoader>>,
    answers: Answers,
}

impl Enforcer {
    /// Enforces by a gate.
    pub fn new(gate: Gate) -> Self {
        Self {
            gate,
            loaders: HashMap::new(),
            answers: Answers::default(),
        }
    }

    /// Says how the objects of a resource are loaded.
    pub fn add_loader(&mut self, resource: &'static str, loader: impl EntityLoader) {
        self.loaders.insert(resource, Arc::new(loader));
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
        requirement.check().map_err(RouteError::Requirement)?;
        if !requirement.owner_rule().is_loaded() && !requirement.org_rule().is_by_entity() {
            return Ok(());
        }
        let missing = |resource: &'static str| !self.loaders.contains_key(resource);
        let unloaded = match requirement.resource() {
            Resource::Named(name) => Some(name).filter(|name| missing(name)),
            Resource::ByPath { map, otherwise, .. } => {
                let all = map.iter().map(|(_, resource)| *resource).chain([otherwise]);
                all.into_iter().find(|name| missing(name))
            }
            _ => None,
        };
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
