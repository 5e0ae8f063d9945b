//! What guards refused a request, kept for whoever answers it.

use std::sync::Arc;

use gatepost::Denial;

/// What guards refused on the way of a request through the routes.
#[derive(Clone, Debug)]
pub(crate) struct Refused(Arc<Denial>);

impl Refused {
    /// What is answered where a further guard refuses as well.
    ///
    /// An error stays, since no later answer may hide it; else the last denial is that of the route that
    /// was tried last.
    pub(crate) fn and(earlier: Option<Self>, denial: Arc<Denial>) -> Self {
        match earlier {
            Some(earlier) if earlier.0.is_error() => earlier,
            Some(_) | None => Self(denial),
        }
    }

    pub(crate) fn denial(&self) -> &Arc<Denial> {
        &self.0
    }
}
