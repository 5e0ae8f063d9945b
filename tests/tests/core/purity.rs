//! A decision allocates nothing, whatever it says.

use std::collections::BTreeSet;

use gatepost::{
    Input, Kind, Mode, Need, OrgId, OrgInput, OrgRule, PolicyText, Request, Snapshot, Step,
    Subject, SubjectId, Timestamp, decide,
};
use gatepost_tests::verdict::Verdict;

const POLICY: &str = r#"
version = 1

[resources]
chat = ["read", "create", "delete", "share"]
agent = ["execute", "stop"]
dark = ["read"]

[site.gates.chat]
switch = "opt-out"
background = { floor = "lead" }
[site.gates.agent]
switch = "opt-in"
access = "everyone"
foreground = { switch = "opt-in" }
background = { switch = "off" }

[site.roles.chatter]
grants = ["chat:*", "!chat:delete#background@own"]
[site.roles.root]
grants = ["chat:*"]
all_orgs = true

[org_roles.dev]
level = 20
grants = ["chat:read", "chat:create@own", "agent:*"]
[org_roles.lead]
level = 30
include = ["dev"]
grants = ["chat:share", "!chat:share@own"]

[orgs.top]
members.alice.roles = ["dev"]
members.bot.roles = ["dev"]
members.carol = { roles = ["own"], expires = "2027-01-01T00:00:00Z" }
roles.own = { level = 25, include = ["lead"] }
gates.agent.switch = "on"
[orgs.mid]
parent = "top"
[orgs.low]
parent = "mid"
members.alice.roles = ["lead", "retired"]
gates.agent.foreground.switch = "off"
[orgs.idle]
parent = "low"
status = "suspended"
[orgs.shut]
parent = "low"
gates.chat.switch = "off"

[subjects.alice]
site_roles = ["chatter"]
default_org = "low"
[subjects.bot]
kind = "agent"
site_roles = ["chatter"]
[subjects.carol]
site_roles = ["chatter"]
[subjects.dave]
site_roles = ["root"]
[subjects.gone]
status = "suspended"
"#;

fn id(text: &str) -> SubjectId {
    SubjectId::new(text).unwrap()
}

/// Decides, and asserts that nothing was allocated meanwhile.
fn decided_without_allocating<'a>(facts: &'a Snapshot, request: &Request<'a>) -> Step<'a> {
    let mut step = None;
    let seen = allocation_counter::measure(|| step = Some(decide(facts, request)));
    assert_eq!(seen.count_total, 0, "{step:?}");
    step.unwrap()
}

#[test]
fn a_decision_allocates_nothing_on_an_allow_and_on_every_denial() {
    let facts = PolicyText::toml(POLICY).compile(1).unwrap();
    let scopes = [
        "openid",
        "chat:read#foreground",
        "chat:*@own",
        "agent:execute",
        "dark:read",
        "!chat:read",
        "chat:share",
    ];
    let bot = || Subject::new(id("bot")).kind(Kind::Service);
    let subjects = [
        Subject::new(id("alice")),
        Subject::new(id("alice")).scopes(scopes),
        Subject::new(id("alice")).scopes(["profile"]),
        Subject::new(id("carol")),
        Subject::new(id("dave")),
        Subject::new(id("gone")),
        Subject::new(id("stranger")),
        bot(),
        bot().acting_for(id("alice")),
        bot().acting_for(id("carol")).scopes(scopes),
        bot().acting_for(id("gone")),
        bot().acting_for(id("stranger")),
    ];
    let orgs = ["top", "mid", "low", "idle", "shut", "nowhere"].map(|org| OrgId::new(org).unwrap());
    let owners = [id("alice"), id("carol"), id("nobody")];
    let at: Timestamp = "2026-06-01T12:00:00Z".parse().unwrap();

    let places = orgs.iter().map(OrgInput::Named).chain([
        OrgInput::Absent(OrgRule::Required),
        OrgInput::Absent(OrgRule::Default),
        OrgInput::Absent(OrgRule::None),
        OrgInput::Conflict,
        OrgInput::Missing,
    ]);
    let mut outcomes = BTreeSet::new();
    for org in places {
        for subject in subjects.iter().map(Some).chain([None]) {
            for (resource, action) in [
                ("chat", "read"),
                ("chat", "create"),
                ("chat", "delete"),
                ("chat", "share"),
                ("agent", "execute"),
                ("dark", "read"),
                ("ghost", "read"),
            ] {
                for mode in [None, Some(Mode::Foreground), Some(Mode::Background)] {
                    for owner in owners.iter().map(Some).chain([None]) {
                        let mut request = Request::new(resource, action).at(at);
                        (request.subject, request.org) = (subject, org);
                        (request.mode, request.owner) = (Input::Known(mode), Input::Known(owner));
                        let verdict =
                            Verdict::of_step(decided_without_allocating(&facts, &request), false);
                        outcomes.insert(verdict.code.or(verdict.reach).unwrap());
                        if verdict.via_all_orgs {
                            outcomes.insert("via_all_orgs");
                        }
                    }
                }
            }
        }
    }
    let all = [
        "any",
        "own",
        "via_all_orgs",
        "unauthenticated",
        "subject_suspended",
        "delegator_missing",
        "scope_missing",
        "site_off",
        "site_denied",
        "site_grant_missing",
        "site_mode_off",
        "org_required",
        "org_conflict",
        "no_default_org",
        "not_a_member",
        "org_suspended",
        "org_off",
        "org_mode_off",
        "org_denied",
        "org_grant_missing",
        "mode_floor",
    ];
    assert_eq!(outcomes, BTreeSet::from(all));
}

#[test]
fn asking_for_an_input_allocates_nothing() {
    let facts = PolicyText::toml(POLICY).compile(1).unwrap();
    let (top, low) = (OrgId::new("top").unwrap(), OrgId::new("low").unwrap());
    let carol = Subject::new(id("carol"));
    let unlimited = Subject::new(id("alice"));
    let alice = unlimited.clone().scopes(["chat:*@own"]);
    let to = |action, subject, org| {
        let mut request = Request::new("chat", action).subject(subject);
        request.org = org;
        (request.mode, request.owner) = (Input::Pending, Input::Pending);
        request
    };
    let request = |subject, org| to("create", subject, org);
    let mut in_the_foreground = request(&alice, OrgInput::Named(&low));
    in_the_foreground.mode = Input::Known(Some(Mode::Foreground));
    for (request, need) in [
        (request(&alice, OrgInput::Pending), Need::Org),
        (
            request(&alice, OrgInput::Named(&low)),
            Need::Owner { org: Some(&low) },
        ),
        (
            request(&alice, OrgInput::Absent(OrgRule::Default)),
            Need::Owner { org: Some(&low) },
        ),
        (request(&carol, OrgInput::Named(&top)), Need::Time),
        (to("read", &unlimited, OrgInput::Named(&low)), Need::Mode),
        (in_the_foreground, Need::Owner { org: Some(&low) }),
    ] {
        assert_eq!(
            decided_without_allocating(&facts, &request),
            Step::Need(need)
        );
    }
}
