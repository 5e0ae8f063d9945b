//! A service's routes as a whole, before any is served: what there is, and what is wrong with it.

mod cover;
mod front;

use std::sync::Arc;

use actix_web::http::Method;
use actix_web::web::ServiceConfig;
use gatepost::Inventory;
use gatepost_enforce::{
    Capabilities, Enforcer, Registered, SetupError, SetupProblem, audit, inventory, twice,
};

use crate::entry::{Entry, Form};
use crate::gated::Gated;
use crate::introspect::{Mounted, Node, mount};
use crate::pattern;
use crate::setup::Setup;
use crate::source::SubjectSource;
use cover::Covers;
use front::Fronts;

/// What the routes of a service are.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) inventory: Inventory,
    pub(crate) capabilities: Capabilities,
    /// Who asks, in the order of the groups.
    pub(crate) subjects: Vec<SubjectSource>,
}

/// Tries a service's routes out.
pub(crate) fn run(
    gated: &Gated,
    routes: impl FnOnce(&mut ServiceConfig, &Gated),
) -> Result<Found, SetupError> {
    let tried = Gated {
        setup: Arc::new(Setup::trial()),
        ..gated.clone()
    };
    let mounted = mount(|app| routes(app, &tried));
    let (made, mut problems) = tried.setup.finish(mounted.is_ok());
    match &mounted {
        Ok(mounted) => problems.extend(nowhere(&made, mounted)),
        Err(why) => problems.push(SetupProblem::new("*", why)),
    }
    let mounted = mounted.unwrap_or_default();
    let own = Group {
        setup: tried.setup.clone(),
        enforcer: tried.enforcer.clone(),
        subject: tried.subject.clone(),
        audited: Vec::new(),
        routes: Vec::new(),
    };
    let mut whole = Whole {
        covers: Covers::of(&mounted),
        fronts: Fronts::of(&mounted),
        mounted: &mounted,
        groups: vec![own],
        alone: Vec::new(),
        problems,
    };
    for node in &mounted.nodes {
        whole.read(node);
    }
    whole.finish()
}

/// What was registered and is not there.
fn nowhere(made: &[Arc<Entry>], mounted: &Mounted) -> Vec<SetupProblem> {
    let made = made.iter();
    let lost = made.filter(|entry| !mounted.entries.contains_key(&entry.id));
    let problem = |entry: &Arc<Entry>| {
        let method = entry.method().map_or("*", Method::as_str);
        let registered = entry.mounted(method, "");
        let problem = registered.problem("was registered, and is mounted nowhere");
        SetupProblem::new(method, problem.message)
    };
    lost.map(problem).collect()
}

/// The routes while they are read, path by path.
struct Whole<'m> {
    mounted: &'m Mounted,
    covers: Covers<'m>,
    fronts: Fronts<'m>,
    groups: Vec<Group>,
    /// Those beside which there may be none of the same method.
    alone: Vec<Registered>,
    problems: Vec<SetupProblem>,
}

/// The routes that were registered with the same.
struct Group {
    setup: Arc<Setup>,
    enforcer: Enforcer,
    subject: SubjectSource,
    /// What was registered.
    audited: Vec<Registered>,
    /// What it came to: of a scope, the routes in it.
    routes: Vec<Registered>,
}

