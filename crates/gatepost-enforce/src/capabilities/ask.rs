//! Asking: by one snapshot for all routes of a gate, and afresh after each wait.

use std::collections::HashMap;
use std::sync::Arc;

use gatepost::{
    Code, Decision, Denial, Deny, Evaluation, Language, Mode, NamedOrg, Need, OrgId, OrgRule,
    OrgSource, Snapshot, Step, Subject, SubjectId, Timestamp, Whose,
};

use super::document::{Line, Outcome, Refusal, RefusalWords};
use super::row::{Asks, Group, Row};
use crate::memberships::Loads;

/// What keeps a question from being answered.
enum Halt {
    Denied(Denial),
    /// The memberships of this subject are to be loaded first.
    Load(SubjectId),
}

impl Group {
    /// The answers, in the order of the routes.
    pub(super) async fn ask(
        &self,
        subject: Option<&Subject>,
        org: Option<&OrgId>,
        at: Timestamp,
        language: Language,
    ) -> Result<Vec<Line<'_>>, Denial> {
        // Whichever is asked first: each row turns to its own.
        let Some(first) = self.rows.iter().find_map(|row| row.asks.as_ref()) else {
            return Ok(self
                .rows
                .iter()
                .map(|row| row.line(Outcome::ALLOW))
                .collect());
        };
        let mut asking = Asking {
            evaluation: Evaluation::new(first.requirement, first.resource, subject.cloned()),
            org,
            at,
            words: Words {
                language,
                said: HashMap::new(),
            },
        };
        let gate = self.enforcer.gate();
        let mut loads = Loads::default();
        loop {
            let facts = gate.snapshot().map_err(Denial::new)?;
            asking.evaluation.forget_overtaken(gate, &facts);
            let subject = match self.ask_all(&mut asking, &facts) {
                Ok(lines) => return Ok(lines),
                Err(Halt::Denied(denial)) => return Err(denial),
                Err(Halt::Load(subject)) => subject,
            };
            // What was waited for may be overtaken: all are asked again, by the newest facts.
            let loaded = loads.get(gate, &subject, facts.version()).await?;
            asking.evaluation.memberships(loaded);
        }
    }

    fn ask_all(&self, asking: &mut Asking<'_>, facts: &Snapshot) -> Result<Vec<Line<'_>>, Halt> {
        let lines = self.rows.iter().map(|row| {
            let outcome = match &row.asks {
                Some(asks) => asking.ask(asks, facts)?,
                None => Outcome::ALLOW,
            };
            Ok(row.line(outcome))
        });
        lines.collect()
    }
}

impl Row {
    fn line(&self, outcome: Outcome) -> Line<'_> {
        let asks = self.asks.as_ref();
        Line {
            method: &self.method,
            path: &self.path,
            when: asks.and_then(|asks| asks.when),
            resource: asks.map(|asks| asks.resource),
            action: asks.map(|asks| asks.requirement.action()),
            mode: asks.and_then(|asks| asks.mode),
            public: asks.is_none(),
            outcome,
        }
    }
}

/// One subject that asks, and what is the same of all its questions.
struct Asking<'a> {
    evaluation: Evaluation,
    org: Option<&'a OrgId>,
    at: Timestamp,
    words: Words,
}

/// The words of refusals; many routes are refused in the same ones.
struct Words {
    language: Language,
    said: HashMap<(Code, &'static str, Option<Mode>), Arc<RefusalWords>>,
}

impl Asking<'_> {
    fn ask(&mut self, asks: &Asks, facts: &Snapshot) -> Result<Outcome, Halt> {
        self.turn_to(asks, facts);
        match self.evaluation.preview(facts, self.at) {
            Step::Need(Need::Org) => Ok(Outcome::depends_on_org()),
            Step::Need(Need::Owner { .. }) => {
                let own = self.of_owner(asks, facts, true)?;
                let other = self.of_owner(asks, facts, false)?;
                Ok(Outcome::depends_on_owner(own, other))
            }
            _ => self.outcome(asks, facts),
        }
    }

    fn turn_to(&mut self, asks: &Asks, facts: &Snapshot) {
        self.evaluation.turn_to(asks.requirement, asks.resource);
        self.evaluation.look_up(&asks.target, facts);
        if let Some(mode) = asks.mode {
            self.evaluation.mode(mode);
        }
        let rule = asks.requirement.org_rule();
        match self.org {
            Some(org) if rule.has_source() => self.evaluation.org(NamedOrg::Named(org.clone())),
            // No request names one, so it is the default.
            None if rule.rule() == OrgRule::Default && !rule.sources().any(always_names) => {
                self.evaluation.org(NamedOrg::Absent);
            }
            _ => {}
        }
    }

    /// What the answer would be about an object of the subject's own, or of somebody else's.
    fn of_owner(&mut self, asks: &Asks, facts: &Snapshot, own: bool) -> Result<Outcome, Halt> {
        self.turn_to(asks, facts);
        let beneficiary = self.evaluation.subject().map(Subject::beneficiary);
        let owner = match beneficiary {
            Some(beneficiary) if own => Some(beneficiary.clone()),
            Some(beneficiary) => Some(beneficiary.somebody_else()),
            None => None,
        };
        self.evaluation.owner(owner);
        self.outcome(asks, facts)
    }

    fn outcome(&mut self, asks: &Asks, facts: &Snapshot) -> Result<Outcome, Halt> {
        match self.evaluation.preview(facts, self.at) {
            Step::Done(Decision::Allow(_)) => Ok(Outcome::ALLOW),
            Step::Done(Decision::Deny(deny)) => {
                Ok(self.words.refused(asks, &deny, self.evaluation.subject()))
            }
            Step::Done(Decision::Error(code)) => Err(Halt::Denied(Denial::new(code))),
            Step::Need(Need::Memberships(whose)) => Err(self.unloaded(whose)),
            // All the rest was filled in.
            Step::Need(Need::Org | Need::Owner { .. } | Need::Mode | Need::Time) => {
                Err(Halt::Denied(Denial::new(Code::PolicyUnavailable)))
            }
        }
    }

    fn unloaded(&self, whose: Whose) -> Halt {
        match self.evaluation.id_of(whose) {
            Some(id) => Halt::Load(id.clone()),
            None => Halt::Denied(Denial::new(Code::PolicyUnavailable)),
        }
    }
}

impl Words {
    /// What a refusal would say, and no more than that.
    fn refused(&mut self, asks: &Asks, deny: &Deny<'_>, subject: Option<&Subject>) -> Outcome {
        if subject.is_some() && asks.requirement.is_hidden() {
            return Outcome::HIDDEN;
        }
        let acts_for = subject.is_some_and(|subject| subject.delegator().is_some());
        let language = self.language;
        let said = self.said.entry((deny.code, asks.resource, deny.mode));
        let words = said.or_insert_with_key(|(code, resource, mode)| {
            Arc::new(language.say(*code, Some(resource), *mode).into())
        });
        Outcome::denied(Refusal {
            code: deny.code,
            tier: deny.code.tier(),
            words: words.clone(),
            whose: acts_for.then(|| deny.whose.as_str()),
            required_role: deny.required_role.map(str::to_owned),
        })
    }
}

/// Whether each request names an org there, so that the default is nobody's.
fn always_names(source: OrgSource) -> bool {
    match source {
        OrgSource::Header(_)
        | OrgSource::Query(_)
        | OrgSource::HostUnder(_)
        | OrgSource::Json { .. }
        | OrgSource::Body { .. } => false,
        // A path has the parameter, and an object an org.
        _ => true,
    }
}
