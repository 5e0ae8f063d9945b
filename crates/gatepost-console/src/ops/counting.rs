//! The policy as it was last compiled to count by.

/// The policy as it was last compiled to count by: once a version, however many ask.
#[derive(Debug, Default)]
pub(crate) struct Counting {}
