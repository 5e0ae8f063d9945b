//! How much may be given.

use gatepost::Excess;

use super::{POLICY, acting_for, by, check, define, give, outcome, scoped, take};
use crate::command::WriteRefusal;
use crate::plan::testing::{command, document, planned};

#[test]
fn nobody_gives_what_he_does_not_hold_there() {
    check(&[
        // Lea is an admin at level 40, and denied `chat:delete`.
        (by("lea"), &give("acme", "weak", "editor"), "ok"),
        (by("lea"), &give("acme", "weak", "admin"), "ok"),
        (by("lea"), &give("acme", "weak", "clerk"), "ok"),
        (by("lea"), &give("acme", "new", "guest"), "ok"),
        (by("lea"), &give("acme", "weak", "owner"), "`agent:execute`"),
        (by("lea"), &give("acme", "lea", "owner"), "`agent:execute`"),
        // The grants are hers, the level is not.
        (by("lea"), &give("acme", "weak", "chief"), "level 80"),
        (by("lea"), &give("acme", "lea", "chief"), "level 80"),
        // Whoever is there has what he has, whoever gives him more.
        (by("lea"), &give("acme", "plain", "clerk"), "ok"),
        // What a membership that is over held counts neither for the author nor for the one it is given to.
        (
            by("lea"),
            r#"{"command":"member_add","org":"acme","subject":"over","role":"owner","expires":"2027-01-01T00:00:00Z"}"#,
            "`agent:execute`",
        ),
        (
            by("lea"),
            r#"{"command":"member_add","org":"acme","subject":"over","role":"editor","expires":"2027-01-01T00:00:00Z"}"#,
            "ok",
        ),
        // Denied to him, so not his to give.
        (
            by("hushed"),
            &give("acme", "weak", "editor"),
            "`chat:create`",
        ),
        (by("hushed"), &give("acme", "weak", "clerk"), "ok"),
        (by("hushed"), &give("acme", "weak", "silenced"), "ok"),
        // Nor while it is denied to him, though what he gives outlasts the deny.
        (
            by("gagged"),
            &give("acme", "weak", "editor"),
            "`chat:create`",
        ),
        (
            by("gagged"),
            r#"{"command":"member_add","org":"acme","subject":"new","role":"editor","expires":"2027-01-01T00:00:00Z"}"#,
            "`chat:create`",
        ),
        (
            by("gagged"),
            &define("acme", "own", 1, "\"chat:create\"", ""),
            "`chat:create`",
        ),
        (
            by("gagged"),
            &take("acme", "hushed", "silenced"),
            "`chat:create`",
        ),
        (by("gagged"), &give("acme", "weak", "clerk"), "ok"),
        (by("gagged"), &give("holding", "weak", "editor"), "ok"),
    ]);
}

#[test]
fn to_lift_a_deny_is_to_give() {
    check(&[
        (by("lea"), &take("acme", "lea", "muted"), "`chat:delete`"),
        (by("lea"), &take("acme", "tied", "muted"), "`chat:delete`"),
        (by("still"), &take("acme", "lea", "muted"), "`chat:delete`"),
        (
            by("hushed"),
            &take("acme", "hushed", "silenced"),
            "`chat:create`",
        ),
        (by("lea"), &take("acme", "hushed", "silenced"), "ok"),
        (by("lea"), &take("acme", "tied", "bound"), "`agent:execute`"),
        (
            by("lea"),
            &define("acme", "bound", 5, "", ""),
            "`agent:execute`",
        ),
        (
            by("lea"),
            &define("acme", "bound", 5, "\"!agent:execute#background\"", ""),
            "`agent:execute`",
        ),
        (
            by("lea"),
            &define("acme", "bound", 5, "\"!agent:execute\",\"!chat:read\"", ""),
            "ok",
        ),
        // In a descendant the name would come to mean another role, without the deny.
        (
            by("leaf"),
            &define("branch", "bound", 5, "", ""),
            "`agent:execute`",
        ),
        // To take a grant is not to give.
        (by("lea"), &take("acme", "plain", "editor"), "ok"),
        (by("lea"), &take("acme", "lea", "admin"), "ok"),
    ]);
}

#[test]
fn nobody_defines_or_includes_what_he_does_not_hold_there() {
    check(&[
        (
            by("lea"),
            &define("acme", "own", 40, "\"chat:read\",\"chat:create@own\"", ""),
            "ok",
        ),
        (
            by("lea"),
            &define(
                "acme",
                "own",
                40,
                "\"gatepost-org:update\"",
                "\"admin\",\"clerk\"",
            ),
            "ok",
        ),
        (by("lea"), &define("acme", "own", 41, "", ""), "level 41"),
        (
            by("lea"),
            &define("acme", "own", 1, "\"chat:*\"", ""),
            "`chat:delete`",
        ),
        (
            by("lea"),
            &define("acme", "own", 1, "\"*:*\"", ""),
            "`agent:execute`",
        ),
        (
            by("lea"),
            &define("acme", "own", 1, "\"gatepost-org:read\"", ""),
            "`gatepost-org:read`",
        ),
        (
            by("lea"),
            &define("acme", "own", 1, "\"gatepost-site:update\"", ""),
            "`gatepost-site:update`",
        ),
        (
            by("lea"),
            &define("acme", "own", 1, "", "\"owner\""),
            "`agent:execute`",
        ),
        // A deny beside it does not make it hers: the deny can go, and the grant stay.
        (
            by("lea"),
            &define("acme", "own", 1, "\"chat:delete\",\"!chat:delete\"", ""),
            "`chat:delete`",
        ),
        // What the role has already it keeps, and loses.
        (
            by("lea"),
            &define("acme", "chief", 80, "\"chat:read\",\"chat:create\"", ""),
            "ok",
        ),
        (by("lea"), &define("acme", "chief", 79, "", ""), "ok"),
        (
            by("lea"),
            &define("acme", "chief", 81, "\"chat:read\"", ""),
            "level 81",
        ),
        (
            by("lea"),
            &define("acme", "clerk", 41, "\"chat:read\"", ""),
            "level 41",
        ),
        (
            by("hushed"),
            &define("acme", "own", 1, "\"chat:create\"", ""),
            "`chat:create`",
        ),
    ]);
}

