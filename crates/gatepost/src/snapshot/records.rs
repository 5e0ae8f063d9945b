//! Subjects of one shard, as bytes: a record each, and a table that finds it.
//!
//! A decision that asks for some subject among millions waits for memory, not for the processor. So all that
//! the policy says of a subject lies together, id and memberships included, and takes as few bytes as it can.
//!
//! A record is: the length of the id and flags, a byte each; how many memberships, two bytes; the set of site
//! roles, four; the default org, four; the id; the memberships, or where they are many, four bytes that say which
//! of the shard's long lists they are; and as many zeros as fill up four bytes.

#![allow(
    clippy::inline_always,
    reason = "measured: on the hot path a call costs as much as the look-up"
)]

use std::sync::Arc;

use super::facts::{OrgIndex, SiteRoleSetIndex};
use super::hash::{Hash, Seed, same};
use super::members::{self, Membership, Memberships};
use super::slots::{PLACES, Slots};
use crate::vocabulary::{Kind, Status};

/// What the policy says of a subject: its record, of which a decision reads what it asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject<'s> {
    head: &'s [u8; HEAD],
    /// Begins with the memberships.
    list: &'s [u8],
}

/// What the policy says of a subject itself, its memberships aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) status: Status,
    /// None where the policy does not name the subject.
    pub(super) kind: Option<Kind>,
    pub(super) site_roles: SiteRoleSetIndex,
    pub(super) default_org: Option<OrgIndex>,
}

impl Named {
    /// Whoever the policy does not know: active, without roles, of the kind that its identity says.
    pub(super) const STRANGER: Self = Self {
        status: Status::Active,
        kind: None,
        site_roles: SiteRoleSetIndex(0),
        default_org: None,
    };
}

impl<'s> Subject<'s> {
    /// [`Named::STRANGER`], member nowhere.
    pub(super) const STRANGER: Subject<'static> = Subject {
        head: &[0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff],
        list: &[],
    };

    /// A word of the head, read as the word that it is, and not byte by byte.
    #[inline(always)]
    fn word(self, at: usize) -> u32 {
        let word = self.head.get(at..).and_then(|word| word.first_chunk());
        word.map_or(0, |word| u32::from_le_bytes(*word))
    }

    #[inline(always)]
    fn flags(self) -> u32 {
        u32::from(self.head[1])
    }

    #[inline(always)]
    pub(crate) fn status(self) -> Status {
        if self.flags() & SUSPENDED == 0 {
            Status::Active
        } else {
            Status::Suspended
        }
    }

    /// What the policy says, where it names the subject.
    #[inline(always)]
    pub(crate) fn kind(self) -> Option<Kind> {
        match self.flags() & KIND {
            0b010 => Some(Kind::User),
            0b100 => Some(Kind::Service),
            0b110 => Some(Kind::Agent),
            _ => None,
        }
    }

    #[inline(always)]
    pub(crate) fn site_roles(self) -> SiteRoleSetIndex {
        SiteRoleSetIndex(self.word(4))
    }

    pub(crate) fn default_org(self) -> Option<OrgIndex> {
        let org = self.word(8);
        (org != NO_ORG).then_some(OrgIndex(org))
    }

    /// The same without memberships.
    pub(super) fn named(self) -> Named {
        Named {
            status: self.status(),
            kind: self.kind(),
            site_roles: self.site_roles(),
            default_org: self.default_org(),
        }
    }

    /// Its own memberships, expired or not.
    #[inline(always)]
    pub(crate) fn memberships(self) -> Memberships<'s> {
        let first = self.word(0);
        let with_ends = first >> 8 & WITH_ENDS != 0;
        let list = if first >> 8 & LONG == 0 {
            let room = Memberships::room((first >> 16) as usize, with_ends);
            self.list.get(..room).unwrap_or_default()
        } else {
            self.list
        };
        Memberships::new(list, with_ends)
    }

    /// Its own membership in exactly this org, expired or not.
    #[inline(always)]
    pub(crate) fn membership(self, org: OrgIndex) -> Option<Membership> {
        self.memberships().get(org)
    }
}

