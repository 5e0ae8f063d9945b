//! Who has said what holds in an org.

use std::fmt;

use serde::Serialize;

use super::{FloorStanding, SwitchStanding};
use crate::id::OrgId;

/// Why something is on or off in an org.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "rule", content = "org", rename_all = "snake_case")]
#[allow(
    clippy::exhaustive_enums,
    reason = "what the site's four switches and a path can come to, in full"
)]
pub enum Because {
    /// Off: the site has switched it off for everyone.
    SiteOff,
    /// On: the site has switched it on in every org.
    SiteOn,
    /// Off: this org on the path says so; of several the one nearest to the root.
    OrgOff(OrgId),
    /// On: this org on the path says so; of several the one nearest to the org.
    OrgOn(OrgId),
    /// On: nobody on the path says anything, and an org would have to close it.
    OptOut,
    /// Off: nobody on the path says anything, and an org would have to open it.
    OptIn,
}

/// Why a floor is as high as it is in an org.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "rule", content = "org", rename_all = "snake_case")]
#[allow(
    clippy::exhaustive_enums,
    reason = "the three that an effective floor can be of"
)]
pub enum FloorBecause {
    /// The site lets no org go below it.
    SiteFloor,
    /// No org on the path sets one, and this is the site's default.
    SiteDefault,
    /// This org on the path sets it; of several the one nearest to the root.
    Org(OrgId),
}

/// `off: closed by holding`
impl fmt::Display for Because {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SiteOff => f.write_str("off: closed by the site"),
            Self::SiteOn => f.write_str("on: opened by the site in every org"),
            Self::OrgOff(org) => write!(f, "off: closed by {org}"),
            Self::OrgOn(org) => write!(f, "on: opened by {org}"),
            Self::OptOut => f.write_str("on: no org closes it"),
            Self::OptIn => f.write_str("off: no org opens it"),
        }
    }
}

/// `set by holding`
impl fmt::Display for FloorBecause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SiteFloor => f.write_str("the site's floor"),
            Self::SiteDefault => f.write_str("the site's default"),
            Self::Org(org) => write!(f, "set by {org}"),
        }
    }
}

/// `off: closed by holding`
impl fmt::Display for SwitchStanding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.because.fmt(f)
    }
}

/// `developer: set by holding`
impl fmt::Display for FloorStanding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.role, self.because)
    }
}
