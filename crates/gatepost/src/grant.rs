//! Grants: `resource:action`, `*`, `#mode`, `@own`, `!`.

use std::fmt;

use crate::id::check_name;
use crate::vocabulary::Mode;
use crate::world::{Ownership, Worlds};

/// Resources of this prefix are the console's own; only a grant that names one matches it.
pub const BUILT_IN_PREFIX: &str = "gatepost-";

/// One grant, parsed: `[!]resource:action[#mode][@own]`.
///
/// ```
/// use gatepost::{Grant, Mode};
///
/// let grant = Grant::parse("agent:execute#background@own")?;
/// assert_eq!(grant.mode(), Some(Mode::Background));
/// assert!(grant.is_own());
/// assert!(grant.covers("agent", "execute"));
/// assert!(Grant::parse("agent:execute@own#background").is_err());
/// # Ok::<(), gatepost::GrantError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Grant<'a> {
    denies: bool,
    resource: Pattern<'a>,
    action: Pattern<'a>,
    mode: Option<Mode>,
    own: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Pattern<'a> {
    Any,
    Named(&'a str),
}

/// Says what is wrong with a text that should be a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GrantError {
    /// There is no `:` between resource and action.
    NoColon,
    /// The resource is neither a name nor `*`.
    Resource,
    /// The action is neither a name nor `*`.
    Action,
    /// What follows `#` is neither `foreground` nor `background`, perhaps with `@own` behind it.
    Mode,
    /// What follows `@` is not `own`, or something follows `@own`.
    Owner,
}

impl fmt::Display for GrantError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoColon => "has no `:` between resource and action",
            Self::Resource => "has a resource that is neither a name nor `*`",
            Self::Action => "has an action that is neither a name nor `*`",
            Self::Mode => "has a `#` that is not followed by `foreground` or `background`",
            Self::Owner => "has an `@` that is not followed by `own` at its end",
        })
    }
}

impl std::error::Error for GrantError {}

impl<'a> Grant<'a> {
    /// Parses a grant.
    ///
    /// # Errors
    ///
    /// [`GrantError`] says which part is not as it must be.
    pub fn parse(text: &'a str) -> Result<Self, GrantError> {
        let (denies, rest) = match text.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (resource, rest) = rest.split_once(':').ok_or(GrantError::NoColon)?;
        let (rest, own) = match rest.split_once('@') {
            Some((rest, "own")) => (rest, true),
            Some(_) => return Err(GrantError::Owner),
            None => (rest, false),
        };
        let (action, mode) = match rest.split_once('#') {
            Some((action, mode)) => (action, Some(Mode::parse(mode).ok_or(GrantError::Mode)?)),
            None => (rest, None),
        };
        let resource = Pattern::parse(resource).ok_or(GrantError::Resource)?;
        let action = Pattern::parse(action).ok_or(GrantError::Action)?;
        Ok(Self {
            denies,
            resource,
            action,
            mode,
            own,
        })
    }

    /// Whether it denies: `!` stands in front.
    pub fn denies(&self) -> bool {
        self.denies
    }

    /// The resource it names, or `None` for `*`.
    pub fn resource(&self) -> Option<&'a str> {
        self.resource.name()
    }

    /// The action it names, or `None` for `*`.
    pub fn action(&self) -> Option<&'a str> {
        self.action.name()
    }

    /// The mode that it is limited to.
    pub fn mode(&self) -> Option<Mode> {
        self.mode
    }

    /// Whether it is limited to objects that the subject owns.
    pub fn is_own(&self) -> bool {
        self.own
    }

    /// Whether it speaks of this resource and action, in whatever mode and of whosever object.
    ///
    /// The console's own resources are matched only by a grant that names them, never by `*`.
    pub fn covers(&self, resource: &str, action: &str) -> bool {
        let resource_matches = match self.resource {
            Pattern::Any => !resource.starts_with(BUILT_IN_PREFIX),
            Pattern::Named(name) => name == resource,
        };
        let action_matches = match self.action {
            Pattern::Any => true,
            Pattern::Named(name) => name == action,
        };
        resource_matches && action_matches
    }

    /// The worlds it matches in, given that it covers the request.
    ///
    /// With no owner known, no `@own` grant matches and every `!…@own` does.
    pub(crate) fn worlds(&self) -> Worlds {
        let modes = match self.mode {
            None => Worlds::ALL,
            Some(mode) => Worlds::of_mode(Some(mode)),
        };
        let own = Worlds::of_ownership(Ownership::Own);
        let ownerships = match (self.own, self.denies) {
            (false, _) => Worlds::ALL,
            (true, false) => own,
            (true, true) => own.or(Worlds::of_ownership(Ownership::Unknown)),
        };
        modes.and(ownerships)
    }
}

