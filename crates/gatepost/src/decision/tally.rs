//! What a run of the checks has come to so far.

use crate::snapshot::Floor;
use crate::world::Worlds;

/// What the checks so far have come to.
#[derive(Clone, Copy)]
pub(super) struct Tally {
    /// The worlds that are possible by what has been read.
    pub(super) worlds: Worlds,
    /// The worlds in which every check so far passes, possible or not.
    pub(super) passing: Worlds,
    /// Whether an `all_orgs` grant opened the org, for either of the two.
    pub(super) via: bool,
    /// The floor that was not reached, once it was not.
    pub(super) floor: Floor,
}
