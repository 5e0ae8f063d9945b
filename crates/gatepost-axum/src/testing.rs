//! What a service's own tests assert about its routes (feature `testing`).

mod known;
mod probe;

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::fmt::Debug;

use axum::body::HttpBody;
use axum::extract::Request;
use axum::response::Response;
use gatepost::{Inventory, InventoryRoute, RequirementRecord, RouteAccess};
use gatepost_enforce::Met;
use tower_service::Service;

use crate::path::{Piece, pieces};
use known::Known;
use probe::{Came, Seen, ask};

pub use gatepost_enforce::testing::*;

/// Asserts that everything in an app is decided, and as its inventory says.
///
/// Each path that the app's router knows, each of the inventory, and some that there are not are asked with
/// every method by a probe: whatever a requirement or a public route answers for says so, and neither decides
/// nor runs a handler. What is left is nobody's, and is told with its method and path:
///
/// - a route, a fallback or a layer that answers, though nothing decided;
/// - a service that was mounted as a whole, into which nobody can see: a router is [nested](axum::Router::nest);
/// - a requirement that is not the inventory's, or one that is not in it;
/// - a route of the inventory to which no request comes.
///
/// A handler that nothing decides does run. What answers for every route by itself is left out of the app that
/// is asked, or goes around it: CORS, an authentication that answers 401 on its own.
///
/// ```
/// use axum::Router;
/// use axum::routing::get;
/// use gatepost_axum::testing::assert_decided;
/// use gatepost_axum::{Gate, Gated, Org, PolicyText, Requirement};
/// # use gatepost_axum::{SourceError, Subject};
/// # fn who(_: &axum::http::request::Parts) -> Result<Option<Subject>, SourceError> { Ok(None) }
///
/// const LIST_CHATS: Requirement = Requirement::new("chat", "read").org(Org::path("org"));
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let policy = PolicyText::toml("version = 1\n[resources]\nchat = [\"read\"]\n");
/// let gated = Gated::new(Gate::fixed(policy.compile(1)?), who)
///     .get("/orgs/{org}/chats", LIST_CHATS, async || "chats")
///     .public("/healthz", get(async || "ok"), "probes have no identity");
/// let inventory = gated.routes();
/// let app: Router = gated.into_router()?;
/// assert_decided(app.clone(), &inventory).await;
///
/// let forgotten = app.route("/metrics", get(async || "0"));
/// let found = tokio::spawn(async move { assert_decided(forgotten, &inventory).await });
/// assert!(found.await.is_err());
/// # Ok(())
/// # }
/// ```
///
/// # Panics
///
/// With everything that is not so, in one message. And where the app does not show a router: it is read out of
/// the [`Debug`] form, and what cannot be read is never taken for right.
pub async fn assert_decided<A, B>(app: A, inventory: &Inventory)
where
    A: Service<Request, Response = Response<B>, Error = Infallible>
        + Clone
        + Debug
        + Send
        + 'static,
    A::Future: Send,
    B: HttpBody + Send + 'static,
{
    let findings = match Known::of(&app) {
        Ok(known) => {
            let paths = asked(&known, inventory);
            findings(&known, inventory, &ask(&app, &paths).await)
        }
        Err(why) => vec![format!("the routes of the app cannot be read: {why}")],
    };
    assert!(
        findings.is_empty(),
        "not everything in the app is decided as its inventory says:\n{}",
        findings.join("\n")
    );
}

/// What is wrong, by what came of each question.
fn findings(known: &Known, inventory: &Inventory, seen: &[Seen]) -> Vec<String> {
    let mut findings = BTreeSet::new();
    for seen in seen {
        let wrong = match &seen.came {
            Came::ToNothing => None,
            Came::ToWhatIsUndecided(what) => Some(what.clone()),
            Came::To(met) => not_told(seen, *met, inventory),
        };
        findings.extend(wrong.map(|wrong| (seen.shown(), wrong)));
    }
    for route in inventory.routes() {
        let is_it = |seen: &&Seen| of(seen.method, &route.method) && is_of(&seen.path, &route.path);
        let mut came = seen.iter().filter(is_it);
        if !came.any(|seen| matches!(&seen.came, Came::To(met) if is_as(*met, &route.access))) {
            let wrong = "is in the inventory, and no request comes to it as it is there";
            findings.insert((format!("{} {}", route.method, route.path), wrong.to_owned()));
        }
    }
    for path in &known.paths {
        let is_it = |seen: &&Seen| is_of(&seen.path, path);
        let mut came = seen.iter().filter(is_it);
        if came.all(|seen| matches!(seen.came, Came::ToNothing)) {
            let wrong = "is a service of its own, into which nobody can see: what it has is decided by nothing";
            findings.insert((format!("* {path}"), wrong.to_owned()));
        }
    }
    let findings = findings.into_iter();
    findings
        .map(|(route, wrong)| format!("  `{route}` {wrong}"))
        .collect()
}

/// What the inventory lacks of what a request came to.
fn not_told(seen: &Seen, met: Met, inventory: &Inventory) -> Option<String> {
    let is_here =
        |route: &&InventoryRoute| of(seen.method, &route.method) && is_of(&seen.path, &route.path);
    let mut here = inventory.routes().iter().filter(is_here).peekable();
    let is_in_it = here.peek().is_some();
    if here.any(|route| is_as(met, &route.access)) {
        return None;
    }
    let what = match met {
        Met::Required(requirement) => format!("requires `{requirement}`"),
        Met::Public => "is public".to_owned(),
    };
    Some(if is_in_it {
        format!("{what}, and is something else in the inventory")
    } else {
        format!("{what}, and is not in the inventory")
    })
}

/// Whether a method is that of a route.
fn of(method: &str, of_route: &str) -> bool {
    of_route == "*" || method == of_route || (method, of_route) == ("HEAD", "GET")
}

fn is_as(met: Met, access: &RouteAccess) -> bool {
    match (met, access) {
        (Met::Public, RouteAccess::Public(_)) => true,
        (Met::Required(met), RouteAccess::Requires(told)) => RequirementRecord::of(met) == *told,
        (Met::Public, RouteAccess::Requires(_)) | (Met::Required(_), RouteAccess::Public(_)) => {
            false
        }
    }
}

/// Every path that is asked: one of each route and of each fallback. The router has a fallback everywhere, so
/// there are paths among them that there are not.
fn asked(known: &Known, inventory: &Inventory) -> BTreeSet<String> {
    let told = inventory.routes().iter().map(|route| &route.path);
    let routes = (known.paths.iter()).chain(&known.fallbacks).chain(told);
    routes.map(|path| filled(path)).collect()
}

/// A segment that no route has.
const NOBODYS: &str = "gatepost-probe";

/// A path with something in the place of each parameter.
fn filled(path: &str) -> String {
    let pieces = pieces(path).map(|piece| match piece {
        Piece::Literal(literal) => literal,
        // axum takes no parameter beside what takes all that follows: one segment is enough of it.
        Piece::Param(_) | Piece::Rest(_) => NOBODYS,
    });
    pieces.collect()
}

/// Whether a path is one of a route's.
fn is_of(path: &str, route: &str) -> bool {
    let mut left = path;
    for piece in pieces(route) {
        let behind = match piece {
            Piece::Literal(literal) => left.strip_prefix(literal),
            Piece::Param(_) => {
                let end = left.find('/').unwrap_or(left.len());
                left.get(end..).filter(|_| end > 0)
            }
            Piece::Rest(_) => (!left.is_empty()).then_some(""),
        };
        match behind {
            Some(behind) => left = behind,
            None => return false,
        }
    }
    left.is_empty()
}
