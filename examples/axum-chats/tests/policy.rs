//! The shipped policy: nothing is suspicious in it, and it says what `policy.test.toml` means it to.

use gatepost::{Decision, PolicyText, RequestDocument, Step, Timestamp, decide, lint};
use serde::Deserialize;

const POLICY: &str = include_str!("../policy.toml");
const TESTS: &str = include_str!("../policy.test.toml");

#[derive(Deserialize)]
struct Tests {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    request: RequestDocument,
    expect: Expect,
}

#[derive(Deserialize)]
struct Expect {
    decision: String,
    code: Option<String>,
}

#[test]
fn the_policy_has_no_findings() {
    let findings = lint(&PolicyText::toml(POLICY), Timestamp::now()).unwrap();
    assert!(findings.is_empty(), "{findings:#?}");
}

#[test]
fn the_policy_says_what_is_meant() {
    let facts = PolicyText::toml(POLICY).compile(1).unwrap();
    let tests: Tests = toml::from_str(TESTS).unwrap();
    for case in &tests.cases {
        let request = case.request.as_request().at(Timestamp::now());
        let (decision, code) = match decide(&facts, &request) {
            Step::Done(Decision::Allow(_)) => ("allow", None),
            Step::Done(Decision::Deny(deny)) => ("deny", Some(deny.code.as_str())),
            step => panic!("{}: {step:?}", case.name),
        };
        assert_eq!(decision, case.expect.decision, "{}", case.name);
        assert_eq!(code, case.expect.code.as_deref(), "{}", case.name);
    }
}
