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
use crate::fill;

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
    /// The names of the guards that are here, in the order in which they were mounted.
    pub(crate) guards: Vec<String>,
    /// Whether there are guards that ask for more than a method.
    pub(crate) is_guarded: bool,
    /// Whether there are such, or at a scope on the way here.
    pub(crate) is_chosen: bool,
    /// Paths that the pattern takes, and the pattern of the first resource that takes them, whatever guards say;
    /// none where a scope takes them that has no such resource. In a trial alone.
    pub(crate) first: Vec<(String, Option<String>)>,
    /// The headers that those guards ask for.
    pub(crate) headers: Vec<(String, String)>,
    /// What of the same path answers first, where actix sees that: `scope`, `route`.
    pub(crate) behind: Vec<&'static str>,
}

const MARK: &str = "gatepost ";

/// What is mounted, by its id, and its place in the order of mounting: a scope follows what is in it.
pub(crate) type Entries = BTreeMap<u64, (usize, Arc<Entry>)>;

thread_local! {
    /// The entries that are mounted in the trial of this thread.
    static MOUNTED: RefCell<Option<Entries>> = const { RefCell::new(None) };
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

/// The name of the guard of a gated scope.
pub(crate) fn scope_mark(id: u64) -> String {
    format!("{MARK}{id}")
}

/// Whether a guard of this name is that of a gated scope.
pub(crate) fn is_scope_mark(name: &str) -> bool {
    name.starts_with(MARK)
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
        let id = self.entries.first().map_or(0, |entry| entry.id);
        method.map_or_else(|| scope_mark(id), Method::to_string)
    }

    fn details(&self) -> Option<Vec<GuardDetail>> {
        MOUNTED.with_borrow_mut(|mounted| {
            if let Some(mounted) = mounted {
                for entry in &self.entries {
                    let place = mounted.len();
                    mounted.entry(entry.id).or_insert((place, entry.clone()));
                }
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
    pub(crate) entries: Entries,
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
            let nodes = nodes.map(|nodes| routed(nodes, request.request()));
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

/// Asks the map of the resources what takes the paths of what is there.
fn routed(mut nodes: Vec<Node>, request: &HttpRequest) -> Vec<Node> {
    let paths: Vec<_> = nodes.iter().map(|node| node.path.clone()).collect();
    let words = paths.iter().flat_map(|path| path.split('/')).collect();
    for node in &mut nodes {
        let filled = fill::paths(&node.path, &words).into_iter();
        node.first = filled
            .map(|path| {
                let first = request.resource_map().match_pattern(&path);
                (path, first)
            })
            .collect();
    }
    nodes
}

/// What there is in the application that serves a request, in the order of paths.
pub(crate) fn nodes(request: &HttpRequest) -> Option<Vec<Node>> {
    let tree = request.app_data::<Data<IntrospectionTree>>()?;
    let mut nodes = Vec::new();
    // A scope without a path is on the way to everything, and has the node of the root.
    let root = tree.root.children.iter().find(|node| node.full_path == "/");
    let root = root.map(Node::of).filter(Node::is_way);
    collect(&tree.root, root.as_ref(), &mut nodes);
    Some(nodes)
}

fn collect(node: &IntrospectionNode, way: Option<&Node>, nodes: &mut Vec<Node>) {
    let mut own = Node::of(node);
    if let Some(way) = way {
        own.is_chosen |= way.is_chosen;
        own.headers.extend(way.headers.iter().cloned());
    }
    for child in &node.children {
        collect(child, if own.is_way() { Some(&own) } else { way }, nodes);
    }
    // What was never mounted, and is only on the way to what was, has no pattern.
    if !node.patterns.is_empty() {
        nodes.push(own);
    }
}

impl Node {
    /// Whether there may be a scope: one that has a resource at its own path calls that nothing there.
    fn is_way(&self) -> bool {
        !self.is_resource || self.patterns.iter().any(String::is_empty)
    }

    fn of(node: &IntrospectionNode) -> Self {
        let methods: BTreeSet<_> = node.methods.iter().map(Method::to_string).collect();
        let chooses = |name: &String| !methods.contains(name) && !is_scope_mark(name);
        let is_guarded = node.guards.iter().any(chooses);
        let behind = |what: &&str| {
            let mut notes = node.reachability_notes.iter();
            notes.any(|note| note.strip_prefix("shadowed_by_") == Some(what))
        };
        let mut found = Self {
            path: node.full_path.clone(),
            is_resource: matches!(node.kind, ResourceType::Resource),
            patterns: node.patterns.clone(),
            guards: node.guards.clone(),
            is_guarded,
            is_chosen: is_guarded,
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

#[cfg(test)]
mod tests {
    use actix_web::web::{get, post, resource, scope};

    use super::*;

    async fn handler() -> &'static str {
        "ran"
    }

    /// What actix says of what stands behind what, path by path.
    fn behind(services: impl FnOnce(&mut ServiceConfig)) -> Vec<(String, Vec<&'static str>)> {
        let nodes = mount(services).unwrap().nodes.into_iter();
        let behind = nodes.filter(|node| !node.behind.is_empty());
        behind.map(|node| (node.path, node.behind)).collect()
    }

    #[test]
    fn actix_tells_what_stands_behind_another_of_the_same_path_in_the_words_that_are_read_here() {
        let routes = behind(|app| {
            app.route("/x", get().to(handler))
                .route("/x", get().to(handler));
        });
        assert_eq!(routes, [("/x".to_owned(), vec!["route"])]);
        let methods = behind(|app| {
            app.service(
                resource("/x")
                    .route(get().to(handler))
                    .route(post().to(handler)),
            );
        });
        assert_eq!(methods, []);
        let scopes = behind(|app| {
            app.service(scope("/a").route("/x", get().to(handler)))
                .service(scope("/a").route("/y", get().to(handler)));
        });
        assert!(
            scopes.contains(&("/a/y".to_owned(), vec!["scope"])),
            "{scopes:?}"
        );
    }

    #[test]
    fn the_map_of_the_resources_tells_what_takes_a_path_first() {
        let setup = |app: &mut ServiceConfig| {
            app.service(
                scope("/a")
                    .route("/{any}", get().to(handler))
                    .route("/x", get().to(handler)),
            );
        };
        let app = App::new()
            .configure(setup)
            .wrap_fn(|request: ServiceRequest, _| {
                let map = request.resource_map();
                assert_eq!(map.match_pattern("/a/x").as_deref(), Some("/a/{any}"));
                assert_eq!(map.match_pattern("/a/x/y"), None);
                ready(Ok::<_, Error>(
                    request.into_response(HttpResponse::NoContent().finish()),
                ))
            });
        let app = app.into_factory().new_service(AppConfig::default());
        let app = app.now_or_never().unwrap().unwrap();
        let answered = app.call(actix_http::Request::new()).now_or_never();
        assert!(answered.unwrap().is_ok());
    }
}
