//! What is different between two inventories, in words for whoever reviews it.

use std::fmt;

use super::{Inventory, InventoryRoute, RequirementRecord, RouteAccess};
use crate::vocabulary::OrgRule;

/// What is different between two inventories; [`Display`](fmt::Display) prints a line for each route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InventoryChanges(Vec<InventoryChange>);

/// What is different about one route.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InventoryChange {
    /// The method.
    pub method: String,
    /// The path.
    pub path: String,
    /// What is different, each in words: `chat:update → public`.
    pub what: Vec<String>,
    /// Whether the route is laxer by that for certain: public, no longer in an org, no longer hidden, no
    /// longer bound, or new and public. Whether another resource or action is laxer is for the policy to say.
    pub is_laxer: bool,
}

impl InventoryChanges {
    pub(super) fn between(old: &Inventory, new: &Inventory) -> Self {
        let mut changes = Vec::new();
        let (mut old, mut new) = (old.routes.iter().peekable(), new.routes.iter().peekable());
        loop {
            let order = match (old.peek(), new.peek()) {
                (Some(one), Some(other)) => one.cmp_places(other),
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (None, None) => return Self(changes),
            };
            // Both are sorted: what only one of them has stands first in it.
            let (one, other) = (
                if order.is_le() { old.next() } else { None },
                if order.is_ge() { new.next() } else { None },
            );
            changes.extend(InventoryChange::of(one, other));
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The routes about which something is different, by path and method.
    pub fn routes(&self) -> &[InventoryChange] {
        &self.0
    }
}

impl InventoryChange {
    fn of(old: Option<&InventoryRoute>, new: Option<&InventoryRoute>) -> Option<Self> {
        let route = new.or(old)?;
        let (what, is_laxer) = match (old, new) {
            (Some(old), Some(new)) => between(&old.access, &new.access),
            (None, Some(new)) => {
                let is_public = matches!(new.access, RouteAccess::Public(_));
                (vec![format!("new, {}", summary(&new.access))], is_public)
            }
            (Some(old), None) => (vec![format!("gone, was {}", summary(&old.access))], false),
            (None, None) => return None,
        };
        (!what.is_empty()).then(|| Self {
            method: route.method.clone(),
            path: route.path.clone(),
            what,
            is_laxer,
        })
    }
}

fn summary(access: &RouteAccess) -> String {
    match access {
        RouteAccess::Requires(requires) => requires.to_string(),
        RouteAccess::Public(why) => format!("public ({why})"),
    }
}

fn between(old: &RouteAccess, new: &RouteAccess) -> (Vec<String>, bool) {
    match (old, new) {
        (RouteAccess::Requires(old), RouteAccess::Requires(new)) => within(old, new),
        (RouteAccess::Requires(old), RouteAccess::Public(why)) => {
            (vec![format!("{} → public ({why})", old.asks())], true)
        }
        (RouteAccess::Public(_), RouteAccess::Requires(new)) => {
            (vec![format!("public → {new}")], false)
        }
        (RouteAccess::Public(old), RouteAccess::Public(new)) if old != new => {
            (vec![format!("why it is public: {old} → {new}")], false)
        }
        (RouteAccess::Public(_), RouteAccess::Public(_)) => (Vec::new(), false),
    }
}

fn within(old: &RequirementRecord, new: &RequirementRecord) -> (Vec<String>, bool) {
    let mut what = Vec::new();
    let mut aspect = |name: &str, old: String, new: String| {
        if old != new {
            what.push(format!("{name}{old} → {new}"));
        }
    };
    aspect("", old.asks().to_string(), new.asks().to_string());
    aspect("resources: ", resources(old), resources(new));
    aspect("org: ", old.org_text(), new.org_text());
    aspect("owner: ", old.owner_text(), new.owner_text());
    aspect("denials: ", shown(old).into(), shown(new).into());
    aspect("the request: ", lasting(old).into(), lasting(new).into());
    aspect("body: ", limit(old), limit(new));
    let is_laxer = (old.hidden && !new.hidden)
        || (old.bound && !new.bound)
        || (old.org_rule != OrgRule::None && new.org_rule == OrgRule::None);
    (what, is_laxer)
}

/// The map of a resource that the path chooses, which the short form of it does not show.
fn resources(record: &RequirementRecord) -> String {
    match &record.resource {
        super::RequiredResource::Named(name) => name.clone(),
        super::RequiredResource::ByPath { map, otherwise, .. } => {
            let named = map.iter().map(|(value, name)| format!("{value}={name}"));
            let all: Vec<_> = named.chain([format!("else {otherwise}")]).collect();
            all.join(", ")
        }
    }
}

fn shown(record: &RequirementRecord) -> &'static str {
    if record.hidden { "hidden" } else { "shown" }
}

fn lasting(record: &RequirementRecord) -> &'static str {
    if record.bound { "bound" } else { "not bound" }
}

fn limit(record: &RequirementRecord) -> String {
    match record.body_limit {
        Some(limit) => format!("{limit} bytes are read"),
        None => "not read".to_owned(),
    }
}

impl fmt::Display for InventoryChanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, change) in self.0.iter().enumerate() {
            let before = if at == 0 { "" } else { "\n" };
            write!(f, "{before}{change}")?;
        }
        Ok(())
    }
}

impl fmt::Display for InventoryChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { method, path, .. } = self;
        write!(f, "{method} {path}: {}", self.what.join("; "))?;
        f.write_str(if self.is_laxer { "  (laxer)" } else { "" })
    }
}
