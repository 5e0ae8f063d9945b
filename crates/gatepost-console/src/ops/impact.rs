//! Whose answers a change would flip.
