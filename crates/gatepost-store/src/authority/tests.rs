//! Who may change what, and how much.

mod given;
mod laws;

use gatepost::{Code, Kind, PolicyDocument, SubjectId, Tier};

use crate::change::Author;
use crate::command::{Command, WriteRefusal};
use crate::plan::testing::{command, document, operator, planned, subject};

const POLICY: &str = r#"
version = 1
[resources]
chat = ["read", "create", "delete"]
agent = ["execute"]

[site.gates.chat]
switch = "opt-out"
access = "everyone"

[site.roles.admin]
grants = ["gatepost-site:*"]
[site.roles.everywhere]
grants = ["gatepost-org:update"]
all_orgs = true
[site.roles.local]
grants = ["gatepost-org:update"]
[site.roles.barred]
grants = ["!gatepost-org:update", "!gatepost-site:update"]

[org_roles.anyone]
grants = ["agent:execute", "gatepost-org:update"]
[org_roles.guest]
level = 10
grants = ["chat:read@own"]
[org_roles.editor]
level = 30
grants = ["chat:read", "chat:create"]
[org_roles.admin]
level = 40
include = ["editor"]
grants = ["gatepost-org:update"]
[org_roles.owner]
level = 90
include = ["admin"]
grants = ["chat:*", "agent:*"]
[org_roles.muted]
level = 0
grants = ["!chat:delete"]
[org_roles.silenced]
level = 0
grants = ["!chat:create"]

[orgs.holding]
[orgs.holding.members.parent]
roles = ["admin"]
[orgs.holding.members.gagged]
roles = ["admin"]
[orgs.acme]
parent = "holding"
[orgs.acme.roles.clerk]
level = 20
grants = ["chat:read"]
[orgs.acme.roles.chief]
level = 80
grants = ["chat:read"]
[orgs.acme.roles.bound]
level = 5
grants = ["!agent:execute"]
[orgs.acme.members]
alone = { roles = ["admin"] }
lea = { roles = ["admin", "muted"] }
hushed = { roles = ["admin", "silenced"] }
plain = { roles = ["editor"] }
asleep = { roles = ["admin"] }
late = { roles = ["admin"], expires = "2026-06-01T12:00:00Z" }
still = { roles = ["admin"], expires = "2026-06-01T12:00:00.001Z" }
over = { roles = ["owner"], expires = "2026-06-01T11:00:00Z" }
gagged = { roles = ["silenced"], expires = "2026-06-01T12:00:00.001Z" }
bot = { roles = ["admin"] }
weak = { roles = ["guest"] }
tied = { roles = ["guest", "bound", "muted"] }
both = { roles = ["admin"] }
barred = { roles = ["admin"] }
[orgs.branch]
parent = "acme"
[orgs.branch.members.leaf]
roles = ["admin"]
[orgs.globex]
visibility = "public"
[orgs.globex.members.other]
roles = ["owner"]
[orgs.frozen]
status = "suspended"
[orgs.frozen.members.lea]
roles = ["admin"]

[subjects]
siteadmin = { site_roles = ["admin"] }
roamer = { site_roles = ["everywhere"] }
local = { site_roles = ["local"] }
asleep = { status = "suspended", site_roles = ["local"] }
bot = { kind = "agent", site_roles = ["local"] }
rover = { kind = "agent", site_roles = ["everywhere"] }
both = { site_roles = ["everywhere"] }
barred = { site_roles = ["local", "barred"] }
# Both posts of the console's gate must hold, the site's as well.
lea = { site_roles = ["local"] }
hushed = { site_roles = ["local"] }
parent = { site_roles = ["local"] }
leaf = { site_roles = ["local"] }
other = { site_roles = ["local"] }
plain = { site_roles = ["local"] }
late = { site_roles = ["local"] }
still = { site_roles = ["local"] }
gagged = { site_roles = ["local"] }
"#;

fn by(id: &str) -> Author {
    Author::Subject(subject(id))
}

fn acting_for(id: &str, delegator: &str) -> Author {
    Author::Subject(subject(id).acting_for(SubjectId::new(delegator).unwrap()))
}

