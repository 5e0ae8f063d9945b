//! The same promises on both backends.

mod documents;
mod history;
mod making;
mod parts;
mod releases;
mod removed;
mod rows;
mod writes;
