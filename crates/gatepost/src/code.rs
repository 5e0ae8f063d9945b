//! Codes and tiers: what a refusal is called, wherever it is shown.

use std::fmt;

use serde::{Serialize, Serializer};

/// Where a decision fell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(
    clippy::exhaustive_enums,
    reason = "the four tiers are the definition of a decision"
)]
pub enum Tier {
    /// Who asks.
    Identity,
    /// The site's post of the gate.
    Site,
    /// The org's post of the gate.
    Org,
    /// The floor of the mode.
    Mode,
}

impl Tier {
    /// The word as it stands in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Site => "site",
            Self::Org => "org",
            Self::Mode => "mode",
        }
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for Tier {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

/// Who is at the root of a code: policy said no, or no answer could be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(
    clippy::exhaustive_enums,
    reason = "an answer that is not an allow is a denial or an error, nothing else"
)]
pub enum CodeClass {
    /// Policy refused.
    Denial,
    /// The question could not be answered, or not be asked.
    Error,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $text:literal, $status:literal, $tier:expr, $class:ident;)+) => {
        /// Why a request was not allowed. Its text never changes and is never translated.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(clippy::exhaustive_enums, reason = "a new code must stop the build wherever codes are told apart")]
        pub enum Code {
            $($(#[$doc])* $variant,)+
        }

        impl Code {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The code's text.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// The HTTP status that answers it (RFC 9110), unless the requirement hides denials.
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)+ }
            }

            /// The tier that it belongs to; errors and what concerns permits and tickets have none.
            pub const fn tier(self) -> Option<Tier> {
                match self { $(Self::$variant => $tier,)+ }
            }

            /// Whether it is policy's no, or an error.
            pub const fn class(self) -> CodeClass {
                match self { $(Self::$variant => CodeClass::$class,)+ }
            }
        }
    };
}

codes! {
    /// No subject was found.
    Unauthenticated = "unauthenticated", 401, Some(Tier::Identity), Denial;
    /// The subject is suspended.
    SubjectSuspended = "subject_suspended", 403, Some(Tier::Identity), Denial;
    /// An agent acts for nobody, or what a subject acts for is not another user.
    DelegatorMissing = "delegator_missing", 403, Some(Tier::Identity), Denial;
    /// The token's scopes do not cover the request.
    ScopeMissing = "scope_missing", 403, Some(Tier::Identity), Denial;
    /// The resource is not switched on for the site, or not declared.
    SiteOff = "site_off", 403, Some(Tier::Site), Denial;
    /// A site role denies it.
    SiteDenied = "site_denied", 403, Some(Tier::Site), Denial;
    /// No site role grants it.
    SiteGrantMissing = "site_grant_missing", 403, Some(Tier::Site), Denial;
    /// The mode is switched off for the site.
    SiteModeOff = "site_mode_off", 403, Some(Tier::Site), Denial;
    /// The request names no org where it must.
    OrgRequired = "org_required", 400, Some(Tier::Org), Denial;
    /// The request names more than one org.
    OrgConflict = "org_conflict", 400, Some(Tier::Org), Denial;
    /// The subject has no default org.
    NoDefaultOrg = "no_default_org", 403, Some(Tier::Org), Denial;
    /// The org does not exist, or the subject may not know that it does.
    NotAMember = "not_a_member", 403, Some(Tier::Org), Denial;
    /// The org or an ancestor of it is suspended.
    OrgSuspended = "org_suspended", 403, Some(Tier::Org), Denial;
    /// The resource is not switched on in the org.
    OrgOff = "org_off", 403, Some(Tier::Org), Denial;
    /// The mode is not switched on in the org.
    OrgModeOff = "org_mode_off", 403, Some(Tier::Org), Denial;
    /// An org role denies it.
    OrgDenied = "org_denied", 403, Some(Tier::Org), Denial;
    /// No org role grants it.
    OrgGrantMissing = "org_grant_missing", 403, Some(Tier::Org), Denial;
    /// The subject's level is below the mode's floor.
    ModeFloor = "mode_floor", 403, Some(Tier::Mode), Denial;
    /// The request cannot be read as one that can be decided.
    BadRequest = "bad_request", 400, None, Error;
    /// The body that the decision needs is larger than declared.
    BodyTooLarge = "body_too_large", 413, None, Error;
    /// A fact that the decision needs could not be read.
    PolicyUnavailable = "policy_unavailable", 503, None, Error;
    /// The policy is staler than its bound.
    PolicyStale = "policy_stale", 503, None, Error;
    /// A handler asked for a permit that its route does not give.
    PermitMissing = "permit_missing", 500, None, Error;
    /// The ticket was edited, moved, or signed by an unknown key.
    TicketInvalid = "ticket_invalid", 403, None, Denial;
    /// The ticket's time is over.
    TicketExpired = "ticket_expired", 403, None, Denial;
}

impl Code {
    /// Whether a denial with this code may be let pass where its requirement [only reports](crate::ReportOnly): what
    /// an admin can grant or switch on, and nothing of identity, no kill, no error, and no org that the subject may
    /// not know.
    ///
    /// ```
    /// use gatepost::Code;
    ///
    /// assert!(Code::OrgOff.is_reportable());
    /// assert!(!Code::SiteOff.is_reportable());
    /// ```
    pub const fn is_reportable(self) -> bool {
        match self {
            Self::SiteGrantMissing
            | Self::OrgOff
            | Self::OrgModeOff
            | Self::OrgDenied
            | Self::OrgGrantMissing
            | Self::ModeFloor => true,
            Self::Unauthenticated
            | Self::SubjectSuspended
            | Self::DelegatorMissing
            | Self::ScopeMissing
            | Self::SiteOff
            | Self::SiteDenied
            | Self::SiteModeOff
            | Self::OrgRequired
            | Self::OrgConflict
            | Self::NoDefaultOrg
            | Self::NotAMember
            | Self::OrgSuspended
            | Self::BadRequest
            | Self::BodyTooLarge
            | Self::PolicyUnavailable
            | Self::PolicyStale
            | Self::PermitMissing
            | Self::TicketInvalid
            | Self::TicketExpired => false,
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}
