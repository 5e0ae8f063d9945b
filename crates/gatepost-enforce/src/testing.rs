//! What a service's own tests ask of its routes. The adapters have it as a module of the same name.

#[cfg(feature = "testing")]
mod golden;
#[cfg(test)]
mod head;

#[cfg(feature = "testing")]
pub use golden::{assert_matrix, assert_routes};
#[cfg(test)]
pub(crate) use head::Head;
