//! The closed words of a policy, as the document of the API tells them.
//!
//! The words themselves are those of `gatepost`; a test compares them.

use serde::Serialize;
use utoipa::ToSchema;

macro_rules! word {
    ($(#[$doc:meta])* $name:ident: $($variant:ident = $text:tt),+) => {
        $(#[$doc])*
        #[derive(Serialize, ToSchema)]
        #[allow(dead_code, reason = "it is read as a schema alone")]
        pub(crate) enum $name {
            $(#[serde(rename = $text)] $variant,)+
        }

        #[cfg(test)]
        impl $name {
            pub(crate) const WORDS: &[&str] = &[$($text),+];
        }
    };
}

word! {
    /// How the work runs.
    ModeWord: Foreground = "foreground", Background = "background"
}
word! {
    /// What the site has a resource or a mode switched to.
    SiteSwitchWord: Off = "off", OptIn = "opt-in", OptOut = "opt-out", On = "on"
}
word! {
    /// What an org has a resource or a mode switched to.
    OrgSwitchWord: On = "on", Off = "off"
}
word! {
    /// Who passes the site's gate.
    AccessWord: Granted = "granted", Everyone = "everyone"
}
word! {
    /// What a subject is.
    KindWord: User = "user", Service = "service", Agent = "agent"
}
word! {
    /// Whether somebody takes part.
    StatusWord: Active = "active", Suspended = "suspended"
}
word! {
    /// Who may know that an org exists.
    VisibilityWord: Private = "private", Public = "public"
}

#[cfg(test)]
mod tests {
    use gatepost::{Access, Kind, Mode, OrgSwitch, SiteSwitch, Status, Visibility};

    use super::*;

    #[test]
    fn the_words_are_those_of_the_policy() {
        macro_rules! same {
            ($($of:ident $told:ident),+) => {$(
                let of: Vec<_> = $of::ALL.iter().map(|word| word.as_str()).collect();
                let mut told = $told::WORDS.to_vec();
                told.sort_unstable();
                let mut sorted = of;
                sorted.sort_unstable();
                assert_eq!(sorted, told);
            )+};
        }
        same!(
            Mode ModeWord,
            SiteSwitch SiteSwitchWord,
            OrgSwitch OrgSwitchWord,
            Access AccessWord,
            Kind KindWord,
            Status StatusWord,
            Visibility VisibilityWord
        );
    }
}
