//! The routes of the services that follow the store, as their replicas reported them.

use gatepost::Inventory;

use super::PolicyStore;
use super::base::understood;
use super::tx::{Access, Done, Job, Result, Tx};
use crate::replica::UNSEEN;

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
    /// The routes that each replica [reported](crate::Replica::report_routes), by name, as far as it is not gone:
    /// one that has not been heard of for ten minutes follows no more. What a newer release reported in another
    /// form is left out.
    ///
    /// # Errors
    ///
    /// [`Missing`](crate::StoreErrorKind::Missing) where the store was not brought up to this release yet.
    pub async fn inventories(&self) -> Result<Vec<ReportedRoutes>> {
        self.run(Inventories).await
    }
}

struct Inventories;

impl Job for Inventories {
    type Output = Vec<ReportedRoutes>;
    const ACCESS: Access = Access::Glance;

    async fn run<T: Tx>(&mut self, tx: &mut T) -> Result<Done<Self::Output>> {
        let place = tx.place();
        understood(&place, tx.head().await?)?;
        let unseen = i64::try_from(UNSEEN.as_millis()).unwrap_or(i64::MAX);
        let rows = tx.routes().await?.into_iter();
        let reported = rows.filter(|row| row.age_ms <= unseen).filter_map(|row| {
            let read = Inventory::from_json(&row.routes);
            let inventory = read.map_err(|why| {
                tracing::warn!(store = %place, replica = ?row.name, %why, "the routes of a replica are not understood");
            });
            Some(ReportedRoutes {
                inventory: inventory.ok()?,
                replica: row.replica,
                name: row.name,
            })
        });
        Ok(Done::Nothing(reported.collect()))
    }
}
