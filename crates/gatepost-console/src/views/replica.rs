//! Who decides by a version.

use serde::Serialize;
use utoipa::ToSchema;

/// Which replicas decide by a version, at one look.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Replicas)]
pub(crate) struct ReplicasView {
    /// The version that was asked for.
    pub(crate) version: u64,
    /// The store's newest version.
    pub(crate) newest: u64,
    /// Whether no replica decides by anything older any more.
    pub(crate) is_in_force: bool,
    /// Every replica, by name.
    pub(crate) replicas: Vec<ReplicaView>,
}

/// A replica, as it last said of itself.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Replica)]
pub(crate) struct ReplicaView {
    /// The random name that it gave itself.
    pub(crate) id: String,
    /// What its operator calls it.
    pub(crate) name: String,
    /// The version that it last said it decides by.
    pub(crate) version: u64,
    /// `acknowledged`: it decides by the version or a newer one. `lease_ran_out`: it has not said so, and decides by
    /// nothing any more unless it has heard of it. `waiting`: it may still decide by an older one.
    pub(crate) outcome: String,
    /// How long ago it last said so, in milliseconds.
    pub(crate) age_ms: u64,
    /// How long its policy counts without hearing from the store, in milliseconds.
    pub(crate) lease_ms: u64,
    /// How it is, in a word.
    pub(crate) state: String,
    /// The release of Gatepost.
    pub(crate) library: String,
}
