//! Everybody who is counted is listed, and nobody else.

use super::*;

/// What is listed is what was found by hand on either side, once each, and in order.
pub(super) fn same(
    impact: &Impact,
    (before, after): (&Snapshot, &Snapshot),
    routes: &Inventory,
    lost: &BTreeSet<Asked>,
    gained: &BTreeSet<Asked>,
) {
    let (mut loses, mut gains, mut told) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    let listed = Impact::listed_at(before, after, routes, now(), LIMIT, |member| {
        let (subject, org) = (member.subject().to_string(), member.org());
        told.push((subject.clone(), org.cloned()));
        assert!(member.flips().next().is_some());
        for flip in member.flips() {
            assert!(flip.loses() || flip.gains(), "{flip:?}");
            let org = org.map(OrgId::to_string);
            let key = (subject.clone(), org, flip.path.into(), flip.asks.into());
            // Two routes of one path that ask the same are one of them by hand.
            if flip.loses() {
                loses.insert(key.clone());
            }
            if flip.gains() {
                gains.insert(key);
            }
        }
    });
    assert_eq!(listed.as_ref(), Ok(impact));
    assert_eq!((&loses, &gains), (lost, gained));
    // By subject, each by itself first; and nobody twice.
    assert!(told.is_sorted_by(|one, other| {
        one.0 < other.0 || one.0 == other.0 && other.1.is_some() && one.1 != other.1
    }));
    assert_eq!(told.iter().collect::<BTreeSet<_>>().len(), told.len());
}
