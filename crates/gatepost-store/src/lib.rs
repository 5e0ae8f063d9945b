//! Where a [`Gate`](gatepost::Gate)'s policy comes from.
//!
//! [`WatchedDocument`] is a policy document in a file, live as it is edited.

mod document;
mod error;

pub use document::{WatchOptions, WatchedDocument};
pub use error::{StoreError, StoreErrorKind};
