//! What actix tells of the routes of an application: the one use of its experimental introspection.
//!
//! actix tells what there is of each whole path, not which guard stands beside which: methods and guards of
//! all resources and routes of a path are one list.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::future::ready;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use actix_service::IntoServiceFactory;
use actix_web::dev::{AppConfig, Service, ServiceFactory, ServiceRequest};
use actix_web::guard::{Guard, GuardContext, GuardDetail};
use actix_web::http::Method;
use actix_web::introspection::{
    GuardDetailReport, IntrospectionNode, IntrospectionTree, ResourceType,
};
use actix_web::web::{Data, ServiceConfig};
use actix_web::{App, Error, HttpRequest, HttpResponse};
use futures_util::FutureExt;

use crate::entry::Entry;

/// What there is of one whole path.
#[derive(Clone, Debug, Default)]
pub(crate) struct Node {
    pub(crate) path: String,
    /// Whether a resource is there, and not only a scope or nothing.
    pub(crate) is_resource: bool,
    /// Those that are asked for in so many words.
    pub(crate) methods: BTreeSet<String>,
    /// What the parts that are mounted here were called there: `/x` of a resource in a scope.
    pub(crate) patterns: Vec<String>,
    /// The ids of the entries that are mounted here.
    pub(crate) marks: Vec<u64>,
    /// Whether there are guards that ask for more than a method.
    pub(crate) is_guarded: bool,
    /// The headers that guards ask for.
    pub(crate) headers: Vec<(String, String)>,
    /// What of the same path answers first, where actix sees that: `scope`, `route`.
    pub(crate) behind: Vec<&'static str>,
}

const MARK: &str = "gatepost ";

thread_local! {
    /// The entries that are mounted in the trial of this thread.
    static MOUNTED: RefCell<Option<BTreeMap<u64, Arc<Entry>>>> = const { RefCell::new(None) };
}

/// Says in the tree of the routes what was registered at a place; it lets through what the guard in it does.
pub(crate) struct Mark<G> {
    guard: G,
    entries: Vec<Arc<Entry>>,
}

/// Lets everything through.
pub(crate) struct Always;

impl Guard for Always {
    fn check(&self, _: &GuardContext<'_>) -> bool {
        true
    }
}

impl<G: Guard> Mark<G> {
    /// Of a route, with the guard for its method.
    pub(crate) fn route(guard: G, entries: Vec<Arc<Entry>>) -> Self {
        Self { guard, entries }
    }
}

impl Mark<Always> {
    pub(crate) fn scope(entry: Arc<Entry>) -> Self {
        Self {
            guard: Always,
            entries: vec![entry],
        }
    }
}

impl<G: Guard> Guard for Mark<G> {
    fn check(&self, context: &GuardContext<'_>) -> bool {
        self.guard.check(context)
    }

    /// That of a plain guard for the method: so actix sees what stands in front of what.
    fn name(&self) -> String {
        let method = self.entries.first().and_then(|entry| entry.method());
        method.map_or_else(|| MARK.trim().to_owned(), Method::to_string)
    }

    fn details(&self) -> Option<Vec<GuardDetail>> {
        MOUNTED.with_borrow_mut(|mounted| {
            if let Some(mounted) = mounted {
                mounted.extend(self.entries.iter().map(|entry| (entry.id, entry.clone())));
            }
        });
        // Of `GET` alone, though it answers `HEAD` as well: so a plain route for either shows beside it.
        let method = self.entries.first().and_then(|entry| entry.method());
        let method = method.map(|method| GuardDetail::HttpMethods(vec![method.to_string()]));
        let marks = self.entries.iter();
        let marks = marks.map(|entry| GuardDetail::Generic(format!("{MARK}{}", entry.id)));
        let details = method.into_iter().chain(marks).collect();
        Some(details)
    }
}

/// What is mounted in an application.
#[derive(Debug, Default)]
pub(crate) struct Mounted {
    /// In the order of paths.
    pub(crate) nodes: Vec<Node>,
    pub(crate) entries: BTreeMap<u64, Arc<Entry>>,
}

