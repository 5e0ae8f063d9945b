//! The site's gates, the resources and the roles.

use serde_json::json;

use super::{accepted, invalid};

#[test]
fn the_sites_gates() {
    accepted(&[
        (
            r#"{"command":"site_switch","resource":"chat","to":"off"}"#,
            json!({"site": {"gates": {"chat": {"switch": "off"}}}}),
            "chat: opt-in -> off",
        ),
        (
            r#"{"command":"site_switch","resource":"bare","to":"off"}"#,
            json!({"site": {"gates": {"bare": {"switch": "off"}}}}),
            "bare: unset -> off",
        ),
        (
            r#"{"command":"site_switch","resource":"agent","mode":"background","to":"off"}"#,
            json!({"site": {"gates": {"agent": {"background": {"switch": "off"}}}}}),
            "agent#background: unset -> off",
        ),
        (
            r#"{"command":"site_switch","resource":"chat","to":"opt-in"}"#,
            json!({}),
            "",
        ),
        (
            r#"{"command":"site_access","resource":"chat","access":"granted"}"#,
            json!({"site": {"gates": {"chat": {"access": "granted"}}}}),
            "access to chat: everyone -> granted",
        ),
        (
            r#"{"command":"site_actions","resource":"chat","actions":["create"]}"#,
            json!({"site": {"gates": {"chat": {"actions": ["create"]}}}}),
            "what the gate of chat governs: every action -> create",
        ),
        (
            r#"{"command":"site_actions","resource":"bare"}"#,
            json!({}),
            "",
        ),
        (
            r#"{"command":"site_floor","resource":"chat","mode":"foreground","role":"guest"}"#,
            json!({"site": {"gates": {"chat": {"foreground": {"floor": "guest"}}}}}),
            "floor of chat#foreground: unset -> guest",
        ),
        (
            r#"{"command":"site_floor","resource":"agent","mode":"background"}"#,
            json!({"site": {"gates": {"agent": {"background": null}}}}),
            "floor of agent#background: developer -> unset",
        ),
        (
            r#"{"command":"site_floor","resource":"bare","mode":"background"}"#,
            json!({}),
            "",
        ),
        (
            r#"{"command":"site_default","resource":"agent","mode":"background","role":"everyone"}"#,
            json!({"site": {"gates": {"agent": {"background": {"default": "everyone"}}}}}),
            "default floor of agent#background: unset -> everyone",
        ),
    ]);
    invalid(&[
        (
            r#"{"command":"site_switch","resource":"nope","to":"off"}"#,
            "`resource`: no resource `nope` is declared",
        ),
        (
            r#"{"command":"site_switch","resource":"gatepost-org","to":"off"}"#,
            "`resource`: `gatepost-org` is built in and has no gate to set",
        ),
        (
            r#"{"command":"site_access","resource":"gatepost-site","access":"everyone"}"#,
            "`resource`: `gatepost-site` is built in and has no gate to set",
        ),
        (
            r#"{"command":"site_actions","resource":"chat","actions":["delete"]}"#,
            "`site.gates.chat.actions[0]`: `chat` has no action `delete`",
        ),
        (
            r#"{"command":"site_floor","resource":"chat","mode":"foreground","role":"clerk"}"#,
            "`site.gates.chat.foreground.floor`: `clerk` is no role of `org_roles`, nor `everyone`",
        ),
        (
            r#"{"command":"site_default","resource":"nope","mode":"foreground"}"#,
            "`resource`: no resource `nope` is declared",
        ),
    ]);
}

