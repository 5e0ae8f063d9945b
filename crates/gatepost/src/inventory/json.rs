//! An inventory as a file.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Inventory, InventoryRoute, RequirementRecord, RouteAccess};
use crate::id::check_name;

/// The version of the file's format.
const FORMAT: u32 = 1;

/// A file that is no inventory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InventoryError(String);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    routes: Vec<Line>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    method: String,
    path: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    requires: Option<RequirementRecord>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    public: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source: Option<String>,
}

impl Inventory {
    /// Reads an inventory from the JSON that [`to_json`](Self::to_json) writes.
    ///
    /// # Errors
    ///
    /// [`InventoryError`], which names the place.
    pub fn from_json(text: &str) -> Result<Self, InventoryError> {
        let mut from = serde_json::Deserializer::from_str(text);
        let file: File = serde_path_to_error::deserialize(&mut from)
            .map_err(|error| InventoryError(format!("`{}`: {}", error.path(), error.inner())))?;
        from.end()
            .map_err(|error| InventoryError(error.to_string()))?;
        if file.version != FORMAT {
            let version = file.version;
            return Err(InventoryError(format!(
                "`version`: {version} is none that is known here; the newest is {FORMAT}"
            )));
        }
        let routes = file.routes.into_iter().enumerate();
        let routes = routes.map(|(at, line)| line.read().map_err(|why| at_route(at, &why)));
        let inventory = Self::new(routes.collect::<Result<Vec<_>, _>>()?);
        Ok(inventory)
    }

    /// Writes the inventory as JSON, a line for each thing that may change.
    pub fn to_json(&self) -> String {
        let routes = self.routes.iter().map(Line::of).collect();
        let file = File {
            version: FORMAT,
            routes,
        };
        // Texts, numbers and words alone: there is nothing in it that JSON has no form for.
        let mut text = serde_json::to_string_pretty(&file).unwrap_or_default();
        text.push('\n');
        text
    }
}

fn at_route(at: usize, why: &str) -> InventoryError {
    InventoryError(format!("`routes[{at}]` {why}"))
}

impl Line {
    fn of(route: &InventoryRoute) -> Self {
        let (requires, public) = match &route.access {
            RouteAccess::Requires(requires) => (Some(requires.clone()), None),
            RouteAccess::Public(why) => (None, Some(why.clone())),
        };
        Self {
            method: route.method.clone(),
            path: route.path.clone(),
            requires,
            public,
            source: route.source.clone(),
        }
    }

    /// Every text that may be printed.
    fn texts(&self) -> impl Iterator<Item = &str> {
        let Self {
            method,
            path,
            requires,
            public,
            source,
        } = self;
        let own = [Some(method), Some(path), public.as_ref(), source.as_ref()];
        let required = requires.iter().flat_map(RequirementRecord::texts);
        (own.into_iter().flatten().map(String::as_str)).chain(required)
    }

    fn read(self) -> Result<InventoryRoute, String> {
        if let Some(text) = self.texts().find(|text| text.contains(char::is_control)) {
            // Whatever prints it may be a terminal.
            return Err(format!("has a control character in {text:?}"));
        }
        let access = match (self.requires, self.public) {
            (Some(requires), None) => {
                let names = requires.resource.names();
                for name in names.into_iter().chain([&*requires.action]) {
                    check_name(name)
                        .map_err(|_| format!("has the name `{name}`, which is none"))?;
                }
                RouteAccess::Requires(requires)
            }
            (None, Some(why)) => RouteAccess::Public(why),
            (Some(_), Some(_)) => return Err("has a requirement and is public".to_owned()),
            (None, None) => return Err("has no requirement and is not public".to_owned()),
        };
        Ok(InventoryRoute {
            method: self.method,
            path: self.path,
            access,
            source: self.source,
        })
    }
}

impl fmt::Display for InventoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the file is no inventory of routes: {}", self.0)
    }
}

impl std::error::Error for InventoryError {}
