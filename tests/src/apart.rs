//! A policy whose memberships are elsewhere: a snapshot that looks through, and what it finds there.

use std::collections::BTreeMap;
use std::sync::Arc;

use gatepost::{
    LoadedMemberships, MemberDocument, Need, OrgId, PolicyDocument, Request, Snapshot, Step,
    Subject, SubjectId, Whose, decide,
};

use crate::question::Question;
use crate::verdict::Verdict;

/// A policy, and its memberships apart from it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Apart {
    /// The engine's facts, without any membership.
    pub snapshot: Snapshot,
    members: BTreeMap<String, Vec<(OrgId, MemberDocument)>>,
}

impl Apart {
    /// Takes the memberships out of a document.
    ///
    /// # Panics
    ///
    /// If what is left is refused.
    pub fn of(document: &PolicyDocument) -> Self {
        let mut document = document.clone();
        let mut members: BTreeMap<String, Vec<_>> = BTreeMap::new();
        for (id, org) in &mut document.orgs {
            for (subject, member) in std::mem::take(&mut org.members) {
                let org = OrgId::new(id).unwrap_or_else(|error| panic!("{id}: {error}"));
                members.entry(subject).or_default().push((org, member));
            }
        }
        let snapshot = Snapshot::compile_looking_through(&document, 1);
        Self {
            snapshot: snapshot.unwrap_or_else(|error| panic!("{error}")),
            members,
        }
    }

    /// What is stored of a subject.
    pub fn load(&self, subject: &SubjectId) -> Arc<LoadedMemberships> {
        let held = self.members.get(subject.as_str()).cloned();
        let held = held.unwrap_or_default();
        Arc::new(LoadedMemberships::new(subject.clone(), 1, held))
    }

    /// What is stored of one of the two of a request.
    ///
    /// # Panics
    ///
    /// If the request has no such subject.
    pub fn load_whose(&self, request: &Request<'_>, whose: Whose) -> Arc<LoadedMemberships> {
        let id = match whose {
            Whose::Subject => request.subject.map(Subject::id),
            Whose::ActingFor => request.subject.and_then(Subject::delegator),
        };
        self.load(id.unwrap_or_else(|| panic!("{whose:?} of {request:?}")))
    }

    /// What the engine says, and whose memberships it asked for on the way.
    ///
    /// # Panics
    ///
    /// If it asks for the same ones twice.
    pub fn engine(&self, question: &Question) -> (Verdict, Vec<Whose>) {
        let (mut loaded, mut asked) = (Vec::new(), Vec::new());
        loop {
            let request = question.engine.as_request().memberships(&loaded);
            match decide(&self.snapshot, &request) {
                Step::Need(Need::Memberships(whose)) => {
                    assert!(!asked.contains(&whose), "twice: {request:?}");
                    asked.push(whose);
                    let more = self.load_whose(&request, whose);
                    loaded.push(more);
                }
                step => {
                    let verdict = Verdict::of_step(step, question.acts_for_another());
                    return (verdict, asked);
                }
            }
        }
    }
}