#[test]
fn resources_and_roles() {
    accepted(&[
        (
            r#"{"command":"resource_define","resource":"doc","actions":["read"]}"#,
            json!({"resources": {"doc": ["read"]}}),
            "actions of doc: undeclared -> read",
        ),
        (
            r#"{"command":"resource_define","resource":"agent","actions":["execute","stop"]}"#,
            json!({"resources": {"agent": ["execute", "stop"]}}),
            "actions of agent: execute -> execute, stop",
        ),
        (
            r#"{"command":"site_role_define","name":"reader","grants":["chat:*"],"all_orgs":true}"#,
            json!({"site": {"roles": {"reader": {"grants": ["chat:*"], "all_orgs": true}}}}),
            "site role reader: chat:read -> chat:* in all orgs",
        ),
        (
            r#"{"command":"site_role_define","name":"reader","grants":["chat:read"]}"#,
            json!({}),
            "",
        ),
        (
            r#"{"command":"role_define","name":"guest","level":12,"grants":["chat:read"]}"#,
            json!({"org_roles": {"guest": {"level": 12, "grants": ["chat:read"]}}}),
            "org role guest: level 10, nothing -> level 12, chat:read",
        ),
        (
            r#"{"command":"role_define","name":"anyone","grants":[]}"#,
            json!({"org_roles": {"anyone": {"grants": null}}}),
            "org role anyone: level 0, chat:read -> level 0, nothing",
        ),
        (
            r#"{"command":"role_define","org":"branch","name":"clerk","level":1,"include":["lead"]}"#,
            json!({"orgs": {"branch": {"roles": {"clerk": {"level": 1, "include": ["lead"]}}}}}),
            "own role clerk of branch: undefined -> level 1, nothing, including lead",
        ),
    ]);
    invalid(&[
        // An own role of acme grants it; so another org's role keeps the action.
        (
            r#"{"command":"resource_define","resource":"chat","actions":["read"]}"#,
            "`orgs.acme.roles.lead.grants[0]`: `chat:create`: `chat` has no action `create`",
        ),
        (
            r#"{"command":"resource_define","resource":"gatepost-x","actions":["read"]}"#,
            "`resource`: `gatepost-x`: names that begin with `gatepost-` are built in",
        ),
        (
            r#"{"command":"resource_define","resource":"doc","actions":["read","read"]}"#,
            "`resources.doc[1]`: `read` is declared twice",
        ),
        (
            r#"{"command":"site_role_define","name":"everyone","grants":[]}"#,
            "`site.roles.everyone`: `everyone` is reserved",
        ),
        (
            r#"{"command":"site_role_define","name":"x","grants":["chat:fly","a b"]}"#,
            "`site.roles.x.grants[0]`: `chat:fly`: `chat` has no action `fly`; \
             `site.roles.x.grants[1]`: `a b` has no `:` between resource and action",
        ),
        (
            r#"{"command":"role_define","name":"clerk","level":1}"#,
            "`name`: `clerk` is an own role of the org `holding` already",
        ),
        (
            r#"{"command":"role_define","name":"guest","level":1,"include":["developer"]}"#,
            "`org_roles.guest.include[0]`: `guest` includes `developer`, which includes `guest`: a circle",
        ),
        (
            r#"{"command":"role_define","name":"guest"}"#,
            "`org_roles.guest.level`: `level` is missing",
        ),
        (
            r#"{"command":"role_define","org":"acme","name":"guest","level":1}"#,
            "`orgs.acme.roles.guest`: `guest` is a role of `org_roles` already",
        ),
        (
            r#"{"command":"role_define","org":"acme","name":"anyone","level":0}"#,
            "`orgs.acme.roles.anyone`: `anyone` is a role of `org_roles` already",
        ),
        (
            r#"{"command":"role_define","org":"acme","name":"x","level":-1}"#,
            "`orgs.acme.roles.x.level`: level -1 is not between 0 and 2147483647",
        ),
        (
            r#"{"command":"role_define","org":"acme","name":"x","level":1,"include":["sub"]}"#,
            "`orgs.acme.roles.x.include[0]`: no role `sub` is defined",
        ),
        (
            r#"{"command":"role_define","org":"nowhere","name":"x","level":1}"#,
            "`org`: no org `nowhere` is defined",
        ),
    ]);
}
