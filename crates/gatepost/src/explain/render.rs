//! An explanation as text and as JSON.

use std::fmt;

use serde::{Serialize, Serializer};

use super::{
    ChangePlace, ExplainedDecision, ExplainedLine, ExplainedPart, Explanation, NeededInput, Outcome,
};
use crate::code::{Code, Tier};
use crate::decision::{Reach, Whose};

/// The width of a line's text, behind which its code stands.
const TEXT: usize = 57;

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.parts {
            if self.parts.len() > 1 {
                writeln!(f, "{}", self.heading(part))?;
            }
            for tier in [Tier::Identity, Tier::Site, Tier::Org, Tier::Mode] {
                write_tier(f, tier, part)?;
            }
        }
        write!(f, "{}", self.decision)?;
        if let (ExplainedDecision::Deny { whose, .. }, true) =
            (&self.decision, self.parts.len() > 1)
        {
            let denied = self.parts.iter().find(|part| part.whose == *whose);
            if let Some(subject) = denied.and_then(|part| part.subject.as_deref()) {
                write!(f, " for {subject}")?;
            }
        }
        let mut changes = self.changes.iter();
        if let Some(first) = changes.next() {
            write!(f, ". {}", capitalised(first))?;
        }
        for change in changes {
            write!(f, "\n  or {change}")?;
        }
        Ok(())
    }
}

impl Explanation {
    fn heading(&self, part: &ExplainedPart) -> String {
        let subject = part.subject.as_deref().unwrap_or("nobody");
        match part.whose {
            Whose::Subject => subject.to_owned(),
            Whose::ActingFor => {
                let agent = self
                    .parts
                    .first()
                    .and_then(|first| first.subject.as_deref());
                format!(
                    "{subject}, for whom {} acts",
                    agent.unwrap_or("the subject")
                )
            }
        }
    }
}

fn write_tier(f: &mut fmt::Formatter<'_>, tier: Tier, part: &ExplainedPart) -> fmt::Result {
    let lines: Vec<&ExplainedLine> = part
        .lines
        .iter()
        .filter(|line| line.check.tier() == tier)
        .collect();
    let mut shown: Vec<&ExplainedLine> = lines
        .iter()
        .copied()
        .filter(|line| f.alternate() || !line.routine)
        .collect();
    if shown.is_empty() {
        // A tier has a line in any case: the last that was reached, or that none was.
        let reached = lines
            .iter()
            .rfind(|line| line.outcome != Outcome::NotReached);
        shown.extend(reached.or(lines.first()));
    }
    for (row, line) in shown.into_iter().enumerate() {
        let label = if row == 0 { tier.as_str() } else { "" };
        let mark = match line.outcome {
            Outcome::Passed => '✓',
            Outcome::Failed => '✗',
            Outcome::NotReached => '·',
        };
        write!(f, "  {label:<8}  {mark} ")?;
        match line.code {
            None => writeln!(f, "{}", line.text)?,
            Some(code) => writeln!(f, "{:<TEXT$}  {code}", line.text)?,
        }
    }
    Ok(())
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(chars).collect()
}

impl fmt::Display for ExplainedDecision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Allow {
                via_all_orgs,
                reach,
            } => {
                let via = if *via_all_orgs { " via all_orgs" } else { "" };
                let own = match reach {
                    Reach::Any => "",
                    Reach::Own => ", own objects only",
                };
                write!(f, "allow{via}{own}")
            }
            Self::Deny { code, .. } => match code.tier() {
                Some(tier) => write!(f, "deny {code} ({tier})"),
                None => write!(f, "deny {code}"),
            },
            Self::Needs(input) => write!(f, "open: depends on the {}", input.in_words()),
            Self::Error(code) => write!(f, "error {code}"),
        }
    }
}

impl NeededInput {
    pub(super) const fn in_words(self) -> &'static str {
        match self {
            Self::Org => "org, which is still to be read",
            Self::Mode => "mode, which is still to be read",
            Self::Owner => "owner, who is still to be read",
            Self::Time => "time of the request",
            Self::Memberships => "memberships, which are elsewhere and still to be read",
        }
    }
}

/// An explanation as it stands in JSON: the decision's members beside the parts.
#[derive(Serialize)]
struct Document<'a> {
    decision: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<Code>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tier: Option<Tier>,
    #[serde(skip_serializing_if = "Option::is_none")]
    whose: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    required_role: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    via: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reach: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    needs: Option<&'static str>,
    parts: &'a [ExplainedPart],
    changes: &'a [String],
    places: &'a [Vec<ChangePlace>],
    version: u64,
}

impl Serialize for Explanation {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut document = Document {
            decision: "",
            code: None,
            tier: None,
            whose: None,
            required_role: None,
            via: None,
            reach: None,
            needs: None,
            parts: &self.parts,
            changes: &self.changes,
            places: &self.places,
            version: self.version,
        };
        match &self.decision {
            ExplainedDecision::Allow {
                via_all_orgs,
                reach,
            } => {
                document.decision = "allow";
                document.via = via_all_orgs.then_some("all_orgs");
                document.reach = Some(match reach {
                    Reach::Any => "any",
                    Reach::Own => "own",
                });
            }
            ExplainedDecision::Deny {
                code,
                whose,
                required_role,
            } => {
                document.decision = "deny";
                document.code = Some(*code);
                document.tier = code.tier();
                document.whose = Some(whose.as_str());
                document.required_role = required_role.as_deref();
            }
            ExplainedDecision::Needs(input) => {
                document.decision = "needs";
                document.needs = Some(input.as_str());
            }
            ExplainedDecision::Error(code) => {
                document.decision = "error";
                document.code = Some(*code);
            }
        }
        document.serialize(to)
    }
}

impl Serialize for ExplainedPart {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Part<'a> {
            whose: &'static str,
            subject: Option<&'a str>,
            lines: &'a [ExplainedLine],
        }
        Part {
            whose: self.whose.as_str(),
            subject: self.subject.as_deref(),
            lines: &self.lines,
        }
        .serialize(to)
    }
}

impl Serialize for ExplainedLine {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Line<'a> {
            check: u8,
            tier: Tier,
            outcome: &'static str,
            text: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            code: Option<Code>,
            routine: bool,
        }
        Line {
            check: self.check.number(),
            tier: self.check.tier(),
            outcome: self.outcome.as_str(),
            text: &self.text,
            code: self.code,
            routine: self.routine,
        }
        .serialize(to)
    }
}

impl Outcome {
    /// The word as it stands in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::NotReached => "not_reached",
        }
    }
}
