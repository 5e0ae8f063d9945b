//! What is different between two inventories, in words for whoever reviews it.

use std::collections::BTreeMap;
use std::fmt;

use super::{Inventory, RequirementRecord, RouteAccess};
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

/// Stands for every method.
const ANY_METHOD: &str = "*";

impl InventoryChanges {
    pub(super) fn between(old: &Inventory, new: &Inventory) -> Self {
        let mut places: BTreeMap<_, [Vec<&RouteAccess>; 2]> = BTreeMap::new();
        for route in &old.routes {
            let [here, _] = places.entry(route.place()).or_default();
            here.push(&route.access);
        }
        for route in &new.routes {
            let [_, here] = places.entry(route.place()).or_default();
            here.push(&route.access);
        }
        // A public route may have all methods: what it takes over was that of one method before, or is afterwards.
        let changes = places.iter().filter_map(|(place, [old, new])| {
            let (path, method) = *place;
            let whole = places.get(&(path, ANY_METHOD));
            let before = whole.and_then(|[old, _]| old.first().copied());
            let after = whole.and_then(|[_, new]| new.first().copied());
            match (&**old, &**new, before, after) {
                ([], new, Some(before), _) if method != ANY_METHOD => {
                    InventoryChange::of(*place, &[before], new)
                }
                (old, [], _, Some(after)) if method != ANY_METHOD => {
                    InventoryChange::of(*place, old, &[after])
                }
                (old, new, _, _) => InventoryChange::of(*place, old, new),
            }
        });
        Self(changes.collect())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The routes about which something is different, by path and method.
    pub fn routes(&self) -> &[InventoryChange] {
        &self.0
    }

    /// The same for whoever reviews them: those that are laxer first.
    pub fn laxer_first(&self) -> impl Iterator<Item = &InventoryChange> {
        let (laxer, others) = self.0.iter().partition::<Vec<_>, _>(|it| it.is_laxer);
        laxer.into_iter().chain(others)
    }
}

impl InventoryChange {
    fn of(
        (path, method): (&str, &str),
        old: &[&RouteAccess],
        new: &[&RouteAccess],
    ) -> Option<Self> {
        let (what, is_laxer) = match (old, new) {
            ([old], [new]) => between(old, new),
            (old, new) => among(old, new),
        };
        (!what.is_empty()).then(|| Self {
            method: method.to_owned(),
            path: path.to_owned(),
            what,
            is_laxer,
        })
    }
}

/// What came and what went, where one method of one path has none or several: which of them became which, nobody
/// can tell.
fn among(old: &[&RouteAccess], new: &[&RouteAccess]) -> (Vec<String>, bool) {
    let (is_new, is_gone) = (old.is_empty(), new.is_empty());
    let added = new.iter().filter(|access| !old.contains(access));
    let is_public = |access: &&&RouteAccess| matches!(access, RouteAccess::Public(_));
    let removed = old.iter().filter(|access| !new.contains(access));
    // One way in more, beside all that there were; or one in the place of another that was stricter for certain.
    let is_more = !is_new && added.clone().next().is_some() && removed.clone().next().is_none();
    let is_instead = (removed.clone()).any(|old| added.clone().any(|new| between(old, new).1));
    let is_laxer = is_more || is_instead || added.clone().any(|access| is_public(&access));
    let added = added.map(|access| format!("{}, {access}", if is_new { "new" } else { "also" }));
    let removed = removed.map(|access| {
        let word = if is_gone { "gone, was" } else { "no longer" };
        format!("{word} {access}")
    });
    (added.chain(removed).collect(), is_laxer)
}

impl fmt::Display for RouteAccess {
    /// The requirement in words, or `public` and why.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Requires(requires) => requires.fmt(f),
            Self::Public(why) => write!(f, "public ({why})"),
        }
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
    if old.resource != new.resource {
        aspect("resources: ", resources(old), resources(new));
    }
    aspect("org: ", old.org_text(), new.org_text());
    aspect("owner: ", old.owner_text(), new.owner_text());
    aspect("denials: ", shown(old).into(), shown(new).into());
    aspect("the request: ", lasting(old).into(), lasting(new).into());
    aspect("admissions: ", noted(old).into(), noted(new).into());
    aspect("denials are ", enforced(old), enforced(new));
    aspect("body: ", limit(old), limit(new));
    // What named no org was refused before.
    let is_defaulted =
        (old.org_rule, new.org_rule) == (OrgRule::Required, OrgRule::Default) && old.org == new.org;
    let is_laxer = (old.hidden && !new.hidden)
        || is_defaulted
        || (old.bound && !new.bound)
        || (old.logged && !new.logged)
        // A later day is a later word.
        || old.report_only < new.report_only
        || (old.org_rule != OrgRule::None && new.org_rule == OrgRule::None);
    (what, is_laxer)
}

/// The map of a resource that the path chooses, which the short form of it does not show.
fn resources(record: &RequirementRecord) -> String {
    match &record.resource {
        super::RequiredResource::Named(name) => name.clone(),
        super::RequiredResource::ByPath { map, otherwise, .. } => {
            // As they are written in code: no value can be taken for two.
            let named = map.iter().map(|(value, name)| format!("{value:?}={name}"));
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

fn noted(record: &RequirementRecord) -> &'static str {
    if record.logged {
        "written down first"
    } else {
        "not awaited by the log"
    }
}

fn enforced(record: &RequirementRecord) -> String {
    match &record.report_only {
        None => "enforced".to_owned(),
        Some(until) => format!("reported only ({until})"),
    }
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
