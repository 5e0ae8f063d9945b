//! Requirements as guards, for choosing between routes.

use std::sync::Arc;

use actix_web::dev::ResourceDef;
use actix_web::guard::{Guard, GuardContext};
use gatepost::{Code, Denial, ModeRule, OrgSource, Owner, Requirement, Resource};
use gatepost_enforce::{Begun, Route, Watch, permit_missing};

use crate::head::RoutingHead;
use crate::identify::Identified;
use crate::refused::Refused;
use crate::setup::Setup;

/// Lets a route be chosen by the requests that meet a requirement; made by [`Gated::guard`](crate::Gated::guard).
#[derive(Debug)]
pub struct RequirementGuard {
    /// `None` where the requirement is one that a guard cannot ask.
    route: Option<Route>,
    pattern: Option<ResourceDef>,
    setup: Arc<Setup>,
}

impl RequirementGuard {
    pub(crate) fn new(route: Result<Route, String>, setup: Arc<Setup>) -> Self {
        let route = match route {
            Ok(route) => match unasked(route.requirement()) {
                None => Ok(route),
                Some(what) => Err(format!("`{}` {what}", route.requirement())),
            },
            Err(message) => Err(message),
        };
        let route = route
            .map_err(|message| setup.problem("guard", &message))
            .ok();
        if let Some(route) = &route
            && reads_path(route.requirement())
        {
            setup.await_pattern(route.requirement());
        }
        Self {
            route,
            pattern: None,
            setup,
        }
    }

    /// Says where in the path the parameters are that the requirement reads: the whole pattern, scopes
    /// included. A guard is asked while the request is being routed, and actix shows it none of them.
    #[must_use]
    pub fn at(mut self, pattern: &str) -> Self {
        if let Some(route) = &self.route {
            self.setup.found_pattern(route.requirement());
        }
        self.pattern = Some(ResourceDef::new(pattern));
        self
    }

    fn decide(&self, context: &GuardContext<'_>) -> Result<(), Arc<Denial>> {
        let head = context.head();
        let missing = |why| Arc::new(permit_missing(head.method.as_str(), head.uri.path(), why));
        let Some(route) = &self.route else {
            return Err(missing("the guard has a requirement that no guard can ask"));
        };
        if self.pattern.is_none() && reads_path(route.requirement()) {
            return Err(missing(
                "the guard was not told where the path parameters are: `.at(..)`",
            ));
        }
        let identified = context.req_data().get::<Identified>().cloned();
        let Some(Identified(subject)) = identified else {
            return Err(missing("a guard needs `.wrap(gate.identify())` around it"));
        };
        let subject = subject?;
        let mut head = RoutingHead {
            head,
            pattern: self.pattern.as_ref(),
        };
        // A guard chooses; the permit is that of the route's own requirement.
        match route.begin(&mut head, |_| Ok(subject), |_, _| ()) {
            Begun::Admitted => Ok(()),
            Begun::Rejected(denial) => Err(denial),
            // What has to be awaited was refused when the guard was made.
            Begun::Unknown | Begun::Waiting(_) => Err(Arc::new(Denial::new(Code::PermitMissing))),
        }
    }
}

impl Guard for RequirementGuard {
    fn check(&self, context: &GuardContext<'_>) -> bool {
        // What it stands at is for the probe to find: a guard chooses, and does not protect.
        if (context.req_data().get::<Watch>()).is_some_and(Watch::is_probe) {
            return true;
        }
        let Err(denial) = self.decide(context) else {
            return true;
        };
        let mut data = context.req_data_mut();
        let refused = Refused::and(data.remove::<Refused>(), denial);
        data.insert(refused);
        false
    }
}

/// Why a guard, which is asked before anything can be awaited, cannot ask this.
fn unasked(requirement: &Requirement) -> Option<&'static str> {
    let awaits = |source| {
        matches!(
            source,
            OrgSource::Json { .. } | OrgSource::Body { .. } | OrgSource::Entity
        )
    };
    if requirement.reports_only().is_some() {
        Some(
            "only reports, and a guard chooses between handlers: what is chosen is decided in earnest",
        )
    } else if requirement.is_logged() {
        Some("waits until it is written down, which a guard cannot do: use `gate.choice(..)`")
    } else if matches!(requirement.mode_rule(), ModeRule::Body { .. }) {
        Some("takes its mode from the body, which a guard cannot read: use `gate.choice(..)`")
    } else if requirement.org_rule().sources().any(awaits) {
        Some("takes its org from what a guard cannot read: use `gate.choice(..)`")
    } else if requirement.owner_rule().is_loaded() {
        Some("depends on a loaded object, which a guard cannot wait for: use `gate.choice(..)`")
    } else {
        None
    }
}

fn reads_path(requirement: &Requirement) -> bool {
    let by_path = matches!(requirement.resource(), Resource::ByPath { .. });
    let of_path = |source| matches!(source, OrgSource::Path(_));
    by_path
        || requirement.org_rule().sources().any(of_path)
        || matches!(requirement.owner_rule(), Owner::Path(_))
}
