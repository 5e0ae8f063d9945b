//! What a run passed and where it stopped, check by check.

use super::asker::Asker;
use super::scene::Scene;
use super::{ExplainedLine, ExplainedPart, NeededInput, Outcome, floor, identity, org, site};
use crate::code::Code;
use crate::decision::{Check, Decision, OrgView, Step, Watch, Whose};
use crate::snapshot::OrgIndex;
use crate::world::Worlds;

/// What was seen of a run.
pub(super) struct Seen {
    pub(super) passed: Vec<(Whose, Check)>,
    pub(super) org: Option<OrgIndex>,
    pub(super) views: Vec<(Whose, OrgView)>,
    pub(super) worlds: Worlds,
}

impl Seen {
    pub(super) fn new() -> Self {
        Self {
            passed: Vec::new(),
            org: None,
            views: Vec::new(),
            worlds: Worlds::ALL,
        }
    }

    pub(super) fn has_passed(&self, whose: Whose, check: Check) -> bool {
        self.passed.contains(&(whose, check))
    }

    /// What was not made because the answer waits for an input: the check behind the last that passed.
    fn waits_at(&self) -> Option<(Whose, Check)> {
        let (whose, last) = *self.passed.last()?;
        let next = Check::ALL.into_iter().find(|check| *check > last)?;
        Some((whose, next))
    }
}

impl Watch for Seen {
    fn passed(&mut self, whose: Whose, check: Check) {
        self.passed.push((whose, check));
    }

    fn reads_org(&mut self) {}

    fn falls_in(&mut self, org: OrgIndex) {
        self.org = Some(org);
    }

    fn saw_org(&mut self, whose: Whose, view: &OrgView) {
        self.views.push((whose, *view));
    }

    fn ended(&mut self, worlds: Worlds) {
        self.worlds = worlds;
    }
}

/// What there is to say of a check.
pub(super) struct Told {
    pub(super) text: String,
    pub(super) routine: bool,
}

impl Told {
    pub(super) fn fact(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            routine: false,
        }
    }

    pub(super) fn routine(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            routine: true,
        }
    }
}

/// One check's line.
pub(super) fn line(
    scene: &Scene<'_>,
    asker: &Asker<'_>,
    check: Check,
    seen: &Seen,
    step: &Step<'_>,
) -> ExplainedLine {
    let code = match step {
        Step::Done(Decision::Deny(deny)) if (deny.whose, deny.check) == (asker.whose, check) => {
            Some(deny.code)
        }
        Step::Done(_) | Step::Need(_) => None,
    };
    let (outcome, told) = if code.is_some() {
        (Outcome::Failed, describe(scene, asker, check, code))
    } else if seen.has_passed(asker.whose, check) {
        (Outcome::Passed, describe(scene, asker, check, None))
    } else {
        (Outcome::NotReached, open(scene, asker, check, seen, step))
    };
    ExplainedLine {
        check,
        outcome,
        text: told.text,
        code,
        routine: told.routine,
    }
}

/// The facts of a check that passed, or failed with a code.
fn describe(scene: &Scene<'_>, asker: &Asker<'_>, check: Check, failed: Option<Code>) -> Told {
    let passed = failed.is_none();
    match check {
        Check::SubjectFound => identity::found(scene, asker),
        Check::SubjectActive => identity::active(scene, asker, failed),
        Check::Scopes => identity::scopes(scene, asker, passed),
        Check::SiteSwitch => site::switch(scene, passed),
        Check::SiteDeny => site::deny(scene, asker, passed),
        Check::SiteGrant => site::grant(scene, asker, passed),
        Check::SiteMode => site::mode(scene, passed),
        Check::OrgNamed => org::named(scene, asker, failed),
        Check::OrgKnown => org::known(scene, asker, passed),
        Check::OrgActive => org::active(scene, passed),
        Check::OrgSwitch => org::switch(scene, passed),
        Check::OrgMode => org::mode(scene, passed),
        Check::OrgDeny => org::deny(scene, asker, passed),
        Check::OrgGrant => org::grant(scene, asker, passed),
        Check::Floor => floor::floor(scene, asker),
    }
}

/// Why a check was not made.
fn open(scene: &Scene<'_>, asker: &Asker<'_>, check: Check, seen: &Seen, step: &Step<'_>) -> Told {
    if scene.is_in_no_org()
        && check > Check::OrgNamed
        && seen.has_passed(asker.whose, Check::OrgNamed)
    {
        return Told::routine("the request falls in no org");
    }
    match step {
        Step::Need(need) if seen.waits_at() == Some((asker.whose, check)) => {
            let input = NeededInput::from(*need);
            Told::fact(format!("depends on the {}", input.in_words()))
        }
        Step::Need(_) | Step::Done(_) => Told::routine("not reached"),
    }
}

/// The part of a request without a subject.
pub(super) fn nobody() -> ExplainedPart {
    let lines = Check::ALL.map(|check| {
        let found = check == Check::SubjectFound;
        ExplainedLine {
            check,
            outcome: if found {
                Outcome::Failed
            } else {
                Outcome::NotReached
            },
            text: if found {
                "no subject was found"
            } else {
                "not reached"
            }
            .to_owned(),
            code: found.then_some(Code::Unauthenticated),
            routine: !found,
        }
    });
    ExplainedPart {
        whose: Whose::Subject,
        subject: None,
        lines: lines.into(),
    }
}
