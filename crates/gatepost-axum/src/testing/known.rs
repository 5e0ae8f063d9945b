//! What a router knows, read out of its `Debug` form: axum tells it nowhere else.

use std::collections::HashMap;
use std::fmt::Debug;

use axum::Router;
use axum::routing::get;

use crate::path::{Piece, pieces};

/// What a router knows.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Known {
    /// The paths of routes, and of services that were mounted.
    pub(crate) paths: Vec<KnownPath>,
    /// The paths that a fallback answers for: axum's, or that of a nested router.
    pub(crate) fallbacks: Vec<String>,
    /// Those of them where it is not axum's.
    pub(crate) own_fallbacks: Vec<String>,
}

/// A path that a router knows, and what answers there.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct KnownPath {
    pub(crate) path: String,
    pub(crate) answers: Answers,
}

/// What answers on a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Answers {
    /// Handlers of these methods.
    Methods(Vec<String>),
    /// Something for every method: handlers, and a fallback that is not axum's.
    Every,
    /// A service, into which nobody can see.
    Service,
}

const ROUTER: &str = "Router { path_router: PathRouter {";
const FALLBACKS: &str = "fallback_router: PathRouter {";
const PATHS: &str = "node: Node { paths: {";
const ROUTE: &str = "RouteId(";
/// Whether the fallback for what there is not is axum's.
const DEFAULT: &str = "default_fallback: ";
/// The fallbacks of the outermost router, whether its own or axum's.
const OUTERMOST: [&str; 2] = ["/", "/{*__private__axum_fallback}"];

impl Known {
    /// What the router of an app knows.
    ///
    /// # Errors
    ///
    /// Why it cannot be read: the app shows no router, or not in the form that is known here.
    pub(crate) fn of(app: &impl Debug) -> Result<Self, String> {
        if read(&sample())? != sampled() || read(&sample().fallback(async || {}))? != answering() {
            return Err("axum shows its routers in another form than is known here".to_owned());
        }
        read(app)
    }

    /// The one of its paths at which a request arrives.
    pub(crate) fn at(&self, path: &str) -> Option<&KnownPath> {
        let here = self.paths.iter().filter(|known| is_of(path, &known.path));
        here.min_by_key(|known| rank(&known.path))
    }

    /// Whether a fallback that is not axum's answers for a path that the router has not.
    pub(crate) fn has_own_fallback(&self, path: &str) -> bool {
        let mut fallbacks = self.own_fallbacks.iter();
        fallbacks.any(|fallback| is_of(path, fallback))
    }
}

impl Answers {
    /// Whether it is shown that something answers for a method.
    pub(crate) fn is_for(&self, method: &str) -> bool {
        match self {
            Self::Methods(methods) => {
                let mut methods = methods.iter();
                methods.any(|one| one == method || (method == "HEAD" && one == "GET"))
            }
            Self::Every => true,
            Self::Service => false,
        }
    }
}

/// What of a path is the same for each request comes before a parameter, and that before all that follows: of
/// the paths that a request is of, axum takes the first by this.
fn rank(path: &str) -> Vec<u8> {
    let ranks = pieces(path).flat_map(|piece| match piece {
        Piece::Literal(literal) => vec![0; literal.len()],
        Piece::Param(_) => vec![1],
        Piece::Rest(_) => vec![2],
    });
    ranks.collect()
}

/// Whether a path is one of a route's.
pub(crate) fn is_of(path: &str, route: &str) -> bool {
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

/// A router of which it is known what it knows.
fn sample() -> Router {
    let nested = Router::new().route("/{b}", get(async || {}).delete(async || {}));
    let nested = nested.fallback(async || {});
    Router::new()
        .route("/\"a\"", get(async || {}).fallback(async || {}))
        .nest("/n", nested)
        .nest_service("/s", get(async || {}))
}

fn sampled() -> Known {
    let owned = |paths: &[&str]| paths.iter().map(|path| (*path).to_owned()).collect();
    let known = |path: &str, answers| KnownPath {
        path: path.to_owned(),
        answers,
    };
    Known {
        paths: vec![
            known("/\"a\"", Answers::Every),
            known("/n/{b}", Answers::Methods(owned(&["GET", "DELETE"]))),
            known("/s", Answers::Service),
            known("/s/", Answers::Service),
            known("/s/{*__private__axum_nest_tail_param}", Answers::Service),
        ],
        fallbacks: owned(&[
            "/",
            "/n",
            "/n/{*__private__axum_fallback}",
            "/{*__private__axum_fallback}",
        ]),
        own_fallbacks: owned(&["/n", "/n/{*__private__axum_fallback}"]),
    }
}

/// The same with a fallback.
fn answering() -> Known {
    let known = sampled();
    Known {
        own_fallbacks: known.fallbacks.clone(),
        ..known
    }
}

fn read(app: &impl Debug) -> Result<Known, String> {
    let shown = format!("{app:?}");
    let unreadable = || "a router is not shown as axum shows it".to_owned();
    let mut known = Known::default();
    let mut rest = &*shown;
    let mut routers = 0;
    while let Some((_, router)) = rest.split_once(ROUTER) {
        routers += 1;
        rest = read_router(router, &mut known).ok_or_else(unreadable)?;
    }
    if routers == 0 {
        return Err("there is no router in its `Debug` form".to_owned());
    }
    known.paths.sort();
    known.fallbacks.sort();
    known.own_fallbacks.sort();
    Ok(known)
}

/// Reads one router and gives what is behind it.
fn read_router<'s>(shown: &'s str, known: &mut Known) -> Option<&'s str> {
    let (routes, paths) = shown.split_once(PATHS)?;
    let routes = read_routes(routes)?;
    let (paths, behind) = read_paths(paths)?;
    for (id, path) in paths {
        let answers = routes.get(id)?.clone();
        known.paths.push(KnownPath { path, answers });
    }
    let (_, fallbacks) = behind.split_once(FALLBACKS)?;
    let (_, fallbacks) = fallbacks.split_once(PATHS)?;
    let (fallbacks, behind) = read_paths(fallbacks)?;
    let (_, is_default) = behind.split_once(DEFAULT)?;
    let is_default = match is_default {
        is if is.starts_with("true,") => true,
        is if is.starts_with("false,") => false,
        _ => return None,
    };
    for (_, path) in fallbacks {
        // A nested router that has none of its own is not among them.
        if !(is_default && OUTERMOST.contains(&&*path)) {
            known.own_fallbacks.push(path.clone());
        }
        known.fallbacks.push(path);
    }
    Some(behind)
}

