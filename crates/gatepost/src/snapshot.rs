//! The compiled, immutable facts of one policy version.
//!
//! Everything that a decision compares is an index here: a resource and action
//! are one *cell*, the roles that a membership holds are one *role set*, and
//! what a role set says of a cell is a handful of bits. So a decision costs the
//! same whatever the number of orgs, members, roles and grants; only the depth
//! of the org's path counts.

mod around;
mod change;
mod compile;
mod elsewhere;
mod facts;
mod gates;
mod grants;
mod holders;
mod index;
mod kill;
mod load;
mod members;
mod names;
mod org_gates;
mod orgs;
mod post;
mod read;
mod roles;
mod site;
mod subjects;

use std::collections::HashMap;
use std::sync::Arc;

#[cfg(feature = "revocation")]
use crate::gate::GateId;
pub use change::{FactChange, FactChangeError};
use elsewhere::RoleNames;
use facts::TableIndex;
pub(crate) use facts::{
    Cell, CellId, Org, OrgIndex, OrgRole, RoleIndex, RoleSet, RoleSetIndex, SiteRole, SiteRoleSet,
    SiteRoleSetIndex,
};
pub(crate) use gates::{Floor, ModeGate, OrgGate, SiteGate};
use index::Index;
pub use load::Loader;
use members::{KnownSubject, Memberships};
pub(crate) use members::{Membership, Subject};
use org_gates::OrgGates;
pub(crate) use post::Post;

/// A map with a seeded, quick hash: what is looked up by ids that strangers choose.
pub(crate) type Map<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// The facts of one policy version, compiled for deciding.
///
/// It never changes; a change of policy is another snapshot. A clone is the same facts, not a copy of them.
///
/// ```
/// use gatepost::{PolicyText, Snapshot};
///
/// let snapshot: Snapshot = PolicyText::toml("version = 1\n[resources]\nchat = [\"read\"]\n").compile(7)?;
/// assert_eq!(snapshot.version(), 7);
/// assert!(snapshot.declares("chat", "read"));
/// assert!(!snapshot.declares("chat", "delete"));
/// # Ok::<(), gatepost::PolicyError>(())
/// ```
#[derive(Clone)]
pub struct Snapshot {
    version: u64,
    /// Whose live facts they are, if they are any gate's.
    #[cfg(feature = "revocation")]
    gate: GateId,
    /// Tells this snapshot's cells from those of every other one of this process.
    vocabulary: u64,
    cells: Arc<Map<Box<str>, Map<Box<str>, u32>>>,
    /// One for each cell.
    posts: Arc<[Post]>,
    cell_names: Arc<[(Box<str>, Box<str>)]>,
    resource_names: Arc<[Box<str>]>,
    site_gates: Arc<[SiteGate]>,
    site_roles: Arc<[SiteRole]>,
    site_role_sets: Arc<[SiteRoleSet]>,
    /// Every table of cells, one behind the other.
    tables: Arc<[Cell]>,
    org_roles: Arc<[OrgRole]>,
    role_sets: Arc<[RoleSet]>,
    anyone: Option<RoleIndex>,
    anyone_table: TableIndex,
    orgs: Arc<[Org]>,
    org_index: Index,
    org_gates: OrgGates,
    subjects: Arc<[KnownSubject]>,
    subject_index: Index,
    /// Whoever the policy does not know.
    stranger: Subject,
    memberships: Memberships,
    /// What the names that members hold mean, where the memberships themselves are elsewhere.
    elsewhere: Option<Arc<RoleNames>>,
}

impl Snapshot {
    /// The same facts as those of another policy version, for a change that touched none of them.
    ///
    /// ```
    /// use gatepost::PolicyText;
    ///
    /// let facts = PolicyText::toml("version = 1").compile(7)?;
    /// assert_eq!(facts.at_version(8).version(), 8);
    /// # Ok::<(), gatepost::PolicyError>(())
    /// ```
    #[must_use]
    pub fn at_version(&self, version: u64) -> Self {
        Self {
            version,
            ..self.clone()
        }
    }

    #[cfg(feature = "revocation")]
    pub(crate) fn of_gate(self, gate: GateId) -> Self {
        Self { gate, ..self }
    }

    #[cfg(feature = "revocation")]
    #[inline]
    pub(crate) fn gate(&self) -> GateId {
        self.gate
    }
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot")
            .field("version", &self.version)
            .field("resources", &self.resource_names.len())
            .field("orgs", &self.orgs.len())
            .field("subjects", &self.subjects.len())
            .finish_non_exhaustive()
    }
}