#[test]
fn an_admin_of_one_org_is_none_in_another_and_one_of_a_parent_is_one_below() {
    check(&[
        (by("lea"), &give("holding", "lea", "guest"), "not_a_member"),
        (
            by("lea"),
            &define("holding", "own", 1, "", ""),
            "not_a_member",
        ),
        (by("leaf"), &give("acme", "leaf", "guest"), "not_a_member"),
        (by("other"), &take("acme", "tied", "bound"), "not_a_member"),
        (by("lea"), &give("frozen", "weak", "guest"), "org_suspended"),
        // In a child he is what he is above, and bounded by it.
        (by("parent"), &give("branch", "weak", "admin"), "ok"),
        (
            by("parent"),
            &give("branch", "weak", "owner"),
            "`agent:execute`",
        ),
        (
            by("parent"),
            &define("acme", "own", 40, "\"chat:create\"", ""),
            "ok",
        ),
        (by("lea"), &give("branch", "leaf", "editor"), "ok"),
        (by("lea"), &give("branch", "leaf", "chief"), "level 80"),
    ]);
}

#[test]
fn all_orgs_is_bounded_by_nothing_and_lends_nothing() {
    check(&[
        (by("roamer"), &give("acme", "weak", "owner"), "ok"),
        (by("roamer"), &give("acme", "roamer", "owner"), "ok"),
        (
            by("roamer"),
            &define("acme", "own", 99, "\"*:*\"", ""),
            "ok",
        ),
        (by("roamer"), &take("acme", "tied", "bound"), "ok"),
        // He is there as a member as well.
        (by("both"), &give("acme", "weak", "owner"), "ok"),
        // The agent may everywhere; the one whom it acts for is bounded.
        (
            acting_for("rover", "lea"),
            &give("acme", "weak", "owner"),
            "`agent:execute`",
        ),
        (
            acting_for("rover", "lea"),
            &give("acme", "weak", "editor"),
            "ok",
        ),
        (
            acting_for("rover", "roamer"),
            &give("acme", "weak", "owner"),
            "ok",
        ),
        (
            acting_for("bot", "roamer"),
            &give("acme", "weak", "owner"),
            "`agent:execute`",
        ),
        // Two are bounded by what both hold.
        (
            acting_for("bot", "hushed"),
            &give("acme", "weak", "editor"),
            "`chat:create`",
        ),
        (
            acting_for("bot", "lea"),
            &give("acme", "weak", "editor"),
            "ok",
        ),
    ]);
}

#[test]
fn scopes_limit_what_is_asked_and_not_what_is_held() {
    let narrow = || scoped("lea", &["gatepost-org:update"]);
    check(&[
        (narrow(), &give("acme", "weak", "editor"), "ok"),
        (narrow(), &give("acme", "weak", "owner"), "`agent:execute`"),
        (
            scoped("siteadmin", &["gatepost-site:update"]),
            super::KILL,
            "ok",
        ),
    ]);
}

#[test]
fn an_excess_is_told_by_name() {
    let policy = document(POLICY);
    let refusal = planned(
        &command(&give("acme", "weak", "owner")),
        &by("lea"),
        &policy,
    );
    let Err(WriteRefusal::Beyond(Excess::Grant { resource, action })) = refusal else {
        panic!("{refusal:?}");
    };
    assert_eq!((resource.as_str(), action.as_str()), ("agent", "execute"));
    let refusal = planned(
        &command(&give("acme", "weak", "owner")),
        &by("lea"),
        &policy,
    );
    assert_eq!(
        refusal.unwrap_err().to_string(),
        "gives `agent:execute`, which the author does not hold there himself"
    );
}

#[test]
fn what_everybody_has_in_a_public_org_is_not_held() {
    // `anyone` grants the update in globex: whoever comes by may switch there, and give nothing.
    for id in ["local", "lea"] {
        check(&[
            (
                by(id),
                r#"{"command":"org_switch","org":"globex","resource":"chat","to":"on"}"#,
                "ok",
            ),
            (by(id), &give("globex", "new", "guest"), "`chat:read`"),
            (
                by(id),
                &define("globex", "own", 0, "\"agent:execute\"", ""),
                "`agent:execute`",
            ),
        ]);
    }
    check(&[(by("other"), &give("globex", "new", "owner"), "ok")]);
}

#[test]
fn nobody_gives_for_longer_than_he_holds() {
    let policy = document(POLICY);
    let said = |text: &str| outcome(&by("still"), &command(text), &policy);
    let until = |expires: &str| {
        format!(
            r#"{{"command":"member_add","org":"acme","subject":"new","role":"editor","expires":"{expires}"}}"#
        )
    };
    // Still an admin, for a millisecond.
    assert_eq!(said(&until("2026-06-01T12:00:00.0005Z")), "ok");
    assert_ne!(said(&until("2026-06-01T12:00:00.002Z")), "ok");
    assert_ne!(said(&give("acme", "new", "editor")), "ok");
    assert_ne!(said(&give("branch", "still", "admin")), "ok");
    assert_ne!(said(&define("acme", "own", 10, r#""chat:read""#, "")), "ok");
}
