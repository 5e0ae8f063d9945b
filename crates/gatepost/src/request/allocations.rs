//! A decision asks nothing of the allocator, whatever it comes to.

use std::collections::BTreeSet;

use allocation_counter::measure;

use crate::request::OrgInput;
use crate::{
    Code, CodeClass, Decision, Kind, Mode, OrgId, OrgRule, PolicyText, Request, Snapshot, Step,
    Subject, SubjectId, decide,
};

const POLICY: &str = r#"
version = 1
resources.chat = ["create"]
resources.killed = ["create"]
resources.slow = ["create"]
site.gates.chat = { switch = "opt-out", foreground.floor = "guest", background.floor = "guest" }
site.gates.slow = { switch = "on", background.switch = "off" }
site.gates.killed.switch = "off"
site.roles.user.grants = ["*:*"]
site.roles.banned.grants = ["!chat:*"]
site.roles.admin = { grants = ["*:*"], all_orgs = true }
org_roles.guest = { level = 10, grants = [] }
org_roles.developer = { level = 30, grants = ["chat:create@own"] }
org_roles.low = { level = 1, grants = ["chat:create"] }
org_roles.barred = { level = 30, grants = ["!chat:create"] }
orgs.acme.gates.chat.background.switch = "off"
orgs.acme.members.alice.roles = ["developer"]
orgs.acme.members.anna = { roles = ["developer"], expires = "2999-01-01T00:00:00Z" }
orgs.acme.members.gina.roles = ["guest"]
orgs.acme.members.lou.roles = ["low"]
orgs.acme.members.bot.roles = ["developer"]
orgs.acme.members.bart.roles = ["barred"]
orgs.acme-labs.parent = "acme"
orgs.dark = { gates.chat.switch = "off", members.alice.roles = ["developer"] }
orgs.gone = { status = "suspended", members.alice.roles = ["developer"] }
subjects.alice = { site_roles = ["user"], default_org = "acme" }
subjects.anna.site_roles = ["user"]
subjects.gina.site_roles = ["user"]
subjects.lou.site_roles = ["user"]
subjects.bart.site_roles = ["user"]
subjects.mallory.site_roles = ["user"]
subjects.bob.site_roles = ["user", "banned"]
subjects.root.site_roles = ["admin"]
subjects.bot = { kind = "agent", site_roles = ["user"] }
subjects.sue.status = "suspended"
"#;

/// Decides, and tells with how many allocations.
fn decided(facts: &Snapshot, request: &Request<'_>) -> (Result<(), Code>, u64) {
    let mut outcome = None;
    let info = measure(|| {
        outcome = Some(match decide(facts, request) {
            Step::Done(Decision::Allow(_)) => Ok(()),
            Step::Done(Decision::Deny(deny)) => Err(deny.code),
            other => panic!("{other:?}"),
        });
    });
    (outcome.unwrap(), info.count_total)
}

#[test]
fn a_decision_allocates_nothing_whatever_it_comes_to() {
    let facts = PolicyText::toml(POLICY).compile(1).unwrap();
    let id = |text| SubjectId::new(text).unwrap();
    let subject = |text| Subject::new(id(text));
    let org = |text| OrgId::new(text).unwrap();
    let (acme, labs, dark, gone, none) = (
        org("acme"),
        org("acme-labs"),
        org("dark"),
        org("gone"),
        org("none"),
    );
    let [
        alice,
        anna,
        gina,
        lou,
        bart,
        mallory,
        bob,
        root,
        bot,
        sue,
        nick,
    ] = [
        "alice", "anna", "gina", "lou", "bart", "mallory", "bob", "root", "bot", "sue", "nick",
    ]
    .map(subject);
    let for_alice = subject("bot").acting_for(id("alice"));
    let for_lou = subject("bot").kind(Kind::Agent).acting_for(id("lou"));
    let scoped = subject("alice").scopes(["openid", "chat:create"]);
    let narrow = subject("alice").scopes(["openid", "chat:read", "other:*"]);

    let chat = || Request::new("chat", "create").mode(Mode::Foreground);
    let of = |subject| chat().subject(subject).org(&acme);
    let now = crate::Timestamp::now();
    let rows = [
        (Ok(()), of(&alice).owner(alice.id())),
        (Ok(()), of(&anna).owner(anna.id()).at(now)),
        (Ok(()), of(&scoped).owner(alice.id())),
        (Ok(()), of(&root)),
        (Ok(()), chat().subject(&alice).org(&labs).owner(alice.id())),
        (
            Ok(()),
            chat()
                .subject(&alice)
                .org_rule(OrgRule::Default)
                .owner(alice.id()),
        ),
        (Ok(()), of(&for_alice).owner(alice.id())),
        (Err(Code::ModeFloor), of(&for_lou).owner(lou.id())),
        (Err(Code::Unauthenticated), chat().org(&acme)),
        (Err(Code::SubjectSuspended), of(&sue)),
        (Err(Code::DelegatorMissing), of(&bot)),
        (Err(Code::ScopeMissing), of(&narrow)),
        (
            Err(Code::SiteOff),
            Request::new("killed", "create").subject(&alice).org(&acme),
        ),
        (
            Err(Code::SiteOff),
            Request::new("unknown", "create").subject(&alice).org(&acme),
        ),
        (Err(Code::SiteDenied), of(&bob)),
        (Err(Code::SiteGrantMissing), of(&nick)),
        (
            Err(Code::SiteModeOff),
            Request::new("slow", "create")
                .subject(&alice)
                .org(&acme)
                .mode(Mode::Background),
        ),
        (Err(Code::OrgRequired), chat().subject(&alice)),
        (
            Err(Code::OrgConflict),
            Request {
                org: OrgInput::Conflict,
                ..chat().subject(&alice)
            },
        ),
        (
            Err(Code::NoDefaultOrg),
            chat().subject(&mallory).org_rule(OrgRule::Default),
        ),
        (Err(Code::NotAMember), of(&mallory)),
        (Err(Code::NotAMember), chat().subject(&alice).org(&none)),
        (Err(Code::OrgSuspended), chat().subject(&alice).org(&gone)),
        (Err(Code::OrgOff), chat().subject(&alice).org(&dark)),
        (Err(Code::OrgModeOff), of(&alice).mode(Mode::Background)),
        (Err(Code::OrgDenied), of(&bart)),
        (Err(Code::OrgGrantMissing), of(&gina)),
        (Err(Code::ModeFloor), of(&lou)),
    ];
    let mut seen = BTreeSet::new();
    for (want, request) in &rows {
        let (outcome, allocations) = decided(&facts, request);
        assert_eq!((outcome, allocations), (*want, 0), "{request:?}");
        seen.extend(outcome.err());
    }
    assert_is_every_denial(&seen);
}

/// Whether these are all the codes that a decision has.
fn assert_is_every_denial(seen: &BTreeSet<Code>) {
    let denials = Code::ALL
        .iter()
        .filter(|code| code.class() == CodeClass::Denial && code.tier().is_some());
    assert_eq!(*seen, denials.copied().collect());
}