impl<'a> Pattern<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        if text == "*" {
            return Some(Self::Any);
        }
        check_name(text).ok().map(|()| Self::Named(text))
    }

    fn name(self) -> Option<&'a str> {
        match self {
            Self::Any => None,
            Self::Named(name) => Some(name),
        }
    }
}

impl fmt::Display for Grant<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.denies { "!" } else { "" };
        write!(
            f,
            "{sign}{}:{}",
            self.resource().unwrap_or("*"),
            self.action().unwrap_or("*")
        )?;
        if let Some(mode) = self.mode {
            write!(f, "#{mode}")?;
        }
        if self.own {
            f.write_str("@own")
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_parsed_is_written_again() {
        for text in [
            "chat:read",
            "*:*",
            "chat:*@own",
            "*:read#foreground",
            "!chat:read",
            "!*:*#background@own",
            "agent:execute#background@own",
            "gatepost-audit:read",
        ] {
            assert_eq!(Grant::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn anything_else_is_refused_with_its_part() {
        let rows = [
            ("", GrantError::NoColon),
            ("openid", GrantError::NoColon),
            (":read", GrantError::Resource),
            ("!!chat:read", GrantError::Resource),
            ("ch*:read", GrantError::Resource),
            (" chat:read", GrantError::Resource),
            ("Chat:read", GrantError::Resource),
            ("chat#foreground:read", GrantError::Resource),
            ("chat:", GrantError::Action),
            ("chat:!read", GrantError::Action),
            ("chat:re:ad", GrantError::Action),
            ("chat:read ", GrantError::Action),
            ("chat:#foreground", GrantError::Action),
            ("chat:read#", GrantError::Mode),
            ("chat:read#batch", GrantError::Mode),
            ("chat:read#foreground#background", GrantError::Mode),
            ("chat:read@", GrantError::Owner),
            ("chat:read@mine", GrantError::Owner),
            ("chat:read@own@own", GrantError::Owner),
            ("chat:read@own#foreground", GrantError::Owner),
        ];
        for (text, want) in rows {
            assert_eq!(Grant::parse(text), Err(want), "{text}");
        }
    }

    #[test]
    fn a_wildcard_never_covers_the_consoles_own() {
        let all = Grant::parse("*:*").unwrap();
        assert!(all.covers("chat", "read"));
        assert!(!all.covers("gatepost-site", "read"));
        let named = Grant::parse("gatepost-site:*").unwrap();
        assert!(named.covers("gatepost-site", "read"));
        assert!(!named.covers("gatepost-org", "read"));
        assert!(!Grant::parse("*:read").unwrap().covers("chat", "update"));
    }

    #[test]
    fn an_own_grant_needs_the_owner_and_an_own_deny_fears_it() {
        let world = |mode, ownership| Worlds::of_mode(mode).and(Worlds::of_ownership(ownership));
        let matches = |text: &str, mode, ownership| {
            !Grant::parse(text)
                .unwrap()
                .worlds()
                .and(world(mode, ownership))
                .is_empty()
        };
        let rows = [
            ("a:b", [true, true, true]),
            ("!a:b", [true, true, true]),
            ("a:b@own", [true, false, false]),
            ("!a:b@own", [true, false, true]),
        ];
        for (text, want) in rows {
            for mode in [None, Some(Mode::Foreground), Some(Mode::Background)] {
                let got = [Ownership::Own, Ownership::Other, Ownership::Unknown]
                    .map(|o| matches(text, mode, o));
                assert_eq!(got, want, "{text} {mode:?}");
            }
        }
        assert!(matches(
            "a:b#background",
            Some(Mode::Background),
            Ownership::Other
        ));
        assert!(!matches(
            "a:b#background",
            Some(Mode::Foreground),
            Ownership::Other
        ));
        assert!(!matches("a:b#background", None, Ownership::Other));
        assert!(!matches("!a:b#foreground", None, Ownership::Own));
    }
}
