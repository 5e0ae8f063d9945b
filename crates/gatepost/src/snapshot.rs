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
mod fact;
mod facts;
mod found;
mod frame;
mod gates;
mod gather;
mod grants;
mod hash;
mod held;
mod holders;
mod inclusion;
mod kill;
mod load;
mod members;
mod names;
mod org_posts;
mod orgs;
mod pages;
mod post;
mod read;
mod records;
mod roles;
mod said;
mod site;
mod slots;
mod subjects;

use std::collections::HashMap;
use std::sync::Arc;

#[cfg(feature = "revocation")]
use crate::gate::GateId;
pub use fact::{FactChange, FactChangeError};
use facts::TableIndex;
pub(crate) use facts::{
    Cell, CellId, Org, OrgIndex, OrgRole, RoleIndex, RoleSet, RoleSetIndex, SiteRole, SiteRoleSet,
    SiteRoleSetIndex,
};
use frame::{Compiled, Frame};
pub(crate) use gates::{Floor, ModeGate, OrgGate, SiteGate};
pub use load::Loader;
pub(crate) use members::Membership;
use orgs::Orgs;
pub(crate) use orgs::Sought;
pub(crate) use post::Post;
pub(crate) use records::Subject;
use subjects::Subjects;

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
    /// One for each cell.
    posts: Arc<[Post]>,
    site_gates: Arc<[SiteGate]>,
    site_role_sets: Arc<[SiteRoleSet]>,
    /// Every table of cells, one behind the other.
    tables: Arc<[Cell]>,
    role_sets: Arc<[RoleSet]>,
    anyone_table: TableIndex,
    orgs: Orgs,
    /// Everything that any org says at a post.
    said: Arc<[OrgGate]>,
    subjects: Subjects,
    /// Whether the memberships are elsewhere.
    looks_through: bool,
    /// What no decision reads: names, and all that a changed copy is made of.
    compiled: Arc<Compiled>,
    frame: Frame,
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
            .field("resources", &self.compiled.vocabulary.resource_names.len())
            .field("orgs", &self.orgs.len())
            .field("subjects", &self.subjects.len())
            .finish_non_exhaustive()
    }
}
