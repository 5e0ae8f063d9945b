//! Memberships that are elsewhere: the answers are those of a policy that has them, and they are
//! asked for at the first check whose outcome depends on them, once.

use std::collections::BTreeMap;

use gatepost::{Decision, Input, Need, PolicyDocument, Snapshot, Step, Whose, decide, explain};
use gatepost_tests::apart::Apart;
use gatepost_tests::data;
use gatepost_tests::question::Question;
use gatepost_tests::twin::engine;
use serde_json::{Value, json};

struct Both {
    here: Snapshot,
    elsewhere: Apart,
}

impl Both {
    fn of(policy: &Value) -> Self {
        let document = PolicyDocument::from_json_value(policy).unwrap();
        Self {
            here: Snapshot::compile(&document, 1).unwrap(),
            elsewhere: Apart::of(&document),
        }
    }

    /// Both say the same; answers whose memberships were asked for.
    fn agree(&self, question: &Question) -> Vec<Whose> {
        let (verdict, asked) = self.elsewhere.engine(question);
        assert_eq!(
            verdict,
            engine(&self.here, question),
            "{:?}",
            question.oracle
        );
        asked
    }
}

#[test]
fn every_case_is_decided_as_if_they_were_in_the_facts() {
    let mut asked: BTreeMap<usize, usize> = BTreeMap::new();
    for name in data::files_in("conformance") {
        let file = data::json(&name);
        let shared = file.get("policy").map(Both::of);
        for case in file["cases"].as_array().unwrap() {
            let own = case.get("policy").map(Both::of);
            let both = own.as_ref().or(shared.as_ref()).unwrap();
            let loads = both.agree(&Question::read(&case["request"]).unwrap()).len();
            *asked.entry(loads).or_default() += 1;
        }
    }
    assert!([0, 1, 2].iter().all(|loads| asked[loads] > 10), "{asked:?}");
}

/// Ann may chat in the private org, by a role of its parent's; root may by the site; bot acts for both.
fn policy() -> Value {
    json!({
        "version": 1,
        "resources": { "chat": ["read"], "killed": ["read"], "muted": ["read"] },
        "site": {
            "gates": {
                "chat": { "switch": "opt-in", "access": "everyone" },
                "muted": { "switch": "on", "access": "everyone" },
            },
            "roles": {
                "root": { "grants": ["chat:read"], "all_orgs": true },
                "own-root": { "grants": ["chat:read@own"], "all_orgs": true },
            },
        },
        "org_roles": { "anyone": { "grants": ["!muted:*"] }, "guest": { "level": 10, "grants": ["*:*"] } },
        "orgs": {
            "top": {
                "gates": { "chat": { "switch": "on" } },
                "roles": { "author": { "level": 20, "grants": ["chat:*"] } },
                "members": { "ann": { "roles": ["author", "anyone", "retired"] } },
            },
            "private": { "parent": "top", "members": { "eve": { "roles": ["author"], "expires": "2026-06-01T12:00:00Z" } } },
            "public": { "visibility": "public", "gates": { "chat": { "switch": "on" } } },
            "shut": { "visibility": "public" },
            "asleep": { "visibility": "public", "status": "suspended" },
        },
        "subjects": {
            "root": { "site_roles": ["root"] },
            "own-root": { "site_roles": ["own-root"] },
            "bot": { "kind": "agent" },
            "gone": { "status": "suspended" },
        },
    })
}

