//! The routes of the services that follow the store, as their replicas reported them.

use gatepost::Inventory;

use super::PolicyStore;
use super::tx::Result;

/// The routes that a replica reported.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReportedRoutes {
    /// The random name that the replica gave itself.
    pub replica: String,
    /// What its operator calls it.
    pub name: String,
    /// The routes.
    pub inventory: Inventory,
}

impl PolicyStore {
    /// The routes that each replica [reported](crate::Replica::report_routes), as far as it is not gone.
    ///
    /// # Errors
    ///
    /// [`Missing`](crate::StoreErrorKind::Missing) where the store was not brought up to this release yet.
    pub async fn inventories(&self) -> Result<Vec<ReportedRoutes>> {
        Err(self.later())
    }
}
