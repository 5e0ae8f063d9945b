//! Which grants speak of a request.

use super::scene::{Scene, and};
use crate::grant::Grant;
use crate::snapshot::{OrgRole, SiteRole};
use crate::world::{Ownership, Worlds};

/// A role and its grants.
pub(super) struct Held<'a> {
    /// Its name; an org's own role is said to be the org's.
    pub(super) name: String,
    grants: &'a [Box<str>],
}

impl<'a> Held<'a> {
    pub(super) fn site(role: &'a SiteRole) -> Self {
        Self {
            name: role.name.to_string(),
            grants: &role.grants,
        }
    }

    pub(super) fn org(scene: &Scene<'a>, role: &'a OrgRole) -> Self {
        let owner = role.org.and_then(|org| scene.facts.org(org));
        Self {
            name: owner.map_or_else(
                || role.name.to_string(),
                |org| format!("{}'s {}", org.id, role.name),
            ),
            grants: &role.grants,
        }
    }

    pub(super) fn texts(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.grants.iter().map(|grant| &**grant)
    }
}

/// Those of the grants, or of the denies, that match in some world that the request can be in.
pub(super) fn matching<'a>(
    scene: &Scene<'_>,
    grants: impl Iterator<Item = &'a str>,
    denies: bool,
) -> Vec<(&'a str, Worlds)> {
    covering(scene, grants)
        .filter(|(_, grant)| grant.denies() == denies)
        .map(|(text, grant)| (text, grant.worlds().and(scene.worlds)))
        .filter(|(_, worlds)| !worlds.is_empty())
        .collect()
}

fn covering<'a>(
    scene: &Scene<'_>,
    grants: impl Iterator<Item = &'a str>,
) -> impl Iterator<Item = (&'a str, Grant<'a>)> {
    grants.filter_map(|text| {
        let grant = Grant::parse(text).ok()?;
        grant
            .covers(scene.resource(), scene.action())
            .then_some((text, grant))
    })
}

/// Whether the role, and no other, grants the request whatever is still open, and denies none of it.
pub(super) fn suffices(scene: &Scene<'_>, role: &Held<'_>) -> bool {
    let granted = matching(scene, role.texts(), false)
        .into_iter()
        .fold(Worlds::NONE, |all, (_, worlds)| all.or(worlds));
    granted == scene.worlds && !objects(scene, role)
}

/// Whether the role denies the request, as it is or as it may turn out to be.
pub(super) fn objects(scene: &Scene<'_>, role: &Held<'_>) -> bool {
    !matching(scene, role.texts(), true).is_empty()
}

/// The fewest of the grants that say it: one that matches wherever the request can be, else all that match somewhere.
pub(super) fn telling<'a>(scene: &Scene<'_>, grants: impl Iterator<Item = &'a str>) -> Vec<String> {
    let matching = matching(scene, grants, false);
    if let Some((text, _)) = matching.iter().find(|(_, worlds)| *worlds == scene.worlds) {
        return vec![(*text).to_owned()];
    }
    matching
        .iter()
        .map(|(text, _)| (*text).to_owned())
        .collect()
}

/// What the roles grant of the request: `agents-access grants chat:*`.
pub(super) fn granted(scene: &Scene<'_>, held: &[Held<'_>]) -> Vec<String> {
    let said = |role: &Held<'_>| {
        let grants = telling(scene, role.texts());
        (!grants.is_empty()).then(|| format!("{} grants {}", role.name, and(&grants)))
    };
    held.iter().filter_map(said).collect()
}

/// The grants by which the roles deny the request: each role with its own.
pub(super) fn denies<'a>(scene: &Scene<'_>, held: &[Held<'a>]) -> Vec<(String, Vec<&'a str>)> {
    let said = |role: &Held<'a>| {
        let matching = matching(scene, role.texts(), true);
        let grants: Vec<&str> = matching.into_iter().map(|(text, _)| text).collect();
        (!grants.is_empty()).then(|| (role.name.clone(), grants))
    };
    held.iter().filter_map(said).collect()
}

/// What the roles deny of the request: `blocked denies it with !chat:*`.
pub(super) fn denied(scene: &Scene<'_>, held: &[Held<'_>]) -> Vec<String> {
    let said = |(role, grants): &(String, Vec<&str>)| {
        format!("{role} denies it with {}", grants.join(", "))
    };
    denies(scene, held).iter().map(said).collect()
}

/// Grants of the resource and action that miss the request by its mode or its owner: `chat:*@own is for objects of alice`.
pub(super) fn missing<'a>(scene: &Scene<'_>, grants: impl Iterator<Item = &'a str>) -> Vec<String> {
    let own = Worlds::of_ownership(Ownership::Own).and(scene.worlds);
    let missing = covering(scene, grants)
        .filter(|(_, grant)| !grant.denies() && grant.worlds().and(scene.worlds).is_empty());
    let said = |(text, grant): (&str, Grant<'_>)| {
        let mut limits = Vec::new();
        if let Some(mode) = grant.mode().filter(|mode| !scene.modes().contains(mode)) {
            limits.push(mode.to_string());
        }
        if let Some(owner) = scene
            .beneficiary()
            .filter(|_| grant.is_own() && own.is_empty())
        {
            limits.push(format!("objects of {owner}"));
        }
        format!("{text} is for {}", and(&limits))
    };
    missing.map(said).collect()
}
