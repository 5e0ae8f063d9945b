//! Where a [`Gate`](gatepost::Gate)'s policy comes from.
//!
//! [`WatchedDocument`] is a policy document in a file, live as it is edited. [`LookThrough`] has the
//! memberships of a policy that are too many, or change too often, to stand in its snapshot.

mod authority;
mod change;
mod clock;
mod command;
mod document;
mod error;
mod fact;
mod head;
mod look_through;
mod plan;
mod url;

pub use change::{Author, Authority, Change, ChangeRecord, Committed, Effect};
pub use clock::BootClock;
pub use command::{Command, Fault, WriteRefusal};
pub use document::{WatchOptions, WatchedDocument};
pub use error::{StoreError, StoreErrorKind};
pub use fact::{FactKey, FactKind};
pub use head::{Head, STORE_FORMAT};
pub use look_through::{LookThrough, LookThroughOptions, MembershipReader};
pub use url::StoreUrl;
