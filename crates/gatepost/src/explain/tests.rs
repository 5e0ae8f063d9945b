//! What an explanation says is what the decision did, and what it advises works.

mod asked;
mod chance;
mod make;
mod places;

use std::collections::BTreeMap;

use super::asker::Asker;
use super::change::Change;
use super::lines::Seen;
use super::scene::Scene;
use super::{ExplainedDecision, Explanation, NeededInput, Outcome, explain, suggest};
use crate::code::Code;
use crate::decision::{Check, Decision, Need, Step, Whose, decide, decide_watched};
use crate::snapshot::Snapshot;
use asked::Asked;
pub(crate) use chance::Chance;

const POLICIES: u64 = 120;
const REQUESTS: u64 = 60;

/// Explains many requests to many policies.
fn each_case(mut see: impl FnMut(&Case<'_>)) {
    for seed in 0..POLICIES {
        let mut chance = Chance::new(seed);
        let document = chance.document();
        let facts = Snapshot::compile(&document, seed).unwrap();
        for _ in 0..REQUESTS {
            let asked = chance.asked();
            let explanation = explain(&facts, &asked.as_request());
            see(&Case {
                document: &document,
                facts: &facts,
                asked: &asked,
                explanation,
            });
        }
    }
}

struct Case<'a> {
    document: &'a crate::policy::PolicyDocument,
    facts: &'a Snapshot,
    asked: &'a Asked,
    explanation: Explanation,
}

#[test]
fn the_decision_is_that_of_decide() {
    each_case(|case| {
        let request = case.asked.as_request();
        let want = match decide(case.facts, &request) {
            Step::Done(Decision::Allow(allow)) => ExplainedDecision::Allow {
                via_all_orgs: allow.via_all_orgs,
                reach: allow.reach,
            },
            Step::Done(Decision::Deny(deny)) => ExplainedDecision::Deny {
                code: deny.code,
                whose: deny.whose,
                required_role: deny.required_role.map(str::to_owned),
            },
            Step::Done(Decision::Error(code)) => ExplainedDecision::Error(code),
            Step::Need(need) => ExplainedDecision::Needs(match need {
                Need::Org => NeededInput::Org,
                Need::Mode => NeededInput::Mode,
                Need::Owner { .. } => NeededInput::Owner,
                Need::Time => NeededInput::Time,
                Need::Memberships(_) => NeededInput::Memberships,
            }),
        };
        assert_eq!(case.explanation.decision, want);
        assert_eq!(case.explanation.version, case.facts.version());
    });
}

#[test]
fn every_check_has_one_line_in_order_passed_then_failed_then_not_reached() {
    each_case(|case| {
        let explanation = &case.explanation;
        let acts_for = case
            .asked
            .subject
            .as_ref()
            .is_some_and(|subject| subject.delegator().is_some());
        assert_eq!(explanation.parts.len(), 1 + usize::from(acts_for));
        let mut failed = 0;
        for part in &explanation.parts {
            let checks: Vec<Check> = part.lines.iter().map(|line| line.check).collect();
            assert_eq!(checks, Check::ALL);
            let order = |outcome| match outcome {
                Outcome::Passed => 0,
                Outcome::Failed => 1,
                Outcome::NotReached => 2,
            };
            let outcomes: Vec<Outcome> = part.lines.iter().map(|line| line.outcome).collect();
            assert!(
                outcomes.is_sorted_by_key(|outcome| order(*outcome)),
                "{outcomes:?}"
            );
            for line in &part.lines {
                assert_eq!(line.code.is_some(), line.outcome == Outcome::Failed);
                assert!(!line.text.is_empty());
                if let Some(code) = line.code {
                    failed += 1;
                    assert_eq!(code.tier(), Some(line.check.tier()));
                    assert!(matches!(
                        &explanation.decision,
                        ExplainedDecision::Deny { code: of, whose, .. } if (*of, *whose) == (code, part.whose)
                    ));
                }
            }
        }
        let denied = matches!(explanation.decision, ExplainedDecision::Deny { .. });
        assert_eq!(failed, usize::from(denied));
    });
}

#[test]
fn every_advised_change_lets_the_check_that_failed_pass() {
    let mut advised: BTreeMap<Code, u32> = BTreeMap::new();
    each_case(|case| {
        for (code, whose, check, change) in suggestions(case.facts, case.asked) {
            let alternatives = make::alternatives(&change, case.document, case.asked);
            assert!(!alternatives.is_empty(), "{change}");
            for (document, asked) in alternatives {
                let facts = Snapshot::compile(&document, 1).unwrap();
                let after = explain(&facts, &asked.as_request());
                let part = after.parts.iter().find(|part| part.whose == whose).unwrap();
                let line = part.lines.iter().find(|line| line.check == check).unwrap();
                // Check 2 asks two things; resumed, a subject may still act for nobody.
                let next =
                    code == Code::SubjectSuspended && line.code == Some(Code::DelegatorMissing);
                assert!(
                    line.outcome == Outcome::Passed || next,
                    "{change}\nbefore:\n{:#}\nafter:\n{after:#}\n{:#?}",
                    case.explanation,
                    case.asked,
                );
                *advised.entry(code).or_default() += 1;
            }
        }
    });
    // Every check that can fail was seen to fail and was advised on.
    let codes = Code::ALL.iter().filter(|code| code.tier().is_some());
    for code in codes {
        assert!(
            advised.get(code).is_some_and(|count| *count >= 20),
            "{code}: {advised:?}"
        );
    }
}

fn suggestions(facts: &Snapshot, asked: &Asked) -> Vec<(Code, Whose, Check, Change)> {
    let request = asked.as_request();
    let mut seen = Seen::new();
    let Step::Done(Decision::Deny(deny)) = decide_watched(facts, &request, &mut seen) else {
        return Vec::new();
    };
    let scene = Scene::new(facts, request, &seen);
    let askers = Asker::both(&scene, &seen);
    let changes = suggest::suggested(&scene, &askers, &deny).into_iter();
    changes
        .map(|change| (deny.code, deny.whose, deny.check, change))
        .collect()
}

#[test]
fn no_line_has_to_fall_back_on_general_words() {
    const GENERAL: &[&str] = &[
        "the scopes cover it",
        "a site role denies it",
        "a site role grants it",
        "an org role denies it",
        "an org role grants it",
        "the floor of the mode",
        "there is no such org",
        "the org is still to be read",
    ];
    each_case(|case| {
        for line in case.explanation.parts.iter().flat_map(|part| &part.lines) {
            assert!(
                !GENERAL.contains(&line.text.as_str()),
                "{:#}",
                case.explanation
            );
            assert!(!line.text.contains(" may know "), "{:#}", case.explanation);
        }
    });
}

#[test]
fn the_text_has_a_line_for_every_tier_and_the_long_one_for_every_check() {
    each_case(|case| {
        let short = case.explanation.to_string();
        let parts = case.explanation.parts.len();
        for tier in [
            "  identity  ",
            "  site      ",
            "  org       ",
            "  mode      ",
        ] {
            assert_eq!(short.matches(tier).count(), parts, "{short}");
        }
        let long = format!("{:#}", case.explanation);
        let marked = |line: &&str| line.contains(['✓', '✗', '·']);
        assert_eq!(long.lines().filter(marked).count(), 15 * parts, "{long}");
    });
}
