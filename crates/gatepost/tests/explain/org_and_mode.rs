//! The org's post of the gate, and the floor of the mode.

use gatepost::{Kind, Mode, OrgRule, PolicyText, Request, SubjectId, explain};

use crate::{POLICY, assert_text, facts, org, subject};

#[test]
fn a_switch_that_nobody_opened_is_the_orgs_to_open() {
    let (alice, initech) = (subject("alice"), org("initech"));
    let request = Request::new("chat", "create")
        .subject(&alice)
        .org(&initech)
        .mode(Mode::Background);
    assert_text(
        &request,
        "
  identity  ✓ alice is active
  site      ✓ chat is opt-in, create is governed
            ✓ agents-access grants chat:*
            ✓ background is open to orgs
  org       ✓ alice is a member of initech (developer)
            ✗ chat is unset in initech and opt-in on the site            org_off
  mode      · not reached
deny org_off (org). An admin of initech can change it: gatepost org switch initech chat on
  or a site admin can set the switch of chat to on, and orgs have no say
",
    );
}

#[test]
fn an_allow_names_what_granted_it() {
    let (alice, acme, owner) = (
        subject("alice"),
        org("acme"),
        SubjectId::new("alice").unwrap(),
    );
    let request = Request::new("chat", "create")
        .subject(&alice)
        .org(&acme)
        .mode(Mode::Foreground)
        .owner(&owner);
    assert_text(
        &request,
        "
  identity  ✓ alice is active
  site      ✓ chat is opt-in, create is governed
            ✓ agents-access grants chat:*
            ✓ foreground is open to orgs
  org       ✓ alice is a member of acme (developer, until 2027-01-01T00:00:00Z)
            ✓ chat is on in acme
            ✓ foreground is unset in acme and opt-out on the site
            ✓ developer grants chat:*@own
  mode      ✓ foreground takes guest (10): the site's floor; alice has level 30 (developer)
allow, own objects only
",
    );
}

#[test]
fn an_own_grant_says_whose_objects_it_is_for() {
    let (alice, acme, owner) = (
        subject("alice"),
        org("acme-labs"),
        SubjectId::new("bob").unwrap(),
    );
    let request = Request::new("chat", "delete")
        .subject(&alice)
        .org(&acme)
        .owner(&owner);
    assert_text(
        &request,
        "
  identity  ✓ alice is active
  site      ✓ delete is not governed by the gate: the switch does not apply
  org       ✓ alice is a member of acme-labs (guest), and through acme (developer, until 2027-01-01T00:00:00Z)
            ✗ no role of alice in acme-labs grants chat:delete (developer: chat:*@own is for objects of alice)  org_grant_missing
  mode      · not reached
deny org_grant_missing (org). An admin of acme-labs can give alice a role there that grants chat:delete: lead, maintainer
  or a site admin can give alice a site role that grants chat:delete in every org: admin
",
    );
}

#[test]
fn a_floor_says_who_set_it_and_who_reaches_it() {
    let (alice, acme, owner) = (
        subject("alice"),
        org("acme"),
        SubjectId::new("alice").unwrap(),
    );
    let request = Request::new("chat", "update")
        .subject(&alice)
        .org(&acme)
        .mode(Mode::Background)
        .owner(&owner);
    assert_text(
        &request,
        "
  identity  ✓ alice is active
  site      ✓ chat is opt-in, update is governed
            ✓ agents-access grants chat:*
            ✓ background is open to orgs
  org       ✓ alice is a member of acme (developer, until 2027-01-01T00:00:00Z)
            ✓ chat is on in acme
            ✓ background is unset in acme and opt-out on the site
            ✓ developer grants chat:*@own
  mode      ✗ background takes maintainer (40): acme's min_role, over the site's floor developer (30); alice has level 30 (developer)  mode_floor
deny mode_floor (mode). An admin of acme can give alice a role there of level 40 or more: maintainer
  or an admin of acme can set the min_role of background for chat to developer
  or ask for it in foreground
  or a site admin can give alice a site role that grants chat:update in every org: admin
",
    );
}

#[test]
fn an_off_above_the_org_says_where_it_was_said() {
    let (alice, shut) = (subject("alice"), org("shut-labs"));
    let request = Request::new("chat", "create").subject(&alice).org(&shut);
    assert_text(
        &request,
        "
  identity  ✓ alice is active
  site      ✓ chat is opt-in, create is governed
            ✓ agents-access grants chat:*
  org       ✓ alice is a member of shut-labs (maintainer)
            ✗ chat is off in shut-labs: closed by shut                   org_off
  mode      · not reached
deny org_off (org). An admin of shut can change it: gatepost org switch shut chat on
  or a site admin can set the switch of chat to on, and orgs have no say
",
    );
}

#[test]
fn a_membership_that_expired_says_when() {
    let (bob, acme) = (subject("bob"), org("acme"));
    let request = Request::new("chat", "read").subject(&bob).org(&acme);
    assert_text(
        &request,
        "
  identity  ✓ bob is active
  site      ✓ read is not governed by the gate: the switch does not apply
  org       ✗ bob is no member of acme, and acme and holding are private; bob's membership in acme expired 2026-02-01T00:00:00Z  not_a_member
  mode      · not reached
deny not_a_member (org). An admin of acme can renew the membership of bob, which expired 2026-02-01T00:00:00Z
  or a site admin can make acme and holding public
  or a site admin can give bob a site role that grants chat:read in every org: admin
",
    );
}

