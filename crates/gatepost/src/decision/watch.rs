//! Whoever watches the checks being made.

#![allow(
    clippy::inline_always,
    reason = "measured: the compiler does not inline all of the checks by itself"
)]

use super::{Check, OrgView, Whose};
use crate::code::Code;
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
    /// Whether a check that fails with this code counts as one that passes: where nobody reports only, none does.
    #[inline(always)]
    fn lets_pass(&self, _: Code) -> bool {
        false
    }
    /// The run is over; the request can be in these worlds.
    fn ended(&mut self, worlds: Worlds);
}

/// Finds out whether a request goes on that was denied, where its requirement only reports.
pub(super) struct Lenient;

impl Watch for Lenient {
    fn passed(&mut self, _: Whose, _: Check) {}
    fn reads_org(&mut self) {}
    fn falls_in(&mut self, _: OrgIndex) {}
    fn saw_org(&mut self, _: Whose, _: &OrgView) {}
    fn lets_pass(&self, code: Code) -> bool {
        code.is_reportable()
    }
    fn ended(&mut self, _: Worlds) {}
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
