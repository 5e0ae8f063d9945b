//! What was registered, wherever it is mounted.

use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use actix_web::http::Method;
use gatepost::Requirement;
use gatepost_enforce::{Enforcer, Registered};

use crate::gated::Gated;
use crate::setup::Setup;
use crate::source::SubjectSource;

/// What was registered: a route, or a scope and all in it that has no requirement of its own.
#[derive(Debug)]
pub(crate) struct Entry {
    /// Another one for each of the process.
    pub(crate) id: u64,
    pub(crate) form: Form,
    pub(crate) requirement: Result<Requirement, String>,
    /// Why no request could meet the requirement as it is meant.
    pub(crate) error: Option<String>,
    pub(crate) source: &'static Location<'static>,
    pub(crate) enforcer: Enforcer,
    pub(crate) subject: SubjectSource,
    /// What it was registered with.
    pub(crate) setup: Arc<Setup>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Route(Method),
    /// One of several that share a path and a method, and not the first.
    Alternative(Method),
    Scope,
}

impl Entry {
    pub(crate) fn new(
        gated: &Gated,
        form: Form,
        requirement: Result<Requirement, String>,
        error: Option<String>,
        source: &'static Location<'static>,
    ) -> Arc<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let entry = Arc::new(Self {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            form,
            requirement,
            error,
            source,
            enforcer: gated.enforcer.clone(),
            subject: gated.subject.clone(),
            setup: gated.setup.clone(),
        });
        gated.setup.made(&entry);
        entry
    }

    /// The method; none of a scope.
    pub(crate) fn method(&self) -> Option<&Method> {
        match &self.form {
            Form::Route(method) | Form::Alternative(method) => Some(method),
            Form::Scope => None,
        }
    }

    /// The route as it is mounted.
    pub(crate) fn mounted(&self, method: &str, path: &str) -> Registered {
        Registered {
            method: method.to_owned(),
            path: path.to_owned(),
            requirement: self.requirement.clone(),
            source: self.source,
        }
    }
}
