//! What a requirement reads of a request.

use super::{ModeRule, OrgSource, Owner, Requirement, Resource};

impl Requirement {
    /// The path parameters that are read, each as often as it is.
    ///
    /// ```
    /// use gatepost::{Org, Owner, Requirement};
    ///
    /// const OF: Requirement = Requirement::new("chat", "read").org(Org::path("org")).owner(Owner::Path("who"));
    ///
    /// assert_eq!(OF.path_params().collect::<Vec<_>>(), ["org", "who"]);
    /// ```
    pub fn path_params(&self) -> impl Iterator<Item = &'static str> + use<'_> {
        let of_resource = match self.resource {
            Resource::ByPath { param, .. } => Some(param),
            Resource::Named(_) => None,
        };
        let of_owner = match self.owner {
            Owner::Path(param) => Some(param),
            Owner::Unknown | Owner::Subject | Owner::Loaded | Owner::LoadedByBody { .. } => None,
        };
        let of_org = self.org.sources().filter_map(|source| match source {
            OrgSource::Path(param) => Some(param),
            OrgSource::Header(_)
            | OrgSource::Query(_)
            | OrgSource::HostUnder(_)
            | OrgSource::Json { .. }
            | OrgSource::Body { .. }
            | OrgSource::Entity => None,
        });
        of_org.chain(of_resource).chain(of_owner)
    }

    /// The largest body that is read for the decision, in bytes; `None` where none is.
    pub fn body_limit(&self) -> Option<usize> {
        let of_mode = match self.mode {
            ModeRule::Body { limit, .. } => Some(limit),
            ModeRule::None | ModeRule::Fixed(_) => None,
        };
        let of_owner = match self.owner {
            Owner::LoadedByBody { limit } => Some(limit),
            Owner::Unknown | Owner::Subject | Owner::Path(_) | Owner::Loaded => None,
        };
        let of_org = self.org.sources().filter_map(|source| match source {
            OrgSource::Json { limit, .. } | OrgSource::Body { limit, .. } => Some(limit),
            OrgSource::Path(_)
            | OrgSource::Header(_)
            | OrgSource::Query(_)
            | OrgSource::HostUnder(_)
            | OrgSource::Entity => None,
        });
        of_org.chain(of_mode).chain(of_owner).max()
    }
}