impl Whole<'_> {
    fn read(&mut self, node: &Node) {
        let entries = node.marks.iter();
        let entries: Vec<_> = entries
            .filter_map(|id| self.mounted.entries.get(id))
            .map(|(_, entry)| entry.clone())
            .collect();
        for entry in &entries {
            let method = entry.method().map_or("*", Method::as_str);
            let registered = entry.mounted(method, &node.path);
            self.problems.extend(unmet(entry, &registered));
            for what in &node.behind {
                self.problems.push(registered.problem(&format!(
                    "stands behind another {what} of the same path, which answers first"
                )));
            }
            if node.behind.is_empty()
                && let Some(front) = self.fronts.of_entry(node, entry)
            {
                self.problems.push(
                    registered.problem(&format!("stands behind {front}, which answers first")),
                );
            }
            match entry.form {
                // What guards choose from may well share a method.
                Form::Route(_) if !node.is_chosen => self.alone.push(registered.clone()),
                Form::Scope if node.path.trim_matches('/').is_empty() => {
                    self.problems.push(registered.problem(
                        "is a scope without a path of its own, and what is in it cannot be told from what is beside it",
                    ));
                }
                Form::Route(_) | Form::Alternative(_) | Form::Scope => {}
            }
            let group = self.group(entry);
            if entry.form != Form::Scope {
                group.routes.push(registered.clone());
            }
            group.audited.push(registered);
        }
        self.problems.extend(head_beside_get(node, &entries));
        if node.is_resource {
            if let Some([one, other]) = self.covers.two_names(node) {
                let message = format!(
                    "is mounted as `{one}` and as `{other}`: the one that stands first answers for both"
                );
                let methods = node.methods.iter().map(String::as_str);
                self.problems.push(SetupProblem::new(
                    shown(&methods.collect::<Vec<_>>(), node),
                    message,
                ));
            }
            self.read_plain(node, &entries);
        }
    }

    /// What a path has beside that which was registered with a gate.
    fn read_plain(&mut self, node: &Node, entries: &[Arc<Entry>]) {
        let is_gated = |method: &&String| {
            let mut own = entries.iter().filter_map(|entry| entry.method());
            own.any(|own| own == method.as_str())
        };
        let scopes: Vec<_> = self.covers.of_node(node).into_iter().cloned().collect();
        // Of several scopes one may have a method behind a requirement, and another one as it is.
        let mut methods: Vec<_> = (node.methods.iter())
            .filter(|method| scopes.len() > 1 || !is_gated(method))
            .map(String::as_str)
            .collect();
        if methods.contains(&"GET") {
            methods.retain(|method| *method != "HEAD");
        }
        if methods.is_empty() {
            if entries.iter().any(|entry| entry.form != Form::Scope) {
                return;
            }
            methods.push("*");
        }
        if scopes.is_empty() {
            self.problems
                .push(SetupProblem::new(shown(&methods, node), PAST_THE_GATE));
        }
        for scope in scopes {
            let is_outside = |front: &Node| {
                let mut around = self.covers.of_node(front).into_iter();
                !around.any(|around| around.id == scope.id)
            };
            let front = methods.iter().find_map(|method| {
                let front = self.fronts.of_plain(node, method, &is_outside)?;
                Some(scope.mounted(method, &node.path).problem(&behind(&front)))
            });
            self.problems.extend(front);
            let routes = methods
                .iter()
                .map(|method| scope.mounted(method, &node.path));
            self.group(&scope).routes.extend(routes);
        }
    }

    fn group(&mut self, entry: &Entry) -> &mut Group {
        let is_its = |group: &Group| Arc::ptr_eq(&group.setup, &entry.setup);
        let at = self.groups.iter().position(is_its);
        let at = at.unwrap_or(self.groups.len());
        if at == self.groups.len() {
            self.groups.push(Group {
                setup: entry.setup.clone(),
                enforcer: entry.enforcer.clone(),
                subject: entry.subject.clone(),
                audited: Vec::new(),
                routes: Vec::new(),
            });
        }
        #[allow(clippy::indexing_slicing, reason = "it was found there, or put there")]
        &mut self.groups[at]
    }

    fn finish(self) -> Result<Found, SetupError> {
        let mut problems = self.problems;
        problems.extend(audit(self.groups.iter().flat_map(|group| {
            let routes = group.audited.iter();
            routes.map(|route| (route, &group.enforcer))
        })));
        problems.extend(twice(&self.alone));
        problems.dedup();
        SetupError::unless_none(problems)?;
        let routes = self.groups.iter().flat_map(|group| &group.routes);
        let inventory = inventory(routes);
        let subjects = self.groups.iter().map(|group| group.subject.clone());
        let subjects = subjects.collect();
        let groups = self.groups.into_iter();
        let groups = groups.map(|group| (group.enforcer, group.routes)).collect();
        Ok(Found {
            inventory,
            capabilities: Capabilities::new(groups),
            subjects,
        })
    }
}

const PAST_THE_GATE: &str = "is mounted past the gate: it has no requirement, and does not say why it is public. \
    Register it with `gate.resource(..)` or `gate.public(..)`, or within `gate.scope(..)` or `gate.public_scope(..)`; \
    what stands within `.wrap(gate.require(..))` cannot be told apart here";

fn behind(front: &str) -> String {
    format!("stands behind {front}, which answers first")
}

fn shown(methods: &[&str], node: &Node) -> String {
    format!("{} {}", methods.join(", "), node.path)
}

/// A `HEAD` of its own beside `GET`, which answers `HEAD` as well: which of both does is a matter of order.
fn head_beside_get(node: &Node, entries: &[Arc<Entry>]) -> Option<SetupProblem> {
    let is_head = |entry: &&Arc<Entry>| entry.method() == Some(&Method::HEAD);
    let head = entries.iter().find(is_head)?;
    let is_beside = node.methods.contains("GET");
    let registered = head.mounted("HEAD", &node.path);
    is_beside.then(|| {
        registered
            .problem("stands beside `GET`, which answers `HEAD` as well, by its own requirement")
    })
}

/// What of a requirement no request at its path could meet.
fn unmet(entry: &Entry, registered: &Registered) -> Vec<SetupProblem> {
    let Ok(requirement) = &entry.requirement else {
        return Vec::new();
    };
    if let Some(error) = &entry.error {
        return vec![registered.problem(&format!("requires `{requirement}`, which {error}"))];
    }
    let names = pattern::names(&registered.path);
    let read = requirement.path_params();
    let missing = read.filter(|param| !names.contains(param));
    let problem = |param| {
        registered.problem(&format!(
            "requires `{requirement}`, which reads `{{{param}}}` of a path that has none"
        ))
    };
    missing.map(problem).collect()
}
