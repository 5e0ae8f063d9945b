//! The same promises on both backends.

mod aside;
mod atomic;
mod credentials;
mod decisions;
mod documents;
mod history;
mod making;
mod parts;
mod policy_at;
mod releases;
mod removed;
mod rows;
mod undo;
mod undo_authority;
mod writes;
