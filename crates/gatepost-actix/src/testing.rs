//! For the tests of a service: that nothing of it is served undecided.

mod ask;

use std::collections::BTreeSet;
use std::fmt::Write;

use actix_http::Request;
use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::StatusCode;
use gatepost::{Inventory, InventoryRoute, RequirementRecord, RouteAccess};
use gatepost_enforce::Met;

use crate::fill;
use crate::introspect::Node;
use ask::{Asked, METHODS};
pub use gatepost_enforce::testing::{assert_matrix, assert_routes};

/// Asserts that the application decides whatever it answers, and by what the inventory says.
///
/// It asks every path that actix knows of the application, by every method and by one that there is not, and
/// some paths that there are not. Where a route has a requirement or says why it is public, it answers such a
/// request at once, and its handler does not run. **Every other handler runs**, in each of the methods: so
/// this is nothing for an application that is connected to anything.
///
/// ```
/// use actix_web::{App, test};
/// use gatepost_actix::testing::assert_decided;
/// # use gatepost_actix::{Gate, Gated, Org, Permit, PolicyText, Requirement, SourceError, Subject};
/// # async fn list(permit: Permit) -> String { permit.subject().to_string() }
/// # fn who(_: &actix_web::HttpRequest) -> Result<Option<Subject>, SourceError> { Ok(None) }
/// # const LIST: Requirement = Requirement::new("chat", "read").org(Org::path("org"));
///
/// # #[actix_web::main]
/// # async fn main() -> Result<(), gatepost_actix::SetupError> {
/// # let policy = PolicyText::toml("version = 1\n[resources]\nchat = [\"read\"]\n");
/// # let gated = Gated::new(Gate::fixed(policy.compile(1).unwrap()), who);
/// let routes = gated.routes(|app, gate| {
///     app.service(gate.resource("/orgs/{org}/chats").get(LIST, list));
/// })?;
/// let app = test::init_service(App::new().configure(&*routes)).await;
/// assert_decided(&app, routes.inventory()).await;
/// assert_eq!(routes.inventory().routes().len(), 1);
/// # Ok(())
/// # }
/// ```
///
/// What it does not find is what a guard lets through that asks for more than a method and headers, what a
/// handler does after it was decided, and what is plain beside a gated route within a scope that is gated or
/// public: the scope answers before it.
///
/// # Panics
///
/// With everything that it found; and where actix does not tell the routes.
pub async fn assert_decided<S, B>(app: &S, inventory: &Inventory)
where
    S: Service<Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    assert_decided_with(app, inventory, &[]).await;
}

/// [`assert_decided`], with values for path parameters for which none is found that their pattern takes.
///
/// # Panics
///
/// As [`assert_decided`].
#[allow(clippy::panic, reason = "an assertion of tests")]
pub async fn assert_decided_with<S, B>(app: &S, inventory: &Inventory, params: &[(&str, &str)])
where
    S: Service<Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    let Some(nodes) = ask::nodes(app).await else {
        panic!("actix does not tell the routes of the application, and nothing is known of it");
    };
    let mut failures = Vec::new();
    let mut reached = BTreeSet::new();
    for node in nodes.iter().filter(|node| node.is_resource) {
        let Some(path) = fill::path(&node.path, params) else {
            failures.push(format!(
                "`{}` has a parameter for which no value is known: `assert_decided_with`",
                node.path
            ));
            continue;
        };
        for method in METHODS {
            let expected = of(inventory, method, &node.path);
            for headers in ask::headers(node) {
                let asked = ask::ask(app, method, &path, &headers).await;
                if asked.met.is_some() || asked.is_around {
                    reached.insert((*method, &*node.path));
                }
                if let Some(failure) = failure(&asked, node, method, &expected) {
                    failures.push(format!("`{method} {}` {failure}", node.path));
                }
            }
        }
    }
    for path in absent(&nodes, params) {
        for method in METHODS {
            let asked = ask::ask(app, method, &path, &[]).await;
            if asked.met.is_none() && !asked.is_absent {
                failures.push(format!(
                    "`{method} {path}`, which is no route, is answered {} undecided",
                    asked.status
                ));
            }
        }
    }
    let is_guarded = |path: &str| nodes.iter().any(|node| node.path == path && node.is_chosen);
    for route in inventory.routes() {
        let method = if route.method == "*" {
            "GET"
        } else {
            &route.method
        };
        let is_reached = reached.contains(&(method, &*route.path));
        // One method is as good as another there; a guard of the service may ask for anything.
        let is_any = route.method == "*" && reached.iter().any(|(_, path)| *path == route.path);
        let is_known = METHODS.contains(&method);
        if !is_reached && !is_any && is_known && !is_guarded(&route.path) {
            failures.push(format!(
                "`{} {}` is in the inventory, and no request comes to it",
                route.method, route.path
            ));
        }
    }
    failures.dedup();
    if !failures.is_empty() {
        let mut told = String::from("not everything is decided as the inventory says:");
        for failure in failures {
            let _ = write!(told, "\n- {failure}");
        }
        panic!("{told}");
    }
}

