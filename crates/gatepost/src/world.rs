//! What is not known yet, as a set of possible worlds.
//!
//! A decision depends on two inputs that may have to be read or loaded: the
//! mode and the owner. There are nine combinations of them, so what a check
//! says in each is nine bits, and "does the outcome depend on something that
//! is not known yet?" is a comparison of two small integers.

use crate::vocabulary::Mode;

/// Whose object is acted on, seen from the subject (or the one it acts for).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ownership {
    /// The subject's own.
    Own,
    /// Another subject's.
    Other,
    /// No owner is known.
    Unknown,
}

/// A set of worlds: three modes (none, foreground, background) times three ownerships.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
// 32 bits wide though nine are used: two of these side by side are then never
// read as one while a part of it is still being written.
pub(crate) struct Worlds(u32);

const OWNERSHIPS: u32 = 0b111;
const MODELESS: u32 = 0;
const FOREGROUND: u32 = 3;
const BACKGROUND: u32 = 6;

impl Worlds {
    pub(crate) const ALL: Self = Self(0b1_1111_1111);
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const WIDTH: u32 = 9;
    /// The worlds of the modes that a body may still turn out to ask for.
    pub(crate) const EITHER_MODE: Self = Self(OWNERSHIPS << FOREGROUND | OWNERSHIPS << BACKGROUND);
    /// The worlds in which nothing is queued.
    pub(crate) const NOTHING_QUEUED: Self = Self(OWNERSHIPS << MODELESS | OWNERSHIPS << FOREGROUND);

    pub(crate) const fn from_bits(bits: u32) -> Self {
        Self(bits & Self::ALL.0)
    }

    pub(crate) const fn bits(self) -> u32 {
        self.0
    }

    /// The worlds of one mode.
    pub(crate) const fn of_mode(mode: Option<Mode>) -> Self {
        Self(
            OWNERSHIPS
                << match mode {
                    None => MODELESS,
                    Some(Mode::Foreground) => FOREGROUND,
                    Some(Mode::Background) => BACKGROUND,
                },
        )
    }

    /// The worlds of one ownership.
    pub(crate) const fn of_ownership(ownership: Ownership) -> Self {
        const EACH_MODE: u32 = 1 << MODELESS | 1 << FOREGROUND | 1 << BACKGROUND;
        Self(
            EACH_MODE
                << match ownership {
                    Ownership::Own => 0,
                    Ownership::Other => 1,
                    Ownership::Unknown => 2,
                },
        )
    }

    /// Everything, or nothing.
    pub(crate) const fn all_if(condition: bool) -> Self {
        if condition { Self::ALL } else { Self::NONE }
    }

    /// Passes without a mode, and in each mode as told.
    pub(crate) const fn by_mode(foreground: bool, background: bool) -> Self {
        let modeless = Self::of_mode(None).0;
        let foreground = if foreground {
            Self::of_mode(Some(Mode::Foreground)).0
        } else {
            0
        };
        let background = if background {
            Self::of_mode(Some(Mode::Background)).0
        } else {
            0
        };
        Self(modeless | foreground | background)
    }

    pub(crate) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(crate) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) const fn not(self) -> Self {
        Self(!self.0 & Self::ALL.0)
    }

    /// Whether, among the worlds that are `possible`, `self` tells the two modes apart.
    pub(crate) const fn depends_on_mode(self, possible: Self) -> bool {
        let foreground = (self.0 >> FOREGROUND) & (possible.0 >> FOREGROUND) & OWNERSHIPS;
        let background = (self.0 >> BACKGROUND) & (possible.0 >> BACKGROUND) & OWNERSHIPS;
        foreground != background
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worlds_are_modes_times_ownerships() {
        let mut seen = Worlds::NONE;
        for mode in [None, Some(Mode::Foreground), Some(Mode::Background)] {
            for ownership in [Ownership::Own, Ownership::Other, Ownership::Unknown] {
                let one = Worlds::of_mode(mode).and(Worlds::of_ownership(ownership));
                assert_eq!(one.bits().count_ones(), 1);
                assert!(seen.and(one).is_empty());
                seen = seen.or(one);
            }
        }
        assert_eq!(seen, Worlds::ALL);
        assert_eq!(Worlds::ALL.not(), Worlds::NONE);
    }

    #[test]
    fn only_a_difference_between_the_modes_depends_on_the_mode() {
        let possible = Worlds::EITHER_MODE;
        assert!(Worlds::by_mode(true, false).depends_on_mode(possible));
        assert!(!Worlds::by_mode(true, true).depends_on_mode(possible));
        assert!(!Worlds::of_ownership(Ownership::Own).depends_on_mode(possible));
    }
}