/// Mounts services in an application that nobody serves, and tells what is there; no handler is called.
///
/// # Errors
///
/// Why it cannot be told: what the routes do.
pub(crate) fn mount(services: impl FnOnce(&mut ServiceConfig)) -> Result<Mounted, String> {
    let around = MOUNTED.replace(Some(BTreeMap::new()));
    // Of a malformed pattern and of some other mistakes, actix makes a panic.
    let built = catch_unwind(AssertUnwindSafe(|| build(services)));
    let entries = MOUNTED.replace(around).unwrap_or_default();
    let nodes = built.map_err(|panicked| {
        let texts = [
            panicked.downcast_ref::<String>().map(String::as_str),
            panicked.downcast_ref::<&str>().copied(),
        ];
        let text = texts.into_iter().flatten().next().unwrap_or("no text");
        format!("panic while they are tried out: {text}")
    })??;
    Ok(Mounted { nodes, entries })
}

fn build(services: impl FnOnce(&mut ServiceConfig)) -> Result<Vec<Node>, &'static str> {
    const PENDING: &str = "wait for something that does not come while they are tried out";
    // It answers by itself, in front of everything.
    let app = App::new()
        .configure(services)
        .wrap_fn(|request: ServiceRequest, _| {
            let nodes = nodes(request.request());
            let mut response = HttpResponse::NoContent().finish();
            if let Some(nodes) = nodes {
                response.extensions_mut().insert(nodes);
            }
            ready(Ok::<_, Error>(request.into_response(response)))
        });
    let app = app.into_factory().new_service(AppConfig::default());
    let app = app.now_or_never().ok_or(PENDING)?;
    let app = app.map_err(|()| "cannot be built by actix, which has logged why")?;
    let answered = app.call(actix_http::Request::new()).now_or_never();
    let answered = answered.ok_or(PENDING)?;
    let nodes = answered.ok().and_then(|mut response| {
        let mut extensions = response.response_mut().extensions_mut();
        extensions.remove::<Vec<Node>>()
    });
    nodes.ok_or("are told nothing of by actix")
}

/// What there is in the application that serves a request, in the order of paths.
pub(crate) fn nodes(request: &HttpRequest) -> Option<Vec<Node>> {
    let tree = request.app_data::<Data<IntrospectionTree>>()?;
    let mut nodes = Vec::new();
    collect(&tree.root, &mut nodes);
    Some(nodes)
}

fn collect(node: &IntrospectionNode, nodes: &mut Vec<Node>) {
    // What was never mounted, and is only on the way to what was, has no pattern.
    if !node.patterns.is_empty() {
        nodes.push(Node::of(node));
    }
    for child in &node.children {
        collect(child, nodes);
    }
}

impl Node {
    fn of(node: &IntrospectionNode) -> Self {
        let methods: BTreeSet<_> = node.methods.iter().map(Method::to_string).collect();
        let is_mark = |name: &String| name == MARK.trim();
        let chooses = |name: &String| !methods.contains(name) && !is_mark(name);
        let behind = |what: &&str| {
            let mut notes = node.reachability_notes.iter();
            notes.any(|note| note.strip_prefix("shadowed_by_") == Some(what))
        };
        let mut found = Self {
            path: node.full_path.clone(),
            is_resource: matches!(node.kind, ResourceType::Resource),
            patterns: node.patterns.clone(),
            is_guarded: node.guards.iter().any(chooses),
            behind: ["scope", "route"].into_iter().filter(behind).collect(),
            methods,
            ..Self::default()
        };
        for detail in node.guard_details.iter().flat_map(|guard| &guard.details) {
            match detail {
                GuardDetailReport::Generic { value } => {
                    let id = value.strip_prefix(MARK);
                    let id = id.and_then(|id| id.parse::<u64>().ok());
                    found.marks.extend(id);
                }
                GuardDetailReport::Headers { headers } => {
                    let pairs = headers.iter();
                    let pairs = pairs.map(|header| (header.name.clone(), header.value.clone()));
                    found.headers.extend(pairs);
                }
                _ => {}
            }
        }
        found
    }
}
