//! The cases in `data/conformance`, each through the loader, the engine and the oracle.

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
