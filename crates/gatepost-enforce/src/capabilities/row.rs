//! The routes of one gate, each as often as there are resources and modes that it can be asked for.

use gatepost::{Mode, Requirement, RequirementRecord, Resource, Target, TargetCache};

use crate::enforcer::Enforcer;
use crate::registered::Registered;

/// The routes that one enforcer enforces.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) enforcer: Enforcer,
    pub(super) rows: Vec<Row>,
}

/// One question about a route.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) method: String,
    pub(super) path: String,
    /// `None` of a public route, which nobody is refused.
    pub(super) asks: Option<Asks>,
}

#[derive(Debug)]
pub(super) struct Asks {
    pub(super) requirement: &'static Requirement,
    pub(super) resource: &'static str,
    pub(super) target: TargetCache,
    pub(super) mode: Option<Mode>,
    /// The path parameter and its value that choose the resource; none is every other value.
    pub(super) when: Option<(&'static str, &'static str)>,
}

impl Group {
    pub(super) fn new(enforcer: Enforcer, mut routes: Vec<Registered>) -> Self {
        // The order of registration changes nothing in the answer, nor its tag.
        routes.sort_by(|one, other| (&one.path, &one.method).cmp(&(&other.path, &other.method)));
        let rows = routes.into_iter().flat_map(Row::of).collect();
        Self { enforcer, rows }
    }
}

impl Row {
    fn of(route: Registered) -> Vec<Self> {
        let Registered {
            method,
            path,
            requirement,
            ..
        } = route;
        let row = |asks| Self {
            method: method.clone(),
            path: path.clone(),
            asks,
        };
        match requirement {
            Ok(requirement) => questions(requirement.kept())
                .map(|asks| row(Some(asks)))
                .collect(),
            Err(_) => vec![row(None)],
        }
    }
}

/// Every question that a route with this requirement can be asked.
fn questions(requirement: &'static Requirement) -> impl Iterator<Item = Asks> {
    let resources = match requirement.resource() {
        Resource::ByPath {
            param,
            map,
            otherwise,
        } => {
            let named = map
                .iter()
                .map(|(value, name)| (Some((param, *value)), *name));
            named.chain([(None, otherwise)]).collect()
        }
        resource => vec![(None, resource.name())],
    };
    let modes = RequirementRecord::of(requirement).modes();
    resources.into_iter().flat_map(move |(when, resource)| {
        modes.iter().map(move |mode| Asks {
            requirement,
            resource,
            target: TargetCache::new(Target::new(resource, requirement.action())),
            mode: *mode,
            when,
        })
    })
}
