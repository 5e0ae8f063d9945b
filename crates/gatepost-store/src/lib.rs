//! Where a [`Gate`](gatepost::Gate)'s policy comes from.
//!
//! [`PolicyStore`] is a policy in a database that is changed by commands, and [`Replica`] follows it
//! under a lease. [`WatchedDocument`] is a policy document in a file, live as it is edited.
//! [`LookThrough`] has the memberships of a policy that are too many, or change too often, to stand in
//! its snapshot.

#![cfg_attr(
    not(any(feature = "sqlite", feature = "postgres")),
    allow(
        dead_code,
        unused_imports,
        reason = "what a store holds is told by its errors, and done only where there is one"
    )
)]

mod authority;
mod change;
mod clock;
mod command;
mod credential;
mod decision;
mod denial;
mod document;
mod error;
mod fact;
mod head;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod kill;
mod look_through;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod migrate;
mod plan;
#[cfg(feature = "postgres")]
mod postgres;
mod preview;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod replica;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod store;
mod url;

pub use change::{Author, Authority, Change, ChangeRecord, Committed, Effect, Undo};
pub use clock::BootClock;
pub use command::{Command, Fault, WriteRefusal};
pub use credential::{Credential, CredentialKind, Issued, NewCredential};
pub use decision::{DecisionFilter, DecisionNote, DecisionRetention};
pub use denial::{DenialFilter, DenialNote};
pub use document::{WatchOptions, WatchedDocument};
pub use error::{StoreError, StoreErrorKind};
pub use fact::{FactKey, FactKind};
pub use head::{Head, STORE_FORMAT};
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub use kill::{Proof, ProofOutcome, ReplicaProof};
pub use look_through::{LookThrough, LookThroughOptions, MembershipReader};
pub use preview::Preview;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub use replica::{Replica, ReplicaOptions, ReplicaStatistics};
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub use store::{
    HistoryFilter, MemberPart, MembersPage, PolicyPart, PolicyStore, ReplicaRow, ReportedRoutes,
    SubjectPart,
};
pub use url::StoreUrl;
