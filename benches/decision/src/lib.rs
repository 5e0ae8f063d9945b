//! The path of a decision by itself, in cases with names: [`instructions`](../instructions/index.html) counts what
//! the processor does for each, and [`timing`](../timing/index.html) asks whether two of them can be told apart.

pub mod cases;
pub mod policy;
pub mod welch;
