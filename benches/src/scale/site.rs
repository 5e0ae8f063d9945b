//! A site of any size: its facts are told one by one, made of their numbers, and never held.

use std::error::Error;

use gatepost::{
    Loader, MemberDocument, OrgDocument, OrgGateDocument, OrgRoleDocument, PolicyDocument,
    PolicyError, SiteGateDocument, Snapshot, Status, SubjectDocument, Visibility,
};

use super::frame::{self, Parts, RESOURCES, choose};
use super::ids::Ids;

/// Which of the numbers of a fact decides what: each draws apart from the others.
#[derive(Debug, Clone, Copy)]
enum Of {
    Start = 1,
    Step,
    Org,
    Gates,
    Member,
    Subject,
}

/// Of ten orgs each, how many members they have: a hundred in all.
const SIZES: [u32; 10] = [40, 20, 10, 8, 6, 5, 4, 3, 2, 2];
/// One org in so many has roles of its own.
const OWN_ROLES: u32 = 100;

/// The facts of one site, by their numbers.
#[derive(Debug)]
pub(super) struct Site {
    pub(super) memberships: u32,
    pub(super) ids: Ids,
    frame: PolicyDocument,
    parts: Parts,
}

/// One fact.
#[derive(Debug, Clone, Copy)]
pub(super) enum Fact<'a> {
    Org(&'a str, &'a OrgDocument),
    Gate(&'a str, &'a str, &'a OrgGateDocument),
    OwnRole(&'a str, &'a str, &'a OrgRoleDocument),
    Member(&'a str, &'a str, &'a MemberDocument),
    Subject(&'a str, &'a SubjectDocument),
}

impl Site {
    /// A site of that many memberships, which are counted in hundreds, with a tenth as many orgs and half as
    /// many subjects.
    pub(super) fn new(memberships: u32, ids: Ids) -> Result<Self, Box<dyn Error>> {
        Ok(Self {
            memberships: (memberships / 100).max(10) * 100,
            ids,
            frame: frame::frame()?,
            parts: Parts::new()?,
        })
    }

    pub(super) const fn orgs(&self) -> u32 {
        self.memberships / 10
    }

    pub(super) const fn subjects(&self) -> u32 {
        self.memberships / 2
    }

    /// Compiles it, fact by fact.
    pub(super) fn load(&self, version: u64) -> Result<Snapshot, PolicyError> {
        let mut loader = Loader::new(&self.frame);
        self.each(|fact| match fact {
            Fact::Org(id, org) => loader.org(id, org),
            Fact::Gate(org, resource, gate) => loader.org_gate(org, resource, gate),
            Fact::OwnRole(org, name, role) => loader.own_role(org, name, role),
            Fact::Member(org, subject, member) => loader.member(org, subject, member),
            Fact::Subject(id, subject) => loader.subject(id, subject),
        });
        loader.finish(version)
    }

    /// Tells every fact, in an order that a loader takes.
    pub(super) fn each(&self, mut tell: impl FnMut(Fact<'_>)) {
        let (mut org_id, mut subject_id) = (String::new(), String::new());
        let mut document = OrgDocument::default();
        for org in 0..self.orgs() {
            self.ids.org(org, &mut org_id);
            self.write_org(org, &mut document);
            tell(Fact::Org(&org_id, &document));
        }
        for org in 0..self.orgs() {
            self.ids.org(org, &mut org_id);
            for (resource, gate) in self.gates(org) {
                tell(Fact::Gate(&org_id, resource, gate));
            }
            if org.is_multiple_of(OWN_ROLES) {
                for (name, role) in &self.parts.own_roles {
                    tell(Fact::OwnRole(&org_id, name, role));
                }
            }
        }
        for org in 0..self.orgs() {
            self.ids.org(org, &mut org_id);
            for place in 0..size(org) {
                self.ids
                    .subject(self.subject_at(org, place), &mut subject_id);
                if let Some(member) = self.member(org, place) {
                    tell(Fact::Member(&org_id, &subject_id, member));
                }
            }
        }
        for subject in 0..self.subjects() {
            self.ids.subject(subject, &mut subject_id);
            let drawn = draw(Of::Subject, subject);
            if has_default_org(drawn) {
                let document = self.subject(subject);
                tell(Fact::Subject(&subject_id, &document));
            } else if let Some(document) = choose(&self.parts.subjects, drawn) {
                tell(Fact::Subject(&subject_id, document));
            }
        }
    }

    /// What the site says of a subject.
    pub(super) fn subject(&self, subject: u32) -> SubjectDocument {
        let drawn = draw(Of::Subject, subject);
        let mut document = choose(&self.parts.subjects, drawn)
            .cloned()
            .unwrap_or_default();
        if has_default_org(drawn) {
            let mut org_id = String::new();
            self.ids.org(below(drawn >> 16, self.orgs()), &mut org_id);
            document.default_org = Some(org_id);
        }
        document
    }

    /// A resource of which the org says nothing.
    pub(super) fn silent_about(org: u32) -> u32 {
        (below(draw(Of::Gates, org), 64) + 2) % 64
    }

    /// The site's gate of a resource.
    pub(super) fn site_gate(&self, resource: &str) -> Option<&SiteGateDocument> {
        self.frame.site.gates.get(resource)
    }

    /// What a member may have.
    pub(super) fn any_member(&self, number: u32) -> Option<&MemberDocument> {
        choose(&self.parts.members, u64::from(number))
    }

    /// The org and the subject of a membership.
    pub(super) fn pair(&self, membership: u32) -> (u32, u32) {
        let (tens, mut place) = (membership / 100, membership % 100);
        let mut org = tens * 10;
        for size in SIZES {
            if place < size {
                break;
            }
            place -= size;
            org += 1;
        }
        (org, self.subject_at(org, place))
    }

    /// A subject that is not a member of the org itself.
    pub(super) fn stranger(&self, org: u32) -> u32 {
        let step = self.step(org);
        let start = u64::from(below(draw(Of::Start, org), self.subjects()));
        below(
            start + u64::from(self.subjects()) - u64::from(step),
            self.subjects(),
        )
    }

    /// Steps are so small that an org's largest number of members stays below all subjects.
    fn subject_at(&self, org: u32, place: u32) -> u32 {
        let start = u64::from(below(draw(Of::Start, org), self.subjects()));
        below(
            start + u64::from(self.step(org)) * u64::from(place),
            self.subjects(),
        )
    }

    fn step(&self, org: u32) -> u32 {
        1 + below(draw(Of::Step, org), self.subjects() / 64)
    }

    /// In every other ten orgs, four stand one below the other.
    fn write_org(&self, org: u32, document: &mut OrgDocument) {
        let drawn = draw(Of::Org, org);
        document.visibility = drawn.is_multiple_of(10).then_some(Visibility::Public);
        document.status = (drawn >> 8)
            .is_multiple_of(100)
            .then_some(Status::Suspended);
        let nested = (org / 10).is_multiple_of(2) && (1..=3).contains(&(org % 10));
        if nested {
            let parent = document.parent.get_or_insert_default();
            self.ids.org(org - 1, parent);
        } else {
            document.parent = None;
        }
    }

    /// Up to six, three on average; each of another resource.
    fn gates(&self, org: u32) -> impl Iterator<Item = (&str, &OrgGateDocument)> {
        let drawn = draw(Of::Gates, org);
        let first = below(drawn, 64);
        (0..below(drawn >> 8, 7)).filter_map(move |place| {
            let resource = RESOURCES.get(((first + place * 11) % 64) as usize)?;
            let gate = choose(&self.parts.gates, drawn >> (16 + place * 6))?;
            Some((resource.as_str(), gate))
        })
    }

    /// What a member has in its org.
    fn member(&self, org: u32, place: u32) -> Option<&MemberDocument> {
        if org.is_multiple_of(OWN_ROLES) && place == 0 {
            return Some(&self.parts.own_member);
        }
        choose(&self.parts.members, draw(Of::Member, org * 64 + place))
    }
}

fn size(org: u32) -> u32 {
    SIZES
        .get(org as usize % SIZES.len())
        .copied()
        .unwrap_or_default()
}

/// One subject in ten has one.
const fn has_default_org(drawn: u64) -> bool {
    (drawn >> 32).is_multiple_of(10)
}

/// A number that belongs to a fact: the same in each run, and unlike that of its neighbour (`SplitMix64`).
fn draw(of: Of, number: u32) -> u64 {
    let seed = (of as u64) << 40 | u64::from(number);
    let mut mixed = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ mixed >> 31
}

/// Less than `bound`, or 0 where there is nothing less.
fn below(drawn: u64, bound: u32) -> u32 {
    u32::try_from(drawn % u64::from(bound.max(1))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_site_has_as_many_of_each_as_it_says_and_compiles() {
        for ids in Ids::ALL {
            let site = Site::new(2000, ids).unwrap();
            let (mut orgs, mut members, mut subjects) = (0, BTreeSet::new(), 0);
            site.each(|fact| match fact {
                Fact::Org(..) => orgs += 1,
                Fact::Member(org, subject, _) => {
                    members.insert((org.to_owned(), subject.to_owned()));
                }
                Fact::Subject(..) => subjects += 1,
                Fact::Gate(..) | Fact::OwnRole(..) => {}
            });
            assert_eq!((orgs, members.len(), subjects), (200, 2000, 1000));
            site.load(1).unwrap();
        }
    }

    #[test]
    fn a_membership_is_known_by_its_number_and_a_stranger_is_none() {
        let site = Site::new(2000, Ids::Short).unwrap();
        let pairs: BTreeSet<_> = (0..2000).map(|number| site.pair(number)).collect();
        assert_eq!(pairs.len(), 2000);
        for org in 0..site.orgs() {
            assert!(!pairs.contains(&(org, site.stranger(org))));
        }
    }
}
