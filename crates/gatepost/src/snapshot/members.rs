//! Memberships, as they lie in a subject's record.

#![allow(
    clippy::inline_always,
    reason = "measured: on the hot path a call costs as much as the look-up"
)]

use super::facts::{OrgIndex, RoleSetIndex};
use crate::decision::is_on;
use crate::time::Timestamp;

/// A subject's roles in one org.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Membership {
    pub(crate) org: OrgIndex,
    pub(crate) roles: RoleSetIndex,
    /// When it is over, if ever.
    pub(crate) end: Option<Timestamp>,
}

impl Membership {
    /// Whether it is not over at `at`.
    pub(crate) fn is_current(self, at: Timestamp) -> bool {
        is_on(self.end, Some(at)).is_ok_and(|is_on| is_on)
    }
}

/// The memberships of one subject, sorted by org.
///
/// Eight bytes each; where any of them has an end, all have room for one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Memberships<'s> {
    bytes: &'s [u8],
    with_ends: bool,
}

const WITHOUT_END: usize = 8;
const WITH_END: usize = 20;
/// No second that a moment has: it never ends.
const NEVER: i64 = i64::MIN;
/// As many are looked through; among more is searched.
const FEW: usize = 16;

impl<'s> Memberships<'s> {
    #[inline]
    pub(super) fn new(bytes: &'s [u8], with_ends: bool) -> Self {
        Self { bytes, with_ends }
    }

    #[inline]
    fn width(self) -> usize {
        if self.with_ends {
            WITH_END
        } else {
            WITHOUT_END
        }
    }

    /// The bytes that so many take.
    #[inline]
    pub(super) fn room(count: usize, with_ends: bool) -> usize {
        count * if with_ends { WITH_END } else { WITHOUT_END }
    }

    /// The bytes that they take.
    pub(super) fn room_taken(self) -> usize {
        self.bytes.len()
    }

    pub(crate) fn len(self) -> usize {
        self.bytes.len() / self.width()
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = Membership> + 's {
        self.bytes.chunks_exact(self.width()).filter_map(read)
    }

    #[inline(always)]
    pub(super) fn get(self, org: OrgIndex) -> Option<Membership> {
        if self.with_ends || self.bytes.len() > FEW * WITHOUT_END {
            return self.search(org);
        }
        let rows = self.bytes.as_chunks::<WITHOUT_END>().0;
        let row = rows.iter().find(|row| org_of(*row) == Some(org))?;
        let roles = row.last_chunk()?;
        Some(Membership {
            org,
            roles: RoleSetIndex(u32::from_le_bytes(*roles)),
            end: None,
        })
    }

    #[cold]
    fn search(self, org: OrgIndex) -> Option<Membership> {
        let width = self.width();
        let row = |at: usize| self.bytes.get(at * width..(at + 1) * width);
        let (mut from, mut to) = (0, self.len());
        while from < to {
            let middle = from.midpoint(to);
            let found = row(middle)?;
            match org_of(found)?.cmp(&org) {
                std::cmp::Ordering::Less => from = middle + 1,
                std::cmp::Ordering::Greater => to = middle,
                std::cmp::Ordering::Equal => return read(found),
            }
        }
        None
    }
}

/// Adds memberships to a record, which are sorted by org.
pub(super) fn write(memberships: &[Membership], with_ends: bool, to: &mut Vec<u8>) {
    for membership in memberships {
        to.extend(membership.org.0.to_le_bytes());
        to.extend(membership.roles.0.to_le_bytes());
        if with_ends {
            let (second, nanosecond) = membership.end.map_or((NEVER, 0), Timestamp::to_parts);
            to.extend(second.to_le_bytes());
            to.extend(nanosecond.to_le_bytes());
        }
    }
}

#[inline]
fn org_of(row: &[u8]) -> Option<OrgIndex> {
    row.first_chunk()
        .map(|org| OrgIndex(u32::from_le_bytes(*org)))
}

#[inline]
fn read(row: &[u8]) -> Option<Membership> {
    let (org, row) = row.split_first_chunk()?;
    let (roles, row) = row.split_first_chunk()?;
    let end = match row.split_first_chunk() {
        None => None,
        Some((second, row)) => {
            let nanosecond = row.first_chunk().map_or(0, |it| i32::from_le_bytes(*it));
            match i64::from_le_bytes(*second) {
                NEVER => None,
                // Every end that was written is a moment; a membership of one that was none would be over.
                second => Some(Timestamp::from_parts(second, nanosecond).unwrap_or(Timestamp::MIN)),
            }
        }
    };
    Some(Membership {
        org: OrgIndex(u32::from_le_bytes(*org)),
        roles: RoleSetIndex(u32::from_le_bytes(*roles)),
        end,
    })
}
