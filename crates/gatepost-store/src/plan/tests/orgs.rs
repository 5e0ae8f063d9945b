//! Orgs and their members.

use serde_json::json;

use super::{accepted, invalid};

#[test]
fn what_an_org_is_and_says() {
    accepted(&[
        (
            r#"{"command":"org_create","org":"new","parent":"branch","visibility":"public"}"#,
            json!({"orgs": {"new": {"parent": "branch", "visibility": "public"}}}),
            "org new: none -> created",
        ),
        (
            r#"{"command":"org_status","org":"acme","status":"suspended"}"#,
            json!({"orgs": {"acme": {"status": "suspended"}}}),
            "org acme: active -> suspended",
        ),
        (
            r#"{"command":"org_status","org":"acme","status":"active"}"#,
            json!({}),
            "",
        ),
        (
            r#"{"command":"org_visibility","org":"acme","visibility":"public"}"#,
            json!({"orgs": {"acme": {"visibility": "public"}}}),
            "org acme: private -> public",
        ),
        (
            r#"{"command":"org_visibility","org":"acme","visibility":"private"}"#,
            json!({}),
            "",
        ),
        (
            r#"{"command":"org_parent","org":"globex","parent":"branch"}"#,
            json!({"orgs": {"globex": {"parent": "branch"}}}),
            "parent of org globex: unset -> branch",
        ),
        (
            r#"{"command":"org_parent","org":"acme","parent":"holding"}"#,
            json!({}),
            "",
        ),
        (
            r#"{"command":"org_switch","org":"globex","resource":"chat","to":"on"}"#,
            json!({"orgs": {"globex": {"gates": {"chat": {"switch": "on"}}}}}),
            "chat in globex: unset -> on",
        ),
        (
            r#"{"command":"org_switch","org":"acme","resource":"agent","mode":"background","to":"off"}"#,
            json!({"orgs": {"acme": {"gates": {"agent": {"background": {"switch": "off"}}}}}}),
            "agent#background in acme: unset -> off",
        ),
        (
            r#"{"command":"org_switch","org":"acme","resource":"chat"}"#,
            json!({"orgs": {"acme": {"gates": {"chat": null}}}}),
            "chat in acme: on -> unset",
        ),
        (
            r#"{"command":"org_switch","org":"acme","resource":"bare","mode":"foreground"}"#,
            json!({}),
            "",
        ),
        (
            r#"{"command":"org_floor","org":"acme","resource":"chat","mode":"foreground","role":"everyone"}"#,
            json!({"orgs": {"acme": {"gates": {"chat": {"foreground": {"min_role": "everyone"}}}}}}),
            "floor of chat#foreground in acme: unset -> everyone",
        ),
        (
            r#"{"command":"org_floor","org":"acme","resource":"agent","mode":"background"}"#,
            json!({"orgs": {"acme": {"gates": {"agent": null}}}}),
            "floor of agent#background in acme: developer -> unset",
        ),
    ]);
}

#[test]
fn what_an_org_cannot_be_or_say() {
    let unknown = "`org`: no org `nowhere` is defined";
    invalid(&[
        (
            r#"{"command":"org_create","org":"acme"}"#,
            "`org`: the org `acme` is there already",
        ),
        (
            r#"{"command":"org_create","org":"new","parent":"nowhere"}"#,
            "`parent`: no org `nowhere` is defined",
        ),
        (
            r#"{"command":"org_create","org":"new","parent":"new"}"#,
            "`parent`: no org `new` is defined",
        ),
        (
            r#"{"command":"org_status","org":"nowhere","status":"active"}"#,
            unknown,
        ),
        (
            r#"{"command":"org_visibility","org":"nowhere","visibility":"public"}"#,
            unknown,
        ),
        (
            r#"{"command":"org_parent","org":"holding","parent":"branch"}"#,
            "`parent`: the org would lie under itself",
        ),
        (
            r#"{"command":"org_parent","org":"acme","parent":"acme"}"#,
            "`parent`: the org would lie under itself",
        ),
        (
            r#"{"command":"org_parent","org":"acme","parent":"nowhere"}"#,
            "`parent`: no org `nowhere` is defined",
        ),
        // The branch's role, below what moves, includes one of the former ancestor.
        (
            r#"{"command":"org_parent","org":"acme","parent":"globex"}"#,
            "`orgs.acme.roles.lead.include[0]`: no role `clerk` is defined; \
             `orgs.branch.roles.sub.include[0]`: no role `clerk` is defined",
        ),
        (
            r#"{"command":"org_switch","org":"nowhere","resource":"chat","to":"on"}"#,
            unknown,
        ),
        (
            r#"{"command":"org_switch","org":"acme","resource":"nope"}"#,
            "`resource`: no resource `nope` is declared",
        ),
        (
            r#"{"command":"org_switch","org":"acme","resource":"gatepost-org","to":"off"}"#,
            "`resource`: `gatepost-org` is built in and has no gate to set",
        ),
        (
            r#"{"command":"org_floor","org":"globex","resource":"agent","mode":"background","role":"guest"}"#,
            "`role`: `guest` is below the site's floor `developer`",
        ),
        (
            r#"{"command":"org_floor","org":"globex","resource":"agent","mode":"background","role":"everyone"}"#,
            "`role`: `everyone` is below the site's floor `developer`",
        ),
        (
            r#"{"command":"org_floor","org":"acme","resource":"chat","mode":"background","role":"lead"}"#,
            "`orgs.acme.gates.chat.background.min_role`: `lead` is no role of `org_roles`, nor `everyone`",
        ),
    ]);
}

