//! What guards refused a request, kept for whoever answers it.

use gatepost::Denial;

/// What guards refused on the way of a request through the routes.
#[derive(Clone, Debug)]
pub(crate) struct Refused(Denial);

impl Refused {
    /// What is answered where a further guard refuses as well.
    ///
    /// An error stays, since no later answer may hide it; else the last denial is that of the route that
    /// was tried last.
    pub(crate) fn and(earlier: Option<Self>, denial: Denial) -> Self {
        match earlier {
            Some(earlier) if earlier.0.is_error() => earlier,
            Some(_) | None => Self(denial),
        }
    }

    pub(crate) fn denial(&self) -> &Denial {
        &self.0
    }
}
