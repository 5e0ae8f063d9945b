//! A policy that is read as a whole, taken in fact by fact.

mod known;

use std::ops::ControlFlow;

use gatepost::{
    Loader, MemberDocument, OrgDocument, OrgGateDocument, PolicyDocument, Snapshot, SubjectDocument,
};
use serde::de::DeserializeOwned;

use crate::fact::{FactError, FactKind, Stated};
use known::Known;

/// The largest body of one fact, in bytes. Of all facts together there is no bound: none of them is kept.
pub(super) const LARGEST: usize = 16 << 20;

/// Takes in every fact of a policy, what others stand below first.
///
/// It holds what the facts are compiled to, and of the facts themselves no more than the few that stand once for
/// the whole site.
pub(super) struct Whole {
    frame: PolicyDocument,
    elsewhere: bool,
    /// From the first fact on that is none of the frame.
    loader: Option<Loader>,
    latest: FactKind,
    orgs: Known<OrgDocument>,
    gates: Known<OrgGateDocument>,
    members: Known<MemberDocument>,
    subjects: Known<SubjectDocument>,
    fault: Option<String>,
}

impl Whole {
    /// Nothing yet; `elsewhere` where memberships are not among the facts.
    pub(super) fn new(elsewhere: bool) -> Self {
        let mut frame = PolicyDocument::default();
        frame.version = Some(gatepost::FORMAT_VERSION);
        Self {
            frame,
            elsewhere,
            loader: None,
            latest: FactKind::Resource,
            orgs: Known::default(),
            gates: Known::default(),
            members: Known::default(),
            subjects: Known::default(),
            fault: None,
        }
    }

    /// Takes a fact in, none of a kind that comes before one that was taken in already.
    ///
    /// Breaks where no more are wanted: one of them is not understood.
    pub(super) fn add(&mut self, fact: Stated<'_>) -> ControlFlow<()> {
        if self.fault.is_some() {
            return ControlFlow::Break(());
        }
        match self.take(fact) {
            Ok(()) => ControlFlow::Continue(()),
            Err(why) => {
                self.fault = Some(why.to_string());
                ControlFlow::Break(())
            }
        }
    }

    /// Compiles them as the given policy version.
    pub(super) fn finish(mut self, version: u64) -> Result<Snapshot, String> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        let loader = self.loader.take();
        let loader = loader.unwrap_or_else(|| begin(&self.frame, self.elsewhere));
        loader.finish(version).map_err(|why| why.to_string())
    }

    fn take(&mut self, fact: Stated<'_>) -> Result<(), FactError> {
        fact.check_key()?;
        if fact.kind < self.latest {
            return Err(fact.error("comes behind what may stand below it"));
        }
        self.latest = fact.kind;
        let Stated { kind, a, b, .. } = fact;
        let begin = || begin(&self.frame, self.elsewhere);
        match kind {
            FactKind::Resource => put(&mut self.frame.resources, fact)?,
            FactKind::SiteGate => put(&mut self.frame.site.gates, fact)?,
            FactKind::SiteRole => put(&mut self.frame.site.roles, fact)?,
            FactKind::OrgRole => put(&mut self.frame.org_roles, fact)?,
            FactKind::Org => {
                let org = self.orgs.read(fact, Stated::read_org)?;
                self.loader.get_or_insert_with(begin).org(a, org);
            }
            FactKind::OrgGate => {
                let gate = self.gates.read(fact, Stated::read_body)?;
                self.loader.get_or_insert_with(begin).org_gate(a, b, gate);
            }
            FactKind::OwnRole => {
                let role = fact.read_body()?;
                self.loader.get_or_insert_with(begin).own_role(a, b, &role);
            }
            FactKind::Member => {
                let membership = self.members.read(fact, Stated::read_body)?;
                self.loader
                    .get_or_insert_with(begin)
                    .member(a, b, membership);
            }
            FactKind::Subject => {
                let subject = self.subjects.read(fact, Stated::read_body)?;
                self.loader.get_or_insert_with(begin).subject(a, subject);
            }
        }
        Ok(())
    }
}

fn begin(frame: &PolicyDocument, elsewhere: bool) -> Loader {
    if elsewhere {
        Loader::looking_through(frame)
    } else {
        Loader::new(frame)
    }
}

/// Puts a fact in that is not there yet: one that is there twice is two stories.
fn put<T: DeserializeOwned>(
    pieces: &mut std::collections::BTreeMap<String, T>,
    fact: Stated<'_>,
) -> Result<(), FactError> {
    match pieces.insert(fact.a.to_owned(), fact.read_body()?) {
        None => Ok(()),
        Some(_) => Err(fact.error("is there twice")),
    }
}

#[cfg(test)]
pub(super) mod tests;