/// Reads ` routes: {RouteId(1): Route(Route), RouteId(2): MethodRouter(MethodRouter { get: BoxedHandler, ..`.
fn read_routes(shown: &str) -> Option<HashMap<&str, Answers>> {
    let (_, routes) = shown.split_once("routes: {")?;
    let mut answers = HashMap::new();
    for route in routes.split(ROUTE).skip(1) {
        let (id, what) = route.split_once("): ")?;
        answers.insert(id, read_answers(what)?);
    }
    Some(answers)
}

fn read_answers(shown: &str) -> Option<Answers> {
    if shown.starts_with("Route(Route)") {
        return Some(Answers::Service);
    }
    let handlers = shown.strip_prefix("MethodRouter(MethodRouter { ")?;
    let (handlers, fallback) = handlers.split_once(", fallback: ")?;
    if !fallback.starts_with("Default(") {
        return Some(Answers::Every);
    }
    let mut methods = Vec::new();
    for handler in handlers.split(", ") {
        let (method, handler) = handler.split_once(": ")?;
        if handler != "None" {
            methods.push(method.to_uppercase());
        }
    }
    Some(Answers::Methods(methods))
}

/// Reads `RouteId(1): "/a", RouteId(2): "/b"}` and gives what is behind it.
fn read_paths(shown: &str) -> Option<(Vec<(&str, String)>, &str)> {
    let mut paths = Vec::new();
    let mut rest = shown;
    loop {
        if let Some(behind) = rest.strip_prefix('}') {
            return Some((paths, behind));
        }
        rest = rest.strip_prefix(", ").unwrap_or(rest);
        let (id, quoted) = rest.strip_prefix(ROUTE)?.split_once("): \"")?;
        let mut path = String::new();
        let mut chars = quoted.chars();
        loop {
            path.push(match chars.next()? {
                '"' => break,
                // Of what is written in another way no path can be asked for.
                '\\' => chars
                    .next()
                    .filter(|escaped| matches!(escaped, '"' | '\\' | '\''))?,
                plain => plain,
            });
        }
        paths.push((id, path));
        rest = chars.as_str();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_arrives_where_axum_takes_it() {
        let router = ["/w/{*rest}", "/{a}", "/{a}/b", "/x/{c}", "/x/y"];
        let router = router
            .into_iter()
            .fold(Router::<()>::new(), |router, path| {
                router.route(path, get(async || {}))
            });
        let known = Known::of(&router).unwrap();
        for (asked, path) in [
            ("/x", Some("/{a}")),
            ("/x/y", Some("/x/y")),
            ("/x/b", Some("/x/{c}")),
            ("/z/b", Some("/{a}/b")),
            ("/w/y/z", Some("/w/{*rest}")),
            ("/", None),
        ] {
            assert_eq!(known.at(asked).map(|known| &*known.path), path, "{asked}");
        }
    }

    #[test]
    fn the_paths_of_an_app_are_read_and_nothing_else_is_taken_for_one() {
        let app = crate::only_decided(sample());
        assert_eq!(Known::of(&app).unwrap(), sampled());
        let two = (sample(), sample());
        assert_eq!(Known::of(&two).unwrap().paths.len(), 10);
        for app in [
            "",
            "Router",
            "Router { path_router: PathRouter {",
            "Node { paths: {} }",
        ] {
            assert!(Known::of(&format_args!("{app}")).is_err(), "{app}");
        }
    }
}
