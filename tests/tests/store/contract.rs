//! The same promises on both backends.

mod atomic;
mod documents;
mod history;
mod making;
mod parts;
mod releases;
mod removed;
mod rows;
mod undo;
mod undo_authority;
mod writes;
