//! What start-up refuses, and the router that comes of what it does not.

use std::any::Any;
use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use axum::Router;
use axum::routing::MethodRouter;
use gatepost_enforce::{Registered, SetupError, SetupProblem, audit, twice};
use gatepost_tower::Enforcer;

use crate::capabilities::Asking;
use crate::mounted::{Mounted, What};
use crate::path::params;
use crate::public::{public, public_methods};

/// Puts routes on a router, each behind the enforcer of its group, unless there is something wrong with any.
pub(crate) fn router<S>(
    enforcers: Vec<Enforcer>,
    mounted: Vec<Mounted<S>>,
) -> Result<Router<S>, SetupError>
where
    S: Clone + Send + Sync + 'static,
{
    let all = mounted.iter().flat_map(|route| route.registered.clone());
    let all: Vec<_> = all.collect();
    let groups = groups(enforcers, &mounted);
    let mut problems = Vec::new();
    if all.is_empty() {
        problems.push(SetupProblem::no_route());
    }
    problems.extend(twice(&all));
    problems.extend(audit(groups.iter().flat_map(|(enforcer, routes)| {
        routes.iter().map(|route| (route, enforcer.shared()))
    })));
    let mut seen = HashSet::new();
    let mut router = Router::new();
    for route in mounted {
        let registered = &route.registered;
        let wrong: Vec<_> = registered.iter().filter_map(unservable).collect();
        let places = registered.iter();
        let places = places.map(|route| seen.insert((route.method.clone(), route.path.clone())));
        let is_new = places.fold(true, |all, is_new| all & is_new);
        if wrong.is_empty() && is_new {
            // What was built so far is of no use once there is a problem.
            match served(route, &groups, std::mem::take(&mut router)) {
                Ok(served) => router = served,
                Err(problem) => problems.extend(problem),
            }
        }
        problems.extend(wrong);
    }
    // In the order of registration, whoever has found them.
    let shown: Vec<_> = all.iter().map(Registered::shown).collect();
    problems.sort_by_key(|problem| shown.iter().position(|route| *route == problem.route));
    SetupError::unless_none(problems)?;
    Ok(router)
}

/// The enforcers, each with what was registered with it.
fn groups<S>(enforcers: Vec<Enforcer>, mounted: &[Mounted<S>]) -> Vec<(Enforcer, Vec<Registered>)> {
    let groups = enforcers.into_iter().enumerate();
    let groups = groups.map(|(group, enforcer)| {
        let own = mounted.iter().filter(|route| route.group == group);
        let routes = own.flat_map(|route| &route.registered);
        let routes = routes.map(|route| route.enforced_by(enforcer.shared()));
        let routes = routes.collect();
        (enforcer, routes)
    });
    groups.collect()
}

/// The router with one route more.
fn served<S>(
    route: Mounted<S>,
    groups: &[(Enforcer, Vec<Registered>)],
    router: Router<S>,
) -> Result<Router<S>, Option<SetupProblem>>
where
    S: Clone + Send + Sync + 'static,
{
    // Each is of a group, and has at least one method.
    let group = groups.get(route.group);
    let (Some(first), Some((enforcer, _))) = (route.registered.first(), group) else {
        return Err(None);
    };
    let answers = match route.what {
        What::Gated(behind) => behind(enforcer).map_err(|error| error.to_string()),
        What::Public(answers) => Ok(public(*answers)),
        What::Capabilities => Asking::new(groups, route.group)
            .map(|asking| public_methods(asking.route()))
            .ok_or_else(|| "belongs to no router".to_owned()),
    };
    answers
        .and_then(|answers| route_on(router, &first.path, answers))
        .map_err(|message| Some(first.problem(&message)))
}

/// axum has a panic for what it cannot serve: a path that it cannot read, one that another path shadows, a
/// public route with the method of another one. It is the one to say so, and it is said like every mistake.
fn route_on<S>(router: Router<S>, path: &str, route: MethodRouter<S>) -> Result<Router<S>, String>
where
    S: Clone + Send + Sync + 'static,
{
    let result = catch_unwind(AssertUnwindSafe(|| router.route(path, route)));
    result.map_err(|panicked| format!("cannot be served: {}", said(&*panicked)))
}

fn said(panicked: &(dyn Any + Send)) -> &str {
    let text = panicked.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panicked.downcast_ref::<&str>().copied());
    text.unwrap_or("axum does not say why")
}

/// What keeps a route from being served as it is meant.
fn unservable(route: &Registered) -> Option<SetupProblem> {
    if !route.path.starts_with('/') {
        return Some(route.problem("has a path that does not begin with `/`"));
    }
    let requirement = route.requirement.as_ref().ok()?;
    let has: Vec<_> = params(&route.path).collect();
    requirement.path_params().find_map(|read| {
        let message = match has.iter().filter(|param| **param == read).count() {
            1 => return None,
            0 => format!(
                "reads the path parameter `{read}`, which the path does not have; a prefix that has it is given to `Gated::nest`"
            ),
            _ => format!("reads the path parameter `{read}`, which the path has more than once"),
        };
        Some(route.problem(&message))
    })
}
