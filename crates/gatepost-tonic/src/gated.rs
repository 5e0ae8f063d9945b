//! The builder of a gated service.

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::Arc;

use gatepost::{Catalogue, Gate, OrgSource, Owner, Requirement, Resource};
use gatepost_enforce::{Enforcer, EntityLoader, FindSubject, RouteError, SetupError, SetupProblem};
use gatepost_tower::LoadSubject;
use http::request::Parts;
use tonic::server::NamedService;

use crate::head::tcp_peer;
use crate::methods::{GatedMethod, Method, Methods, described};
use crate::route::{Caller, Route, SubjectSource};
use crate::service::GatedService;

/// A service on which every method has a requirement, or says why it has none.
///
/// See the [crate's page](crate) for an example.
#[derive(Clone, Debug)]
#[must_use = "nothing is gated until `service` is called and served"]
pub struct Gated {
    enforcer: Enforcer,
    caller: Caller,
    methods: Vec<GatedMethod>,
    descriptor: Option<Vec<u8>>,
}

impl Gated {
    /// A service by a gate, for subjects that `subject` finds.
    pub fn new(gate: Gate, subject: impl FindSubject<Parts>) -> Self {
        Self::from_source(gate, SubjectSource::Find(Arc::new(subject)))
    }

    /// A service by a gate, for subjects that `subject` loads.
    pub fn with_loaded_subject(gate: Gate, subject: impl LoadSubject) -> Self {
        Self::from_source(gate, SubjectSource::Load(Arc::new(subject)))
    }

    fn from_source(gate: Gate, subject: SubjectSource) -> Self {
        Self {
            enforcer: Enforcer::new(gate),
            caller: Caller {
                subject,
                peer: tcp_peer,
            },
            methods: Vec::new(),
            descriptor: None,
        }
    }

    /// Says how the objects of a resource are loaded, for requirements that depend on one:
    /// [`Owner::LoadedByBody`], [`Org::entity`](gatepost::Org::entity).
    /// Before or after the methods that need it.
    pub fn loader(mut self, resource: &'static str, loader: impl EntityLoader) -> Self {
        self.enforcer.add_loader(resource, loader);
        self
    }

    /// Says where the server left the address that a connection comes from, for a
    /// [`TrustedProxy`](crate::TrustedProxy); where tonic's does for TCP unless told otherwise.
    pub fn peer(mut self, read: fn(&Parts) -> Option<IpAddr>) -> Self {
        self.caller.peer = read;
        self
    }

    /// Sets the languages that refusals are worded in; English and German unless told otherwise.
    pub fn languages(mut self, catalogue: Catalogue) -> Self {
        self.enforcer.answers_mut().set_catalogue(catalogue);
        self
    }

    /// What a method requires; the name is that of the `.proto` file.
    pub fn method(mut self, name: &str, requirement: Requirement) -> Self {
        self.methods.push(GatedMethod {
            name: name.to_owned(),
            requirement: Ok(requirement),
        });
        self
    }

    /// A method without a requirement, and why it needs none.
    pub fn public(mut self, name: &str, why: &str) -> Self {
        self.methods.push(GatedMethod {
            name: name.to_owned(),
            requirement: Err(why.to_owned()),
        });
        self
    }

    /// Says which methods the service has, by an encoded `google.protobuf.FileDescriptorSet`: one that
    /// is forgotten, and one that does not exist, are then found at start-up.
    pub fn described_by(mut self, descriptor: &[u8]) -> Self {
        self.descriptor = Some(descriptor.to_owned());
        self
    }

    /// What the service was told of its methods, in the order of registration.
    pub fn methods(&self) -> impl Iterator<Item = &GatedMethod> {
        self.methods.iter()
    }

    /// Puts the gate around a service that `tonic-prost-build` generated.
    ///
    /// # Errors
    ///
    /// [`SetupError`] when there is no method at all, when one is there twice, when a public one does not
    /// say why, when a requirement is one that no call could meet as it is meant, or when a
    /// descriptor has other methods.
    pub fn service<S: NamedService>(self, service: S) -> Result<GatedService<S>, SetupError> {
        let mut problems = Vec::new();
        let mut problem = |method: &str, message: String| {
            problems.push(SetupProblem::new(format!("/{}/{method}", S::NAME), message));
        };
        if self.methods.is_empty() {
            problem("*", "has no requirement at all".into());
        }
        let mut all = None;
        if let Some(descriptor) = &self.descriptor {
            match described(descriptor, S::NAME) {
                Ok(names) => all = Some(names),
                Err(message) => problem("*", message.into()),
            }
        }
        let mut methods = Methods::default();
        let mut seen = HashSet::new();
        for GatedMethod { name, requirement } in &self.methods {
            if !seen.insert(&**name) {
                problem(name, "is there twice".into());
            }
            if !is_identifier(name) {
                problem(name, "is no name of a method".into());
            } else if all.as_ref().is_some_and(|all| !all.contains(name)) {
                problem(name, "is no method of the service".into());
            }
            let method = match requirement {
                Ok(requirement) => self.route(requirement).map_err(|error| error.to_string()),
                Err(why) if why.trim().is_empty() => Err("is public and does not say why".into()),
                Err(_) => Ok(Method::Public),
            };
            match method {
                Ok(method) => {
                    let path = format!("/{}/{name}", S::NAME);
                    methods.by_path.insert(path, method);
                }
                Err(message) => problem(name, message),
            }
        }
        for name in all.iter().flatten() {
            if !seen.contains(&**name) {
                problem(name, "has no requirement, and is not public".into());
            }
        }
        methods.all = all.is_some();
        SetupError::unless_none(problems)?;
        Ok(GatedService::new(service, methods))
    }

    fn route(&self, requirement: &Requirement) -> Result<Method, RouteError> {
        check(requirement)?;
        let route = Route::new(self.enforcer.clone(), self.caller.clone(), *requirement)?;
        Ok(Method::Required(Arc::new(route)))
    }
}

/// What a call has is its metadata and its messages.
fn check(requirement: &Requirement) -> Result<(), RouteError> {
    let unreadable = |what| Err(RouteError::NotReadable(what));
    for source in requirement.org_rule().sources() {
        match source {
            OrgSource::Header(_)
            | OrgSource::HostUnder(_)
            | OrgSource::Body { .. }
            | OrgSource::Entity => {}
            OrgSource::Path(_) => return unreadable("a path parameter"),
            OrgSource::Query(_) => return unreadable("a query"),
            OrgSource::Json { .. } => return unreadable("a JSON body"),
            _ => return unreadable("a source that is not known"),
        }
    }
    match (requirement.resource(), requirement.owner_rule()) {
        (_, Owner::Path(_)) => unreadable("a path parameter"),
        (Resource::Named(_), _) => Ok(()),
        _ => unreadable("a path parameter"),
    }
}

/// An identifier of a `.proto` file.
fn is_identifier(name: &str) -> bool {
    let mut bytes = name.bytes();
    let is_begun = bytes
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == b'_');
    is_begun && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
