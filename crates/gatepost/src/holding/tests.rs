//! What is held, where, until when; and what goes beyond it.

use super::{Excess, Gain, Holding};
use crate::{OrgId, PolicyText, Snapshot, SubjectId, Timestamp};

const POLICY: &str = r#"
version = 1
[resources]
chat = ["read", "create", "delete"]
agent = ["execute"]

[site.roles.root]
grants = ["*:*", "gatepost-org:update"]
all_orgs = true
[site.roles.local]
grants = ["*:*", "gatepost-org:update"]

[org_roles.anyone]
grants = ["chat:read"]
[org_roles.guest]
level = 10
grants = ["chat:read@own"]
[org_roles.editor]
level = 30
grants = ["chat:*"]
[org_roles.runner]
level = 20
grants = ["agent:execute#foreground", "gatepost-org:update"]
[org_roles.muted]
level = 5
grants = ["!chat:create"]

[orgs.holding]
visibility = "public"
[orgs.holding.roles.clerk]
level = 15
grants = ["chat:create@own"]
[orgs.holding.members.alice]
roles = ["editor"]
[orgs.holding.members.over]
roles = ["editor"]
expires = "2026-06-01T12:00:00Z"
[orgs.acme]
visibility = "public"
parent = "holding"
[orgs.acme.roles.clerk]
level = 25
grants = ["chat:delete"]
include = ["guest"]
[orgs.acme.members.alice]
roles = ["runner", "muted", "retired"]
[orgs.acme.members.bob]
roles = ["clerk", "anyone"]

[subjects.root]
site_roles = ["root"]
[subjects.local]
site_roles = ["local"]
"#;

fn facts() -> Snapshot {
    PolicyText::toml(POLICY).compile(1).unwrap()
}

fn holding(subject: &str, org: &str, at: &str) -> Holding {
    let (subject, org) = (SubjectId::new(subject).unwrap(), OrgId::new(org).unwrap());
    facts().holding(&subject, &org, at.parse().unwrap())
}

const NOON: &str = "2026-06-01T12:00:00Z";

fn role(org: &str, name: &str) -> Holding {
    facts().meaning_of_role(&OrgId::new(org).unwrap(), name)
}

fn all_of(org: &str, name: &str) -> Gain {
    role(org, name).gain_over(&Holding::default())
}

fn grant(resource: &str, action: &str) -> Excess {
    Excess::Grant {
        resource: resource.to_owned(),
        action: action.to_owned(),
    }
}

#[test]
fn roles_unite_along_the_path_and_a_deny_beats_every_grant() {
    let alice = holding("alice", "acme", NOON);
    assert_eq!(alice.level(), 30);
    assert!(alice.grants("chat", "delete"));
    assert!(alice.grants("agent", "execute"));
    assert!(alice.grants("gatepost-org", "update"));
    assert!(!alice.grants("chat", "create"));
    // In the parent she is what she is there alone.
    let above = holding("alice", "holding", NOON);
    assert!(above.grants("chat", "create"));
    assert!(!above.grants("agent", "execute"));
}

#[test]
fn what_everybody_has_and_what_the_site_gives_is_not_held() {
    for subject in ["nobody", "root", "local"] {
        for org in ["acme", "holding", "nowhere"] {
            assert_eq!(holding(subject, org, NOON), Holding::default(), "{subject}");
        }
    }
    assert!(!holding("bob", "acme", NOON).grants("chat", "create"));
    assert_eq!(role("acme", "anyone"), Holding::default());
}

#[test]
fn a_membership_is_over_at_that_very_moment() {
    let before = holding("over", "acme", "2026-06-01T11:59:59.999999999Z");
    assert_eq!(before.level(), 30);
    assert_eq!(holding("over", "acme", NOON), Holding::default());
}

#[test]
fn a_direct_holding_is_that_of_one_membership() {
    let facts = facts();
    let (alice, acme) = (
        SubjectId::new("alice").unwrap(),
        OrgId::new("acme").unwrap(),
    );
    let direct = facts.direct_holding(&alice, &acme, Timestamp::now());
    assert_eq!(direct.level(), 20);
    assert!(!direct.grants("chat", "delete"));
}

