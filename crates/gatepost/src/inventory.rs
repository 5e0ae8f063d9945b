//! What the routes of a service require, as data: to be read, compared and kept in a file.

mod actions;
mod changes;
mod json;
mod print;
mod record;

use crate::requirement::Requirement;
use crate::time::Timestamp;

pub use changes::{InventoryChange, InventoryChanges};
pub use json::InventoryError;
pub use record::{RequiredMode, RequiredResource, RequirementRecord};

/// The routes of a service, each with what it requires or why it is public.
///
/// An adapter makes it out of the registration that enforces, so it cannot say anything else than what is
/// enforced. It is sorted by path and method: the order of registration changes nothing in it. One method of one
/// path may be there more than once, where handlers are chosen by what the request meets.
///
/// ```
/// use gatepost::{Inventory, InventoryRoute, Org, Requirement};
///
/// const UPDATE: Requirement = Requirement::new("chat", "update").org(Org::path("org"));
///
/// let path = "/orgs/{org}/chats/{id}/promote";
/// let reviewed = Inventory::new([InventoryRoute::requiring("POST", path, &UPDATE)]);
/// let opened = Inventory::new([InventoryRoute::public("POST", path, "everybody may")]);
///
/// let changes = reviewed.changes(&opened).to_string();
/// assert!(changes.contains("POST /orgs/{org}/chats/{id}/promote: chat:update → public"), "{changes}");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inventory {
    routes: Vec<InventoryRoute>,
}

/// A route, as an [`Inventory`] has it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InventoryRoute {
    /// The method; `*` where it is not known which, or for all of them.
    pub method: String,
    /// The path with its parameters in braces, as the framework has it, with all that it is nested under;
    /// in gRPC, that of the method.
    pub path: String,
    /// What it requires, or why it is public.
    pub access: RouteAccess,
    /// Where it was registered: file and line. It is not part of what is compared.
    pub source: Option<String>,
}

/// What a route requires, or why it is public.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(
    clippy::exhaustive_enums,
    reason = "a route has a requirement or says why it has none"
)]
pub enum RouteAccess {
    /// It requires this.
    Requires(RequirementRecord),
    /// It is public, for this reason.
    Public(String),
}

impl Inventory {
    /// An inventory of routes.
    pub fn new(routes: impl IntoIterator<Item = InventoryRoute>) -> Self {
        let mut routes: Vec<_> = routes.into_iter().collect();
        routes.sort_by_cached_key(InventoryRoute::sorted_by);
        // Two parts of a service may have the same route, such as a probe.
        routes.dedup_by(|one, other| one.place() == other.place() && one.access == other.access);
        Self { routes }
    }

    /// The routes, by path and method.
    pub fn routes(&self) -> &[InventoryRoute] {
        &self.routes
    }

    /// The routes of both: of a service that is put together of several.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self::new(self.routes.into_iter().chain(other.routes))
    }

    /// The same without where its routes were registered, which changes with every line that is edited.
    #[must_use]
    pub fn without_sources(mut self) -> Self {
        for route in &mut self.routes {
            route.source = None;
        }
        self
    }

    /// How many routes have a requirement that only reports at a moment, and how many say so still, though it is over.
    ///
    /// ```
    /// use gatepost::{Inventory, InventoryRoute, Org, ReportOnly, Requirement};
    ///
    /// const READ: Requirement =
    ///     Requirement::new("chat", "read").org(Org::none()).report_only(ReportOnly::until("2027-01-31"));
    ///
    /// let routes = Inventory::new([InventoryRoute::requiring("GET", "/chats", &READ)]);
    /// assert_eq!(routes.reporting("2027-01-30T23:59:59Z".parse()?), (1, 0));
    /// assert_eq!(routes.reporting("2027-01-31T00:00:00Z".parse()?), (0, 1));
    /// # Ok::<(), gatepost::TimestampError>(())
    /// ```
    pub fn reporting(&self, at: Timestamp) -> (usize, usize) {
        let now = at.to_string();
        let all = self.routes.iter().filter_map(InventoryRoute::requirement);
        let until = all.filter_map(|requires| requires.report_only.as_deref());
        let (past, reporting): (Vec<_>, Vec<_>) = until.partition(|until| {
            // A day that has begun is the beginning of what it is now, or before it, as texts go.
            *until != record::ALWAYS && *until <= now.as_str()
        });
        (reporting.len(), past.len())
    }

    /// What is different in another inventory of the same service.
    pub fn changes(&self, other: &Self) -> InventoryChanges {
        InventoryChanges::between(self, other)
    }
}

impl InventoryRoute {
    /// A route that requires something.
    pub fn requiring(
        method: impl Into<String>,
        path: impl Into<String>,
        requirement: &Requirement,
    ) -> Self {
        let requires = RequirementRecord::of(requirement);
        Self::new(method, path, RouteAccess::Requires(requires))
    }

    /// A route that is public, and why.
    pub fn public(
        method: impl Into<String>,
        path: impl Into<String>,
        why: impl Into<String>,
    ) -> Self {
        Self::new(method, path, RouteAccess::Public(why.into()))
    }

    fn new(method: impl Into<String>, path: impl Into<String>, access: RouteAccess) -> Self {
        Self {
            method: method.into(),
            path: path.into(),
            access,
            source: None,
        }
    }

    /// Says where it was registered.
    #[must_use]
    pub fn at(mut self, source: impl Into<String>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What it requires, where it is not public.
    pub fn requirement(&self) -> Option<&RequirementRecord> {
        match &self.access {
            RouteAccess::Requires(requires) => Some(requires),
            RouteAccess::Public(_) => None,
        }
    }

    /// What finds the same route in two inventories.
    fn place(&self) -> (&str, &str) {
        (&self.path, &self.method)
    }

    fn sorted_by(&self) -> (String, String, String) {
        (
            self.path.clone(),
            self.method.clone(),
            self.access.to_string(),
        )
    }
}

#[cfg(test)]
mod tests;
