//! What was decided, in words that the engine and the oracle share.

use std::fmt;

use gatepost::{Decision, Reach, Step};

use crate::oracle::Answer;

/// A decision as far as both implementations tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Verdict {
    /// `allow`, `deny` or `error`; `need` where no decision was taken.
    pub decision: &'static str,
    /// The code of the first check that failed; only on a deny or an error.
    pub code: Option<&'static str>,
    /// The tier in which that check stands; only on a deny.
    pub tier: Option<&'static str>,
    /// Whether an `all_orgs` grant matched; only on an allow in an org.
    pub via_all_orgs: bool,
    /// Whose denial it was; only on a deny with `acting_for`.
    pub whose: Option<&'static str>,
    /// Whether the grants reach `any` object or only the subject's `own`; only on an allow.
    pub reach: Option<&'static str>,
}

impl Verdict {
    /// Whether it is an allow.
    pub fn allows(&self) -> bool {
        self.decision == "allow"
    }

    /// What the engine says to a request in which someone acts, or does not act, for another.
    pub fn of_step(step: Step<'_>, acting_for: bool) -> Self {
        const NONE: Verdict = Verdict {
            decision: "need",
            code: None,
            tier: None,
            via_all_orgs: false,
            whose: None,
            reach: None,
        };
        match step {
            Step::Need(_) => NONE,
            Step::Done(Decision::Allow(allow)) => Self {
                decision: "allow",
                via_all_orgs: allow.via_all_orgs,
                reach: Some(match allow.reach {
                    Reach::Any => "any",
                    Reach::Own => "own",
                }),
                ..NONE
            },
            Step::Done(Decision::Deny(deny)) => Self {
                decision: "deny",
                code: Some(deny.code.as_str()),
                tier: deny.code.tier().map(gatepost::Tier::as_str),
                whose: acting_for.then(|| deny.whose.as_str()),
                ..NONE
            },
            Step::Done(Decision::Error(code)) => Self {
                decision: "error",
                code: Some(code.as_str()),
                ..NONE
            },
        }
    }
}

impl From<Answer> for Verdict {
    fn from(answer: Answer) -> Self {
        Self {
            decision: answer.decision,
            code: answer.code,
            tier: answer.tier,
            via_all_orgs: answer.via_all_orgs,
            whose: answer.whose,
            reach: answer.reach,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.decision)?;
        for word in [self.code, self.tier, self.whose, self.reach]
            .into_iter()
            .flatten()
        {
            write!(f, " {word}")?;
        }
        if self.via_all_orgs {
            f.write_str(" via all_orgs")?;
        }
        Ok(())
    }
}
