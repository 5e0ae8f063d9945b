//! Denials, sampled.
