//! The annotation on a route: what it requires, and where the request says who and where.

use crate::id::check_name_const;
use crate::vocabulary::{Mode, OrgRule};

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

/// Where a route's org comes from, and what holds where the request names none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Org {
    sources: [Option<OrgSource>; MAX_ORG_SOURCES],
    rule: OrgRule,
}

const MAX_ORG_SOURCES: usize = 4;

/// The largest JSON body in which an org is looked for unless told otherwise, in bytes.
pub const DEFAULT_BODY_LIMIT: usize = 64 * 1024;

/// One place in a request that names the org.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OrgSource {
    /// A path parameter.
    Path(&'static str),
    /// A member of the JSON object that is the body.
    Json {
        /// The member's name.
        field: &'static str,
        /// The largest body that is read, in bytes.
        limit: usize,
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
            org: Org::required(),
            owner: Owner::Unknown,
            hidden: false,
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
    pub const fn org_rule(&self) -> Org {
        self.org
    }

    /// Where the owner comes from.
    pub const fn owner_rule(&self) -> Owner {
        self.owner
    }

    /// Whether denials are answered as if the object did not exist.
    pub const fn is_hidden(&self) -> bool {
        self.hidden
    }

    /// Whether two requirements ask the same: a permit of one is a permit of the other.
    pub fn is_same(&self, other: &Self) -> bool {
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
        ) == (
            other.resource,
            other.action,
            other.org,
            other.owner,
            other.hidden,
        )
    }

    /// Says what makes the requirement one that no request could meet as it is meant.
    ///
    /// # Errors
    ///
    /// [`RequirementError`], for an adapter to refuse the route with at start-up.
    pub fn check(&self) -> Result<(), RequirementError> {
        let has_source = self.org.sources().next().is_some();
        match self.org.rule {
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

impl Org {
    const fn required() -> Self {
        Self {
            sources: [None; MAX_ORG_SOURCES],
            rule: OrgRule::Required,
        }
    }

    const fn from(source: OrgSource) -> Self {
        Self {
            sources: [Some(source), None, None, None],
            rule: OrgRule::Required,
        }
    }

    /// The org that a path parameter names.
    pub const fn path(param: &'static str) -> Self {
        Self::from(OrgSource::Path(param))
    }

    /// The org that a member of the JSON body names; the body has at most [`DEFAULT_BODY_LIMIT`] bytes.
    pub const fn json(field: &'static str) -> Self {
        Self::json_within(field, DEFAULT_BODY_LIMIT)
    }

    /// The org that a member of the JSON body names; the body has at most `limit` bytes.
    pub const fn json_within(field: &'static str, limit: usize) -> Self {
        Self::from(OrgSource::Json { field, limit })
    }

    /// The subject's default org.
    pub const fn default_org() -> Self {
        Self {
            sources: [None; MAX_ORG_SOURCES],
            rule: OrgRule::Default,
        }
    }

    /// No org: the site tier alone decides.
    pub const fn none() -> Self {
        Self {
            sources: [None; MAX_ORG_SOURCES],
            rule: OrgRule::None,
        }
    }

    /// The subject's default org where the sources name none.
    #[must_use]
    pub const fn or_default(mut self) -> Self {
        self.rule = OrgRule::Default;
        self
    }

    /// The places in which the request may name the org; those that name one must agree.
    pub fn sources(&self) -> impl Iterator<Item = OrgSource> {
        self.sources.into_iter().flatten()
    }

    /// What holds where the request names none.
    pub const fn rule(&self) -> OrgRule {
        self.rule
    }
}

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
}

impl std::fmt::Display for RequirementError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NoOrg => "says nothing of an org: add `.org(Org::path(\"org\"))`, or `Org::none()` for a site-wide route",
            Self::NoneWithSource => "has a source for an org and the rule `none`: a route with an org is decided in that org",
            Self::BackgroundWithoutOrg => "runs background work without an org: background work is billed to an org",
        })
    }
}

impl std::error::Error for RequirementError {}
