//! A requirement as data.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::requirement::{ModeRule, OrgSource, Owner, Requirement, Resource};
use crate::vocabulary::{Mode, OrgRule};

/// A requirement as data: what of it can be told to another program.
///
/// Of a function of the service it has that there is one, not what it does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct RequirementRecord {
    /// The resource, or how the path chooses it.
    pub resource: RequiredResource,
    /// The action.
    pub action: String,
    /// How the work runs; absent where the route only reads or edits records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<RequiredMode>,
    /// Where the request names the org; those that do must agree. `path org`, `header x-org`, `query org`,
    /// `host under example.com`, `json org`, `body`, `object`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub org: Vec<String>,
    /// What holds where the request names no org.
    pub org_rule: OrgRule,
    /// Who owns the object: `subject`, `path who`, `object`, `object by body`; absent where nobody is known to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The largest body that is read for the decision, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_limit: Option<usize>,
    /// Whether denials are answered as if the object did not exist.
    #[serde(default, skip_serializing_if = "is_false")]
    pub hidden: bool,
    /// Whether the whole of a request ends with its permit.
    #[serde(default, skip_serializing_if = "is_false")]
    pub bound: bool,
    /// Whether nobody is admitted whose admission is not written down.
    #[serde(default, skip_serializing_if = "is_false")]
    pub logged: bool,
    /// Until which day denials are reported and not enforced, or `always`; absent where they are enforced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report_only: Option<String>,
}

/// The resource of a route, or how its path chooses it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
#[allow(clippy::exhaustive_enums, reason = "the two forms of a resource")]
pub enum RequiredResource {
    /// Always this one.
    Named(String),
    /// The one that a closed map names for a path parameter.
    ByPath {
        /// The path parameter.
        param: String,
        /// The parameter's values and the resources that they name.
        map: BTreeMap<String, String>,
        /// The resource of every other value.
        otherwise: String,
    },
}

/// How the work of a route runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(
    clippy::exhaustive_enums,
    reason = "one of the two modes, or what the body says"
)]
pub enum RequiredMode {
    /// The caller waits.
    Foreground,
    /// Queued or detached.
    Background,
    /// What the body asks for.
    Body,
}

impl RequirementRecord {
    /// What can be told of a requirement.
    pub fn of(requirement: &Requirement) -> Self {
        Self {
            resource: RequiredResource::of(requirement.resource()),
            action: requirement.action().to_owned(),
            mode: RequiredMode::of(requirement.mode_rule()),
            org: requirement.org_rule().sources().map(org_source).collect(),
            org_rule: requirement.org_rule().rule(),
            owner: owner(requirement.owner_rule()),
            body_limit: requirement.body_limit(),
            hidden: requirement.is_hidden(),
            bound: requirement.is_bound(),
            logged: requirement.is_logged(),
            report_only: requirement
                .reports_only()
                .map(|report_only| report_only.day().unwrap_or_else(|| ALWAYS.to_owned())),
        }
    }

    /// The modes in which it can be asked; `None` is a request without a mode.
    pub fn modes(&self) -> &'static [Option<Mode>] {
        match self.mode {
            None => &[None],
            Some(RequiredMode::Foreground) => &[Some(Mode::Foreground)],
            Some(RequiredMode::Background) => &[Some(Mode::Background)],
            Some(RequiredMode::Body) => &[Some(Mode::Foreground), Some(Mode::Background)],
        }
    }

    /// Whether the decision may depend on who owns the object, which the route alone does not say.
    pub fn has_other_owners(&self) -> bool {
        (self.owner.as_deref()).is_some_and(|owner| owner != OWNER_SUBJECT)
    }

    /// Every text in it.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        let by_path = match &self.resource {
            RequiredResource::Named(_) => None,
            RequiredResource::ByPath { param, map, .. } => Some((param, map.keys())),
        };
        let by_path = by_path
            .into_iter()
            .flat_map(|(param, values)| [param].into_iter().chain(values));
        let all = [&self.action]
            .into_iter()
            .chain(&self.org)
            .chain(&self.owner)
            .chain(&self.report_only)
            .chain(by_path);
        all.map(String::as_str).chain(self.resource.names())
    }

    /// What is asked, as a grant would name it: `chat:create#foreground`.
    pub fn asks(&self) -> impl fmt::Display + '_ {
        Asks(self)
    }
}

impl RequiredResource {
    fn of(resource: Resource) -> Self {
        match resource {
            Resource::Named(name) => Self::Named(name.to_owned()),
            Resource::ByPath {
                param,
                map,
                otherwise,
            } => Self::ByPath {
                param: param.to_owned(),
                map: (map.iter())
                    .map(|(value, named)| ((*value).to_owned(), (*named).to_owned()))
                    .collect(),
                otherwise: otherwise.to_owned(),
            },
        }
    }

    /// Every resource that it may be, each once, in the order of names.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = match self {
            Self::Named(name) => vec![name],
            Self::ByPath { map, otherwise, .. } => (map.values())
                .chain([otherwise])
                .map(|name| &**name)
                .collect(),
        };
        names.sort_unstable();
        names.dedup();
        names
    }
}

impl fmt::Display for RequiredResource {
    /// `chat`, or `{agent}` where the path chooses it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => f.write_str(name),
            Self::ByPath { param, .. } => write!(f, "{{{param}}}"),
        }
    }
}

impl RequiredMode {
    fn of(rule: ModeRule) -> Option<Self> {
        match rule {
            ModeRule::None => None,
            ModeRule::Fixed(Mode::Foreground) => Some(Self::Foreground),
            ModeRule::Fixed(Mode::Background) => Some(Self::Background),
            ModeRule::Body { .. } => Some(Self::Body),
        }
    }

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Foreground => "foreground",
            Self::Background => "background",
            Self::Body => "body",
        }
    }
}

/// Behind every day, as texts go.
pub(super) const ALWAYS: &str = "always";

struct Asks<'a>(&'a RequirementRecord);

impl fmt::Display for Asks<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(record) = self;
        write!(f, "{}:{}", record.resource, record.action)?;
        match record.mode {
            Some(mode) => write!(f, "#{}", mode.as_str()),
            None => Ok(()),
        }
    }
}

const OWNER_SUBJECT: &str = "subject";

fn owner(owner: Owner) -> Option<String> {
    match owner {
        Owner::Unknown => None,
        Owner::Subject => Some(OWNER_SUBJECT.to_owned()),
        Owner::Path(param) => Some(format!("path {param}")),
        Owner::Loaded => Some("object".to_owned()),
        Owner::LoadedByBody { .. } => Some("object by body".to_owned()),
    }
}

fn org_source(source: OrgSource) -> String {
    match source {
        OrgSource::Path(param) => format!("path {param}"),
        OrgSource::Header(name) => format!("header {name}"),
        OrgSource::Query(key) => format!("query {key}"),
        OrgSource::HostUnder(domain) => format!("host under {domain}"),
        OrgSource::Json { field, .. } => format!("json {field}"),
        OrgSource::Body { .. } => "body".to_owned(),
        OrgSource::Entity => "object".to_owned(),
    }
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "the form that serde asks for"
)]
fn is_false(it: &bool) -> bool {
    !it
}
