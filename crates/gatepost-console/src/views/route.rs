//! Routes of services.

use serde::Serialize;
use utoipa::ToSchema;

/// The routes that services have told of.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Routes)]
pub(crate) struct RoutesView {
    /// The services, by name.
    pub(crate) services: Vec<ServiceView>,
}

/// The routes of one service.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Service)]
pub(crate) struct ServiceView {
    /// Its name.
    pub(crate) name: String,
    /// How many replicas have reported exactly these; none where they were given by hand.
    pub(crate) replicas: usize,
    /// The routes.
    pub(crate) routes: Vec<RouteView>,
}

/// One route.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Route)]
pub(crate) struct RouteView {
    /// The method; `*` is every one.
    pub(crate) method: String,
    /// The path, with its parameters in braces.
    pub(crate) path: String,
    /// What it requires, in words; absent of a public one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) requires: Option<String>,
    /// The resource; absent where the path says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) resource: Option<String>,
    /// The action.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) action: Option<String>,
    /// Why it is public.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) public: Option<String>,
}
