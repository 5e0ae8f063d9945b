//! The builder of a gated service.

use std::net::IpAddr;
use std::panic::Location;
use std::sync::Arc;

use gatepost::{Catalogue, Gate, Inventory, OrgSource, Owner, ReportOnly, Requirement, Resource};
use gatepost_enforce::{
    Enforcer, EntityLoader, FindSubject, Journal, Observer, Registered, RouteError, SetupError,
    SetupProblem, audit, inventory, twice,
};
use gatepost_tower::LoadSubject;
use http::request::Parts;
use tonic::server::NamedService;

use crate::head::tcp_peer;
use crate::methods::{Method, Methods, Told, described};
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
    methods: Vec<Told>,
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
    /// `TrustedProxy` (feature `proxy`); where tonic's does for TCP unless told otherwise.
    pub fn peer(mut self, read: fn(&Parts) -> Option<IpAddr>) -> Self {
        self.caller.peer = read;
        self
    }

    /// Adds somebody who is told of each decision: a log, metrics, a policy that is tried out.
    pub fn observe(mut self, observer: impl Observer) -> Self {
        self.enforcer.add_observer(observer);
        self
    }

    /// Sets where admissions are written down, for requirements that are [logged](Requirement::logged).
    pub fn journal(mut self, journal: impl Journal) -> Self {
        self.enforcer.set_journal(journal);
        self
    }

    /// Has all methods about a resource only report, as [`Requirement::report_only`] has one: what they would refuse
    /// goes on, is logged and counted, and start-up says so. They take a
    /// [passage](crate::Admitted::passage).
    ///
    /// Where a requirement says the same of itself, the earlier end of both holds.
    pub fn report_only(mut self, resource: &'static str, report_only: ReportOnly) -> Self {
        self.enforcer.add_report_only(resource, report_only);
        self
    }

    /// Sets the languages that refusals are worded in; English and German unless told otherwise.
    pub fn languages(mut self, catalogue: Catalogue) -> Self {
        self.enforcer.answers_mut().set_catalogue(catalogue);
        self
    }

    /// What a method requires; the name is that of the `.proto` file.
    #[track_caller]
    pub fn method(self, name: &str, requirement: Requirement) -> Self {
        self.told(name, Ok(requirement))
    }

    /// A method without a requirement, and why it needs none.
    #[track_caller]
    pub fn public(self, name: &str, why: &str) -> Self {
        self.told(name, Err(why.to_owned()))
    }

    #[track_caller]
    fn told(mut self, name: &str, requirement: Result<Requirement, String>) -> Self {
        self.methods.push(Told {
            name: name.to_owned(),
            requirement,
            source: Location::caller(),
        });
        self
    }

    /// Says which methods the service has, by an encoded `google.protobuf.FileDescriptorSet`: one that
    /// is forgotten, and one that does not exist, are then found at start-up.
    pub fn described_by(mut self, descriptor: &[u8]) -> Self {
        self.descriptor = Some(descriptor.to_owned());
        self
    }

    /// The methods as those of a service, each with what it requires or why it is public, and where it was
    /// registered: `POST /package.Service/Method`.
    pub fn routes<S: NamedService>(&self) -> Inventory {
        inventory(&self.registered(S::NAME))
    }

    fn registered(&self, service: &str) -> Vec<Registered> {
        let methods = self.methods.iter();
        let registered = methods.map(|method| method.of(service));
        registered
            .map(|route| route.enforced_by(&self.enforcer))
            .collect()
    }

    /// Puts the gate around a service that `tonic-prost-build` generated.
    ///
    /// # Errors
    ///
    /// [`SetupError`], with every mistake that is found, and where each method was registered: when there is no
    /// method at all; when one is there twice; when a public one does not say why; when a requirement is one
    /// that no call could meet as it is meant, or asks for what the policy does not declare; or when a
    /// descriptor has other methods.
    pub fn service<S: NamedService>(self, service: S) -> Result<GatedService<S>, SetupError> {
        let registered = self.registered(S::NAME);
        let mut problems = twice(&registered);
        let enforced = registered.iter().map(|route| (route, &self.enforcer));
        problems.extend(audit(enforced));
        let whole = |message: &str| SetupProblem::new(format!("POST /{}/*", S::NAME), message);
        if registered.is_empty() {
            problems.push(whole("has no requirement at all"));
        }
        let all = self.descriptor.as_ref().map(|all| described(all, S::NAME));
        let all = all.transpose().unwrap_or_else(|message| {
            problems.push(whole(message));
            None
        });
        let mut methods = Methods {
            all: all.is_some(),
            ..Methods::default()
        };
        for (told, registered) in self.methods.iter().zip(&registered) {
            if !is_identifier(&told.name) {
                problems.push(registered.problem("is no name of a method"));
            } else if all.as_ref().is_some_and(|all| !all.contains(&told.name)) {
                problems.push(registered.problem("is no method of the service"));
            }
            let method = match &told.requirement {
                Ok(requirement) => self.route(requirement),
                Err(_) => Ok(Method::Public),
            };
            match method {
                Ok(method) => {
                    methods.by_path.insert(registered.path.clone(), method);
                }
                Err(error) => problems.push(registered.problem(&error.to_string())),
            }
        }
        let is_told = |name: &String| self.methods.iter().any(|told| told.name == *name);
        for name in all.iter().flatten().filter(|name| !is_told(name)) {
            let path = format!("POST /{}/{name}", S::NAME);
            let message = "has no requirement, and is not public";
            problems.push(SetupProblem::new(path, message));
        }
        // In the order of registration, and what was not registered behind it.
        let shown: Vec<_> = registered.iter().map(Registered::shown).collect();
        problems.sort_by_key(|problem| {
            let place = shown.iter().position(|method| *method == problem.route);
            place.unwrap_or(shown.len())
        });
        SetupError::unless_none(problems)?;
        methods.registered = registered;
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
