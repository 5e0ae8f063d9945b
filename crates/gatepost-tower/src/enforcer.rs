//! What the routes of a service share: the gate, and where requests say who and what.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use gatepost::{Denial, Gate, Owner, Requirement, RequirementError, Resource};
use http::request::Parts;

use crate::entity::{AnyLoader, EntityLoader};
use crate::source::{FindSubject, LoadSubject, SubjectSource};

/// What the routes of a service share: the gate, the subject source, the entity loaders.
#[derive(Clone)]
pub struct Enforcer(pub(crate) Arc<Shared>);

#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) gate: Gate,
    pub(crate) subject: SubjectSource,
    pub(crate) loaders: HashMap<&'static str, Arc<dyn AnyLoader>>,
    pub(crate) path_params: fn(&mut Parts) -> Result<PathParams, Denial>,
    pub(crate) challenge: http::HeaderValue,
}

/// The path parameters that the router found, percent-decoded.
#[derive(Clone, Debug, Default)]
pub struct PathParams(Vec<(Box<str>, Box<str>)>);

impl PathParams {
    /// The parameter of that name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, _)| **key == *name)
            .map(|(_, value)| &**value)
    }
}

impl<K: Into<Box<str>>, V: Into<Box<str>>> FromIterator<(K, V)> for PathParams {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(params: I) -> Self {
        Self(
            params
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }
}

impl Enforcer {
    /// Enforces by a gate, for subjects that `subject` finds.
    pub fn new(gate: Gate, subject: impl FindSubject) -> Self {
        Self::from_source(gate, SubjectSource::Find(Arc::new(subject)))
    }

    /// Enforces by a gate, for subjects that `subject` loads.
    pub fn with_loaded_subject(gate: Gate, subject: impl LoadSubject) -> Self {
        Self::from_source(gate, SubjectSource::Load(Arc::new(subject)))
    }

    fn from_source(gate: Gate, subject: SubjectSource) -> Self {
        Self(Arc::new(Shared {
            gate,
            subject,
            loaders: HashMap::new(),
            path_params: |_| Ok(PathParams::default()),
            challenge: http::HeaderValue::from_static("Bearer"),
        }))
    }

    /// Says how the objects of a resource are loaded, for requirements with [`Owner::Loaded`].
    #[must_use]
    pub fn loader(self, resource: &'static str, loader: impl EntityLoader) -> Self {
        self.with(|shared| {
            shared.loaders.insert(resource, Arc::new(loader));
        })
    }

    /// Says how the router's path parameters are read; an adapter for a router sets it.
    #[must_use]
    pub fn path_params(self, read: fn(&mut Parts) -> Result<PathParams, Denial>) -> Self {
        self.with(|shared| shared.path_params = read)
    }

    /// Sets the `WWW-Authenticate` challenge of a 401 (RFC 9110, 11.6.1); `Bearer` unless told otherwise.
    #[must_use]
    pub fn challenge(self, challenge: http::HeaderValue) -> Self {
        self.with(|shared| shared.challenge = challenge)
    }

    fn with(self, change: impl FnOnce(&mut Shared)) -> Self {
        let mut shared = Arc::unwrap_or_clone(self.0);
        change(&mut shared);
        Self(Arc::new(shared))
    }

    /// The gate.
    pub fn gate(&self) -> &Gate {
        &self.0.gate
    }

    /// Says whether a requirement can be met as it is meant.
    ///
    /// # Errors
    ///
    /// [`SetupError`], for start-up to be refused with.
    pub fn check(&self, requirement: &Requirement) -> Result<(), SetupError> {
        requirement.check().map_err(SetupError::Requirement)?;
        if requirement.owner_rule() == Owner::Loaded {
            let missing = |resource: &'static str| !self.0.loaders.contains_key(resource);
            let unloaded = match requirement.resource() {
                Resource::Named(name) => Some(name).filter(|name| missing(name)),
                Resource::ByPath { map, otherwise, .. } => {
                    let all = map.iter().map(|(_, resource)| *resource).chain([otherwise]);
                    all.into_iter().find(|name| missing(name))
                }
                _ => None,
            };
            if let Some(resource) = unloaded {
                return Err(SetupError::NoLoader(resource));
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Enforcer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Enforcer")
            .field("gate", &self.0.gate)
            .finish_non_exhaustive()
    }
}

/// A requirement that the set-up cannot meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SetupError {
    /// No request could meet it as it is meant.
    Requirement(RequirementError),
    /// Its owner is that of a loaded object, and nothing loads this resource.
    NoLoader(&'static str),
}

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Requirement(error) => error.fmt(f),
            Self::NoLoader(resource) => {
                write!(
                    f,
                    "takes its owner from a loaded `{resource}`: add `.loader(\"{resource}\", ..)`"
                )
            }
        }
    }
}

impl std::error::Error for SetupError {}
