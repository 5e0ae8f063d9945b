use super::*;

#[test]
fn a_grant_that_no_route_uses_is_found() {
    let unused = |grant: &str| {
        let grants = format!("\"agent:execute\", \"{grant}\"]");
        changed(&[("\"agent:execute\"]", &grants)])
    };
    assert_eq!(
        unused("chat:delete"),
        [(
            FindingKind::UnusedGrant,
            "line 20: `org_roles.guest.grants[2]`: no route requires anything that `chat:delete` grants".to_owned()
        )]
    );
    for grant in [
        "*:delete",
        "chat:delete@own",
        "agent:execute@own",
        "agent:*@own",
    ] {
        assert_eq!(unused(grant).len(), 1, "{grant}");
    }
    // In background too, whatever leaves a ticket is decided.
    for grant in [
        "*:*",
        "*:*@own",
        "chat:*",
        "chat:read",
        "*:read@own",
        "chat:create#foreground",
        "chat:create#background",
        "chat:read#background",
        "agent:execute#foreground",
        "!chat:delete",
        "gatepost-audit:read",
    ] {
        assert_eq!(unused(grant), [], "{grant}");
    }
    assert_eq!(unused("chat:read#foreground").len(), 1);
    // Of a site role, and of an org's own.
    let of_site = changed(&[(
        "[\"chat:create\"]\n[site.roles.admin]",
        "[\"chat:create\", \"chat:delete\"]\n[site.roles.admin]",
    )]);
    assert!(
        of_site[0].1.contains("`site.roles.chatter.grants[1]`"),
        "{of_site:?}"
    );
    let own = changed(&[(
        "level = 20\ngrants = [\"chat:create\"]",
        "level = 20\ngrants = [\"chat:delete\"]",
    )]);
    assert!(
        own[0].1.contains("`orgs.acme.roles.lead.grants[0]`"),
        "{own:?}"
    );
    // A route without an org asks for no org role.
    let delete = r#""resource": "chat", "action": "delete", "org_rule": "none""#;
    let policy = CLEAN.replace(
        "\"chat:create@own\"",
        "\"chat:create@own\", \"chat:delete\"",
    );
    let policy = policy.replace(
        "[\"chat:create\"]\n[site.roles.admin]",
        "[\"chat:create\", \"chat:delete\"]\n[site.roles.admin]",
    );
    let found = linted(&policy, &routes(&[route("DELETE", "/x", delete)]));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].1.contains("org_roles.guest.grants[1]"),
        "{found:?}"
    );
}
