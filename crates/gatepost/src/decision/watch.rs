//! Whoever watches the checks being made.

use super::{Check, OrgView, Whose};
use crate::snapshot::OrgIndex;
use crate::world::Worlds;

/// Sees each check as it is made; explain watches, the request path does not.
pub(crate) trait Watch {
    /// A check passed.
    fn passed(&mut self, whose: Whose, check: Check);
    /// The facts of an org are about to be read.
    fn reads_org(&mut self);
    /// The request falls in this org, which exists.
    fn falls_in(&mut self, org: OrgIndex);
    /// What the org's path says to one of the two has been read.
    fn saw_org(&mut self, whose: Whose, view: &OrgView);
    /// The run is over; the request can be in these worlds.
    fn ended(&mut self, worlds: Worlds);
}

/// Nobody watches.
pub(super) struct Unwatched;

impl Watch for Unwatched {
    #[inline]
    fn passed(&mut self, _: Whose, _: Check) {}
    #[inline]
    fn reads_org(&mut self) {}
    #[inline]
    fn falls_in(&mut self, _: OrgIndex) {}
    #[inline]
    fn saw_org(&mut self, _: Whose, _: &OrgView) {}
    #[inline]
    fn ended(&mut self, _: Worlds) {}
}
