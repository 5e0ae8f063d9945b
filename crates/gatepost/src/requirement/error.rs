//! What is wrong with a requirement.

/// A requirement that no request could meet as it is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequirementError {
    /// It says nothing of an org.
    NoOrg,
    /// It names a source for an org that it says it has not.
    NoneWithSource,
    /// Background work is billed to an org.
    BackgroundWithoutOrg,
    /// It compares the org of an object, which a stranger may not know, with one that the request names.
    EntityAmongSources,
    /// It is bound to its permit, and where it only reports there may be none.
    ReportsOnlyBound,
    /// It admits nobody whose admission is not written down, and where it only reports whoever is refused goes on.
    ReportsOnlyLogged,
}

impl std::fmt::Display for RequirementError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NoOrg => "says nothing of an org: add `.org(Org::path(\"org\"))`, or `Org::none()` for a site-wide route",
            Self::NoneWithSource => "has a source for an org and the rule `none`: a route with an org is decided in that org",
            Self::EntityAmongSources => "takes the org from the loaded object and from the request: name it in the request, and an object of another org is a missing one",
            Self::ReportsOnlyBound => "only reports and is bound to its permit: without a permit there is nothing that ends it, so bind it once it is enforced",
            Self::ReportsOnlyLogged => "only reports and admits nobody without a log: enforce it, or leave out `.logged()`",
            Self::BackgroundWithoutOrg => "runs background work without an org: background work is billed to an org",
        })
    }
}

impl std::error::Error for RequirementError {}
