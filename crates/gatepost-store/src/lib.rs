//! Where a [`Gate`](gatepost::Gate)'s policy comes from.
//!
//! [`WatchedDocument`] is a policy document in a file, live as it is edited.

mod authority;
mod change;
mod clock;
mod command;
mod document;
mod error;
mod fact;
mod head;
mod plan;
mod url;

pub use change::{Author, Authority, Change, ChangeRecord, Committed, Effect};
pub use clock::BootClock;
pub use command::{Command, Fault, WriteRefusal};
pub use document::{WatchOptions, WatchedDocument};
pub use error::{StoreError, StoreErrorKind};
pub use fact::{FactKey, FactKind};
pub use head::{Head, STORE_FORMAT};
pub use url::StoreUrl;
