//! Who asks, and the site's post of the gate.

use gatepost::{Mode, OrgRule, Request, SubjectId};

use crate::{assert_text, org, subject};

#[test]
fn scopes_that_do_not_cover_are_listed() {
    let (alice, acme) = (subject("alice").scopes(["openid", "agent:*"]), org("acme"));
    let request = Request::new("chat", "read").subject(&alice).org(&acme);
    assert_text(
        &request,
        "
  identity  ✓ alice is active
            ✗ no scope covers chat:read: openid, agent:*                 scope_missing
  site      · not reached
  org       · not reached
  mode      · not reached
deny scope_missing (identity). Present a token with the scope chat:read
",
    );
}

#[test]
fn without_a_subject_there_is_nobody_to_describe() {
    let request = Request::new("chat", "read");
    assert_text(
        &request,
        "
  identity  ✗ no subject was found                                       unauthenticated
  site      · not reached
  org       · not reached
  mode      · not reached
deny unauthenticated (identity). Present a valid identity
",
    );
}

#[test]
fn an_agent_that_acts_for_nobody_is_told_so() {
    let (agent, acme) = (subject("planner-7"), org("acme"));
    let request = Request::new("chat", "read").subject(&agent).org(&acme);
    assert_text(
        &request,
        "
  identity  ✗ planner-7 is an agent and acts for nobody                  delegator_missing
  site      · not reached
  org       · not reached
  mode      · not reached
deny delegator_missing (identity). Present a token that says for whom planner-7 acts: another subject, a user
",
    );
}

#[test]
fn a_site_deny_names_the_role_and_its_grant() {
    let (dora, acme) = (subject("dora"), org("acme"));
    let request = Request::new("chat", "create").subject(&dora).org(&acme);
    assert_text(
        &request,
        "
  identity  ✓ dora is active
  site      ✓ chat is opt-in, create is governed
            ✗ blocked denies it with !chat:create                        site_denied
  org       · not reached
  mode      · not reached
deny site_denied (site). A site admin can take blocked from dora
  or a site admin can remove !chat:create from blocked
",
    );
}

#[test]
fn a_missing_site_grant_names_the_roles_that_have_it() {
    let (carol, initech) = (subject("carol"), org("initech"));
    let request = Request::new("chat", "create").subject(&carol).org(&initech);
    assert_text(
        &request,
        "
  identity  ✓ carol is active
  site      ✓ chat is opt-in, create is governed
            ✗ no site role of carol grants chat:create (holding none)    site_grant_missing
  org       · not reached
  mode      · not reached
deny site_grant_missing (site). A site admin can give carol a site role that grants chat:create: admin, agents-access
  or a site admin can open chat to everyone: access = everyone
",
    );
}

#[test]
fn a_mode_that_the_site_switched_off_leaves_the_other() {
    let (alice, initech) = (subject("alice"), org("initech"));
    let request = Request::new("agent", "execute")
        .subject(&alice)
        .org(&initech)
        .mode(Mode::Background);
    assert_text(
        &request,
        "
  identity  ✓ alice is active
  site      ✓ agent is opt-out, execute is governed
            ✓ agent is open to everyone
            ✗ background is off for agent on the site                    site_mode_off
  org       · not reached
  mode      · not reached
deny site_mode_off (site). Ask for it in foreground
  or a site admin can set the switch of background for agent to opt-in, opt-out or on
",
    );
}

#[test]
fn a_kill_switch_is_the_sites_to_lift() {
    let (root, acme) = (subject("root"), org("acme"));
    let request = Request::new("export", "create").subject(&root).org(&acme);
    assert_text(
        &request,
        "
  identity  ✓ root is active
  site      ✗ export is off on the site                                  site_off
  org       · not reached
  mode      · not reached
deny site_off (site). A site admin can set the switch of export to opt-in, opt-out or on
",
    );
}

#[test]
fn without_an_org_the_site_tier_alone_decides() {
    let alice = subject("alice");
    let request = Request::new("chat", "read")
        .subject(&alice)
        .org_rule(OrgRule::None);
    assert_text(
        &request,
        "
  identity  ✓ alice is active
  site      ✓ read is not governed by the gate: the switch does not apply
            ✓ agents-access grants chat:*
  org       ✓ no org is named: the site tier alone decides
  mode      · the request falls in no org
allow
",
    );
}

#[test]
fn both_are_explained_where_one_acts_for_the_other() {
    let agent = subject("planner-7").acting_for(SubjectId::new("alice").unwrap());
    let (acme, owner) = (org("acme"), SubjectId::new("alice").unwrap());
    let request = Request::new("chat", "update")
        .subject(&agent)
        .org(&acme)
        .owner(&owner);
    assert_text(
        &request,
        "
planner-7
  identity  ✓ planner-7 is active, an agent that acts for alice
  site      ✓ chat is opt-in, update is governed
            ✓ agents-access grants chat:*
  org       ✓ planner-7 is a member of acme (developer)
            ✓ chat is on in acme
            ✓ developer grants chat:*@own
  mode      ✓ the request has no mode, and so no floor
alice, for whom planner-7 acts
  identity  ✓ alice is active
  site      ✓ chat is opt-in, update is governed
            ✓ agents-access grants chat:*
  org       ✓ alice is a member of acme (developer, until 2027-01-01T00:00:00Z)
            ✓ chat is on in acme
            ✓ developer grants chat:*@own
  mode      ✓ the request has no mode, and so no floor
allow, own objects only
",
    );
}

#[test]
fn a_denial_says_which_of_the_two_it_is_for() {
    let agent = subject("planner-7").acting_for(SubjectId::new("carol").unwrap());
    let (acme, owner) = (org("acme"), SubjectId::new("carol").unwrap());
    let request = Request::new("chat", "delete")
        .subject(&agent)
        .org(&acme)
        .owner(&owner);
    assert_text(
        &request,
        "
planner-7
  identity  ✓ planner-7 is active, an agent that acts for carol
  site      ✓ delete is not governed by the gate: the switch does not apply
  org       ✓ planner-7 is a member of acme (developer)
            ✓ developer grants chat:*@own
  mode      ✓ the request has no mode, and so no floor
carol, for whom planner-7 acts
  identity  ✓ carol is active
  site      ✓ delete is not governed by the gate: the switch does not apply
  org       ✗ carol is no member of acme, and acme and holding are private  not_a_member
  mode      · not reached
deny not_a_member (org) for carol. An admin of acme can add carol to it
  or a site admin can make acme and holding public
  or a site admin can give carol a site role that grants chat:delete in every org: admin
",
    );
}
