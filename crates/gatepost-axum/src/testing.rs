//! What a service's own tests assert about its routes (feature `testing`).

mod known;
mod probe;

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::fmt::Debug;

use axum::body::HttpBody;
use axum::extract::Request;
use axum::response::Response;
use gatepost::{Inventory, InventoryRoute};
use gatepost_enforce::Met;
use http::StatusCode;
use tower_service::Service;

use crate::path::{Piece, pieces};
use known::{Answers, Known, is_of};
use probe::{Came, Seen, answered_undecided, ask};

pub use gatepost_enforce::testing::*;

/// Asserts that everything in an app is decided, and as its inventory says.
///
/// Each path that the app's router knows, each of the inventory, and some that there are not are asked with
/// every method by a probe: whatever a requirement or a public route answers for says so, and neither decides
/// nor runs a handler. What is left is nobody's, and is told with its method and path:
///
/// - a route, a fallback or a layer that answers, though nothing decided; of a handler and of a fallback that the
///   router shows, whatever it answers, and though it is a 404 or 405 that looks like axum's own;
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
            Came::ToNothing(status) if may_be_axums(seen, *status, known) => None,
            Came::ToNothing(status) => Some(answered_undecided(*status)),
            Came::ToWhatIsUndecided(what) => Some(what.clone()),
            Came::To(met) => not_told(seen, *met, inventory),
        };
        findings.extend(wrong.map(|wrong| (seen.shown(), wrong)));
    }
    for route in inventory.routes() {
        let is_it = |seen: &&Seen| of(seen.method, &route.method) && is_of(&seen.path, &route.path);
        let mut came = seen.iter().filter(is_it);
        if !came.any(|seen| matches!(&seen.came, Came::To(met) if met.is(&route.access))) {
            let wrong = "is in the inventory, and no request comes to it as it is there";
            findings.insert((format!("{} {}", route.method, route.path), wrong.to_owned()));
        }
    }
    for service in known
        .paths
        .iter()
        .filter(|path| path.answers == Answers::Service)
    {
        let is_here = |seen: &&Seen| known.at(&seen.path) == Some(service);
        let here: Vec<_> = seen.iter().filter(is_here).collect();
        let is_closed = here
            .iter()
            .all(|seen| matches!(seen.came, Came::ToNothing(_)));
        let is_404 = |seen: &Seen| matches!(seen.came, Came::ToNothing(StatusCode::NOT_FOUND));
        if is_closed || here.iter().any(|seen| is_404(seen)) {
            let wrong = "is a service of its own, into which nobody can see: what it has is decided by nothing";
            findings.insert((format!("* {}", service.path), wrong.to_owned()));
        }
    }
    let findings = findings.into_iter();
    findings
        .map(|(route, wrong)| format!("  `{route}` {wrong}"))
        .collect()
}

/// Whether an empty answer is one of axum's own: 405 where the router has the path and nothing for the method,
/// 404 where it has not the path and no fallback. A handler that is there may say the same, and is no router.
fn may_be_axums(seen: &Seen, status: StatusCode, known: &Known) -> bool {
    match known.at(&seen.path).map(|known| &known.answers) {
        // Told of as a whole.
        Some(Answers::Service) => true,
        Some(here) => status == StatusCode::METHOD_NOT_ALLOWED && !here.is_for(seen.method),
        None => status == StatusCode::NOT_FOUND && !known.has_own_fallback(&seen.path),
    }
}

/// What the inventory lacks of what a request came to.
fn not_told(seen: &Seen, met: Met, inventory: &Inventory) -> Option<String> {
    let is_here =
        |route: &&InventoryRoute| of(seen.method, &route.method) && is_of(&seen.path, &route.path);
    let mut here = inventory.routes().iter().filter(is_here).peekable();
    let is_in_it = here.peek().is_some();
    if here.any(|route| met.is(&route.access)) {
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

/// Every path that is asked: of each route and of each fallback. The router has a fallback everywhere, so there
/// are paths among them that there are not.
fn asked(known: &Known, inventory: &Inventory) -> BTreeSet<String> {
    let told = inventory.routes().iter().map(|route| &route.path);
    let routes = known.paths.iter().map(|known| &known.path);
    let routes: Vec<_> = routes.chain(&known.fallbacks).chain(told).collect();
    let slashes = routes.iter().map(|path| path.matches('/').count());
    let deepest = slashes.max().unwrap_or(0) + 1;
    let asked = routes.iter().map(|path| {
        let asked = filled(path, 1);
        match known.at(&asked) {
            // What takes all that follows is asked for so much of it as no other path takes.
            Some(other) if other.path != **path => filled(path, deepest),
            _ => asked,
        }
    });
    asked.collect()
}

/// A segment that no route has.
const NOBODYS: &str = "gatepost-probe";

/// A path with something in the place of each parameter, and with so many segments where it takes all that follows.
fn filled(path: &str, segments: usize) -> String {
    let pieces = pieces(path).map(|piece| match piece {
        Piece::Literal(literal) => literal.to_owned(),
        Piece::Param(_) => NOBODYS.to_owned(),
        Piece::Rest(_) => vec![NOBODYS; segments].join("/"),
    });
    pieces.collect()
}
