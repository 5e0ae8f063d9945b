//! The document with what the routes require.

use std::collections::btree_map::Entry;

use gatepost::{Inventory, InventoryRoute};
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{SecurityRequirement, SecurityScheme};
use utoipa::openapi::{OpenApi, RefOr};

use crate::check::Routes;
use crate::error::OpenApiError;
use crate::{answers, params, place, problem, told};

/// Adds to each operation what its route requires.
///
/// - The answers that a refusal may have: 400, 401, 403 or 404, 413, 503, as the requirement can give them,
///   with the schema `Problem`. What an operation says itself of a status stays, and the problem document stands
///   beside it: `text/plain` of a framework that cannot read the body, and a problem that says why it is
///   refused. Where it tells of problem documents itself, and where it refers to a response of the components,
///   nothing is added.
/// - The requirement: in words at the end of the description, and for programs as `x-gatepost`, in the form that
///   it has in an inventory's JSON; of a public route, `{"public": "why"}`.
/// - How a subject says who it is: the security scheme, which is added to the document under this name unless it
///   has one of that name. A public operation has none, unless it says so itself.
/// - The parameters of the path, and a header or a key of the query that names the org, where the operation
///   says nothing of them: a handler goes by its permit, and often does not take them.
///
/// A path of the document may be in the framework's form; it becomes OpenAPI's: `{*rest}` and `{rest:.*}` are
/// `{rest}`. Routes with the method `*` are told by any operation of their path, and those with a method that
/// OpenAPI 3.1 has no place for need not be told.
///
/// # Errors
///
/// [`OpenApiError`] with everything on which the document and the routes do not agree: an operation that is no
/// route, a route without an operation, an operation that says that it needs no subject and does, two paths
/// that differ in the names of their parameters alone, a schema `Problem` of the service's own. Nothing was
/// added to the document then.
pub fn describe(
    api: &mut OpenApi,
    routes: &Inventory,
    scheme_name: &str,
    scheme: SecurityScheme,
) -> Result<(), OpenApiError> {
    rename_paths(api);
    let routes = Routes::of(routes);
    let mut mismatches = routes.mismatches(api);
    let components = api.components.get_or_insert_default();
    let problem = RefOr::T(problem::schema());
    let there = components.schemas.get(problem::NAME);
    if there.is_some_and(|there| *there != problem) {
        mismatches.push("the document has another schema of the name `Problem`".to_owned());
    }
    OpenApiError::unless_empty(mismatches)?;

    components.schemas.insert(problem::NAME.to_owned(), problem);
    let named = components.security_schemes.entry(scheme_name.to_owned());
    named.or_insert(scheme.into());
    for (path, item) in &mut api.paths.paths {
        let has_common_parameters = item.parameters.is_some();
        for (method, operation) in place::operations(item) {
            let routes = routes.at(&method, path);
            add(operation, &routes, scheme_name);
            if !has_common_parameters {
                params::add(operation, &routes, path);
            }
        }
    }
    Ok(())
}

/// Paths in the form of a framework become those of OpenAPI.
fn rename_paths(api: &mut OpenApi) {
    for (path, item) in std::mem::take(&mut api.paths.paths) {
        let paths = &mut api.paths.paths;
        let renamed: &mut PathItem = paths.entry(place::path(&path)).or_default();
        if *renamed == PathItem::default() {
            *renamed = item;
        } else {
            renamed.merge_operations(item);
        }
    }
}

fn add(operation: &mut Operation, routes: &[&InventoryRoute], scheme_name: &str) {
    let mut is_guarded = false;
    for requires in routes.iter().filter_map(|route| route.requirement()) {
        is_guarded = true;
        for (status, answer) in answers::of(requires) {
            match operation.responses.responses.entry(status.to_owned()) {
                Entry::Vacant(none) => {
                    none.insert(answer.into());
                }
                Entry::Occupied(mut own) => {
                    if let RefOr::T(own) = own.get_mut() {
                        answers::merge(own, answer);
                    }
                }
            }
        }
    }
    let security = &mut operation.security;
    security.get_or_insert_with(|| {
        let scheme = SecurityRequirement::new(scheme_name, Vec::<String>::new());
        Vec::from_iter(is_guarded.then_some(scheme))
    });
    for route in routes {
        let text = operation.description.get_or_insert_default();
        answers::add_paragraph(text, &told::for_people(&route.access));
    }
    let extensions = operation.extensions.get_or_insert_default();
    extensions.insert("x-gatepost".to_owned(), told::for_programs(routes));
}
