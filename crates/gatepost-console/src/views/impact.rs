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
    /// By which routes it was counted: the services' whose routes are known, or every action that is declared.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub(crate) counted_by: Vec<String>,
    /// Who would lose what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) losing: Option<SideView>,
    /// Who would gain what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) gaining: Option<SideView>,
}

/// One direction of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ImpactSide)]
pub(crate) struct SideView {
    /// How many pairs of a subject and an org that it is a member of.
    pub(crate) members: u64,
    /// How many subjects.
    pub(crate) subjects: u64,
    /// How many orgs.
    pub(crate) orgs: u64,
    /// Which routes, each with how many of the pairs.
    pub(crate) routes: Vec<ImpactRouteView>,
    /// Some of the pairs.
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
        }
    }
}
