//! From the document to the facts: names become indices, and what is wrong is told.
//!
//! The steps run in the order in which the parts refer to each other. Each one
//! reports every problem that it meets and goes on with a harmless stand-in, so
//! that a person sees all of them at once; with any problem nothing is compiled.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::elsewhere::RoleNames;
use super::names::Vocabulary;
use super::roles::Roles;
use super::{Post, Snapshot};
#[cfg(feature = "revocation")]
use crate::gate::GateId;
use crate::id::check_name;
use crate::policy::{FORMAT_VERSION, KeyPath, PolicyDocument, PolicyError, Problem};

/// Where the memberships of a policy are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Members {
    Here,
    Elsewhere,
}

/// What is wrong so far.
#[derive(Debug, Default)]
pub(super) struct Problems(Vec<Problem>);

impl Problems {
    pub(super) fn add(&mut self, path: KeyPath, message: impl Into<String>) {
        self.0.push(Problem::new(path, message));
    }

    /// Adds what else is wrong behind what is so far.
    pub(super) fn append(&mut self, mut more: Self) {
        self.0.append(&mut more.0);
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
        Self::compile_with(document, version, Members::Here)
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
        Self::compile_with(document, version, Members::Elsewhere)
    }

    fn compile_with(
        document: &PolicyDocument,
        version: u64,
        members: Members,
    ) -> Result<Self, PolicyError> {
        let mut problems = Problems::default();
        check_format(document, &mut problems);
        let vocabulary =
            Vocabulary::compile(&document.resources, &document.site.gates, &mut problems);
        let mut roles = Roles::new(&vocabulary);
        roles.compile_org_roles(&document.org_roles, &mut problems);
        let site_gates =
            super::site::compile_gates(&document.site.gates, &vocabulary, &roles, &mut problems);
        let site_roles =
            super::site::compile_roles(&document.site.roles, &vocabulary, &mut problems);
        let orgs = super::orgs::compile(&document.orgs, &vocabulary, &mut roles, &mut problems);
        let subjects =
            super::subjects::compile(document, &orgs, &site_roles, &mut roles, &mut problems);
        if members == Members::Elsewhere {
            super::elsewhere::refuse_members(document, &mut problems);
        }
        if !problems.0.is_empty() {
            return Err(PolicyError::new(problems.0));
        }
        // Every resource has a gate, if only a closed one.
        let posts = vocabulary.cell_ids.iter().filter_map(|id| {
            let gate = site_gates.get(id.resource as usize)?;
            Some(Post::new(*id, gate))
        });
        let posts = posts.collect();
        let anyone = roles.anyone();
        let anyone_table = roles.anyone_table();
        let elsewhere = match members {
            Members::Here => None,
            Members::Elsewhere => Some(Arc::new(RoleNames::new(
                std::mem::take(&mut roles.by_name),
                orgs.own_roles,
            ))),
        };
        let Roles {
            rows: org_roles,
            sets: role_sets,
            tables,
            ..
        } = roles;
        Ok(Self {
            version,
            #[cfg(feature = "revocation")]
            gate: GateId::NONE,
            vocabulary: next_vocabulary(),
            cells: vocabulary.cells.into(),
            posts,
            cell_names: vocabulary.cell_names.into(),
            resource_names: vocabulary.resource_names.into(),
            site_gates: site_gates.into(),
            site_roles: site_roles.rows.into(),
            site_role_sets: subjects.site_role_sets.into(),
            anyone,
            anyone_table,
            org_roles: org_roles.into(),
            role_sets: role_sets.into(),
            tables: tables.cells.into(),
            orgs: orgs.rows.into(),
            org_index: orgs.index.finish(),
            org_gates: orgs.gates,
            subjects: subjects.rows.into(),
            subject_index: subjects.index.finish(),
            stranger: subjects.stranger,
            memberships: subjects.memberships,
            elsewhere,
        })
    }
}

/// A number that no other snapshot of this process has.
fn next_vocabulary() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

fn check_format(document: &PolicyDocument, problems: &mut Problems) {
    let message = match document.version {
        Some(FORMAT_VERSION) => return,
        Some(other) => format!(
            "version {other} of the format is not known here; this reads version {FORMAT_VERSION}"
        ),
        None => format!("`version` is missing; this reads version {FORMAT_VERSION} of the format"),
    };
    problems.add(KeyPath::of(["version"]), message);
}

/// The position of something in a list that has at most 2³² rows.
///
/// A document with more cannot be held in memory; its rows would share the last
/// position, which belongs to nothing, and so grant nothing.
pub(super) fn position(rows: usize) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}
