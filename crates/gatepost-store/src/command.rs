//! The commands. (Stand-in: the real module replaces this file.)

use std::fmt;

use gatepost::{Mode, OrgSwitch, SiteSwitch};
use serde::{Deserialize, Serialize};

/// What is to be changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Command {
    /// Turns a resource's switch on the site, or that of one of its modes.
    SiteSwitch {
        /// Which resource.
        resource: String,
        /// Which mode; absent: the resource itself.
        mode: Option<Mode>,
        /// To what.
        to: SiteSwitch,
    },
    /// Turns an org's switch.
    OrgSwitch {
        /// Which org.
        org: String,
        /// Which resource.
        resource: String,
        /// Which mode; absent: the resource itself.
        mode: Option<Mode>,
        /// To what; absent: unset.
        to: Option<OrgSwitch>,
    },
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SiteSwitch { resource, to, .. } => write!(f, "site: {resource} switched {to}"),
            Self::OrgSwitch { org, resource, .. } => write!(f, "org {org}: {resource} switched"),
        }
    }
}
