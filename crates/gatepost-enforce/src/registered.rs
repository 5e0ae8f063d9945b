//! What a service's routes were registered with: the one source of what is enforced and of what is told.

use std::panic::Location;

use gatepost::{Inventory, InventoryRoute, Requirement};

use crate::enforcer::Enforcer;
use crate::setup::SetupProblem;

/// A route as it was registered.
#[derive(Clone, Debug)]
#[allow(
    clippy::exhaustive_structs,
    reason = "built by the adapters, field by field"
)]
pub struct Registered {
    /// The method; `*` where it is not known which, or for all of them.
    pub method: String,
    /// The path, with all that it is nested under.
    pub path: String,
    /// What it requires, or why it is public.
    pub requirement: Result<Requirement, String>,
    /// Where in the service's code.
    pub source: &'static Location<'static>,
}

impl Registered {
    /// The route, as an inventory has it.
    pub fn entry(&self) -> InventoryRoute {
        let (method, path) = (&*self.method, &*self.path);
        let entry = match &self.requirement {
            Ok(requirement) => InventoryRoute::requiring(method, path, requirement),
            Err(why) => InventoryRoute::public(method, path, why),
        };
        entry.at(self.place())
    }

    /// The route as an enforcer has it: it may have it report only.
    #[must_use]
    pub fn enforced_by(&self, enforcer: &Enforcer) -> Self {
        let requirement = self.requirement.as_ref();
        Self {
            requirement: requirement
                .map(|requirement| enforcer.effective(requirement))
                .map_err(Clone::clone),
            ..self.clone()
        }
    }

    /// Where in the service's code: file and line.
    pub fn place(&self) -> String {
        format!("{}:{}", self.source.file(), self.source.line())
    }

    /// Something that is wrong with it, as start-up is refused with.
    pub fn problem(&self, message: &str) -> SetupProblem {
        SetupProblem::new(self.shown(), format!("{message} ({})", self.place()))
    }

    /// Method and path, as problems name a route.
    pub fn shown(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// The inventory of what was registered.
pub fn inventory<'r>(routes: impl IntoIterator<Item = &'r Registered>) -> Inventory {
    Inventory::new(routes.into_iter().map(Registered::entry))
}
