//! The fifteen checks, by name and number.

use crate::code::Tier;

/// The fifteen checks, by what they ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(
    clippy::exhaustive_enums,
    reason = "the fifteen checks are the definition of a decision"
)]
pub enum Check {
    /// 1: a subject was found.
    SubjectFound = 1,
    /// 2: it is active, and acts for whom it must.
    SubjectActive,
    /// 3: its scopes cover the request.
    Scopes,
    /// 4: the resource is declared and switched on for the site.
    SiteSwitch,
    /// 5: no site role denies it.
    SiteDeny,
    /// 6: the site gives access.
    SiteGrant,
    /// 7: the mode is switched on for the site.
    SiteMode,
    /// 8: the request's org was found.
    OrgNamed,
    /// 9: the org exists and the subject may know it.
    OrgKnown,
    /// 10: the org and its ancestors are active.
    OrgActive,
    /// 11: the resource is switched on in the org.
    OrgSwitch,
    /// 12: the mode is switched on in the org.
    OrgMode,
    /// 13: no org role denies it.
    OrgDeny,
    /// 14: an org role grants it.
    OrgGrant,
    /// 15: the subject's level reaches the mode's floor.
    Floor,
}

impl Check {
    /// Every check, in order.
    pub const ALL: [Self; 15] = [
        Self::SubjectFound,
        Self::SubjectActive,
        Self::Scopes,
        Self::SiteSwitch,
        Self::SiteDeny,
        Self::SiteGrant,
        Self::SiteMode,
        Self::OrgNamed,
        Self::OrgKnown,
        Self::OrgActive,
        Self::OrgSwitch,
        Self::OrgMode,
        Self::OrgDeny,
        Self::OrgGrant,
        Self::Floor,
    ];

    /// The check's number, 1 to 15.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The tier that it belongs to.
    pub const fn tier(self) -> Tier {
        match self {
            Self::SubjectFound | Self::SubjectActive | Self::Scopes => Tier::Identity,
            Self::SiteSwitch | Self::SiteDeny | Self::SiteGrant | Self::SiteMode => Tier::Site,
            Self::OrgNamed
            | Self::OrgKnown
            | Self::OrgActive
            | Self::OrgSwitch
            | Self::OrgMode
            | Self::OrgDeny
            | Self::OrgGrant => Tier::Org,
            Self::Floor => Tier::Mode,
        }
    }
}
