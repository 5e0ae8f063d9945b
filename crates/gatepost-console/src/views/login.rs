//! The page that a login link leads to.

/// What the page of a login link shows. Looking at it consumes nothing.
#[derive(Clone, Debug)]
pub(crate) struct LoginView {
    /// The code of the link, for the form that posts it.
    pub(crate) code: String,
    /// Whom it logs in; none where the link is used, over or none of ours.
    pub(crate) subject: Option<String>,
    /// Until when it can be used.
    pub(crate) expires: Option<String>,
}
