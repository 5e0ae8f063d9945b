//! The annotation on a route: what it requires, and where the request says who and where.

mod error;
mod org;
mod reads;

use std::sync::{Mutex, PoisonError};

use crate::id::check_name_const;
use crate::report_only::ReportOnly;
use crate::vocabulary::{Mode, OrgRule};

pub use error::RequirementError;
pub use org::{DEFAULT_BODY_LIMIT, Org, OrgSource};

/// What a route requires, written once, as a `const`.
///
/// A resource or action that could not be a name does not compile.
///
/// ```
/// use gatepost::{Mode, Org, Owner, Requirement};
///
/// const CREATE_CHAT: Requirement =
///     Requirement::new("chat", "create").mode(Mode::Foreground).org(Org::path("org")).owner(Owner::Subject);
///
/// assert_eq!(CREATE_CHAT.to_string(), "chat:create#foreground");
/// ```
///
/// ```compile_fail
/// const CREATE_CHAT: gatepost::Requirement = gatepost::Requirement::new("Chat", "create");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Requirement {
    resource: Resource,
    action: &'static str,
    mode: ModeRule,
    org: Org,
    owner: Owner,
    hidden: bool,
    bound: bool,
    logged: bool,
    report_only: Option<ReportOnly>,
}

/// The resource that a route acts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Resource {
    /// Always this one.
    Named(&'static str),
    /// The one that a closed map names for a path parameter.
    ByPath {
        /// The path parameter.
        param: &'static str,
        /// The parameter's values and the resources that they name.
        map: &'static [(&'static str, &'static str)],
        /// The resource of every other value.
        otherwise: &'static str,
    },
}

/// Where a route's mode comes from: the route itself, or what the request asks to be done.
/// Never what the client claims about itself.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum ModeRule {
    /// The route only reads or edits records.
    None,
    /// The route runs work in this mode.
    Fixed(Mode),
    /// A function of the service tells it from the body; where it cannot tell, it is background.
    Body {
        /// The largest body that is read, in bytes.
        limit: usize,
        /// Tells the mode.
        read: fn(&[u8]) -> Option<Mode>,
    },
}

/// Who owns the object that a route acts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Owner {
    /// Nobody that is known: no `@own` grant matches.
    Unknown,
    /// The subject itself, or the one it acts for: what is created or listed is theirs.
    Subject,
    /// The subject that a path parameter names.
    Path(&'static str),
    /// The one that the loaded object names.
    Loaded,
    /// The one that the loaded object names, and the body says which object that is.
    LoadedByBody {
        /// The largest body that is read, in bytes.
        limit: usize,
    },
}

impl Owner {
    /// Whether an object has to be loaded for it.
    pub const fn is_loaded(&self) -> bool {
        match self {
            Self::Loaded | Self::LoadedByBody { .. } => true,
            Self::Unknown | Self::Subject | Self::Path(_) => false,
        }
    }
}

impl Requirement {
    /// Requires an action on a resource, without a mode, in an org that is yet to be told.
    ///
    /// # Panics
    ///
    /// When resource or action is no name; in a `const`, that is a compile error.
    pub const fn new(resource: &'static str, action: &'static str) -> Self {
        assert!(
            check_name_const(resource),
            "a resource's name is of the form [a-z][a-z0-9_-]{{0,62}}"
        );
        Self::on(Resource::Named(resource), action)
    }

    /// Requires an action on a resource that a path parameter chooses out of a closed map.
    ///
    /// # Panics
    ///
    /// When a resource or the action is no name; in a `const`, that is a compile error.
    pub const fn on(resource: Resource, action: &'static str) -> Self {
        if let Resource::ByPath { map, otherwise, .. } = resource {
            assert!(
                check_name_const(otherwise),
                "a resource's name is of the form [a-z][a-z0-9_-]{{0,62}}"
            );
            let mut rest = map;
            while let [(_, named), more @ ..] = rest {
                assert!(
                    check_name_const(named),
                    "a resource's name is of the form [a-z][a-z0-9_-]{{0,62}}"
                );
                rest = more;
            }
        }
        assert!(
            check_name_const(action),
            "an action's name is of the form [a-z][a-z0-9_-]{{0,62}}"
        );
        Self {
            resource,
            action,
            mode: ModeRule::None,
            org: Org::UNSAID,
            owner: Owner::Unknown,
            hidden: false,
            bound: false,
            logged: false,
            report_only: None,
        }
    }

