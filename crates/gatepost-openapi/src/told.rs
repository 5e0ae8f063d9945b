//! A requirement as a reader of the document is told it.

use gatepost::{InventoryRoute, RequiredResource, RequirementRecord, RouteAccess};
use serde_json::{Value, json};

/// What programs read of it: the requirement as an inventory has it, or why there is none.
pub(crate) fn for_programs(routes: &[&InventoryRoute]) -> Value {
    let mut all: Vec<_> = routes.iter().map(|route| one(&route.access)).collect();
    match (all.len(), all.pop()) {
        (1, Some(only)) => only,
        (_, last) => all.into_iter().chain(last).collect(),
    }
}

fn one(access: &RouteAccess) -> Value {
    match access {
        // Words and numbers alone: there is nothing in it that JSON has no form for.
        RouteAccess::Requires(requires) => serde_json::to_value(requires).unwrap_or_default(),
        RouteAccess::Public(why) => json!({ "public": why }),
    }
}

/// What people read of it: a paragraph of Markdown.
pub(crate) fn for_people(access: &RouteAccess) -> String {
    match access {
        RouteAccess::Requires(requires) => in_words(requires),
        RouteAccess::Public(why) => format!("Public: {why}."),
    }
}

fn in_words(requires: &RequirementRecord) -> String {
    let mut sentences = vec![format!("Requires `{requires}`.")];
    if let RequiredResource::ByPath {
        param,
        map,
        otherwise,
    } = &requires.resource
    {
        let named = map
            .iter()
            .map(|(value, name)| format!("`{name}` for `{value}`"));
        let all: Vec<_> = named.chain([format!("else `{otherwise}`")]).collect();
        let all = all.join(", ");
        sentences.push(format!("The resource `{{{param}}}` is {all}."));
    }
    if requires.hidden {
        let hidden = "Whoever is refused is told no more than that there is nothing: 404.";
        sentences.push(hidden.to_owned());
    }
    if requires.bound {
        let bound = "What is answered ends when it would not be allowed any more.";
        sentences.push(bound.to_owned());
    }
    sentences.join(" ")
}
