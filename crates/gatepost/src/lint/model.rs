//! What the document says, in a form that the lints can ask.

use std::collections::{HashMap, HashSet};

use crate::grant::{BUILT_IN_PREFIX, Grant};
use crate::policy::{PolicyDocument, SiteGateDocument, SiteModeDocument};
use crate::vocabulary::{Mode, SiteSwitch};

/// A floor by its name and its level.
#[derive(Clone, Copy, Debug)]
pub(super) struct Floor<'d> {
    pub(super) role: &'d str,
    pub(super) level: i64,
}

impl<'d> Floor<'d> {
    const EVERYONE: Self = Self {
        role: "everyone",
        level: 0,
    };

    /// The higher of the two; of equal ones the first.
    pub(super) fn max(self, other: Floor<'d>) -> Self {
        if other.level > self.level {
            other
        } else {
            self
        }
    }
}

/// One mode of a site's gate, with what is absent filled in.
#[derive(Clone, Copy, Debug)]
pub(super) struct ModeGate<'d> {
    pub(super) switch: SiteSwitch,
    pub(super) floor: Floor<'d>,
    pub(super) default: Floor<'d>,
}

/// A site's gate, with what is absent filled in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gate<'d> {
    pub(super) switch: SiteSwitch,
    foreground: ModeGate<'d>,
    background: ModeGate<'d>,
}

impl<'d> Gate<'d> {
    pub(super) fn mode(&self, mode: Mode) -> &ModeGate<'d> {
        match mode {
            Mode::Foreground => &self.foreground,
            Mode::Background => &self.background,
        }
    }
}

/// Levels and gates by their names.
pub(super) struct Model<'d> {
    levels: HashMap<&'d str, i64>,
    gates: HashMap<&'d str, Gate<'d>>,
}

impl<'d> Model<'d> {
    pub(super) fn of(document: &'d PolicyDocument) -> Self {
        let levels = document
            .org_roles
            .iter()
            .map(|(name, role)| (name.as_str(), role.level.unwrap_or(0)))
            .collect();
        let mut model = Self {
            levels,
            gates: HashMap::new(),
        };
        model.gates = document
            .site
            .gates
            .iter()
            .map(|(resource, gate)| (resource.as_str(), model.read_gate(gate)))
            .collect();
        model
    }

    /// The level of a role of `org_roles`.
    pub(super) fn level(&self, role: &str) -> Option<i64> {
        self.levels.get(role).copied()
    }

    pub(super) fn gate(&self, resource: &str) -> Option<&Gate<'d>> {
        self.gates.get(resource)
    }

    /// A floor by its name; what is no role of `org_roles` is `everyone`.
    pub(super) fn floor(&self, role: &'d str) -> Floor<'d> {
        self.level(role)
            .map_or(Floor::EVERYONE, |level| Floor { role, level })
    }

    fn read_gate(&self, gate: &'d SiteGateDocument) -> Gate<'d> {
        Gate {
            switch: gate.switch.unwrap_or(SiteSwitch::Off),
            foreground: self.read_mode(gate.foreground.as_ref()),
            background: self.read_mode(gate.background.as_ref()),
        }
    }

    fn read_mode(&self, mode: Option<&'d SiteModeDocument>) -> ModeGate<'d> {
        let named = |name: &'d Option<String>| name.as_deref().map(|name| self.floor(name));
        let floor = mode
            .and_then(|mode| named(&mode.floor))
            .unwrap_or(Floor::EVERYONE);
        ModeGate {
            switch: mode
                .and_then(|mode| mode.switch)
                .unwrap_or(SiteSwitch::OptOut),
            floor,
            default: mode.and_then(|mode| named(&mode.default)).unwrap_or(floor),
        }
    }
}

/// What a number of roles grant between them, in whatever mode and of whosever object.
#[derive(Default)]
pub(super) struct Granted<'d>(HashSet<(Option<&'d str>, Option<&'d str>)>);

impl<'d> Granted<'d> {
    pub(super) fn add(&mut self, grants: &'d [String]) {
        let grants = grants.iter().filter_map(|text| Grant::parse(text).ok());
        let granting = grants.filter(|grant| !grant.denies());
        self.0
            .extend(granting.map(|grant| (grant.resource(), grant.action())));
    }

    pub(super) fn covers(&self, resource: &str, action: &str) -> bool {
        let of = |resource| {
            self.0.contains(&(resource, Some(action))) || self.0.contains(&(resource, None))
        };
        // `*` never means the console's own.
        of(Some(resource)) || !resource.starts_with(BUILT_IN_PREFIX) && of(None)
    }
}
