//! What the console's own routes require.

use gatepost::{Org, Requirement};

/// Reading what the site says.
pub(crate) const READ_SITE: Requirement =
    Requirement::new("gatepost-site", "read").org(Org::none());

/// Changing what the site says: under a kill as well, since the console's own resources have no switch.
pub(crate) const UPDATE_SITE: Requirement =
    Requirement::new("gatepost-site", "update").org(Org::none());

/// Reading what an org says.
pub(crate) const READ_ORG: Requirement =
    Requirement::new("gatepost-org", "read").org(Org::path("org"));

/// Changing what an org says.
pub(crate) const UPDATE_ORG: Requirement =
    Requirement::new("gatepost-org", "update").org(Org::path("org"));

/// Reading who changed what in an org, who was denied what, and why others are answered as they are.
pub(crate) const READ_AUDIT: Requirement =
    Requirement::new("gatepost-audit", "read").org(Org::path("org"));
