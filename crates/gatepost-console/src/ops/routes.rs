//! Routes of services.

use gatepost::{Inventory, InventoryRoute, RequiredResource, RouteAccess};

use crate::fault::Fault;
use crate::kept::Kept;
use crate::require::SITE;
use crate::views::{RouteView, RoutesView, ServiceView};

/// The routes of one service.
pub(crate) struct Known {
    pub(crate) name: String,
    pub(crate) replicas: usize,
    pub(crate) routes: Inventory,
}

impl Kept {
    /// The routes that services have told of: by hand, and through the store.
    pub(crate) async fn routes(&self) -> Result<RoutesView, Fault> {
        let services = self.known_routes().await?;
        let services = services.into_iter().map(|known| ServiceView {
            name: known.name,
            replicas: known.replicas,
            routes: known.routes.routes().iter().map(route).collect(),
        });
        Ok(RoutesView {
            services: services.collect(),
        })
    }

    /// Those given by hand, and those that replicas have reported; replicas of the same routes are one service.
    pub(crate) async fn known_routes(&self) -> Result<Vec<Known>, Fault> {
        let by_hand = self.services.iter().map(|(name, routes)| Known {
            name: name.clone(),
            replicas: 0,
            routes: routes.clone(),
        });
        let mut services: Vec<Known> = by_hand.collect();
        let reported = self.store.inventories().await;
        for report in reported.map_err(self.fault(SITE))? {
            let mut same = services.iter_mut();
            match same.find(|known| is_same(&known.routes, &report.inventory)) {
                Some(known) => known.replicas += 1,
                None => services.push(Known {
                    name: report.name,
                    replicas: 1,
                    routes: report.inventory,
                }),
            }
        }
        services.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(services)
    }
}

/// Whether two have the same routes, wherever they were registered.
fn is_same(one: &Inventory, other: &Inventory) -> bool {
    one.clone().without_sources() == other.clone().without_sources()
}

fn route(route: &InventoryRoute) -> RouteView {
    let requirement = route.requirement();
    let resource = requirement.and_then(|requires| match &requires.resource {
        RequiredResource::Named(name) => Some(name.clone()),
        RequiredResource::ByPath { .. } => None,
    });
    RouteView {
        method: route.method.clone(),
        path: route.path.clone(),
        requires: requirement.map(ToString::to_string),
        resource,
        action: requirement.map(|requires| requires.action.clone()),
        public: match &route.access {
            RouteAccess::Public(why) => Some(why.clone()),
            RouteAccess::Requires(_) => None,
        },
    }
}