#[test]
fn memberships() {
    accepted(&[
        (
            r#"{"command":"member_add","org":"globex","subject":"dave","role":"guest","expires":"2027-01-01T00:00:00Z"}"#,
            json!({"orgs": {"globex": {"members": {"dave": {"roles": ["guest"], "expires": "2027-01-01T00:00:00Z"}}}}}),
            "dave in globex: no member -> guest until 2027-01-01T00:00:00Z",
        ),
        // A role of an ancestor.
        (
            r#"{"command":"member_add","org":"acme","subject":"alice","role":"clerk"}"#,
            json!({"orgs": {"acme": {"members": {"alice": {"roles": ["guest", "clerk"]}}}}}),
            "alice in acme: guest -> guest, clerk",
        ),
        (
            r#"{"command":"member_add","org":"acme","subject":"alice","role":"guest"}"#,
            json!({}),
            "",
        ),
        // The membership's expiry stays, said again or not.
        (
            r#"{"command":"member_add","org":"acme","subject":"carol","role":"lead"}"#,
            json!({"orgs": {"acme": {"members": {"carol": {"roles": ["guest", "retired", "lead"]}}}}}),
            "carol in acme: guest, retired until 2027-01-01T00:00:00Z -> guest, retired, lead until 2027-01-01T00:00:00Z",
        ),
        (
            r#"{"command":"member_add","org":"acme","subject":"carol","role":"guest","expires":"2027-01-01T00:00:00Z"}"#,
            json!({}),
            "",
        ),
        // One that is over is replaced, and its other roles do not come back.
        (
            r#"{"command":"member_add","org":"acme","subject":"over","role":"guest","expires":"2026-06-01T12:00:00.001Z"}"#,
            json!({"orgs": {"acme": {"members": {"over": {"roles": ["guest"], "expires": "2026-06-01T12:00:00.001Z"}}}}}),
            "over in acme: guest, developer until 2026-06-01T12:00:00Z -> guest until 2026-06-01T12:00:00.001Z",
        ),
        (
            r#"{"command":"member_remove","org":"acme","subject":"carol","role":"retired"}"#,
            json!({"orgs": {"acme": {"members": {"carol": {"roles": ["guest"]}}}}}),
            "carol in acme: guest, retired until 2027-01-01T00:00:00Z -> guest until 2027-01-01T00:00:00Z",
        ),
        (
            r#"{"command":"member_remove","org":"acme","subject":"alice","role":"guest"}"#,
            json!({"orgs": {"acme": {"members": {"alice": null}}}}),
            "alice in acme: guest -> no member",
        ),
        (
            r#"{"command":"member_remove","org":"acme","subject":"alice","role":"developer"}"#,
            json!({}),
            "",
        ),
        (
            r#"{"command":"member_remove","org":"acme","subject":"nobody","role":"guest"}"#,
            json!({}),
            "",
        ),
    ]);
    let no_role =
        |role: &str| format!("`role`: no role `{role}` is defined that a member could hold there");
    invalid(&[
        (
            r#"{"command":"member_add","org":"nowhere","subject":"dave","role":"guest"}"#,
            "`org`: no org `nowhere` is defined",
        ),
        (
            r#"{"command":"member_remove","org":"nowhere","subject":"dave","role":"guest"}"#,
            "`org`: no org `nowhere` is defined",
        ),
        (
            r#"{"command":"member_add","org":"acme","subject":"dave","role":"retired"}"#,
            &no_role("retired"),
        ),
        (
            r#"{"command":"member_add","org":"acme","subject":"dave","role":"anyone"}"#,
            &no_role("anyone"),
        ),
        (
            r#"{"command":"member_add","org":"acme","subject":"dave","role":"everyone"}"#,
            &no_role("everyone"),
        ),
        // A role of a descendant, and one of a site.
        (
            r#"{"command":"member_add","org":"acme","subject":"dave","role":"sub"}"#,
            &no_role("sub"),
        ),
        (
            r#"{"command":"member_add","org":"acme","subject":"dave","role":"reader"}"#,
            &no_role("reader"),
        ),
        (
            r#"{"command":"member_add","org":"acme","subject":"alice","role":"guest","expires":"2027-01-01T00:00:00Z"}"#,
            "`expires`: the membership does not expire, with all its roles",
        ),
        (
            r#"{"command":"member_add","org":"acme","subject":"carol","role":"guest","expires":"2027-01-01T00:00:01Z"}"#,
            "`expires`: the membership expires at 2027-01-01T00:00:00Z, with all its roles",
        ),
        (
            r#"{"command":"member_add","org":"acme","subject":"over","role":"guest"}"#,
            "`expires`: the membership is over: say when the new one that takes its place expires",
        ),
        (
            r#"{"command":"member_add","org":"acme","subject":"dave","role":"guest","expires":"2026-06-01T12:00:00Z"}"#,
            "`expires`: the membership would be over already: 2026-06-01T12:00:00Z has passed",
        ),
    ]);
}
