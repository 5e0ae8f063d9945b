//! What is left open, the long text, and JSON.

use gatepost::{
    ExplainedDecision, Input, NeededInput, OrgInput, Outcome, Request, SubjectId, Whose, explain,
};

use crate::{assert_text, facts, noon, org, subject};

#[test]
fn what_depends_on_the_mode_says_so_and_ends_there() {
    let (alice, acme) = (subject("alice"), org("acme"));
    let mut request = Request::new("agent", "execute").subject(&alice).org(&acme);
    request.mode = Input::Pending;
    assert_text(
        &request,
        "
  identity  ✓ alice is active
  site      ✓ agent is opt-out, execute is governed
            ✓ agent is open to everyone
            · depends on the mode, which is still to be read
  org       · not reached
  mode      · not reached
open: depends on the mode, which is still to be read
",
    );
}

#[test]
fn what_depends_on_an_owner_needs_the_org_to_look_in_first() {
    let (alice, acme) = (subject("alice"), org("acme"));
    let mut request = Request::new("chat", "create").subject(&alice);
    request.owner = Input::Pending;
    request.org = OrgInput::Pending;
    let explanation = explain(&facts(), &request);
    assert_eq!(
        explanation.decision,
        ExplainedDecision::Needs(NeededInput::Org)
    );
    request.org = OrgInput::Named(&acme);
    let explanation = explain(&facts(), &request);
    assert_eq!(
        explanation.decision,
        ExplainedDecision::Needs(NeededInput::Owner)
    );
    let open = &explanation.parts[0].lines[13];
    assert_eq!(open.outcome, Outcome::NotReached);
    assert_eq!(open.text, "depends on the owner, who is still to be read");
    assert!(explanation.changes.is_empty());
}

#[test]
fn an_input_that_changes_no_check_is_still_needed_for_the_permit() {
    let (root, acme) = (subject("root"), org("acme"));
    let mut request = Request::new("chat", "create").subject(&root).org(&acme);
    request.mode = Input::Pending;
    let explanation = explain(&facts(), &request);
    assert_eq!(
        explanation.decision,
        ExplainedDecision::Needs(NeededInput::Mode)
    );
    let passed = |line: &gatepost::ExplainedLine| line.outcome == Outcome::Passed;
    assert!(explanation.parts[0].lines.iter().all(passed));
}

#[test]
fn a_moment_that_is_left_open_is_now() {
    let (bob, acme) = (subject("bob"), org("acme"));
    let request = Request::new("chat", "read").subject(&bob).org(&acme);
    let line = &explain(&facts(), &request).parts[0].lines[8];
    assert_eq!(line.outcome, Outcome::Failed);
    assert!(
        line.text.ends_with("expired 2026-02-01T00:00:00Z"),
        "{}",
        line.text
    );
}

#[test]
fn the_long_text_has_every_check() {
    let (alice, town) = (subject("alice"), org("town"));
    let request = Request::new("chat", "read").subject(&alice).org(&town);
    let text = format!("{:#}", explain(&facts(), &request));
    let want = "
  identity  ✓ alice asks
            ✓ alice is active
            ✓ no list of scopes limits the request
  site      ✓ read is not governed by the gate: the switch does not apply
            ✓ no site role denies it
            ✓ read is not governed by the gate: access does not apply
            ✓ the request has no mode
  org       ✓ the request names town
            ✓ town is public
            ✓ town is active
            ✓ read is not governed by the gate: the switch of the org does not apply
            ✓ the request has no mode
            ✓ no org role denies it
            ✗ no role of alice in town grants chat:read (holding none)   org_grant_missing
  mode      · not reached
deny org_grant_missing (org). An admin of town can give alice a role there that grants chat:read: maintainer
  or a site admin can give alice a site role that grants chat:read in every org: admin
";
    assert_eq!(text, want.trim_start_matches('\n').trim_end(), "\n{text}");
}

#[test]
fn json_has_the_decision_beside_its_parts() {
    let agent = subject("planner-7").acting_for(SubjectId::new("carol").unwrap());
    let acme = org("acme");
    let request = Request::new("chat", "delete").subject(&agent).org(&acme);
    let explanation = explain(&facts(), &request.at(noon()));
    let json = serde_json::to_value(&explanation).unwrap();
    assert_eq!(json["decision"], "deny");
    assert_eq!(json["code"], "org_grant_missing");
    assert_eq!(json["tier"], "org");
    assert_eq!(json["whose"], Whose::Subject.as_str());
    assert_eq!(json["version"], 7);
    assert_eq!(json["parts"][1]["subject"], "carol");
    let failed = &json["parts"][0]["lines"][13];
    assert_eq!(failed["check"], 14);
    assert_eq!(failed["outcome"], "failed");
    assert_eq!(failed["code"], "org_grant_missing");
    assert_eq!(json["parts"][1]["lines"][0]["outcome"], "not_reached");
    assert_eq!(json["changes"][0], explanation.changes[0]);
}
