//! Grants that can never match, or that say nothing which another does not say already.

use std::collections::HashMap;

use super::{FindingKind, Findings};
use crate::grant::{BUILT_IN_PREFIX, Grant};
use crate::policy::{KeyPath, PolicyDocument};
use crate::vocabulary::Mode;

pub(super) fn lint(document: &PolicyDocument, findings: &mut Findings) {
    for (name, role) in &document.site.roles {
        let path = || KeyPath::of(["site", "roles", name, "grants"]);
        lint_list(&role.grants, path, findings);
    }
    for (name, role) in &document.org_roles {
        let path = || KeyPath::of(["org_roles", name, "grants"]);
        lint_list(&role.grants, path, findings);
    }
    for (org, document) in &document.orgs {
        for (name, role) in &document.roles {
            let path = || KeyPath::of(["orgs", org, "roles", name, "grants"]);
            lint_list(&role.grants, path, findings);
        }
    }
}

fn lint_list(grants: &[String], path: impl Fn() -> KeyPath, findings: &mut Findings) {
    let shapes: Vec<Option<Shape<'_>>> = grants.iter().map(|text| Shape::parse(text)).collect();
    let mut first: HashMap<Shape<'_>, (usize, &str)> = HashMap::new();
    for (index, (shape, text)) in shapes.iter().zip(grants).enumerate() {
        if let Some(shape) = shape {
            first.entry(*shape).or_insert((index, text));
        }
    }
    let stands = |shape: &Shape<'_>| first.get(shape).copied();
    for (index, (shape, text)) in shapes.iter().zip(grants).enumerate() {
        let Some(shape) = shape else { continue };
        let at = || path().index(index);
        if shape.is_modeless() {
            let message =
                format!("`{text}` never matches: resources `{BUILT_IN_PREFIX}*` have no modes");
            findings.add(FindingKind::ModelessGrant, at(), message);
        } else if stands(shape).is_some_and(|(earlier, _)| earlier < index) {
            let message = format!("`{text}` stands here a second time");
            findings.add(FindingKind::Repeated, at(), message);
        } else if let Some((_, deny)) = shape.overriding().find_map(|deny| stands(&deny)) {
            let message = format!("`{text}` never matches: `{deny}` takes it back");
            findings.add(FindingKind::OverriddenGrant, at(), message);
        } else if let Some((_, wider)) = shape.wider().find_map(|wider| stands(&wider)) {
            let message = format!("`{text}` is covered by `{wider}`");
            findings.add(FindingKind::CoveredGrant, at(), message);
        }
    }
}

/// A grant's parts. What is wider than it has some of them lifted, so it is found by look-up.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Shape<'g> {
    denies: bool,
    resource: Option<&'g str>,
    action: Option<&'g str>,
    mode: Option<Mode>,
    own: bool,
}

impl<'g> Shape<'g> {
    fn parse(text: &'g str) -> Option<Self> {
        let grant = Grant::parse(text).ok()?;
        Some(Self {
            denies: grant.denies(),
            resource: grant.resource(),
            action: grant.action(),
            mode: grant.mode(),
            own: grant.is_own(),
        })
    }

    fn is_built_in(&self) -> bool {
        self.resource
            .is_some_and(|name| name.starts_with(BUILT_IN_PREFIX))
    }

    fn is_modeless(&self) -> bool {
        self.mode.is_some() && self.is_built_in()
    }

    /// The shape itself, and each that matches whatever it matches.
    fn at_least(self) -> impl Iterator<Item = Self> {
        (0..16_u8).filter_map(move |lifted| {
            let lift = |bit: u8| lifted & 1 << bit != 0;
            let mut shape = self;
            if lift(0) {
                shape.own = false;
            }
            if lift(1) {
                shape.mode = None;
            }
            if lift(2) {
                shape.action = None;
            }
            if lift(3) {
                // `*` never means the console's own.
                if self.is_built_in() {
                    return None;
                }
                shape.resource = None;
            }
            Some(shape)
        })
    }

    fn wider(self) -> impl Iterator<Item = Self> {
        self.at_least().filter(move |shape| *shape != self)
    }

    /// The denies that leave nothing of a grant; a deny is overridden by nothing.
    fn overriding(self) -> impl Iterator<Item = Self> {
        let denies = self.at_least().map(|shape| Self {
            denies: true,
            ..shape
        });
        denies.filter(move |_| !self.denies)
    }
}
