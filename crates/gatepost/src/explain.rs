//! Why a request is answered as it is: the fifteen checks, each with its outcome and the facts behind it.
//!
//! Nothing is decided here. [`decide`](crate::decide) runs once and is watched;
//! what it passed, and where it stopped, is described by the facts that it went by.

mod asker;
mod change;
mod floor;
mod grants;
mod identity;
mod lines;
mod org;
mod place;
mod render;
mod scene;
mod site;
mod suggest;
#[cfg(test)]
pub(crate) mod tests;

use crate::code::Code;
use crate::decision::{Check, Decision, Need, Reach, Step, Whose, decide_watched};
use crate::request::Request;
use crate::snapshot::Snapshot;
use crate::time::Timestamp;

use asker::Asker;
use change::Change;
use lines::{Seen, line, nobody};
pub use place::ChangePlace;
use scene::Scene;

/// An answer, check by check.
///
/// Its text is short: what passed without a word to say about it is left out.
/// The alternate form, `{:#}`, has every check.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Explanation {
    /// What [`decide`](crate::decide) answers.
    pub decision: ExplainedDecision,
    /// One part for the subject, and one for whom it acts for.
    pub parts: Vec<ExplainedPart>,
    /// What would let the check that failed pass, each on its own, the most local first.
    pub changes: Vec<String>,
    /// Where each of the changes is made: as many lists as there are changes, in the same order.
    pub places: Vec<Vec<ChangePlace>>,
    /// The policy version that it was decided at.
    pub version: u64,
}

/// A [`Step`] that keeps nothing of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(
    clippy::exhaustive_enums,
    reason = "a decision is taken, or waits for one input"
)]
pub enum ExplainedDecision {
    /// It may.
    Allow {
        /// Whether a site role with `all_orgs` opened the org.
        via_all_orgs: bool,
        /// Whether the grants reach any object.
        reach: Reach,
    },
    /// It may not.
    Deny {
        /// The first check that failed, by its code.
        code: Code,
        /// Whose request failed it.
        whose: Whose,
        /// The role that would have reached the floor, where it was the floor.
        required_role: Option<String>,
    },
    /// The answer depends on an input that the request leaves open.
    Needs(NeededInput),
    /// It could not be decided.
    Error(Code),
}

/// An input that an answer depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(
    clippy::exhaustive_enums,
    reason = "the inputs that can be pending, in full"
)]
pub enum NeededInput {
    /// The org.
    Org,
    /// The mode.
    Mode,
    /// The owner of the object.
    Owner,
    /// The moment of the request; [`explain`] takes the present where none is given.
    Time,
    /// The memberships, which the policy has elsewhere.
    Memberships,
}

impl NeededInput {
    /// The input's name in a request.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Org => "org",
            Self::Mode => "mode",
            Self::Owner => "owner",
            Self::Time => "at",
            Self::Memberships => "memberships",
        }
    }
}

/// The checks of one of the two who must be allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExplainedPart {
    /// Whose part it is.
    pub whose: Whose,
    /// Its id, where a subject was found.
    pub subject: Option<String>,
    /// Every check once, in order: those that passed, the one that failed, those that were not reached.
    pub lines: Vec<ExplainedLine>,
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExplainedLine {
    /// The check.
    pub check: Check,
    /// How it went.
    pub outcome: Outcome,
    /// The facts that it went by.
    pub text: String,
    /// The code that it failed with.
    pub code: Option<Code>,
    /// Whether the text says no more than the outcome does. A short rendering leaves the line out.
    pub routine: bool,
}

/// How a check went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(
    clippy::exhaustive_enums,
    reason = "a check passes, fails, or is not made"
)]
pub enum Outcome {
    /// It passed.
    Passed,
    /// It failed, and so is the answer.
    Failed,
    /// It was not made: another failed before it, an input is missing, or the request falls in no org.
    NotReached,
}

/// Explains the answer to a request by the facts of one policy version.
///
/// Where the request leaves its moment open, that is now. Where it leaves open
/// something else that the answer depends on, the explanation ends there and says so. It does so too where the
/// answer depends on memberships that the policy has elsewhere, given or not: there is no word of them in the facts.
///
/// ```
/// use gatepost::{OrgId, Outcome, PolicyText, Request, Subject, SubjectId, explain};
///
/// let facts = PolicyText::toml(r#"
/// version = 1
/// [resources]
/// chat = ["create"]
/// [site.gates.chat]
/// switch = "opt-in"
/// [site.roles.agents-access]
/// grants = ["chat:*"]
/// [org_roles.developer]
/// level = 30
/// grants = ["chat:*@own"]
/// [orgs.initech.members.alice]
/// roles = ["developer"]
/// [subjects.alice]
/// site_roles = ["agents-access"]
/// "#).compile(1)?;
/// let alice = Subject::new(SubjectId::new("alice")?);
/// let initech = OrgId::new("initech")?;
/// let explanation = explain(&facts, &Request::new("chat", "create").subject(&alice).org(&initech));
///
/// let failed = explanation.parts[0].lines.iter().find(|line| line.outcome == Outcome::Failed);
/// assert_eq!(failed.map(|line| line.text.as_str()), Some("chat is unset in initech and opt-in on the site"));
/// assert_eq!(explanation.changes[0], "an admin of initech can change it: gatepost org switch initech chat on");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn explain(facts: &Snapshot, request: &Request<'_>) -> Explanation {
    let mut request = *request;
    request.at.get_or_insert_with(Timestamp::now);
    request.memberships = &[];
    let mut seen = Seen::new();
    let step = decide_watched(facts, &request, &mut seen);
    let scene = Scene::new(facts, request, &seen);
    let askers = Asker::both(&scene, &seen);

    let mut parts: Vec<ExplainedPart> = askers
        .iter()
        .map(|asker| ExplainedPart {
            whose: asker.whose,
            subject: Some(asker.id.to_string()),
            lines: Check::ALL
                .map(|check| line(&scene, asker, check, &seen, &step))
                .into(),
        })
        .collect();
    if parts.is_empty() {
        parts.push(nobody());
    }
    let changes = suggest::changes(&scene, &askers, &step);
    Explanation {
        changes: changes.iter().map(Change::to_string).collect(),
        places: changes.iter().map(Change::places).collect(),
        decision: ExplainedDecision::from(step),
        parts,
        version: facts.version(),
    }
}

impl From<Step<'_>> for ExplainedDecision {
    fn from(step: Step<'_>) -> Self {
        match step {
            Step::Done(Decision::Allow(allow)) => Self::Allow {
                via_all_orgs: allow.via_all_orgs,
                reach: allow.reach,
            },
            Step::Done(Decision::Deny(deny)) => Self::Deny {
                code: deny.code,
                whose: deny.whose,
                required_role: deny.required_role.map(str::to_owned),
            },
            Step::Done(Decision::Error(code)) => Self::Error(code),
            Step::Need(need) => Self::Needs(need.into()),
        }
    }
}

impl From<Need<'_>> for NeededInput {
    fn from(need: Need<'_>) -> Self {
        match need {
            Need::Org => Self::Org,
            Need::Mode => Self::Mode,
            Need::Owner { .. } => Self::Owner,
            Need::Time => Self::Time,
            Need::Memberships(_) => Self::Memberships,
        }
    }
}
