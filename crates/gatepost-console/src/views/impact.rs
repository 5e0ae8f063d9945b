//! Whose answers a change would flip.

use serde::Serialize;
use utoipa::ToSchema;

/// Whose answers a change would flip, counted exactly or not at all.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Impact)]
pub(crate) struct ImpactView {
    /// Whether it was counted.
    pub(crate) is_counted: bool,
    /// Why it was not counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) not_counted: Option<String>,
    /// By which routes it was counted: the services' whose routes are known; of none, by every action that is declared.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub(crate) counted_by: Vec<String>,
    /// Who would lose what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) losing: Option<SideView>,
    /// Who would gain what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) gaining: Option<SideView>,
    /// Who is counted on neither side, whatever they are answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) left_out: Option<LeftOutView>,
}

/// Who is not counted, though the change may concern them: as they stand in the policy, now or after it.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[schema(as = ImpactLeftOut)]
pub(crate) struct LeftOutView {
    /// How many subjects hold a site role with `all_orgs`: they are counted only where they are members.
    pub(crate) all_orgs_subjects: u64,
    /// How many orgs are public: whoever is no member of them is not counted.
    pub(crate) public_orgs: u64,
    /// How many agents there are: they are counted without anybody that they act for.
    pub(crate) agents: u64,
}

/// One direction of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ImpactSide)]
pub(crate) struct SideView {
    /// How many members: pairs of a subject and an org that it is a member of.
    pub(crate) members: u64,
    /// How many subjects by themselves, where no org is named.
    pub(crate) alone: u64,
    /// How many subjects, whichever of the two they are counted as.
    pub(crate) subjects: u64,
    /// How many orgs.
    pub(crate) orgs: u64,
    /// How many routes: a method and a path, however much it asks.
    pub(crate) distinct_routes: u64,
    /// What each route asks, once a resource and mode, with how many of them.
    pub(crate) routes: Vec<ImpactRouteView>,
    /// Some of them.
    pub(crate) examples: Vec<ExampleView>,
}

/// A route whose answers would flip.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ImpactRoute)]
pub(crate) struct ImpactRouteView {
    /// The method.
    pub(crate) method: String,
    /// The path, with its parameters in braces.
    pub(crate) path: String,
    /// What it asks for: `chat:create`.
    pub(crate) asks: String,
    /// For how many members.
    pub(crate) members: u64,
    /// For how many subjects by themselves.
    pub(crate) alone: u64,
}

/// One of those whose answers would flip.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ImpactExample)]
pub(crate) struct ExampleView {
    /// The subject.
    pub(crate) subject: String,
    /// The org, unless the route has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) org: Option<String>,
    /// The route's method.
    pub(crate) method: String,
    /// Its path.
    pub(crate) path: String,
    /// What it asks for.
    pub(crate) asks: String,
    /// What is answered now: `allow`, `own`, `others`, or the code of the denial.
    pub(crate) before: String,
    /// What would be.
    pub(crate) after: String,
}

impl ImpactView {
    /// Nothing that was not counted is told as a number.
    pub(crate) fn not_counted(why: impl Into<String>) -> Self {
        Self {
            is_counted: false,
            not_counted: Some(why.into()),
            counted_by: Vec::new(),
            losing: None,
            gaining: None,
            left_out: None,
        }
    }
}
