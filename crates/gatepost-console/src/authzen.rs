//! The console's routes: authzen.

use gatepost_axum::Gated;

use crate::kept::Kept;

/// Adds the routes.
pub(crate) fn routes(gated: Gated<Kept>) -> Gated<Kept> {
    gated
}
