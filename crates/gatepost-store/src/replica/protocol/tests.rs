//! The rules, given answers that a store would not give, and memberships that are elsewhere.

mod bent;
mod elsewhere;
mod same;
mod skipped;
