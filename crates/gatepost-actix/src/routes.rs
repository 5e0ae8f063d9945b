//! The routes of a service, tried out.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use actix_web::web::ServiceConfig;
use gatepost::Inventory;

use crate::trial::Found;

/// The routes of a service, tried out; made by [`Gated::routes`](crate::Gated::routes).
///
/// It stands for a function: [`App::configure`](actix_web::App::configure) takes `&*routes`.
#[derive(Clone)]
pub struct Routes<F> {
    configure: F,
    found: Arc<Found>,
}

impl<F: Fn(&mut ServiceConfig)> Routes<F> {
    pub(crate) fn new(configure: F, found: Arc<Found>) -> Self {
        Self { configure, found }
    }
}

impl<F> Routes<F> {
    /// What the routes require, or why they are public: for a file that is reviewed, and for whoever runs the
    /// service.
    ///
    /// ```
    /// # use gatepost_actix::{Gate, Gated, Org, Permit, PolicyText, Requirement, SourceError, Subject};
    /// # async fn list(permit: Permit) -> String { permit.subject().to_string() }
    /// # fn who(_: &actix_web::HttpRequest) -> Result<Option<Subject>, SourceError> { Ok(None) }
    /// const LIST: Requirement = Requirement::new("chat", "read").org(Org::path("org"));
    ///
    /// # let policy = PolicyText::toml("version = 1\n[resources]\nchat = [\"read\"]\n");
    /// # let gated = Gated::new(Gate::fixed(policy.compile(1).unwrap()), who);
    /// let routes = gated.routes(|app, gate| {
    ///     app.service(gate.resource("/orgs/{org}/chats").get(LIST, list));
    /// })?;
    /// let route = &routes.inventory().routes()[0];
    /// assert_eq!((&*route.method, &*route.path), ("GET", "/orgs/{org}/chats"));
    /// assert_eq!(route.requirement().unwrap().to_string(), "chat:read in path org");
    /// # Ok::<_, gatepost_actix::SetupError>(())
    /// ```
    ///
    /// Where [guards](crate::Gated::guard) or a [choice](crate::Gated::choice) have several requirements on one
    /// path and method, it has all of them.
    pub fn inventory(&self) -> &Inventory {
        &self.found.inventory
    }
}

impl<F> Deref for Routes<F> {
    type Target = F;

    fn deref(&self) -> &F {
        &self.configure
    }
}

impl<F> fmt::Debug for Routes<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Routes")
            .field("inventory", self.inventory())
            .finish_non_exhaustive()
    }
}
