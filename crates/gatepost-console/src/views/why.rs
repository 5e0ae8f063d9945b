//! Why a request is answered as it is.

use serde::Serialize;
use utoipa::ToSchema;

/// The fifteen checks of a request, which one decided, and what would change it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Why)]
pub(crate) struct WhyView {
    /// The policy version.
    pub(crate) version: u64,
    /// `allow`, `deny`, `error`, or `open` where it depends on what was not said.
    pub(crate) decision: String,
    /// The same in words: `deny org_off (org)`.
    pub(crate) text: String,
    /// The code of a denial or error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<String>,
    /// Where the decision fell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tier: Option<String>,
    /// The role that would have reached the floor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) required_role: Option<String>,
    /// The checks of the subject, and of the one that it acts for.
    pub(crate) parts: Vec<WhyPartView>,
    /// What would change the answer.
    pub(crate) changes: Vec<WhyChangeView>,
}

/// The checks of one of the two.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = WhyPart)]
pub(crate) struct WhyPartView {
    /// `subject` or `acting_for`.
    pub(crate) whose: String,
    /// The subject; none where nobody was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) subject: Option<String>,
    /// The fifteen checks.
    pub(crate) lines: Vec<WhyLineView>,
}

/// One check.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = WhyLine)]
pub(crate) struct WhyLineView {
    /// Its number, 1 to 15.
    pub(crate) number: u8,
    /// The tier that it belongs to.
    pub(crate) tier: String,
    /// `passed`, `failed` or `not_reached`.
    pub(crate) outcome: String,
    /// What it went by.
    pub(crate) text: String,
    /// Its code, where it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<String>,
    /// Whether there is nothing to say about it.
    pub(crate) is_routine: bool,
}

/// What would change an answer.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = WhyChange)]
pub(crate) struct WhyChangeView {
    /// In words.
    pub(crate) text: String,
    /// Where it can be done.
    pub(crate) places: Vec<PlaceView>,
}

/// Where something can be changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Place)]
#[serde(tag = "place", rename_all = "snake_case")]
pub(crate) enum PlaceView {
    /// The site's gate of a resource.
    Site {
        /// The resource.
        resource: String,
    },
    /// The site's roles, and those of every org.
    SiteRoles,
    /// That there is an org, its status and its visibility.
    Orgs {
        /// The org.
        org: String,
    },
    /// What an org says of a resource.
    Org {
        /// The org.
        org: String,
        /// The resource.
        resource: String,
    },
    /// An org's members.
    Members {
        /// The org.
        org: String,
    },
    /// An org's own roles.
    OrgRoles {
        /// The org.
        org: String,
    },
    /// What the policy says of a subject.
    Subject {
        /// The subject.
        subject: String,
    },
    /// The request itself.
    Request,
}
