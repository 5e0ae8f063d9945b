//! What the console's own routes require.

use gatepost::{Org, Requirement};

/// What the site says.
pub(crate) const SITE: &str = "gatepost-site";
/// What an org says.
pub(crate) const ORG: &str = "gatepost-org";
/// Who changed what, who was denied what, and why others are answered as they are.
pub(crate) const AUDIT: &str = "gatepost-audit";

/// Reading what the site says.
pub(crate) const READ_SITE: Requirement = Requirement::new(SITE, "read").org(Org::none());

/// Changing what the site says: under a kill as well, since the console's own resources have no switch.
pub(crate) const UPDATE_SITE: Requirement = Requirement::new(SITE, "update").org(Org::none());

/// Reading what is site-wide in the audit log: asked in handlers, beside [`READ_SITE`] of their routes.
pub(crate) const AUDIT_SITE: Requirement = Requirement::new(AUDIT, "read").org(Org::none());

/// Reading what an org says.
pub(crate) const READ_ORG: Requirement = Requirement::new(ORG, "read").org(Org::path("org"));

/// Changing what an org says.
pub(crate) const UPDATE_ORG: Requirement = Requirement::new(ORG, "update").org(Org::path("org"));

/// Reading who changed what in an org, who was denied what, and why others are answered as they are.
pub(crate) const READ_AUDIT: Requirement = Requirement::new(AUDIT, "read").org(Org::path("org"));
