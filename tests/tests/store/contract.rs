//! The same promises on both backends.

mod documents;
mod history;
mod making;
mod rows;
mod writes;