/// Requests, whose memberships each is asked for in this order, and how it ends.
const ROWS: &[(&str, &[Whose], &str)] = &[
    (r#"{ "org": "private" }"#, &[], "unauthenticated"),
    (
        r#"{ "subject": "gone", "org": "private" }"#,
        &[],
        "subject_suspended",
    ),
    (
        r#"{ "subject": "bot", "org": "private" }"#,
        &[],
        "delegator_missing",
    ),
    (
        r#"{ "subject": "ann", "org": "private", "scopes": [] }"#,
        &[],
        "scope_missing",
    ),
    (
        r#"{ "subject": "ann", "org": "private", "resource": "killed" }"#,
        &[],
        "site_off",
    ),
    (r#"{ "subject": "ann" }"#, &[], "org_required"),
    // Whether there is the org costs the same.
    (
        r#"{ "subject": "mallory", "org": "private" }"#,
        &[Whose::Subject],
        "not_a_member",
    ),
    (
        r#"{ "subject": "mallory", "org": "nowhere" }"#,
        &[Whose::Subject],
        "not_a_member",
    ),
    (
        r#"{ "subject": "ann", "org": "private" }"#,
        &[Whose::Subject],
        "allow",
    ),
    (
        r#"{ "subject": "eve", "org": "private", "at": "2026-06-01T11:59:59Z" }"#,
        &[Whose::Subject],
        "allow",
    ),
    (
        r#"{ "subject": "eve", "org": "private", "at": "2026-06-01T12:00:00Z" }"#,
        &[Whose::Subject],
        "not_a_member",
    ),
    // Everybody may know a public org, and what everybody is refused there is refused without a look.
    (r#"{ "subject": "mallory", "org": "shut" }"#, &[], "org_off"),
    (
        r#"{ "subject": "mallory", "org": "asleep" }"#,
        &[],
        "org_suspended",
    ),
    (
        r#"{ "subject": "mallory", "org": "public", "resource": "muted" }"#,
        &[],
        "org_denied",
    ),
    (
        r#"{ "subject": "mallory", "org": "public" }"#,
        &[Whose::Subject],
        "org_grant_missing",
    ),
    // The grant of the site reaches any object in every org; of his own ones, a role in the org may reach further.
    (r#"{ "subject": "root", "org": "private" }"#, &[], "allow"),
    (
        r#"{ "subject": "own-root", "org": "private", "owner": "own-root" }"#,
        &[Whose::Subject],
        "allow",
    ),
    (r#"{ "subject": "ann", "org_rule": "none" }"#, &[], "allow"),
    (
        r#"{ "subject": "ann", "org_rule": "default" }"#,
        &[Whose::Subject],
        "allow",
    ),
    (
        r#"{ "subject": "mallory", "org_rule": "default" }"#,
        &[Whose::Subject],
        "no_default_org",
    ),
    // The default org is that of the one acted for, and the subject must be allowed in it first.
    (
        r#"{ "subject": "bot", "acting_for": "ann", "org_rule": "default" }"#,
        &[Whose::ActingFor, Whose::Subject],
        "not_a_member",
    ),
    (
        r#"{ "subject": "bot", "acting_for": "ann", "org": "private" }"#,
        &[Whose::Subject],
        "not_a_member",
    ),
    (
        r#"{ "subject": "root", "acting_for": "ann", "org": "private" }"#,
        &[Whose::ActingFor],
        "allow",
    ),
    (
        r#"{ "subject": "ann", "acting_for": "mallory", "org": "private" }"#,
        &[Whose::Subject, Whose::ActingFor],
        "not_a_member",
    ),
];

#[test]
fn they_are_asked_for_where_the_outcome_depends_on_them_and_not_before() {
    let both = Both::of(&policy());
    for (request, expected, outcome) in ROWS {
        let mut request: Value = serde_json::from_str(request).unwrap();
        let fields = request.as_object_mut().unwrap();
        fields.entry("resource").or_insert(json!("chat"));
        fields.insert("action".into(), json!("read"));
        let question = Question::read(&request).unwrap();
        let asked = both.agree(&question);
        let (verdict, _) = both.elsewhere.engine(&question);
        let ended = verdict.code.unwrap_or(verdict.decision);
        assert_eq!(
            (ended, asked.as_slice()),
            (*outcome, *expected),
            "{request}"
        );
    }
}

#[test]
fn memberships_of_another_subject_are_none_of_ones_own() {
    let both = Both::of(&policy());
    let request =
        json!({ "subject": "mallory", "org": "private", "resource": "chat", "action": "read" });
    let question = Question::read(&request).unwrap();
    let anns = [both.elsewhere.load(&"ann".parse().unwrap())];
    let asked = question.engine.as_request().memberships(&anns);
    let step = decide(&both.elsewhere.snapshot, &asked);
    let need = Need::Memberships(Whose::Subject);
    assert_eq!(step, Step::Need(need));
    // And a policy that has its memberships goes by no others.
    let step = decide(&both.here, &asked);
    assert!(matches!(step, Step::Done(Decision::Deny(_))));
}

#[test]
fn they_are_asked_for_before_an_owner_that_a_member_may_not_need() {
    let both = Both::of(&policy());
    let request =
        json!({ "subject": "own-root", "org": "private", "resource": "chat", "action": "read" });
    let question = Question::read(&request).unwrap();
    let mut request = question.engine.as_request();
    request.owner = Input::Pending;
    let need = decide(&both.elsewhere.snapshot, &request);
    assert_eq!(need, Step::Need(Need::Memberships(Whose::Subject)));
    let loaded = [both.elsewhere.load(&"own-root".parse().unwrap())];
    let need = decide(&both.elsewhere.snapshot, &request.memberships(&loaded));
    assert!(matches!(need, Step::Need(Need::Owner { .. })), "{need:?}");
}

#[test]
fn a_document_with_members_has_them_in_one_place() {
    let document = PolicyDocument::from_json_value(&policy()).unwrap();
    let error = Snapshot::compile_looking_through(&document, 1).unwrap_err();
    let paths: Vec<_> = error
        .problems()
        .iter()
        .map(|it| it.path.to_string())
        .collect();
    assert_eq!(paths, ["orgs.private.members", "orgs.top.members"]);
}

#[test]
fn an_explanation_says_what_it_cannot_see() {
    let both = Both::of(&policy());
    let request =
        json!({ "subject": "ann", "org": "private", "resource": "chat", "action": "read" });
    let question = Question::read(&request).unwrap();
    let loaded = [both.elsewhere.load(&"ann".parse().unwrap())];
    let request = question.engine.as_request().memberships(&loaded);
    let explanation = explain(&both.elsewhere.snapshot, &request);
    assert_eq!(
        explanation.decision.to_string(),
        "open: depends on the memberships, which are elsewhere and still to be read"
    );
    // Nor does it say of org roles what nobody has looked at.
    let request = json!({ "subject": "root", "org": "private", "resource": "chat", "action": "read", "mode": "foreground" });
    let question = Question::read(&request).unwrap();
    let told = format!(
        "{:#}",
        explain(&both.elsewhere.snapshot, &question.engine.as_request())
    );
    assert!(told.contains("allow via all_orgs"), "{told}");
    for guess in ["no org role", "level", "no member"] {
        assert!(!told.contains(guess), "{told}");
    }
}
