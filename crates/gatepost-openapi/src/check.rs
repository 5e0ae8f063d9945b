//! The document and the routes, compared both ways.

use std::collections::BTreeMap;

use gatepost::{Inventory, InventoryRoute};
use utoipa::openapi::OpenApi;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::SecurityRequirement;

use crate::place;

/// The routes of a service, found by the place of an operation.
pub(crate) struct Routes<'i> {
    by_path: BTreeMap<String, Vec<&'i InventoryRoute>>,
}

impl<'i> Routes<'i> {
    pub(crate) fn of(inventory: &'i Inventory) -> Self {
        let mut by_path = BTreeMap::<_, Vec<_>>::new();
        for route in inventory.routes() {
            let at = by_path.entry(place::path(&route.path)).or_default();
            at.push(route);
        }
        Self { by_path }
    }

    /// The routes that an operation tells of. Several, where a pattern or a guard tells them apart.
    pub(crate) fn at(&self, method: &str, path: &str) -> Vec<&'i InventoryRoute> {
        let here = self.by_path.get(path).map_or(&[][..], Vec::as_slice);
        let of = |method: &str| -> Vec<_> {
            let found = here.iter().filter(|route| route.method == method);
            found.copied().collect()
        };
        // GET answers HEAD, and `*` is every method that nothing else is said of.
        let or_get = if method == "HEAD" { "GET" } else { method };
        let mut tried = [method, or_get, "*"].into_iter().map(of);
        tried.find(|found| !found.is_empty()).unwrap_or_default()
    }

    /// What they and the document do not agree on.
    pub(crate) fn mismatches(&self, api: &mut OpenApi) -> Vec<String> {
        let mut mismatches = Vec::new();
        for (path, item) in &mut api.paths.paths {
            for (method, operation) in place::operations(item) {
                let routes = self.at(&method, path);
                if routes.is_empty() {
                    mismatches.push(format!(
                        "`{method} {path}` is in the document, and there is no such route"
                    ));
                }
                if says_nobody_need_ask(operation) && routes.iter().any(|route| is_guarded(route)) {
                    mismatches.push(format!(
                        "`{method} {path}` needs a subject, and its operation says that it needs none"
                    ));
                }
            }
        }
        for (path, routes) in &self.by_path {
            let mut none = PathItem::default();
            let item = api.paths.paths.get_mut(path).unwrap_or(&mut none);
            let told: Vec<_> = place::operations(item)
                .into_iter()
                .map(|(method, _)| method)
                .collect();
            let untold = routes
                .iter()
                .filter(|route| !is_among(&told, &route.method));
            mismatches.extend(untold.map(|route| not_told(route)));
        }
        mismatches.extend(alike(api));
        mismatches
    }
}

/// The paths that differ in the names of parameters alone, which OpenAPI forbids: two and two of them.
fn alike(api: &OpenApi) -> Vec<String> {
    let mut by_shape = BTreeMap::<_, Vec<_>>::new();
    for path in api.paths.paths.keys() {
        by_shape.entry(place::shape(path)).or_default().push(path);
    }
    let mut mismatches = Vec::new();
    for paths in by_shape.values() {
        for (at, path) in paths.iter().enumerate() {
            let before = paths.iter().take(at);
            mismatches.extend(before.map(|other| {
                format!(
                    "`{other}` and `{path}` differ in the names of parameters alone, and are one path in OpenAPI"
                )
            }));
        }
    }
    mismatches
}

/// Whether the document tells of a route. Of a method that it may have no form for, nothing is expected.
fn is_among(told: &[String], method: &str) -> bool {
    if method == "*" {
        return !told.is_empty();
    }
    told.iter().any(|there| there == method) || !place::is_told(method)
}

fn not_told(route: &InventoryRoute) -> String {
    let InventoryRoute { method, path, .. } = route;
    let at = route.source.as_deref();
    let at = at.map_or_else(String::new, |at| format!(" (registered at {at})"));
    format!("`{method} {path}` is a route{at}, and the document has no such operation")
}

fn is_guarded(route: &InventoryRoute) -> bool {
    route.requirement().is_some()
}

fn says_nobody_need_ask(operation: &Operation) -> bool {
    let ways = operation.security.as_deref();
    ways.is_some_and(|ways| ways.is_empty() || ways.contains(&SecurityRequirement::default()))
}
