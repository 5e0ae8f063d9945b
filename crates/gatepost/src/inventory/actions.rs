//! An inventory where no service has told its routes.

use super::{Inventory, InventoryRoute, RequiredMode, RequiredResource, RequirementRecord};
use crate::grant::BUILT_IN_PREFIX;
use crate::inventory::RouteAccess;
use crate::snapshot::Snapshot;
use crate::vocabulary::OrgRule;

/// The one resource that has a meaning on the site alone.
const SITE: &str = "gatepost-site";

impl Inventory {
    /// A route for each action of each resource that the policy declares, as if there were one: in the org that it
    /// names, on anybody's object, without a mode and in each of them. Those of the console's own resources have no
    /// modes and no owners.
    ///
    /// ```
    /// use gatepost::{Inventory, PolicyText};
    ///
    /// let facts = PolicyText::toml("version = 1\nresources.chat = [\"read\"]").compile(1)?;
    /// let routes = Inventory::of_actions(&facts);
    /// let chat: Vec<_> = routes.routes().iter().filter(|route| route.path == "chat:read").collect();
    /// assert_eq!(chat.len(), 2);
    /// # Ok::<(), gatepost::PolicyError>(())
    /// ```
    pub fn of_actions(facts: &Snapshot) -> Self {
        let routes = facts.actions().flat_map(|(resource, action)| {
            let route = |mode, owner: Option<&str>| {
                let is_of_site = resource == SITE;
                let record = RequirementRecord {
                    resource: RequiredResource::Named(resource.to_owned()),
                    action: action.to_owned(),
                    mode,
                    org: (!is_of_site)
                        .then(|| "path org".to_owned())
                        .into_iter()
                        .collect(),
                    org_rule: if is_of_site {
                        OrgRule::None
                    } else {
                        OrgRule::Required
                    },
                    owner: owner.map(str::to_owned),
                    body_limit: None,
                    hidden: false,
                    bound: false,
                    logged: false,
                    report_only: None,
                };
                let path = format!("{resource}:{action}");
                InventoryRoute::new("*", path, RouteAccess::Requires(record))
            };
            if resource.starts_with(BUILT_IN_PREFIX) {
                vec![route(None, None)]
            } else {
                let owner = Some("object");
                vec![route(None, owner), route(Some(RequiredMode::Body), owner)]
            }
        });
        Self::new(routes)
    }
}
