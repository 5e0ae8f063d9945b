//! The site's post of the gate, action by action.

use super::facts::CellId;
use super::gates::{Floor, ModeGate, SiteGate};
use crate::vocabulary::{Access, Mode, OnWhen, SiteSwitch};
use crate::world::Worlds;

/// What the site's gate says of one resource and action, in the terms of the checks.
///
/// Whether the gate governs the action, and how its parts bear on each other,
/// is settled here once, and not in every decision.
#[derive(Clone, Debug)]
pub(crate) struct Post {
    pub(crate) id: CellId,
    /// Check 4: where the resource is switched on.
    pub(crate) on: Worlds,
    /// Check 6: where no grant is asked for.
    pub(crate) open: Worlds,
    /// The same where the site tier alone decides.
    pub(crate) open_alone: Worlds,
    /// Check 7: where the mode is switched on.
    pub(crate) mode_on: Worlds,
    /// Check 11: when the resource is on in an org.
    pub(crate) on_in_org: OnWhen,
    foreground: PostMode,
    background: PostMode,
}

/// One mode at a site's post.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PostMode {
    /// Check 12: when the mode is on in an org.
    pub(crate) on_in_org: OnWhen,
    /// Check 15: the floor where the org's path is silent.
    silent: Floor,
    /// Check 15: what no org goes below.
    lowest: Floor,
}

impl Post {
    pub(super) fn new(id: CellId, gate: &SiteGate) -> Self {
        // No switch of a gate, and no access, applies to an action that it does not govern.
        let switch = |switch: SiteSwitch| if id.governed { switch } else { SiteSwitch::On };
        let is_on = |mode: Mode| switch(gate.mode(mode).switch) != SiteSwitch::Off;
        let everyone = gate.access == Access::Everyone;
        let mode = |mode: Mode| PostMode::new(switch(gate.mode(mode).switch), gate.mode(mode));
        Self {
            id,
            on: Worlds::all_if(switch(gate.switch) != SiteSwitch::Off),
            open: Worlds::all_if(everyone || !id.governed),
            open_alone: Worlds::all_if(everyone),
            mode_on: Worlds::by_mode(is_on(Mode::Foreground), is_on(Mode::Background)),
            on_in_org: switch(gate.switch).on_when(),
            foreground: mode(Mode::Foreground),
            background: mode(Mode::Background),
        }
    }

    #[inline]
    pub(crate) fn mode(&self, mode: Mode) -> &PostMode {
        match mode {
            Mode::Foreground => &self.foreground,
            Mode::Background => &self.background,
        }
    }
}

impl PostMode {
    fn new(switch: SiteSwitch, gate: &ModeGate) -> Self {
        Self {
            on_in_org: switch.on_when(),
            silent: gate.effective_floor(Floor::UNSET),
            lowest: gate.floor,
        }
    }

    /// As [`ModeGate::effective_floor`], of the highest `min_role` on the path.
    #[inline]
    pub(crate) fn effective_floor(&self, min_role: Floor) -> Floor {
        if min_role == Floor::UNSET {
            self.silent
        } else {
            min_role.max(self.lowest)
        }
    }
}
