//! Changes that tests make.

use gatepost::{OrgSwitch, SiteSwitch};
use gatepost_store::{Change, Command};

use crate::place::ines;

/// The site switches a resource off.
pub(crate) fn kill(resource: &str) -> Change {
    site(resource, SiteSwitch::Off)
}

pub(crate) fn site(resource: &str, to: SiteSwitch) -> Change {
    let command = Command::SiteSwitch {
        resource: resource.into(),
        mode: None,
        to,
    };
    Change::new(command, ines(), "a drill")
}

/// An org turns its switch of a resource.
pub(crate) fn org(org: &str, resource: &str, to: Option<OrgSwitch>) -> Change {
    let command = Command::OrgSwitch {
        org: org.into(),
        resource: resource.into(),
        mode: None,
        to,
    };
    Change::new(command, ines(), "as asked")
}
