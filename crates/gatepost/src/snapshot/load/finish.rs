//! What can be told only once all facts are there.

use std::sync::Arc;

use super::super::Snapshot;
use super::super::found::Packed;
use super::{Loader, Stage, next_vocabulary};
#[cfg(feature = "revocation")]
use crate::gate::GateId;
use crate::policy::{KeyPath, PolicyError};

impl Loader {
    /// Tells which subjects came again since it was told last.
    pub(super) fn tell_twice(&mut self) {
        for id in self.gathered.named_twice() {
            let path = KeyPath::of(["subjects", &id]);
            self.of_subjects.add(path, "is there twice");
        }
    }

    /// Compiles what was added as the given policy version.
    ///
    /// # Errors
    ///
    /// [`PolicyError`] with the path of everything that is wrong, which is also what was added twice, and what
    /// stands below an org that was not added; nothing is compiled then.
    pub fn finish(mut self, version: u64) -> Result<Snapshot, PolicyError> {
        self.close_orgs();
        self.tell_twice();
        let Self {
            frame,
            mut compiled,
            stage,
            gathered,
            elsewhere,
            mut problems,
            of_subjects,
            ..
        } = self;
        problems.append(of_subjects);
        let Stage::Members(Packed { orgs, .. }) = stage else {
            return Err(problems.told());
        };
        // What is wrong already is not packed for nothing.
        if !problems.are_none() {
            return Err(problems.told());
        }
        let (subjects, twice) = gathered.pack();
        for (org, subject) in twice {
            let org = orgs.get(org).map_or("", |org| org.id.as_str());
            problems.add(
                KeyPath::of(["orgs", org, "members", &subject]),
                "is there twice",
            );
        }
        let Some(subjects) = subjects.filter(|_| problems.are_none()) else {
            if problems.are_none() {
                problems.add(KeyPath::of(["subjects"]), "there are more than can be held");
            }
            return Err(problems.told());
        };
        let posts = compiled.posts();
        Ok(Snapshot {
            version,
            #[cfg(feature = "revocation")]
            gate: GateId::NONE,
            vocabulary: next_vocabulary(),
            posts,
            site_gates: Arc::clone(&compiled.site_gates),
            site_role_sets: compiled.site.sets.as_slice().into(),
            anyone_table: Arc::make_mut(&mut compiled.roles).anyone_table(),
            role_sets: compiled.roles.sets.as_slice().into(),
            tables: compiled.roles.tables.cells.as_slice().into(),
            said: compiled.said.gates.as_slice().into(),
            orgs,
            subjects,
            looks_through: elsewhere,
            frame,
            compiled: Arc::new(compiled),
        })
    }

    /// Puts all orgs together, once none is to come.
    pub(super) fn close_orgs(&mut self) {
        let Stage::Orgs {
            found,
            said,
            within,
        } = &mut self.stage
        else {
            return;
        };
        let (found, within) = (std::mem::take(found), std::mem::take(within));
        self.compiled.said = Arc::new(std::mem::take(said));
        let (packed, twice) = found.pack(&mut self.problems);
        self.problems.append(within);
        for (org, resource) in twice {
            let resource = self
                .compiled
                .vocabulary
                .resource_names
                .get(resource as usize);
            let resource = resource.map_or("", |name| &**name);
            self.problems.add(
                KeyPath::of(["orgs", org.as_str(), "gates", resource]),
                "is there twice",
            );
        }
        let packed = packed.unwrap_or_else(|| {
            self.problems
                .add(KeyPath::of(["orgs"]), "there are more than can be held");
            Packed::default()
        });
        let roles = Arc::make_mut(&mut self.compiled.roles);
        self.frame
            .compile_own_roles(&packed.orgs, roles, &mut self.problems);
        self.stage = Stage::Members(packed);
    }
}