fn scoped(id: &str, scopes: &[&str]) -> Author {
    Author::Subject(subject(id).scopes(scopes))
}

/// What became of a command, in a word: `ok`, a denial's code, what goes beyond, or what is wrong.
fn outcome(author: &Author, command: &Command, policy: &PolicyDocument) -> String {
    match planned(command, author, policy) {
        Ok(_) => "ok".to_owned(),
        Err(WriteRefusal::Denied(denial)) => denial.code().to_string(),
        Err(WriteRefusal::Beyond(excess)) => excess.to_string(),
        Err(refusal) => refusal.to_string(),
    }
}

fn check(rows: &[(Author, &str, &str)]) {
    let policy = document(POLICY);
    for (author, text, want) in rows {
        let got = outcome(author, &command(text), &policy);
        assert_eq!(got, *want, "{author:?}: {text}");
    }
}

const SWITCH: &str = r#"{"command":"org_switch","org":"acme","resource":"chat","to":"off"}"#;
const KILL: &str = r#"{"command":"site_switch","resource":"chat","to":"off"}"#;

/// Gives somebody a role in an org.
fn give(org: &str, subject: &str, role: &str) -> String {
    format!(r#"{{"command":"member_add","org":"{org}","subject":"{subject}","role":"{role}"}}"#)
}

fn take(org: &str, subject: &str, role: &str) -> String {
    format!(r#"{{"command":"member_remove","org":"{org}","subject":"{subject}","role":"{role}"}}"#)
}

fn define(org: &str, name: &str, level: i64, grants: &str, include: &str) -> String {
    format!(
        r#"{{"command":"role_define","org":"{org}","name":"{name}","level":{level},"grants":[{grants}],"include":[{include}]}}"#
    )
}

#[test]
fn an_orgs_tier_is_for_those_whom_the_org_grants_it() {
    check(&[
        (operator(), SWITCH, "ok"),
        (by("lea"), SWITCH, "ok"),
        (by("parent"), SWITCH, "ok"),
        (by("roamer"), SWITCH, "ok"),
        (by("still"), SWITCH, "ok"),
        (by("plain"), SWITCH, "org_grant_missing"),
        (by("leaf"), SWITCH, "not_a_member"),
        (by("other"), SWITCH, "not_a_member"),
        (by("nobody"), SWITCH, "site_grant_missing"),
        (by("alone"), SWITCH, "site_grant_missing"),
        (by("local"), SWITCH, "not_a_member"),
        (by("siteadmin"), SWITCH, "site_grant_missing"),
        (by("asleep"), SWITCH, "subject_suspended"),
        (by("late"), SWITCH, "not_a_member"),
        (by("barred"), SWITCH, "site_denied"),
        (scoped("lea", &["gatepost-org:update"]), SWITCH, "ok"),
        (scoped("lea", &["*:*"]), SWITCH, "scope_missing"),
        (scoped("lea", &[]), SWITCH, "scope_missing"),
        (by("bot"), SWITCH, "delegator_missing"),
        (
            Author::Subject(subject("lea").kind(Kind::Agent)),
            SWITCH,
            "delegator_missing",
        ),
        (acting_for("bot", "lea"), SWITCH, "ok"),
        (acting_for("bot", "plain"), SWITCH, "org_grant_missing"),
        (acting_for("bot", "asleep"), SWITCH, "subject_suspended"),
        (acting_for("bot", "late"), SWITCH, "not_a_member"),
        (acting_for("bot", "roamer"), SWITCH, "ok"),
    ]);
}

#[test]
fn the_sites_tier_is_for_site_grants_alone() {
    let site_commands = [
        KILL,
        r#"{"command":"site_access","resource":"chat","access":"granted"}"#,
        r#"{"command":"site_actions","resource":"chat","actions":[]}"#,
        r#"{"command":"site_floor","resource":"chat","mode":"background","role":"guest"}"#,
        r#"{"command":"site_default","resource":"chat","mode":"background","role":"guest"}"#,
        r#"{"command":"site_role_define","name":"x","grants":["*:*"],"all_orgs":true}"#,
        r#"{"command":"site_role_add","subject":"lea","role":"everywhere"}"#,
        r#"{"command":"site_role_remove","subject":"roamer","role":"everywhere"}"#,
        r#"{"command":"resource_define","resource":"doc","actions":["read"]}"#,
        r#"{"command":"role_define","name":"guest","level":10,"grants":["chat:*"]}"#,
        r#"{"command":"org_create","org":"new","parent":"acme"}"#,
        r#"{"command":"org_status","org":"acme","status":"suspended"}"#,
        r#"{"command":"org_visibility","org":"acme","visibility":"public"}"#,
        r#"{"command":"org_parent","org":"globex","parent":"acme"}"#,
        r#"{"command":"subject_status","subject":"lea","status":"suspended"}"#,
        r#"{"command":"subject_kind","subject":"lea","kind":"service"}"#,
        r#"{"command":"subject_default_org","subject":"lea","org":"acme"}"#,
    ];
    for text in site_commands {
        check(&[
            (operator(), text, "ok"),
            (by("siteadmin"), text, "ok"),
            (by("lea"), text, "site_grant_missing"),
            (by("roamer"), text, "site_grant_missing"),
            (by("barred"), text, "site_denied"),
            (by("nobody"), text, "site_grant_missing"),
            (
                scoped("siteadmin", &["gatepost-org:*"]),
                text,
                "scope_missing",
            ),
            (acting_for("bot", "siteadmin"), text, "site_grant_missing"),
            (acting_for("rover", "siteadmin"), text, "site_grant_missing"),
        ]);
    }
}

#[test]
fn an_org_that_one_may_not_know_is_as_one_that_is_not_there() {
    let policy = document(POLICY);
    for text in [
        give("ORG", "weak", "guest"),
        give("ORG", "weak", "no-such-role"),
        take("ORG", "weak", "guest"),
        define("ORG", "x", 1, "", "\"no-such-role\""),
        r#"{"command":"org_switch","org":"ORG","resource":"no-such","to":"on"}"#.to_owned(),
        r#"{"command":"org_floor","org":"ORG","resource":"chat","mode":"background","role":"x"}"#
            .to_owned(),
    ] {
        let told = ["acme", "nowhere"].map(|org| {
            let command = command(&text.replace("ORG", org));
            planned(&command, &by("other"), &policy)
                .unwrap_err()
                .to_string()
        });
        assert_eq!(told, [told[1].as_str(); 2], "{text}");
        assert_eq!(told[0], "not allowed: `not_a_member`, tier `org`");
    }
    // Whoever may everywhere is told.
    let unknown = "`org`: no org `nowhere` is defined";
    check(&[(
        by("roamer"),
        &give("nowhere", "weak", "guest"),
        "not_a_member",
    )]);
    check(&[(operator(), &give("nowhere", "weak", "guest"), unknown)]);
}

#[test]
fn a_denial_says_what_was_asked_and_whose_it_was() {
    let policy = document(POLICY);
    let refused = |author: Author| match planned(&command(SWITCH), &author, &policy) {
        Err(WriteRefusal::Denied(denial)) => denial,
        other => panic!("{other:?}"),
    };
    let denial = refused(acting_for("bot", "plain"));
    assert_eq!(denial.code(), Code::OrgGrantMissing);
    assert_eq!(denial.tier(), Some(Tier::Org));
    assert_eq!(
        denial.whose().map(gatepost::Whose::as_str),
        Some("acting_for")
    );
    let problem = serde_json::to_value(denial.problem()).unwrap();
    assert_eq!(problem["resource"], "gatepost-org");
    assert_eq!(problem["action"], "update");
    assert_eq!(refused(by("plain")).whose(), None);
}

#[test]
fn whoever_may_not_is_told_so_before_anything_else() {
    check(&[
        (
            by("plain"),
            &give("acme", "weak", "no-such-role"),
            "org_grant_missing",
        ),
        (
            by("lea"),
            r#"{"command":"org_create","org":"acme"}"#,
            "site_grant_missing",
        ),
    ]);
    // Even where there is nothing to change.
    check(&[(
        by("plain"),
        &take("acme", "nobody", "guest"),
        "org_grant_missing",
    )]);
}