    /// The route runs work in this mode.
    #[must_use]
    pub const fn mode(mut self, mode: Mode) -> Self {
        self.mode = ModeRule::Fixed(mode);
        self
    }

    /// The route runs work in the mode that `read` tells from the body, which has at most `limit` bytes.
    /// Where it cannot tell, that is background.
    #[must_use]
    pub const fn mode_from_body(mut self, limit: usize, read: fn(&[u8]) -> Option<Mode>) -> Self {
        self.mode = ModeRule::Body { limit, read };
        self
    }

    /// Says where the org comes from.
    #[must_use]
    pub const fn org(mut self, org: Org) -> Self {
        self.org = org;
        self
    }

    /// Says who owns the object that is acted on.
    #[must_use]
    pub const fn owner(mut self, owner: Owner) -> Self {
        self.owner = owner;
        self
    }

    /// Answers denials as if the object did not exist: 404, without a reason.
    #[must_use]
    pub const fn hidden(mut self) -> Self {
        self.hidden = true;
        self
    }

    /// Binds the whole of a request to its permit, for as long as it lasts: the handler, what is read of the
    /// request's body, and what is sent of the response.
    ///
    /// When the same request would no longer be allowed, what has not been answered yet is answered with the
    /// denial, as if it had been decided now, and the handler is dropped, as it is when a client hangs up. An
    /// answer that has begun is ended with a last word and nothing behind it: in an event stream an event
    /// `denied` with the problem document, in gRPC the status, and every other body is broken off.
    ///
    /// For work that lasts: an agent's answer, an upload, a long poll, a stream of events. What goes on behind
    /// an upgrade (a WebSocket) is bound by its adapter's own means.
    #[must_use]
    pub const fn bound(mut self) -> Self {
        self.bound = true;
        self
    }

    /// Admits nobody whose admission is not written down: no log, no allow.
    ///
    /// The service's journal has the decision before the handler runs. Where it cannot be written in time, the
    /// request is answered with `policy_unavailable`. Each admission waits for the journal, so it is for what has
    /// to be accounted for, and not for every route.
    #[must_use]
    pub const fn logged(mut self) -> Self {
        self.logged = true;
        self
    }

    /// Reports denials and does not enforce them, which handlers take a [`Passage`](crate::Passage) for.
    #[must_use]
    pub const fn report_only(mut self, report_only: ReportOnly) -> Self {
        self.report_only = Some(report_only);
        self
    }

