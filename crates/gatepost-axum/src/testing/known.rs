//! The paths that a router knows, read out of its `Debug` form: axum tells them nowhere else.

use std::fmt::Debug;

use axum::Router;
use axum::routing::get;

/// The paths that a router knows.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Known {
    /// Those of routes, and of services that were mounted.
    pub(crate) paths: Vec<String>,
    /// Those below which a nested router has a fallback.
    pub(crate) fallbacks: Vec<String>,
}

const ROUTER: &str = "Router { path_router: PathRouter {";
const FALLBACKS: &str = "fallback_router: PathRouter {";
const PATHS: &str = "node: Node { paths: {";

impl Known {
    /// The paths of an app.
    ///
    /// # Errors
    ///
    /// Why they cannot be read: it shows no router, or not in the form that is known here.
    pub(crate) fn of(app: &impl Debug) -> Result<Self, String> {
        if read(&sample())? != sampled() {
            return Err("axum shows its routers in another form than is known here".to_owned());
        }
        read(app)
    }
}

/// A router of which it is known what it knows.
fn sample() -> Router {
    let nested = Router::new().route("/{b}", get(async || {}));
    let nested = nested.fallback(async || {});
    Router::new()
        .route("/\"a\"", get(async || {}))
        .nest("/n", nested)
        .nest_service("/s", get(async || {}))
}

fn sampled() -> Known {
    let owned = |paths: &[&str]| paths.iter().map(|path| (*path).to_owned()).collect();
    Known {
        paths: owned(&[
            "/\"a\"",
            "/n/{b}",
            "/s",
            "/s/",
            "/s/{*__private__axum_nest_tail_param}",
        ]),
        fallbacks: owned(&[
            "/",
            "/n",
            "/n/{*__private__axum_fallback}",
            "/{*__private__axum_fallback}",
        ]),
    }
}

fn read(app: &impl Debug) -> Result<Known, String> {
    let shown = format!("{app:?}");
    let mut known = Known::default();
    let mut rest = &*shown;
    let mut routers = 0;
    while let Some((_, router)) = rest.split_once(ROUTER) {
        routers += 1;
        let unreadable = || "a router is not shown as axum shows it".to_owned();
        let (_, paths) = router.split_once(PATHS).ok_or_else(unreadable)?;
        let behind = read_paths(paths, &mut known.paths).ok_or_else(unreadable)?;
        let (_, fallbacks) = behind.split_once(FALLBACKS).ok_or_else(unreadable)?;
        let (_, paths) = fallbacks.split_once(PATHS).ok_or_else(unreadable)?;
        rest = read_paths(paths, &mut known.fallbacks).ok_or_else(unreadable)?;
    }
    if routers == 0 {
        return Err("there is no router in its `Debug` form".to_owned());
    }
    known.paths.sort();
    known.fallbacks.sort();
    Ok(known)
}

/// Reads `RouteId(1): "/a", RouteId(2): "/b"}` and gives what is behind it.
fn read_paths<'s>(shown: &'s str, paths: &mut Vec<String>) -> Option<&'s str> {
    let mut rest = shown;
    loop {
        if let Some(behind) = rest.strip_prefix('}') {
            return Some(behind);
        }
        rest = rest.strip_prefix(", ").unwrap_or(rest);
        let (_, quoted) = rest.strip_prefix("RouteId(")?.split_once("): \"")?;
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
        paths.push(path);
        rest = chars.as_str();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
