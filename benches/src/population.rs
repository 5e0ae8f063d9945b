//! A synthetic population, the same for every run: gates, roles, orgs,
//! subjects and who is a member where. Plain facts, from which every store
//! under test is filled.

mod document;
mod generate;

/// All facts of one site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Population {
    /// The gate of each of [`crate::permission::RESOURCES`], in that order.
    pub gates: [Gate; 8],
    /// At most 32; a subject's `site_roles` are bits in this order.
    pub site_roles: Vec<Role>,
    /// At most 32; a membership's `roles` are bits in this order.
    pub org_roles: Vec<Role>,
    /// Everybody the site knows.
    pub subjects: Vec<Subject>,
    /// Every org. They do not nest.
    pub orgs: Vec<Org>,
    /// Sorted by org, then by subject; no pair stands twice.
    pub memberships: Vec<Membership>,
}

/// What the site says of one resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gate {
    /// The site's switch.
    pub switch: SiteSwitch,
    /// Access for everyone, else only for those with a site role that grants it.
    pub everyone: bool,
    /// The index of the lowest org role that may run each of [`crate::permission::Mode::ALL`].
    pub floors: [Option<u8>; 2],
}

/// The site's switch of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SiteSwitch {
    /// Off for everyone.
    Off,
    /// Off unless the org says on.
    OptIn,
    /// On unless the org says off.
    OptOut,
    /// On, whatever the org says.
    On,
}

/// An org's switch of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum OrgSwitch {
    /// The org says nothing.
    Unset,
    /// On.
    On,
    /// Off.
    Off,
}

/// A site role or an org role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Unique in its tier.
    pub name: String,
    /// Where it stands on the ladder that floors compare with; 0 for a site role.
    pub level: u8,
    /// The bits of the permissions that it grants.
    pub grants: u64,
}

/// Someone who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Unique among subjects.
    pub id: String,
    /// Whether it was suspended.
    pub suspended: bool,
    /// Bits in the order of [`Population::site_roles`].
    pub site_roles: u32,
}

/// A tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Org {
    /// Unique among orgs.
    pub id: String,
    /// Whether those who are no members may know it.
    pub public: bool,
    /// Its switch of each of [`crate::permission::RESOURCES`].
    pub switches: [OrgSwitch; 8],
}

/// A subject's roles in an org.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Membership {
    /// Index in [`Population::orgs`].
    pub org: u32,
    /// Index in [`Population::subjects`].
    pub subject: u32,
    /// Bits in the order of [`Population::org_roles`].
    pub roles: u32,
    /// When it ends, if ever.
    pub expires: Option<Expiry>,
}

/// The only two ends that a membership of a population has, so that the
/// answers are the same on every day that the benches run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Expiry {
    /// At the start of 2020.
    Past,
    /// At the start of 2100.
    Future,
}

impl Expiry {
    /// Seconds since 1970.
    pub const fn unix_seconds(self) -> u64 {
        match self {
            Self::Past => 1_577_836_800,
            Self::Future => 4_102_444_800,
        }
    }

    /// As RFC 3339 writes it.
    pub const fn rfc3339(self) -> &'static str {
        match self {
            Self::Past => "2020-01-01T00:00:00Z",
            Self::Future => "2100-01-01T00:00:00Z",
        }
    }
}

impl Population {
    /// The members of the org with that index.
    pub fn members(&self, org: u32) -> &[Membership] {
        let start = self
            .memberships
            .partition_point(|membership| membership.org < org);
        let end = self
            .memberships
            .partition_point(|membership| membership.org <= org);
        self.memberships.get(start..end).unwrap_or_default()
    }
}