/// The subjects of one shard.
#[derive(Clone, Debug, Default)]
pub(super) struct Records {
    slots: Slots,
    bytes: Box<[u8]>,
    /// Memberships of those that have many, so that a shard's own bytes stay few.
    long: Box<[Arc<[u8]>]>,
}

/// Records begin at multiples of this.
const GRAIN: usize = 4;
const HEAD: usize = 12;
const NO_ORG: u32 = u32::MAX;
/// As many memberships stand in the record itself.
const INLINE: usize = 64;

const SUSPENDED: u32 = 1;
const KIND: u32 = 0b110;
const WITH_ENDS: u32 = 1 << 4;
const LONG: u32 = 1 << 5;

impl Records {
    #[inline(always)]
    pub(super) fn get(&self, hash: Hash, id: &str) -> Option<Subject<'_>> {
        for place in self.slots.places(hash) {
            let record = self.bytes.get(place * GRAIN..)?;
            let (head, rest) = record.split_first_chunk::<HEAD>()?;
            let (own, rest) = rest.split_at_checked(usize::from(head[0]))?;
            if same(own, id.as_bytes()) {
                return Some(self.read(head, rest));
            }
        }
        None
    }

    /// A subject of which it is known where its id ends.
    #[inline(always)]
    fn read<'s>(&'s self, head: &'s [u8; HEAD], rest: &'s [u8]) -> Subject<'s> {
        let is_long = u32::from(head[1]) & LONG != 0;
        let list = if is_long { self.long(rest) } else { rest };
        Subject { head, list }
    }

    #[cold]
    fn long(&self, rest: &[u8]) -> &[u8] {
        let at = rest
            .first_chunk()
            .map(|at| u32::from_le_bytes(*at) as usize);
        at.and_then(|at| self.long.get(at)).map_or(&[], |list| list)
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    /// Every subject with its id, in no order that means anything.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, Subject<'_>)> {
        self.records().map(|record| (record.id, record.subject))
    }

    fn records(&self) -> impl Iterator<Item = Record<'_>> {
        let mut rest = &*self.bytes;
        std::iter::from_fn(move || {
            let (head, behind) = rest.split_first_chunk::<HEAD>()?;
            let (id, behind) = behind.split_at_checked(usize::from(head[0]))?;
            let subject = self.read(head, behind);
            let size = size(id.len(), subject);
            let bytes;
            (bytes, rest) = rest.split_at_checked(size)?;
            Some(Record {
                id: std::str::from_utf8(id).ok()?,
                is_long: subject.flags() & LONG != 0,
                bytes,
                subject,
            })
        })
    }

    /// These, with one subject as it is from now on, or without it; none where something had no room.
    pub(super) fn changed(
        &self,
        seed: &Seed,
        id: &str,
        now: Option<(&Named, &[Membership])>,
    ) -> Option<Self> {
        let more = now.map_or(0, |(_, memberships)| {
            HEAD + 256 + 20 * memberships.len().min(INLINE)
        });
        let mut made = RecordsBuilder::with_capacity(self.len() + 1, self.bytes.len() + more);
        for record in self.records().filter(|record| record.id != id) {
            made.keep(seed.hash(record.id), &record, &self.long);
        }
        if let Some((subject, memberships)) = now {
            made.add(seed.hash(id), id.as_bytes(), subject, memberships);
        }
        made.finish()
    }
}

/// A subject as it lies in its shard.
struct Record<'s> {
    id: &'s str,
    is_long: bool,
    bytes: &'s [u8],
    subject: Subject<'s>,
}

fn size(id: usize, subject: Subject<'_>) -> usize {
    let list = if subject.flags() & LONG == 0 {
        subject.memberships().room_taken()
    } else {
        4
    };
    (HEAD + id + list).next_multiple_of(GRAIN)
}

/// Puts a shard together.
#[derive(Debug)]
pub(super) struct RecordsBuilder {
    slots: Slots,
    bytes: Vec<u8>,
    long: Vec<Arc<[u8]>>,
    /// Whether everything had its room.
    fits: bool,
}

