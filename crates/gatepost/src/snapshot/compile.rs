//! From the document to the facts: names become indices, and what is wrong is told.
//!
//! The steps run in the order in which the parts refer to each other. Each one
//! reports every problem that it meets and goes on with a harmless stand-in, so
//! that a person sees all of them at once; with any problem nothing is compiled.

use std::hint::black_box;
use std::iter::Take;

use super::{Loader, Snapshot};
use crate::id::check_name;
use crate::policy::{KeyPath, PolicyDocument, PolicyError, Problem};

/// What is wrong so far.
#[derive(Debug, Default)]
pub(super) struct Problems {
    told: Vec<Problem>,
    /// How many more there are than are told.
    more: usize,
}

/// As many are told. Where one thing is wrong with all orgs, it is with millions of members as well.
const TOLD: usize = 1000;

impl Problems {
    pub(super) fn add(&mut self, path: KeyPath, message: impl Into<String>) {
        if self.told.len() < TOLD {
            self.told.push(Problem::new(path, message));
        } else {
            self.more += 1;
        }
    }

    /// Adds what was not the last thing to be told.
    pub(super) fn add_once(&mut self, path: KeyPath, message: &str) {
        if self.told.last().is_none_or(|last| last.path != path) {
            self.add(path, message);
        }
    }

    /// Adds what else is wrong behind what is so far.
    pub(super) fn append(&mut self, behind: Self) {
        self.more += behind.more;
        for problem in behind.told {
            self.add(problem.path, problem.message);
        }
    }

    pub(super) fn are_none(&self) -> bool {
        self.told.is_empty()
    }

    pub(super) fn told(mut self) -> PolicyError {
        if self.more > 0 {
            let more = format!("and {} more places", self.more);
            self.told.push(Problem::new(KeyPath::default(), more));
        }
        PolicyError::new(self.told)
    }

    /// Reports a name that is not of the form that names have.
    pub(super) fn name(&mut self, path: impl FnOnce() -> KeyPath, name: &str) {
        if let Err(error) = check_name(name) {
            self.add(path(), format!("`{}` {error}", name.escape_debug()));
        }
    }

    /// Reports an id that is not of the form that ids have.
    pub(super) fn id<T, E: std::fmt::Display>(
        &mut self,
        path: impl FnOnce() -> KeyPath,
        parsed: Result<T, E>,
    ) -> Option<T> {
        parsed
            .map_err(|error| self.add(path(), format!("the id {error}")))
            .ok()
    }
}

impl Snapshot {
    /// Compiles a document as the given policy version.
    ///
    /// # Errors
    ///
    /// [`PolicyError`] with the path of everything that is wrong; nothing is compiled then.
    /// To have lines as well, compile the [`PolicyText`](crate::PolicyText).
    pub fn compile(document: &PolicyDocument, version: u64) -> Result<Self, PolicyError> {
        load(Loader::new(document), document).finish(version)
    }

    /// Compiles a document whose memberships are elsewhere: decisions ask for them a subject at a time.
    ///
    /// # Errors
    ///
    /// [`PolicyError`] as [`compile`](Self::compile), and where some org of the document has members.
    pub fn compile_looking_through(
        document: &PolicyDocument,
        version: u64,
    ) -> Result<Self, PolicyError> {
        load(Loader::looking_through(document), document).finish(version)
    }
}

fn load(mut loader: Loader, document: &PolicyDocument) -> Loader {
    let mut rows = Vec::with_capacity(document.orgs.len());
    ahead(
        document.orgs.iter(),
        |(id, org)| {
            let gates = org.gates.keys();
            first(id) + gates.map(|resource| first(resource)).sum::<usize>()
        },
        |next| rows.extend(next.map(|(id, org)| loader.add_org(id, org))),
    );
    ahead(
        document.orgs.iter().zip(&rows),
        |((_, org), _)| {
            org.members
                .keys()
                .next()
                .map_or(0, |subject| first(subject))
        },
        |next| {
            let members = next.flat_map(|((id, org), row)| {
                let members = org.members.iter();
                members.map(move |(subject, membership)| (*row, id, subject, membership))
            });
            ahead(
                members,
                |(_, _, subject, membership)| first(subject) + first_of_each(&membership.roles),
                |next| {
                    for (row, id, subject, membership) in next {
                        loader.member_of(row, id, subject, membership);
                    }
                },
            );
        },
    );
    ahead(
        document.subjects.iter(),
        |(id, subject)| first(id) + first_of_each(&subject.site_roles),
        |next| next.for_each(|(id, subject)| loader.subject(id, subject)),
    );
    loader
}

/// As many are looked at ahead: what they say is still at hand when it is their turn.
const AHEAD: usize = 64;

/// Takes all, some at a time, at which it looks before.
///
/// A document in the order of its ids lies all over memory. Whoever does nothing but look waits for many places of
/// it at once; whoever works on one of them waits for that one.
fn ahead<I: Iterator + Clone>(
    mut all: I,
    look: impl Fn(I::Item) -> usize,
    mut take: impl FnMut(Take<I>),
) {
    loop {
        let next = all.clone().take(AHEAD);
        black_box(next.clone().map(&look).sum::<usize>());
        take(next);
        if all.nth(AHEAD - 1).is_none() {
            return;
        }
    }
}

fn first(text: &str) -> usize {
    text.bytes().next().map_or(0, usize::from)
}

fn first_of_each(texts: &[String]) -> usize {
    texts.iter().map(|text| first(text)).sum()
}

/// The position of something in a list that has at most 2³² rows.
///
/// A document with more cannot be held in memory; its rows would share the last
/// position, which belongs to nothing, and so grant nothing.
pub(super) fn position(rows: usize) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}
