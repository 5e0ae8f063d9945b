//! The request of a permit, asked again.

use std::sync::Arc;

use crate::code::Code;
use crate::decision::Reach;
use crate::denial::Denial;
use crate::evaluation::{Evaluation, Standing};
use crate::gate::Gate;
use crate::id::{OrgId, SubjectId};
use crate::membership::LoadedMemberships;
use crate::permit::Permit;
use crate::snapshot::Snapshot;
use crate::time::Timestamp;
use crate::waiting::Since;

/// How often one question may wait for memberships: of two subjects, each overtaken by a change again and again.
pub(crate) const MOST_LOADS: u8 = 8;

/// The request of a permit, to be asked as often as one likes.
#[derive(Debug)]
pub(crate) struct Again {
    evaluation: Evaluation,
    reach: Reach,
    /// The policy version that the permit was given at.
    version: u64,
}

impl Again {
    pub(crate) fn of(permit: &Permit) -> Self {
        Self {
            evaluation: Evaluation::of_permit(permit),
            reach: permit.reach(),
            version: permit.version(),
        }
    }

    /// How the request stands by these facts, which `gate` has published.
    ///
    /// A permit that was one for any object is over when it would be one for the subject's own alone: whoever
    /// holds it goes by that.
    ///
    /// `past` is over already, and later than the permit: whoever holds it may not have been asked under that.
    pub(crate) fn ask(
        &mut self,
        gate: &Gate,
        facts: &Snapshot,
        past: &Since,
        at: Timestamp,
    ) -> Standing {
        self.evaluation.forget_overtaken(gate, facts);
        if !past.kills.is_empty() {
            let killed = facts.with_kills(&past.kills);
            let standing = self.stand(gate, &killed, at);
            if matches!(standing, Standing::Over(_)) {
                return standing;
            }
        }
        match self.stand(gate, facts, at) {
            Standing::Holds { .. } | Standing::Unknown(_) if past.is_overtaken => {
                Standing::Over(self.error(Code::PolicyUnavailable))
            }
            standing => standing,
        }
    }

    /// What is at hand of memberships is taken; of both, and once each.
    fn stand(&mut self, gate: &Gate, facts: &Snapshot, at: Timestamp) -> Standing {
        for _ in 0..2 {
            let standing = self.evaluation.stand(facts, self.reach, at);
            let Standing::Unknown(subject) = &standing else {
                return standing;
            };
            let source = gate.memberships();
            let at_hand = source.and_then(|source| source.at_hand(subject, facts.version()));
            match at_hand.filter(|loaded| loaded.subject() == subject) {
                Some(loaded) => self.evaluation.memberships(loaded),
                None => return standing,
            }
        }
        self.evaluation.stand(facts, self.reach, at)
    }

    /// Asks until there is an answer.
    pub(crate) async fn settle(&mut self, gate: &Gate) -> Result<(), Denial> {
        for _ in 0..=MOST_LOADS {
            let facts = gate.snapshot().map_err(|code| self.error(code))?;
            // Behind the facts: what they have ended was noted before they were live.
            let past = gate.waiters().since(self.version, self.resource());
            match self.ask(gate, &facts, &past, Timestamp::now()) {
                Standing::Holds { .. } => return Ok(()),
                Standing::Over(denial) => return Err(denial),
                Standing::Unknown(subject) => {
                    let loaded = gate.load_memberships(&subject).await;
                    self.take(loaded.map_err(|code| self.error(code))?);
                }
            }
        }
        Err(self.error(Code::PolicyUnavailable))
    }

    /// Fills in what was loaded.
    pub(crate) fn take(&mut self, loaded: Arc<LoadedMemberships>) {
        self.evaluation.memberships(loaded);
    }

    /// What is told where there is no answer.
    pub(crate) fn error(&self, code: Code) -> Denial {
        self.evaluation.reject(Denial::new(code))
    }

    /// The policy version that the permit was given at.
    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    pub(crate) fn resource(&self) -> &'static str {
        self.evaluation.resource()
    }

    /// Whose memberships it depends on.
    pub(crate) fn subjects(&self) -> impl Iterator<Item = &SubjectId> {
        let subject = self.evaluation.subject();
        let both = subject.map(|subject| [Some(subject.id()), subject.delegator()]);
        both.into_iter().flatten().flatten()
    }

    /// The orgs whose facts it depends on, from its own to the root.
    pub(crate) fn path<'f>(
        &self,
        facts: &'f Snapshot,
    ) -> impl Iterator<Item = &'f OrgId> + use<'f> {
        let org = self.evaluation.named_org();
        let index = org.and_then(|org| facts.org_index(org));
        let path = index.into_iter().flat_map(|index| facts.path(index));
        path.map(|(_, org)| &org.id)
    }
}

impl Gate {
    /// Reads every membership of a subject.
    pub(crate) async fn load_memberships(
        &self,
        subject: &SubjectId,
    ) -> Result<Arc<LoadedMemberships>, Code> {
        let source = self.memberships().ok_or(Code::PolicyUnavailable)?;
        let loaded = source.load(subject).await;
        let loaded = loaded.map_err(|_| Code::PolicyUnavailable)?;
        if loaded.subject() == subject {
            Ok(loaded)
        } else {
            Err(Code::PolicyUnavailable)
        }
    }
}
