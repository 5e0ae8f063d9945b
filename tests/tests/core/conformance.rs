//! The cases in `data/conformance`, each through the loader, the engine and the oracle.

use gatepost::{Check, Code, Decision, Mode, OrgId, Step, decide};
use gatepost_tests::data;
use gatepost_tests::question::Question;
use gatepost_tests::twin::Twin;
use gatepost_tests::verdict::Verdict;
use serde_json::Value;

const CASES: usize = 3021;

/// Whether the verdict is what a case expects: decision, code and tier, and `via` where it says so.
fn is_as_expected(verdict: &Verdict, expect: &Value) -> bool {
    let text = |key: &str| expect.get(key).and_then(Value::as_str);
    let via = verdict.via_all_orgs.then_some("all_orgs");
    text("decision") == Some(verdict.decision)
        && text("code") == verdict.code
        && text("tier") == verdict.tier
        && (expect.get("via").is_none() || text("via") == via)
}

#[test]
fn every_case_is_decided_as_it_says() {
    let mut cases = 0;
    let mut wrong = Vec::new();
    for name in data::files_in("conformance") {
        let file = data::json(&name);
        let shared = file.get("policy").map(Twin::of);
        for case in file["cases"].as_array().unwrap() {
            let own = case.get("policy").map(Twin::of);
            let twin = own.as_ref().or(shared.as_ref()).unwrap();
            let question = Question::read(&case["request"]).unwrap();
            let expect = &case["expect"];
            for (who, verdict) in [
                ("engine", twin.engine(&question)),
                ("oracle", twin.oracle(&question)),
            ] {
                if !is_as_expected(&verdict, expect) {
                    wrong.push(format!(
                        "{name}, {}: {expect} expected, the {who} says {verdict}",
                        case["name"]
                    ));
                }
            }
            cases += 1;
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert_eq!(cases, CASES);
}

/// The number of the check that a code stands for, by the semantics' table.
fn check_of(code: Code) -> u8 {
    match code {
        Code::Unauthenticated => 1,
        Code::SubjectSuspended | Code::DelegatorMissing => 2,
        Code::ScopeMissing => 3,
        Code::SiteOff => 4,
        Code::SiteDenied => 5,
        Code::SiteGrantMissing => 6,
        Code::SiteModeOff => 7,
        Code::OrgRequired | Code::OrgConflict | Code::NoDefaultOrg => 8,
        Code::NotAMember => 9,
        Code::OrgSuspended => 10,
        Code::OrgOff => 11,
        Code::OrgModeOff => 12,
        Code::OrgDenied => 13,
        Code::OrgGrantMissing => 14,
        Code::ModeFloor => 15,
        other => panic!("{other} is of no check"),
    }
}

#[test]
fn a_denial_names_its_check_the_request_and_the_role_that_a_floor_requires() {
    let mut floors = 0;
    for name in data::files_in("conformance") {
        let file = data::json(&name);
        let shared = file.get("policy").map(Twin::of);
        for case in file["cases"].as_array().unwrap() {
            let own = case.get("policy").map(Twin::of);
            let facts = &own.as_ref().or(shared.as_ref()).unwrap().snapshot;
            let question = Question::read(&case["request"]).unwrap();
            let Step::Done(Decision::Deny(deny)) = decide(facts, &question.engine.as_request())
            else {
                continue;
            };
            let (case, asked) = (&case["name"], &question.oracle);
            assert_eq!(deny.check.number(), check_of(deny.code), "{case}");
            assert_eq!(Some(deny.check.tier()), deny.code.tier(), "{case}");
            if asked.org_rule.as_deref() == Some("default") && asked.org.is_none() {
                // The default org is told as if it had been named, once it was asked for.
                assert!(deny.org.is_none() || deny.check > Check::OrgNamed, "{case}");
            } else {
                assert_eq!(deny.org.map(OrgId::as_str), asked.org.as_deref(), "{case}");
            }
            assert_eq!(deny.mode.map(Mode::as_str), asked.mode.as_deref(), "{case}");
            let floor = deny.code == Code::ModeFloor;
            assert_eq!(deny.required_role.is_some(), floor, "{case}");
            // Everybody reaches `everyone`, so it is never what is missing.
            assert_ne!(deny.required_role, Some("everyone"), "{case}");
            floors += usize::from(floor);
        }
    }
    assert!(floors > 20, "{floors}");
}
