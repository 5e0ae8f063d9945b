//! What a case expects, and how an answer differs from it.

use std::fmt;

use gatepost::{Code, Tier, Whose};
use serde::{Deserialize, Deserializer, de};

use crate::answer::{Answer, Verdict};

/// What a case expects; what it leaves out is not compared.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Expect {
    #[serde(deserialize_with = "verdict")]
    decision: Verdict,
    #[serde(default, deserialize_with = "code")]
    code: Option<Code>,
    #[serde(default, deserialize_with = "tier")]
    tier: Option<Tier>,
    #[serde(default, deserialize_with = "via")]
    via: Option<Via>,
    #[serde(default, deserialize_with = "whose")]
    whose: Option<Whose>,
    #[serde(default)]
    required_role: Option<String>,
}

/// What opened the org, where no membership did.
#[derive(Clone, Copy, Debug)]
enum Via {
    AllOrgs,
}

impl Via {
    fn as_str(self) -> &'static str {
        match self {
            Self::AllOrgs => "all_orgs",
        }
    }
}

impl Expect {
    /// Whether the answer is the one expected.
    pub(super) fn is_met_by(&self, answer: &Answer<'_>) -> bool {
        let same_code = self.code.is_none() || self.code == answer.code;
        let same_tier = self.tier.is_none() || self.tier == answer.tier;
        let same = self.decision == answer.decision && same_code && same_tier;
        same && self.further(answer).is_empty()
    }

    /// Each key by which the answer differs and that the answer in short does not show.
    pub(super) fn further(&self, answer: &Answer<'_>) -> Vec<String> {
        let whose = answer.whose.map(Whose::as_str);
        let differences = [
            differs("via", self.via.map(Via::as_str), answer.via),
            differs("whose", self.whose.map(Whose::as_str), whose),
            differs(
                "required_role",
                self.required_role.as_deref(),
                answer.required_role,
            ),
        ];
        differences.into_iter().flatten().collect()
    }
}

fn differs(key: &str, expected: Option<&str>, answered: Option<&str>) -> Option<String> {
    let expected = expected.filter(|expected| answered != Some(expected))?;
    let answered = answered.map_or("none".to_owned(), |answered| format!("`{answered}`"));
    Some(format!("{key}: expected `{expected}`, answered {answered}"))
}

/// `deny org_off (org)`
impl fmt::Display for Expect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.decision.as_str())?;
        if let Some(code) = self.code {
            write!(f, " {code}")?;
        }
        if let Some(tier) = self.tier {
            write!(f, " ({tier})")?;
        }
        Ok(())
    }
}

fn verdict<'de, D: Deserializer<'de>>(from: D) -> Result<Verdict, D::Error> {
    let verdicts = [Verdict::Allow, Verdict::Deny, Verdict::Error];
    one_of(from, &verdicts, Verdict::as_str, "decision")?
        .ok_or_else(|| de::Error::custom("`decision` is missing"))
}

fn code<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Code>, D::Error> {
    one_of(from, Code::ALL, Code::as_str, "code")
}

fn tier<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Tier>, D::Error> {
    let tiers = [Tier::Identity, Tier::Site, Tier::Org, Tier::Mode];
    one_of(from, &tiers, Tier::as_str, "tier")
}

fn via<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Via>, D::Error> {
    one_of(from, &[Via::AllOrgs], Via::as_str, "way into an org")
}

fn whose<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Whose>, D::Error> {
    one_of(
        from,
        &[Whose::Subject, Whose::ActingFor],
        Whose::as_str,
        "part of a decision",
    )
}

/// Reads one of some words; `null` is absent.
fn one_of<'de, D: Deserializer<'de>, T: Copy>(
    from: D,
    all: &[T],
    text: fn(T) -> &'static str,
    what: &str,
) -> Result<Option<T>, D::Error> {
    let Some(given) = Option::<String>::deserialize(from)? else {
        return Ok(None);
    };
    let mut words = all.iter().copied();
    let found = words.find(|word| text(*word) == given);
    found.map(Some).ok_or_else(|| {
        let known: Vec<&str> = all.iter().map(|word| text(*word)).collect();
        de::Error::custom(format_args!(
            "`{given}` is no {what}; there is `{}`",
            known.join("`, `")
        ))
    })
}
