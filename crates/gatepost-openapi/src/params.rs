//! The parameters that a requirement reads and no handler takes.

use gatepost::{InventoryRoute, OrgRule, RequiredResource, RequirementRecord};
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Required};

use crate::place;

/// Adds what the operation does not say itself: each parameter of the path, and where else the org is named.
///
/// A handler goes by its permit, so it often takes no parameter that could be described with it.
pub(crate) fn add(operation: &mut Operation, routes: &[&InventoryRoute], path: &str) {
    let requirements = || routes.iter().filter_map(|route| route.requirement());
    let mut read: Vec<_> = place::parameters(path)
        .into_iter()
        .map(|name| of_path(name, requirements().next()))
        .collect();
    read.extend(requirements().flat_map(beside_the_path));
    let parameters = operation.parameters.get_or_insert_default();
    // One that is only referred to may be any of them.
    if parameters
        .iter()
        .any(|there| matches!(there, RefOr::Ref(_)))
    {
        return;
    }
    for parameter in read {
        let is_it = |there: &RefOr<Parameter>| match there {
            RefOr::T(there) => is_same(there, &parameter),
            RefOr::Ref(_) => true,
        };
        if !parameters.iter().any(is_it) {
            parameters.push(RefOr::T(parameter));
        }
    }
    if parameters.is_empty() {
        operation.parameters = None;
    }
}

fn is_same(one: &Parameter, other: &Parameter) -> bool {
    // The names of headers have no case.
    let is_named_alike = if one.parameter_in == ParameterIn::Header {
        one.name.eq_ignore_ascii_case(&other.name)
    } else {
        one.name == other.name
    };
    is_named_alike && one.parameter_in == other.parameter_in
}

fn of_path(name: &str, requires: Option<&RequirementRecord>) -> Parameter {
    let what = requires.and_then(|requires| what_of_path(name, requires));
    named(name, ParameterIn::Path, true, what)
}

fn what_of_path(name: &str, requires: &RequirementRecord) -> Option<&'static str> {
    let source = format!("path {name}");
    if requires.org.contains(&source) {
        return Some("The org in which.");
    }
    if requires.owner.as_deref() == Some(&*source) {
        return Some("Whose it is.");
    }
    match &requires.resource {
        RequiredResource::ByPath { param, .. } if param == name => Some("What is asked for."),
        RequiredResource::ByPath { .. } | RequiredResource::Named(_) => None,
    }
}

/// The headers and keys of the query that name the org.
fn beside_the_path(requires: &RequirementRecord) -> Vec<Parameter> {
    let is_required = requires.org_rule == OrgRule::Required && requires.org.len() == 1;
    let places = requires.org.iter().filter_map(|source| {
        let (place, name) = source.split_once(' ')?;
        let place = match place {
            "header" => ParameterIn::Header,
            "query" => ParameterIn::Query,
            _ => return None,
        };
        let what = Some("The org in which.");
        Some(named(name, place, is_required, what))
    });
    places.collect()
}

fn named(name: &str, place: ParameterIn, is_required: bool, what: Option<&str>) -> Parameter {
    let required = if is_required {
        Required::True
    } else {
        Required::False
    };
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .required(required)
        .description(what)
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .build()
}
