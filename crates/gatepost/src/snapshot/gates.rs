//! Both posts of a gate, as the document sets them.

use super::facts::RoleIndex;
use crate::vocabulary::{Access, Mode, Said, SiteSwitch};

/// The site's gate of one resource.
#[derive(Clone, Debug)]
pub(crate) struct SiteGate {
    pub(crate) switch: SiteSwitch,
    pub(crate) access: Access,
    foreground: ModeGate,
    background: ModeGate,
}

impl SiteGate {
    pub(super) fn new(
        switch: SiteSwitch,
        access: Access,
        foreground: ModeGate,
        background: ModeGate,
    ) -> Self {
        Self {
            switch,
            access,
            foreground,
            background,
        }
    }

    pub(crate) fn mode(&self, mode: Mode) -> &ModeGate {
        match mode {
            Mode::Foreground => &self.foreground,
            Mode::Background => &self.background,
        }
    }

    /// What is off: the resource, and each of its modes.
    #[cfg(feature = "revocation")]
    pub(super) fn switched_off(&self) -> impl Iterator<Item = Option<Mode>> + use<> {
        let switches = [
            (None, self.switch),
            (Some(Mode::Foreground), self.foreground.switch),
            (Some(Mode::Background), self.background.switch),
        ];
        let off = |(mode, switch)| (switch == SiteSwitch::Off).then_some(mode);
        switches.into_iter().filter_map(off)
    }

    /// Switches the resource off, or one of its modes.
    pub(super) fn switch_off(&mut self, mode: Option<Mode>) {
        let switch = match mode {
            None => &mut self.switch,
            Some(Mode::Foreground) => &mut self.foreground.switch,
            Some(Mode::Background) => &mut self.background.switch,
        };
        *switch = SiteSwitch::Off;
    }
}

/// One mode of a site's gate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ModeGate {
    pub(crate) switch: SiteSwitch,
    pub(crate) floor: Floor,
    pub(crate) default: Floor,
}

impl ModeGate {
    /// The higher of the site's floor and of the path's highest `min_role`, or of the site's default where the path is silent.
    pub(crate) fn effective_floor(&self, min_role: Floor) -> Floor {
        self.floor.max(min_role.or(self.default))
    }
}

/// A role of `org_roles` as a floor, or `everyone`: no role and level 0.
///
/// Level and role in one integer, so that the higher of two floors is the greater number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Floor(i64);

impl Floor {
    pub(crate) const EVERYONE: Self = Self(0);
    /// No floor is set; below every floor.
    pub(crate) const UNSET: Self = Self(-1);

    /// A role of this level, which is not negative.
    pub(super) fn of_role(role: RoleIndex, level: i32) -> Self {
        Self(i64::from(level) << 32 | (i64::from(role.0) + 1))
    }

    #[inline]
    pub(crate) fn level(self) -> i32 {
        #[allow(clippy::cast_possible_truncation, reason = "the upper half is 32 bits")]
        {
            (self.0 >> 32) as i32
        }
    }

    /// The role; `everyone` is none.
    pub(crate) fn role(self) -> Option<RoleIndex> {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the lower half is 32 bits"
        )]
        let role = self.0 as u32;
        role.checked_sub(1).map(RoleIndex)
    }

    /// This floor, or another where it is not set.
    pub(crate) fn or(self, other: Self) -> Self {
        if self == Self::UNSET { other } else { self }
    }
}

/// What an org itself says at its post of one gate, or what a whole path says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct OrgGate {
    /// Two bits each: what is said of the resource's switch, of foreground's, of background's.
    said: u8,
    foreground: Floor,
    background: Floor,
}

const SAID_OF_FOREGROUND: u8 = 2;
const SAID_OF_BACKGROUND: u8 = 4;

impl OrgGate {
    /// Nothing is said.
    pub(crate) const SILENT: Self = Self {
        said: 0,
        foreground: Floor::UNSET,
        background: Floor::UNSET,
    };

    pub(super) fn new(switch: Said, foreground: (Said, Floor), background: (Said, Floor)) -> Self {
        let said = switch.bits()
            | foreground.0.bits() << SAID_OF_FOREGROUND
            | background.0.bits() << SAID_OF_BACKGROUND;
        Self {
            said,
            foreground: foreground.1,
            background: background.1,
        }
    }

    /// What this and another org on the path say together: every word is kept, the higher floor holds.
    #[inline]
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            said: self.said | other.said,
            foreground: self.foreground.max(other.foreground),
            background: self.background.max(other.background),
        }
    }

    /// What is said of the resource's switch.
    #[inline]
    pub(crate) fn switch(&self) -> Said {
        Said::from_bits(self.said)
    }

    /// What is said of a mode's switch.
    #[inline]
    pub(crate) fn mode_switch(&self, mode: Mode) -> Said {
        Said::from_bits(match mode {
            Mode::Foreground => self.said >> SAID_OF_FOREGROUND,
            Mode::Background => self.said >> SAID_OF_BACKGROUND,
        })
    }

    /// The lowest role that may run a mode, or [`Floor::UNSET`].
    #[inline]
    pub(crate) fn min_role(&self, mode: Mode) -> Floor {
        match mode {
            Mode::Foreground => self.foreground,
            Mode::Background => self.background,
        }
    }
}
