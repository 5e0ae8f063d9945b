//! Faults: what a store and its replicas must come through, and how it is seen that they did.

pub mod forwarder;
pub mod history;
pub mod network;
pub mod policy;
pub mod replicas;
pub mod rig;
pub mod scale;
pub mod store;
pub mod writer;