#[test]
fn an_org_deny_names_the_role_and_its_grant() {
    let (carol, initech) = (subject("carol"), org("initech"));
    let request = Request::new("agent", "execute")
        .subject(&carol)
        .org(&initech)
        .mode(Mode::Foreground);
    assert_text(
        &request,
        "
  identity  ✓ carol is active
  site      ✓ agent is opt-out, execute is governed
            ✓ agent is open to everyone
            ✓ foreground is open to orgs
  org       ✓ carol is a member of initech (guest, suspended)
            ✓ agent is unset in initech and opt-out on the site
            ✓ foreground is unset in initech and opt-out on the site
            ✗ suspended denies it with !agent:*                          org_denied
  mode      · not reached
deny org_denied (org). An admin of initech can take suspended from carol
  or a site admin can give carol a site role that grants agent:execute in every org: admin
",
    );
}

#[test]
fn a_mode_that_the_org_switched_off_is_the_orgs_to_open() {
    let (alice, acme) = (subject("alice"), org("acme-labs"));
    let request = Request::new("agent", "execute")
        .subject(&alice)
        .org(&acme)
        .mode(Mode::Foreground);
    assert_text(
        &request,
        "
  identity  ✓ alice is active
  site      ✓ agent is opt-out, execute is governed
            ✓ agent is open to everyone
            ✓ foreground is open to orgs
  org       ✓ alice is a member of acme-labs (guest), and through acme (developer, until 2027-01-01T00:00:00Z)
            ✓ agent is unset in acme-labs and opt-out on the site
            ✗ foreground is off in acme-labs: closed by acme             org_mode_off
  mode      · not reached
deny org_mode_off (org). An admin of acme can change it: gatepost org switch acme agent on --mode foreground
  or a site admin can set the switch of foreground for agent to on, and orgs have no say
",
    );
}

#[test]
fn an_all_orgs_role_is_named_where_it_opens_the_org() {
    let (root, acme) = (subject("root"), org("acme"));
    let request = Request::new("chat", "create")
        .subject(&root)
        .org(&acme)
        .mode(Mode::Background);
    assert_text(
        &request,
        "
  identity  ✓ root is active
  site      ✓ chat is opt-in, create is governed
            ✓ admin grants *:*
            ✓ background is open to orgs
  org       ✓ admin grants *:* in every org
            ✓ chat is on in acme
            ✓ background is unset in acme and opt-out on the site
            ✓ admin grants *:* in every org
  mode      ✓ background takes maintainer (40): acme's min_role, over the site's floor developer (30); root has level 0; admin grants *:* in every org
allow via all_orgs
",
    );
}

#[test]
fn an_own_role_is_said_to_be_the_orgs() {
    let (dora, labs) = (subject("dora"), org("acme-labs"));
    let request = Request::new("chat", "read").subject(&dora).org(&labs);
    assert_text(
        &request,
        "
  identity  ✓ dora is active
  site      ✓ read is not governed by the gate: the switch does not apply
  org       ✓ dora is a member of acme-labs through acme (acme's lead)
            ✓ acme's lead grants chat:*
  mode      ✓ the request has no mode, and so no floor
allow
",
    );
}

#[test]
fn without_a_default_org_the_orgs_to_choose_from_are_named() {
    let alice = subject("alice");
    let request = Request::new("chat", "read")
        .subject(&alice)
        .org_rule(OrgRule::Default);
    assert_text(
        &request,
        "
  identity  ✓ alice is active
  site      ✓ read is not governed by the gate: the switch does not apply
  org       ✗ alice has no default org, and is directly a member of 4 orgs: acme, acme-labs, initech, shut-labs  no_default_org
  mode      · not reached
deny no_default_org (org). Name one org in the request
  or set the default org of alice to one of its orgs: acme, acme-labs, initech, shut-labs
",
    );
}

#[test]
fn an_org_that_does_not_exist_is_told_from_one_that_is_private() {
    let (carol, nowhere) = (subject("carol").kind(Kind::User), org("nowhere"));
    let request = Request::new("chat", "read").subject(&carol).org(&nowhere);
    let explanation = explain(&facts(), &request);
    assert_eq!(
        explanation.parts[0].lines[8].text,
        "there is no org nowhere"
    );
    assert_eq!(
        explanation.changes,
        ["a site admin can create nowhere and add carol to it"]
    );
}

#[test]
fn an_id_that_a_shell_would_take_apart_is_quoted() {
    let policy = POLICY.replace("[orgs.initech.", "[orgs.\"o'neil; ls\".");
    let facts = PolicyText::toml(policy).compile(1).unwrap();
    let (alice, odd) = (subject("alice"), org("o'neil; ls"));
    let request = Request::new("chat", "create").subject(&alice).org(&odd);
    assert_eq!(
        explain(&facts, &request).changes[0],
        r"an admin of o'neil; ls can change it: gatepost org switch 'o'\''neil; ls' chat on"
    );
}
