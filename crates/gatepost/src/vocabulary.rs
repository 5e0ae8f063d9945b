//! The small closed words of the semantics: mode, kind, status, switches.
//!
//! Each enum here is complete by the definition of a decision, and is matched
//! without a wildcard: a new word must stop the build wherever it matters.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! word {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[allow(clippy::exhaustive_enums, reason = "complete by the definition of a decision; a new word must stop the build")]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $text)] $variant,)+
        }

        impl $name {
            /// Every word of this kind.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word as it stands in documents and answers.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }

            /// Reads the word as it stands in documents; any other text is none.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|word| word.as_str() == text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}

word! {
    /// How the work runs.
    Mode {
        /// The caller waits, nothing is queued.
        Foreground = "foreground",
        /// Queued or detached: it costs compute.
        Background = "background",
    }
}

word! {
    /// What a subject is.
    Kind {
        /// A person.
        User = "user",
        /// A program with an identity of its own.
        Service = "service",
        /// A program that acts for a person, and must say for whom.
        Agent = "agent",
    }
}

word! {
    /// Whether a subject or an org takes part at all.
    Status {
        /// It takes part.
        Active = "active",
        /// It is refused everywhere.
        Suspended = "suspended",
    }
}

word! {
    /// Who may know that an org exists.
    Visibility {
        /// Its members.
        Private = "private",
        /// Everyone, where every ancestor is public too.
        Public = "public",
    }
}

word! {
    /// The site's switch of a resource or of one of its modes.
    SiteSwitch {
        /// Off for everyone, site admins included: the kill switch.
        Off = "off",
        /// Off unless the org says `on`.
        OptIn = "opt-in",
        /// On unless the org says `off`.
        OptOut = "opt-out",
        /// On in every org; orgs have no say.
        On = "on",
    }
}

word! {
    /// An org's switch; where it is absent, the org has said nothing.
    OrgSwitch {
        /// The org opens the gate.
        On = "on",
        /// The org closes the gate, for its descendants too.
        Off = "off",
    }
}

word! {
    /// Who passes the site's gate.
    Access {
        /// Those to whom a site role grants it.
        Granted = "granted",
        /// Everyone.
        Everyone = "everyone",
    }
}

word! {
    /// What holds when a request names no org.
    OrgRule {
        /// An org must be named.
        Required = "required",
        /// The subject's default org is meant.
        Default = "default",
        /// The site tier alone decides.
        None = "none",
    }
}

/// What the orgs on a path said of one switch: nothing, `off`, `on`, or both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said(u8);

impl Said {
    pub(crate) const NOTHING: Self = Self(0);
    pub(crate) const OFF: Self = Self(1);
    pub(crate) const ON: Self = Self(2);

    /// The lower two of `bits`.
    pub(crate) const fn from_bits(bits: u8) -> Self {
        Self(bits & 3)
    }

    pub(crate) const fn bits(self) -> u8 {
        self.0
    }
}

/// When a switch is on: a bit for each of the four things that a path can have said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OnWhen(u8);

impl OnWhen {
    pub(crate) const fn holds(self, said: Said) -> bool {
        self.0 >> said.bits() & 1 == 1
    }
}

impl From<Option<OrgSwitch>> for Said {
    fn from(switch: Option<OrgSwitch>) -> Self {
        match switch {
            None => Self::NOTHING,
            Some(OrgSwitch::Off) => Self::OFF,
            Some(OrgSwitch::On) => Self::ON,
        }
    }
}

impl SiteSwitch {
    /// What an org's path must have said for the switch to be on.
    pub(crate) const fn on_when(self) -> OnWhen {
        OnWhen(match self {
            Self::Off => 0b0000,
            // On where somebody said `on` and nobody `off`.
            Self::OptIn => 0b0100,
            // On where nobody said `off`.
            Self::OptOut => 0b0101,
            Self::On => 0b1111,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_switch_combines_as_the_table_says() {
        // On where the path said: nothing, off, on, both.
        let rows = [
            (SiteSwitch::Off, [false, false, false, false]),
            (SiteSwitch::OptIn, [false, false, true, false]),
            (SiteSwitch::OptOut, [true, false, true, false]),
            (SiteSwitch::On, [true, true, true, true]),
        ];
        for (switch, want) in rows {
            let said = [0, 1, 2, 3].map(Said::from_bits);
            assert_eq!(
                said.map(|said| switch.on_when().holds(said)),
                want,
                "{switch}"
            );
        }
    }

    #[test]
    fn words_read_as_they_are_written() {
        for mode in Mode::ALL {
            assert_eq!(Mode::parse(mode.as_str()), Some(*mode));
        }
        assert_eq!(Mode::parse("Foreground"), None);
        assert_eq!(SiteSwitch::parse("opt-in"), Some(SiteSwitch::OptIn));
    }
}
