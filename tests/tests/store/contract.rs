//! The same promises on both backends.

mod documents;
mod history;
mod making;
mod releases;
mod removed;
mod rows;
mod writes;