#[test]
fn a_name_means_the_role_that_is_nearest() {
    assert_eq!(role("acme", "clerk").level(), 25);
    assert_eq!(role("holding", "clerk").level(), 15);
    assert!(role("acme", "clerk").grants("chat", "read"));
    assert_eq!(role("acme", "retired"), Holding::default());
    let acme = OrgId::new("acme").unwrap();
    assert!(facts().defines_role(&acme, "clerk"));
    for name in ["retired", "anyone", "everyone"] {
        assert!(!facts().defines_role(&acme, name), "{name}");
    }
}

#[test]
fn a_gain_is_compared_world_by_world() {
    let guest = role("acme", "guest");
    let runner = role("acme", "runner");
    assert_eq!(
        guest.exceeded_by(&all_of("acme", "editor")),
        Some(grant("chat", "create"))
    );
    assert_eq!(runner.exceeded_by(&all_of("acme", "runner")), None);
    // `@own` is less than all, and foreground less than both modes.
    let text = PolicyText::toml(
        "version = 1\n[resources]\nchat = [\"read\"]\n[org_roles.own]\nlevel = 1\ngrants = [\"chat:read#foreground@own\"]\n\
         [org_roles.front]\nlevel = 1\ngrants = [\"chat:read#foreground\"]\n[org_roles.all]\nlevel = 1\ngrants = [\"chat:read\"]\n[orgs.acme]\n",
    );
    let facts = text.compile(1).unwrap();
    let acme = OrgId::new("acme").unwrap();
    let [own, front, all] = ["own", "front", "all"].map(|name| facts.meaning_of_role(&acme, name));
    let rows = [
        (&own, &front, false),
        (&own, &all, false),
        (&front, &all, false),
        (&front, &own, true),
        (&all, &own, true),
        (&all, &front, true),
    ];
    for (holder, given, may) in rows {
        let gain = given.gain_over(&Holding::default());
        assert_eq!(holder.exceeded_by(&gain).is_none(), may, "{given:?}");
    }
}

#[test]
fn a_lifted_deny_and_a_denied_grant_are_gains() {
    let muted = role("acme", "muted");
    let lifted = Holding::default().gain_over(&muted);
    assert!(!lifted.is_nothing());
    assert_eq!(
        role("acme", "runner").exceeded_by(&lifted),
        Some(grant("chat", "create"))
    );
    assert_eq!(role("acme", "editor").exceeded_by(&lifted), None);
    // Alice is an editor, and denied that by another role: it is not hers to give.
    let alice = holding("alice", "acme", NOON);
    assert_eq!(alice.exceeded_by(&lifted), Some(grant("chat", "create")));
    assert_eq!(
        alice.exceeded_by(&all_of("acme", "editor")),
        Some(grant("chat", "create"))
    );
}

#[test]
fn a_level_is_a_gain_only_where_it_is_higher_than_before() {
    let (guest, runner) = (role("acme", "guest"), role("acme", "runner"));
    let gain = runner.gain_over(&runner);
    assert!(gain.is_nothing());
    let both = runner.both(&guest);
    assert_eq!(both.level(), 10);
    assert!(!both.grants("agent", "execute"));
    let editor = role("acme", "editor");
    assert_eq!(
        editor.both(&runner).exceeded_by(&all_of("acme", "guest")),
        Some(grant("chat", "read"))
    );
    let muted_editor = role("acme", "muted").gain_over(&Holding::default());
    assert_eq!(
        Holding::default().exceeded_by(&muted_editor),
        Some(Excess::Level(5))
    );
    assert_eq!(Excess::Level(5).to_string(), "level 5");
}

#[test]
fn only_a_site_role_with_all_orgs_reaches_all_orgs() {
    let rows = [
        ("root", true),
        ("local", false),
        ("alice", false),
        ("nobody", false),
    ];
    for (subject, reaches) in rows {
        let id = SubjectId::new(subject).unwrap();
        assert_eq!(
            facts().reaches_all_orgs(&id, "gatepost-org", "update"),
            reaches,
            "{subject}"
        );
    }
    let root = SubjectId::new("root").unwrap();
    assert!(!facts().reaches_all_orgs(&root, "nothing", "read"));
}
