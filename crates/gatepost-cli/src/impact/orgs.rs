//! Of each org how many members lose or gain.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use gatepost::{ImpactMember, OrgId};
use serde::Serialize;

/// Of each org how many members lose, and how many gain.
#[derive(Debug, Default)]
pub(super) struct ByOrg {
    counts: BTreeMap<OrgId, [u64; 2]>,
}

/// An org, and how many of its members.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) struct OrgCount<'a> {
    pub(super) org: &'a OrgId,
    pub(super) members: u64,
}

impl ByOrg {
    pub(super) fn add(&mut self, member: &ImpactMember<'_>) {
        let Some(org) = member.org() else { return };
        let (loses, gains) = (member.flips()).fold((false, false), |(loses, gains), flip| {
            (loses || flip.loses(), gains || flip.gains())
        });
        if !self.counts.contains_key(org) {
            self.counts.insert(org.clone(), [0, 0]);
        }
        if let Some([losing, gaining]) = self.counts.get_mut(org) {
            *losing += u64::from(loses);
            *gaining += u64::from(gains);
        }
    }

    /// Those where somebody loses; the most first.
    pub(super) fn losing(&self) -> Vec<OrgCount<'_>> {
        self.of(|[losing, _]| losing)
    }

    /// Those where somebody gains; the most first.
    pub(super) fn gaining(&self) -> Vec<OrgCount<'_>> {
        self.of(|[_, gaining]| gaining)
    }

    fn of(&self, side: fn([u64; 2]) -> u64) -> Vec<OrgCount<'_>> {
        let counts = self.counts.iter().map(|(org, counts)| OrgCount {
            org,
            members: side(*counts),
        });
        let mut counts: Vec<_> = counts.filter(|count| count.members > 0).collect();
        counts.sort_by_key(|count| Reverse(count.members));
        counts
    }
}
