//! Grants that are of no use on any route.

use std::collections::BTreeMap;

use crate::grant::{BUILT_IN_PREFIX, Grant};
use crate::inventory::Inventory;
use crate::lint::{FindingKind, Findings};
use crate::matrix::{Ask, AskedIn};
use crate::policy::{KeyPath, PolicyDocument};
use crate::world::Worlds;

/// What routes ask for, and in which worlds.
#[derive(Default)]
struct Asked<'r>(BTreeMap<(&'r str, &'r str), Worlds>);

impl<'r> Asked<'r> {
    fn add(&mut self, ask: &Ask<'r>) {
        let Self(asked) = self;
        let worlds = asked
            .entry((ask.resource, ask.action))
            .or_insert(Worlds::NONE);
        *worlds = worlds.or(ask.worlds());
    }

    fn uses(&self, grant: &Grant<'_>) -> bool {
        let is_used = |((resource, action), worlds): (&(&str, &str), &Worlds)| {
            grant.covers(resource, action) && !worlds.and(grant.worlds()).is_empty()
        };
        self.0.iter().any(is_used)
    }
}

pub(super) fn lint(document: &PolicyDocument, routes: &Inventory, findings: &mut Findings) {
    let (mut on_site, mut in_orgs) = (Asked::default(), Asked::default());
    let requirements = routes
        .routes()
        .iter()
        .filter_map(|route| route.requirement());
    for ask in requirements.flat_map(Ask::all) {
        on_site.add(&ask);
        // Without an org no org role is asked for.
        if ask.asked_in() != AskedIn::NoOrg {
            in_orgs.add(&ask);
        }
    }
    for (name, role) in &document.site.roles {
        let path = || KeyPath::of(["site", "roles", name, "grants"]);
        lint_list(&role.grants, path, &on_site, findings);
    }
    for (name, role) in &document.org_roles {
        let path = || KeyPath::of(["org_roles", name, "grants"]);
        lint_list(&role.grants, path, &in_orgs, findings);
    }
    for (org, document) in &document.orgs {
        for (name, role) in &document.roles {
            let path = || KeyPath::of(["orgs", org, "roles", name, "grants"]);
            lint_list(&role.grants, path, &in_orgs, findings);
        }
    }
}

fn lint_list(
    grants: &[String],
    path: impl Fn() -> KeyPath,
    asked: &Asked<'_>,
    findings: &mut Findings,
) {
    for (index, text) in grants.iter().enumerate() {
        let Ok(grant) = Grant::parse(text) else {
            continue;
        };
        // A deny is no less right for there being no such route yet, and the console has routes of its own.
        let is_built_in = (grant.resource()).is_some_and(|name| name.starts_with(BUILT_IN_PREFIX));
        if grant.denies() || is_built_in || asked.uses(&grant) {
            continue;
        }
        let message = format!("no route requires anything that `{text}` grants");
        findings.add(FindingKind::UnusedGrant, path().index(index), message);
    }
}