    /// This requirement, at a place where it stays for the life of the process.
    ///
    /// Requirements are consts. What was admitted by one refers to it here instead of carrying a copy: each
    /// that is different from all others is kept once, however often routes are registered with it.
    pub fn kept(self) -> &'static Self {
        static KEPT: Mutex<Vec<&Requirement>> = Mutex::new(Vec::new());
        let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(same) = kept.iter().find(|other| other.is_same(&self)) {
            return same;
        }
        let new = Box::leak(Box::new(self));
        kept.push(new);
        new
    }

    /// The resource that it acts on.
    pub const fn resource(&self) -> Resource {
        self.resource
    }

    /// The action's name.
    pub const fn action(&self) -> &'static str {
        self.action
    }

    /// Where the mode comes from.
    pub const fn mode_rule(&self) -> ModeRule {
        self.mode
    }

    /// Where the org comes from.
    pub const fn org_rule(&self) -> &Org {
        &self.org
    }

    /// Where the owner comes from.
    pub const fn owner_rule(&self) -> Owner {
        self.owner
    }

    /// Whether denials are answered as if the object did not exist.
    pub const fn is_hidden(&self) -> bool {
        self.hidden
    }

    /// Whether the whole of a request is bound to its permit.
    pub const fn is_bound(&self) -> bool {
        self.bound
    }

    /// Whether nobody is admitted whose admission is not written down.
    pub const fn is_logged(&self) -> bool {
        self.logged
    }

    /// Whether denials are only reported, and until when.
    pub const fn reports_only(&self) -> Option<ReportOnly> {
        self.report_only
    }

    /// Whether two requirements ask the same: a permit of one is a permit of the other.
    pub fn is_same(&self, other: &Self) -> bool {
        if std::ptr::eq(self, other) {
            return true;
        }
        let mode = match (self.mode, other.mode) {
            (ModeRule::None, ModeRule::None) => true,
            (ModeRule::Fixed(one), ModeRule::Fixed(another)) => one == another,
            (
                ModeRule::Body { limit, read },
                ModeRule::Body {
                    limit: other_limit,
                    read: other_read,
                },
            ) => limit == other_limit && std::ptr::fn_addr_eq(read, other_read),
            (ModeRule::None | ModeRule::Fixed(_) | ModeRule::Body { .. }, _) => false,
        };
        mode && (
            self.resource,
            self.action,
            self.org,
            self.owner,
            self.hidden,
            self.bound,
            self.logged,
            self.report_only,
        ) == (
            other.resource,
            other.action,
            other.org,
            other.owner,
            other.hidden,
            other.bound,
            other.logged,
            other.report_only,
        )
    }

    /// Says what makes the requirement one that no request could meet as it is meant.
    ///
    /// # Errors
    ///
    /// [`RequirementError`], for an adapter to refuse the route with at start-up.
    pub fn check(&self) -> Result<(), RequirementError> {
        let has_source = self.org.has_source();
        let by_entity = self.org.is_by_entity();
        if by_entity && self.org.sources().count() > 1 {
            return Err(RequirementError::EntityAmongSources);
        }
        if self.report_only.is_some() && self.bound {
            return Err(RequirementError::ReportsOnlyBound);
        }
        if self.report_only.is_some() && self.logged {
            return Err(RequirementError::ReportsOnlyLogged);
        }
        match self.org.rule() {
            OrgRule::Required if !has_source => Err(RequirementError::NoOrg),
            OrgRule::None if has_source => Err(RequirementError::NoneWithSource),
            OrgRule::None if matches!(self.mode, ModeRule::Fixed(Mode::Background)) => {
                Err(RequirementError::BackgroundWithoutOrg)
            }
            OrgRule::Required | OrgRule::Default | OrgRule::None => Ok(()),
        }
    }
}

impl std::fmt::Display for Requirement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.resource {
            Resource::Named(name) => f.write_str(name)?,
            Resource::ByPath { param, .. } => write!(f, "{{{param}}}")?,
        }
        write!(f, ":{}", self.action)?;
        match self.mode {
            ModeRule::None => Ok(()),
            ModeRule::Fixed(mode) => write!(f, "#{mode}"),
            ModeRule::Body { .. } => f.write_str("#body"),
        }
    }
}

impl Resource {
    /// The resource's name as far as the route alone says it: for a path parameter, that of every value not in the map.
    pub const fn name(&self) -> &'static str {
        match *self {
            Self::Named(name)
            | Self::ByPath {
                otherwise: name, ..
            } => name,
        }
    }

    /// The resource's name, given what the path says.
    pub fn resolve(&self, path_param: impl FnOnce(&str) -> Option<String>) -> &'static str {
        match *self {
            Self::Named(name) => name,
            Self::ByPath {
                param,
                map,
                otherwise,
            } => {
                let value = path_param(param);
                let named = map.iter().find(|(key, _)| Some(*key) == value.as_deref());
                named.map_or(otherwise, |(_, resource)| *resource)
            }
        }
    }
}
