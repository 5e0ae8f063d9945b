//! Who is asked about, and what the gate answers.

use std::sync::Arc;

use gatepost::{
    Allow, Code, Decision, Denial, Gate, LoadedMemberships, Need, OrgId, Reach, Request, Snapshot,
    Step, Subject, SubjectId, Whose, decide,
};

use super::entity::SubjectEntity;
use super::refusal::Refusal;
use crate::asker::Asker;

/// How often one question may wait for memberships that are not at hand.
const MOST_LOADS: usize = 8;

/// What the gate answers.
#[derive(Clone, Debug)]
pub(super) enum Verdict {
    Allow(Allowed),
    /// With the version that it was decided at.
    Deny(Box<Denial>, u64),
    /// There is no answer.
    Error(Code),
}

/// What is told of an allow.
#[derive(Clone, Debug)]
pub(super) struct Allowed {
    /// The org that it was decided in.
    pub(super) org: Option<OrgId>,
    pub(super) via_all_orgs: bool,
    pub(super) reach: Reach,
    pub(super) version: u64,
}

/// Somebody who is asked about: once for each list of scopes that limits it.
#[derive(Clone, Debug)]
pub(super) struct AskedAbout(Vec<Subject>);

/// The facts that questions are asked of, and the memberships that were loaded for them.
pub(super) struct Inquiry<'g> {
    gate: &'g Gate,
    facts: Arc<Snapshot>,
    loaded: Vec<Arc<LoadedMemberships>>,
}

impl AskedAbout {
    /// The subject of this id, as the entity has it. Of whoever asks, it is the identity that it came with: what
    /// the entity says of scopes limits it further, and for whom the identity acts it acts.
    pub(super) fn new(entity: &SubjectEntity, id: &SubjectId, asker: &Asker) -> Self {
        let mut said = Subject::new(id.clone());
        if let Some(kind) = entity.kind {
            said = said.kind(kind);
        }
        if let Some(delegator) = &entity.acting_for {
            said = said.acting_for(delegator.clone());
        }
        if let Some(scopes) = &entity.scopes {
            said = said.scopes(scopes);
        }
        Self(asker.asked_about(&said))
    }
}

/// Whether the asker may ask about a subject, and for whom the entity says that it acts.
pub(super) async fn may_ask(
    asker: &Asker,
    entity: &SubjectEntity,
    id: &SubjectId,
    org: Option<&OrgId>,
) -> Result<bool, Refusal> {
    if !asker.may_ask_about(id, org).await? {
        return Ok(false);
    }
    match &entity.acting_for {
        // Whoever acts for somebody may say so.
        Some(delegator) if id == asker.id() && asker.subject().delegator() == Some(delegator) => {
            Ok(true)
        }
        Some(delegator) => Ok(asker.may_ask_about(delegator, org).await?),
        None => Ok(true),
    }
}

impl<'g> Inquiry<'g> {
    pub(super) fn new(gate: &'g Gate) -> Result<Self, Refusal> {
        Ok(Self {
            facts: gate.snapshot()?,
            gate,
            loaded: Vec::new(),
        })
    }

    pub(super) fn facts(&self) -> &Arc<Snapshot> {
        &self.facts
    }

    /// The memberships of a subject, where they are elsewhere.
    pub(super) async fn loaded(
        &self,
        id: &SubjectId,
    ) -> Result<Option<Arc<LoadedMemberships>>, Refusal> {
        if !self.facts.looks_through() {
            return Ok(None);
        }
        let Some(source) = self.gate.memberships() else {
            return Err(Code::PolicyUnavailable.into());
        };
        let loaded = source.load(id).await;
        let loaded = loaded.map_err(|_| Refusal::from(Code::PolicyUnavailable))?;
        Ok(Some(loaded))
    }

    /// What is answered; where several lists of scopes limit the subject, what all of them let through.
    pub(super) async fn ask(&mut self, about: &AskedAbout, request: &Request<'_>) -> Verdict {
        let mut answer = None;
        for subject in &about.0 {
            let verdict = self.decide(subject, &request.subject(subject)).await;
            let is_limited =
                matches!(&verdict, Verdict::Deny(denial, _) if denial.code() == Code::ScopeMissing);
            if is_limited {
                return verdict;
            }
            // But for what the scopes cover, each is answered the same.
            answer.get_or_insert(verdict);
        }
        answer.unwrap_or(Verdict::Error(Code::PolicyUnavailable))
    }

    /// Whether it is allowed; an answer that there is not is none.
    pub(super) async fn allows(
        &mut self,
        about: &AskedAbout,
        request: &Request<'_>,
    ) -> Result<bool, Refusal> {
        match self.ask(about, request).await {
            Verdict::Allow(_) => Ok(true),
            Verdict::Deny(..) => Ok(false),
            Verdict::Error(code) => Err(code.into()),
        }
    }

    async fn decide(&mut self, subject: &Subject, request: &Request<'_>) -> Verdict {
        for _ in 0..MOST_LOADS {
            let whose = {
                let facts = Arc::clone(&self.facts);
                let loaded = std::mem::take(&mut self.loaded);
                let step = decide(&facts, &request.memberships(&loaded));
                let verdict = verdict(&step, subject, facts.version());
                let needs = match step {
                    Step::Need(Need::Memberships(whose)) => Some(whose),
                    _ => None,
                };
                self.loaded = loaded;
                match needs {
                    Some(whose) => whose,
                    None => return verdict,
                }
            };
            let missing = match whose {
                Whose::Subject => Some(subject.id()),
                Whose::ActingFor => subject.delegator(),
            };
            let (Some(source), Some(missing)) = (self.gate.memberships(), missing) else {
                break;
            };
            match source.load(missing).await {
                Ok(loaded) if loaded.subject() == missing => self.loaded.push(loaded),
                Ok(_) | Err(_) => break,
            }
            // What was loaded is right for the newest facts, and may be too new for these.
            match self.gate.snapshot() {
                Ok(facts) => self.facts = facts,
                Err(code) => return Verdict::Error(code),
            }
            let version = self.facts.version();
            self.loaded
                .retain(|loaded| source.is_current(loaded, version));
        }
        Verdict::Error(Code::PolicyUnavailable)
    }
}

fn verdict(step: &Step<'_>, subject: &Subject, version: u64) -> Verdict {
    match step {
        Step::Done(Decision::Allow(allow)) => Verdict::Allow(Allowed::new(allow, version)),
        Step::Done(Decision::Deny(deny)) => {
            Verdict::Deny(Box::new(Denial::of(deny, subject)), version)
        }
        Step::Done(Decision::Error(code)) => Verdict::Error(*code),
        // Everything is known but memberships.
        Step::Need(_) => Verdict::Error(Code::PolicyUnavailable),
    }
}

impl Allowed {
    fn new(allow: &Allow<'_>, version: u64) -> Self {
        Self {
            org: allow.org.cloned(),
            via_all_orgs: allow.via_all_orgs,
            reach: allow.reach,
            version,
        }
    }
}
