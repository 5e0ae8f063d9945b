//! What is wrong with routes as a whole, found before any of them is served.

use std::collections::BTreeMap;

use gatepost::{Gate, ModeRule, Requirement, RequirementRecord, Timestamp};

use crate::enforcer::Enforcer;

use crate::registered::Registered;
use crate::setup::SetupProblem;

/// Says what is wrong with routes as a whole, each with its gate: every one of them may be sound by itself.
///
/// A requirement whose resource or action the policy does not know; one resource and action with a mode on
/// one route and without on another of the same gate; a public route that does not say why. A gate that has no policy yet is
/// not asked what it knows.
///
/// Routes that share method and path are for the adapter to find: [`twice`].
pub fn audit<'r>(
    routes: impl IntoIterator<Item = (&'r Registered, &'r Enforcer)>,
) -> Vec<SetupProblem> {
    let routes: Vec<_> = routes.into_iter().collect();
    let mut problems = reporting(&routes);
    let mut asked: BTreeMap<(String, &str), Vec<(&Registered, &Gate)>> = BTreeMap::new();
    for (route, enforcer) in routes {
        let gate = enforcer.gate();
        let mut problem = |message: String| problems.push(route.problem(&message));
        let requirement = match &route.requirement {
            Ok(requirement) => requirement,
            Err(why) => {
                if why.trim().is_empty() {
                    problem("is public and does not say why".to_owned());
                } else if why.contains(char::is_control) {
                    // It is printed, and kept in a file with a line for it.
                    problem("is public, and why is not told in one line of text".to_owned());
                }
                continue;
            }
        };
        let record = RequirementRecord::of(requirement);
        for resource in record.resource.names() {
            if gate.declares(resource, requirement.action()) == Some(false) {
                let action = requirement.action();
                problem(format!(
                    "requires `{resource}:{action}`, which the policy does not declare: every request would be refused"
                ));
            }
        }
        for resource in record.resource.names().into_iter().map(str::to_owned) {
            let before = asked.entry((resource.clone(), requirement.action()));
            let before = before.or_default();
            let first = before.iter().find(|(_, other)| gate.is_same(other));
            let Some((first, _)) = first else {
                before.push((route, gate));
                continue;
            };
            if has_mode(first) != Some(is_with_mode(requirement)) {
                let (action, other) = (requirement.action(), first.shown());
                let [here, there] = if is_with_mode(requirement) {
                    ["with", "without"]
                } else {
                    ["without", "with"]
                };
                problem(format!(
                    "requires `{resource}:{action}` {here} a mode, and `{other}` ({}) {there}: work that costs compute has its mode wherever it begins",
                    first.place()
                ));
            }
        }
    }
    problems
}

/// Says which routes have method and path of one that was registered before.
pub fn twice(routes: &[Registered]) -> Vec<SetupProblem> {
    let mut first: BTreeMap<(&str, &str), &Registered> = BTreeMap::new();
    let mut problems = Vec::new();
    for route in routes {
        let earlier = *(first.entry((&route.path, &route.method))).or_insert(route);
        if !std::ptr::eq(earlier, route) {
            let place = earlier.place();
            problems.push(route.problem(&format!("is there twice, first at {place}")));
        }
    }
    problems
}

/// Says in the log which routes only report, which nobody is to forget, and what is wrong with that.
fn reporting(routes: &[(&Registered, &Enforcer)]) -> Vec<SetupProblem> {
    let mut problems = Vec::new();
    let mut unmet = BTreeMap::new();
    for (route, enforcer) in routes {
        for resource in enforcer.report_only() {
            unmet.entry(resource).or_insert(true);
        }
        let Ok(requirement) = &route.requirement else {
            continue;
        };
        for resource in RequirementRecord::of(requirement).resource.names() {
            let is_listed = enforcer.report_only().any(|listed| listed == resource);
            if let (true, Some(unmet)) = (is_listed, unmet.get_mut(resource)) {
                *unmet = false;
            }
        }
        if let Some(report_only) = enforcer.effective(requirement).reports_only() {
            let (requirement, route, source) =
                (requirement.to_string(), route.shown(), route.place());
            tracing::warn!(
                target: "gatepost::report_only",
                route,
                requirement,
                until = report_only.day(),
                is_over = report_only.is_over(Timestamp::now()),
                source,
                "NOT ENFORCED: denials of this route are reported and let pass"
            );
        }
    }
    for (resource, unmet) in unmet {
        if unmet {
            problems.push(SetupProblem::new(
                "*",
                format!("`{resource}` is to report only, and no route is about it"),
            ));
        }
    }
    problems
}

fn is_with_mode(requirement: &Requirement) -> bool {
    !matches!(requirement.mode_rule(), ModeRule::None)
}

fn has_mode(route: &Registered) -> Option<bool> {
    route.requirement.as_ref().ok().map(is_with_mode)
}

#[cfg(test)]
mod tests;
