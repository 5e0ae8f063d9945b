//! What a decision answers, and to whom.

use super::Check;
use crate::code::Code;
use crate::id::{OrgId, SubjectId};
use crate::vocabulary::{Kind, Mode};

/// Whose part of a decision it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(
    clippy::exhaustive_enums,
    reason = "a request has a subject and at most one it acts for"
)]
pub enum Whose {
    /// The subject's.
    Subject,
    /// That of the human whom the subject acts for.
    ActingFor,
}

impl Whose {
    /// The word as it stands in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::ActingFor => "acting_for",
        }
    }
}

/// Whether the grants that let a request through reach any object, or only its owner's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_enums, reason = "a grant has `@own` or it has not")]
pub enum Reach {
    /// Any object.
    Any,
    /// Only objects that the subject owns; with `acting_for`, the one acted for.
    Own,
}

/// The answer to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(
    clippy::exhaustive_enums,
    reason = "whatever is not an allow is a denial or an error, nothing else"
)]
pub enum Decision<'a> {
    /// It may.
    Allow(Allow<'a>),
    /// It may not.
    Deny(Deny<'a>),
    /// It could not be decided.
    Error(Code),
}

/// What an allow was given under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Allow<'a> {
    /// The org that the request falls in; none where the site tier alone decided.
    pub org: Option<&'a OrgId>,
    /// How the work runs.
    pub mode: Option<Mode>,
    /// Whose object is acted on.
    pub owner: Option<&'a SubjectId>,
    /// Whether a site role with `all_orgs` opened the org.
    pub via_all_orgs: bool,
    /// Whether the grants reach any object.
    pub reach: Reach,
    /// What the subject is, by policy and identity together.
    pub kind: Kind,
}

/// Why a request was denied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Deny<'a> {
    /// The first check that failed, by its code.
    pub code: Code,
    /// The check.
    pub check: Check,
    /// Whose request failed it.
    pub whose: Whose,
    /// The org that the request names.
    pub org: Option<&'a OrgId>,
    /// How the work would have run, where that was known.
    pub mode: Option<Mode>,
    /// The role that would have reached the floor, where it was the floor.
    pub required_role: Option<&'a str>,
}

/// Something that a decision depends on and that has to be read first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(
    clippy::exhaustive_enums,
    reason = "the inputs that can be pending, in full"
)]
pub enum Need<'a> {
    /// The org.
    Org,
    /// The mode.
    Mode,
    /// The owner of the object in this org, or of a site-wide object where there is none.
    Owner {
        /// Where the object must lie; one in another org is a missing one.
        org: Option<&'a OrgId>,
    },
    /// The moment of the request.
    Time,
    /// The memberships of one of the two, where the policy has them elsewhere.
    Memberships(Whose),
}

/// What [`decide`](crate::decide) answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(
    clippy::exhaustive_enums,
    reason = "a decision is taken, or waits for one input"
)]
pub enum Step<'a> {
    /// The decision.
    Done(Decision<'a>),
    /// The input that it depends on next. Ask again with it filled in.
    Need(Need<'a>),
}