/// What the inventory has of a method and path.
fn of<'i>(inventory: &'i Inventory, method: &str, path: &str) -> Vec<&'i InventoryRoute> {
    let routes = inventory.routes().iter();
    let is_it = |route: &&InventoryRoute| {
        let is_head = method == "HEAD" && route.method == "GET";
        route.path == path && (route.method == "*" || route.method == method || is_head)
    };
    routes.filter(is_it).collect()
}

/// What is wrong with the answer to a probe.
fn failure(
    asked: &Asked,
    node: &Node,
    method: &str,
    expected: &[&InventoryRoute],
) -> Option<String> {
    let Some(met) = asked.met else {
        let what = format!("is answered {} undecided", asked.status);
        return (!asked.is_absent || is_own(asked, node, method)).then_some(what);
    };
    if expected.is_empty() {
        // Another route of a broader path may answer what this one has no method for.
        let is_here = node.methods.iter().any(|own| own == method);
        return is_here.then(|| "is not in the inventory".to_owned());
    }
    // What is around routes says nothing of their own requirements, which are asked behind it.
    if asked.is_around || expected.iter().any(|route| met.is(&route.access)) {
        return None;
    }
    let expected: Vec<_> = expected.iter().map(|route| said(&route.access)).collect();
    Some(format!(
        "meets {}, and the inventory says {}",
        shown(met),
        expected.join(" or ")
    ))
}

/// Whether an empty 404 or 405 is that of something at the path, and not the framework's.
fn is_own(asked: &Asked, node: &Node, method: &str) -> bool {
    // The framework has a 405 where a resource has no such method, and its 404 where nothing took the path, or
    // a scope of which it is the own path.
    let is_in_scope = node.patterns.iter().any(String::is_empty);
    let is_taken = asked.is_taken && !is_in_scope && asked.status == StatusCode::NOT_FOUND;
    let is_there = node.methods.is_empty() || node.methods.contains(method);
    is_taken || (is_there && !node.is_chosen)
}

fn said(access: &RouteAccess) -> String {
    match access {
        RouteAccess::Requires(record) => format!("`{record}`"),
        RouteAccess::Public(_) => "public".to_owned(),
    }
}

fn shown(met: Met) -> String {
    match met {
        Met::Required(requirement) => format!("`{}`", RequirementRecord::of(requirement)),
        Met::Public => "a public route".to_owned(),
    }
}

/// Paths that are no routes: at the root, and in every scope and under every resource.
fn absent(nodes: &[Node], params: &[(&str, &str)]) -> BTreeSet<String> {
    let paths = nodes
        .iter()
        .filter_map(|node| fill::path(&node.path, params));
    let under = paths.map(|path| format!("{}/gatepost-is-not-here", path.trim_end_matches('/')));
    under
        .chain(["/".to_owned(), "/gatepost-is-not-here".to_owned()])
        .collect()
}