impl RecordsBuilder {
    pub(super) fn with_capacity(subjects: usize, bytes: usize) -> Self {
        Self {
            slots: Slots::with_capacity(subjects),
            bytes: Vec::with_capacity(bytes),
            long: Vec::new(),
            fits: true,
        }
    }

    /// The bytes that a subject will take.
    pub(super) fn room(id: &[u8], memberships: &[Membership]) -> usize {
        let with_ends = memberships.iter().any(|it| it.end.is_some());
        let list = if memberships.len() > INLINE {
            4
        } else {
            Memberships::room(memberships.len(), with_ends)
        };
        (HEAD + id.len() + list).next_multiple_of(GRAIN)
    }

    /// Adds a subject that is not there yet; `memberships` are sorted by org.
    pub(super) fn add(
        &mut self,
        hash: Hash,
        id: &[u8],
        subject: &Named,
        memberships: &[Membership],
    ) {
        let place = self.bytes.len();
        let is_long = memberships.len() > INLINE;
        let with_ends = memberships.iter().any(|it| it.end.is_some());
        let flag = |is: bool, flag: u32| if is { flag } else { 0 };
        let flags = flag(subject.status == Status::Suspended, SUSPENDED)
            | match subject.kind {
                None => 0,
                Some(Kind::User) => 0b010,
                Some(Kind::Service) => 0b100,
                Some(Kind::Agent) => 0b110,
            }
            | flag(with_ends, WITH_ENDS)
            | flag(is_long, LONG);
        let (Ok(length), Ok(flags), Ok(count), true) = (
            u8::try_from(id.len()),
            u8::try_from(flags),
            u16::try_from(if is_long { 0 } else { memberships.len() }),
            place / GRAIN < PLACES,
        ) else {
            self.fits = false;
            return;
        };
        let bytes = &mut self.bytes;
        bytes.extend([length, flags]);
        bytes.extend(count.to_le_bytes());
        bytes.extend(subject.site_roles.0.to_le_bytes());
        bytes.extend(
            subject
                .default_org
                .map_or(NO_ORG, |org| org.0)
                .to_le_bytes(),
        );
        bytes.extend_from_slice(id);
        if is_long {
            let mut list = Vec::with_capacity(Memberships::room(memberships.len(), with_ends));
            members::write(memberships, with_ends, &mut list);
            bytes.extend(super::compile::position(self.long.len()).to_le_bytes());
            self.long.push(list.into());
        } else {
            members::write(memberships, with_ends, bytes);
        }
        bytes.resize(bytes.len().next_multiple_of(GRAIN), 0);
        self.find_at(hash, place);
    }

    /// Adds a subject as it lies in another shard, whose long lists are given.
    fn keep(&mut self, hash: Hash, record: &Record<'_>, long: &[Arc<[u8]>]) {
        let place = self.bytes.len();
        self.bytes.extend(record.bytes);
        if record.is_long {
            let at = HEAD + record.id.len();
            let list = record.bytes.get(at..).and_then(|bytes| bytes.first_chunk());
            let list = list.and_then(|list| long.get(u32::from_le_bytes(*list) as usize));
            let own = self
                .bytes
                .get_mut(place + at..)
                .and_then(|bytes| bytes.first_chunk_mut());
            let (Some(list), Some(own)) = (list, own) else {
                self.fits = false;
                return;
            };
            *own = super::compile::position(self.long.len()).to_le_bytes();
            self.long.push(Arc::clone(list));
        }
        self.find_at(hash, place);
    }

    /// Has the record at this place found by its id. Whoever builds says how many there will be.
    fn find_at(&mut self, hash: Hash, place: usize) {
        self.fits &= self.slots.add(hash, place / GRAIN);
    }

    /// The shard; none where something had no room in it.
    pub(super) fn finish(self) -> Option<Records> {
        self.fits.then(|| Records {
            slots: self.slots,
            bytes: self.bytes.into(),
            long: self.long.into(),
        })
    }
}
