use crate::inventory::Inventory;
use crate::lint::{FindingKind, lint_routes, lint_with_routes};
use crate::policy::PolicyText;

mod unused;
mod ways;

const CLEAN: &str = r#"version = 1
[resources]
chat = ["create", "read", "delete"]
agent = ["execute"]
[site.gates.chat]
switch = "opt-in"
actions = ["create"]
foreground = { floor = "guest" }
[site.gates.agent]
switch = "opt-out"
access = "everyone"
background = { floor = "guest", default = "owner" }
[site.roles.chatter]
grants = ["chat:create"]
[site.roles.admin]
grants = ["*:*", "gatepost-site:read"]
all_orgs = true
[org_roles.guest]
level = 10
grants = ["chat:create@own", "agent:execute"]
[org_roles.reader]
level = 0
grants = ["chat:read", "!chat:delete#background"]
[org_roles.owner]
level = 50
[orgs.acme.roles.lead]
level = 20
grants = ["chat:create"]
"#;

fn route(method: &str, path: &str, requires: &str) -> String {
    format!(r#"{{"method": "{method}", "path": "{path}", "requires": {{{requires}}}}}"#)
}

const ORG: &str = r#""org": ["path org"], "org_rule": "required""#;

/// The routes of the clean policy, with more or others.
fn routes(more: &[String]) -> Inventory {
    let mut routes = vec![
        route(
            "POST",
            "/{org}/chats",
            &format!(
                r#""resource": "chat", "action": "create", "mode": "foreground", {ORG}, "owner": "subject""#
            ),
        ),
        route(
            "GET",
            "/{org}/chats/{id}",
            &format!(r#""resource": "chat", "action": "read", {ORG}, "owner": "object""#),
        ),
        route(
            "POST",
            "/{org}/runs",
            &format!(
                r#""resource": "agent", "action": "execute", "mode": "body", {ORG}, "body_limit": 9"#
            ),
        ),
        r#"{"method": "*", "path": "/healthz", "public": "probes have no identity"}"#.to_owned(),
    ];
    routes.extend(more.iter().cloned());
    Inventory::from_json(&format!(
        r#"{{"version": 1, "routes": [{}]}}"#,
        routes.join(",")
    ))
    .unwrap()
}

fn linted(policy: &str, routes: &Inventory) -> Vec<(FindingKind, String)> {
    let at = "2026-11-22T00:00:00Z".parse().unwrap();
    let findings = lint_with_routes(&PolicyText::toml(policy), routes, at).unwrap();
    let of_routes = findings
        .into_iter()
        .filter(|finding| finding.kind >= FindingKind::UndeclaredRequirement);
    of_routes
        .map(|finding| (finding.kind, finding.to_string()))
        .collect()
}

/// What a change of the policy makes; each `find` stands in it once.
fn changed(changes: &[(&str, &str)]) -> Vec<(FindingKind, String)> {
    let mut policy = CLEAN.to_owned();
    for (find, replace) in changes {
        assert_eq!(policy.matches(find).count(), 1, "{find}");
        policy = policy.replace(find, replace);
    }
    linted(&policy, &routes(&[]))
}

#[test]
fn routes_that_the_policy_is_meant_for_are_clean() {
    assert_eq!(linted(CLEAN, &routes(&[])), []);
}

#[test]
fn what_is_not_declared_is_found() {
    let asks = |resource: &str, action: &str| {
        let requires = format!(r#""resource": "{resource}", "action": "{action}", {ORG}"#);
        linted(
            CLEAN,
            &routes(&[route("GET", "/x", &requires), route("GET", "/y", &requires)]),
        )
    };
    assert_eq!(
        asks("chat", "raed"),
        [(
            FindingKind::UndeclaredRequirement,
            "line 5: `site.gates.chat`: `chat:raed`, which `GET /x` and 1 more require, is not declared, so it is refused to everybody".to_owned()
        )]
    );
    assert_eq!(
        asks("chta", "read"),
        [(
            FindingKind::UndeclaredRequirement,
            "line 2: `resources`: `chta:read`, which `GET /x` and 1 more require, is not declared, so it is refused to everybody".to_owned()
        )]
    );
    assert_eq!(
        asks("gatepost-site", "raed")[0].0,
        FindingKind::UndeclaredRequirement
    );
    // The console's own need no declaration.
    assert_eq!(asks("gatepost-site", "read"), []);
}

#[test]
fn what_is_off_on_the_site_is_found_apart_from_what_no_role_meets() {
    let off = changed(&[("switch = \"opt-in\"", "switch = \"off\"")]);
    assert_eq!(
        off,
        [(
            FindingKind::OffRequirement,
            "line 5: `site.gates.chat`: `chat:create#foreground`, which `POST /{org}/chats` requires, is off on the site (`site_off`)".to_owned()
        )]
    );
    let off = changed(&[(
        "foreground = { floor = \"guest\" }",
        "foreground = { switch = \"off\" }",
    )]);
    assert_eq!(off[0].0, FindingKind::OffRequirement, "{off:?}");
    assert!(
        off[0].1.ends_with("is off on the site (`site_mode_off`)"),
        "{off:?}"
    );
}

#[test]
fn what_no_role_meets_is_found_with_the_furthest_check() {
    let on_site = "is granted by no site role that does not deny it too (`site_grant_missing`)";
    let nobody_on_site = (
        "[\"chat:create\"]\n[site.roles.admin]",
        "[]\n[site.roles.admin]",
    );
    let denied_on_site = (
        "[\"chat:create\"]\n[site.roles.admin]",
        "[\"chat:create\", \"!*:create\"]\n[site.roles.admin]",
    );
    let no_admin = ("all_orgs = true", "");
    let floor = (
        "foreground = { floor = \"guest\" }",
        "foreground = { floor = \"owner\" }",
    );
    let owner_denies = (
        "[org_roles.owner]\nlevel = 50",
        "[org_roles.owner]\nlevel = 50\ngrants = [\"!chat:*\"]",
    );
    let own_role = (
        "level = 20\ngrants = [\"chat:create\"]",
        "level = 20\ngrants = [\"!chat:create\"]",
    );
    let rows: [(&[(&str, &str)], &str); 4] = [
        (&[nobody_on_site, ("\"*:*\", ", "\"agent:*\", ")], on_site),
        (
            &[denied_on_site, ("\"*:*\", ", "\"*:*\", \"!chat:create\", ")],
            on_site,
        ),
        (
            &[no_admin, ("\"chat:create@own\", ", ""), own_role],
            "is granted in no org to anybody whom the site lets through (`org_grant_missing`)",
        ),
        (
            &[no_admin, floor, owner_denies, own_role],
            "is granted to nobody who reaches the floor (`mode_floor`)",
        ),
    ];
    for (changes, want) in rows {
        let found = changed(changes);
        let unmet = |(kind, _): &&(FindingKind, String)| *kind == FindingKind::UnmetRequirement;
        let unmet: Vec<_> = found.iter().filter(unmet).collect();
        assert_eq!(unmet.len(), 1, "{found:#?}");
        let start = "line 5: `site.gates.chat`: `chat:create#foreground`, which `POST /{org}/chats` requires, ";
        assert_eq!(unmet[0].1, format!("{start}{want}"));
    }
}

#[test]
fn background_that_nobody_may_queue_is_found_where_there_is_a_foreground() {
    let found = changed(&[(
        "background = { floor = \"guest\", default = \"owner\" }",
        "background = { switch = \"off\" }",
    )]);
    assert_eq!(
        found,
        [(
            FindingKind::UnmetBackground,
            "line 9: `site.gates.agent`: `agent:execute#background`, which `POST /{org}/runs` requires, is off on the site (`site_mode_off`)".to_owned()
        )]
    );
    let found = changed(&[
        ("all_orgs = true", ""),
        ("\"agent:execute\"", "\"agent:execute#foreground\""),
    ]);
    assert_eq!(found[0].0, FindingKind::UnmetBackground, "{found:?}");
    assert_eq!(found.len(), 1, "{found:?}");
    // Off as a whole, it is not the background.
    let found = changed(&[("switch = \"opt-out\"", "switch = \"off\"")]);
    assert_eq!(
        found.iter().map(|(kind, _)| *kind).collect::<Vec<_>>(),
        [FindingKind::OffRequirement; 2],
        "{found:?}"
    );
    // Background without an org is never let through.
    let nowhere = route(
        "POST",
        "/x",
        r#""resource": "agent", "action": "execute", "mode": "background", "org_rule": "none""#,
    );
    let found = linted(CLEAN, &routes(&[nowhere]));
    assert_eq!(found[0].0, FindingKind::UnmetRequirement, "{found:?}");
    assert!(
        found[0]
            .1
            .ends_with("is work in background without an org (`org_required`)"),
        "{found:?}"
    );
}

#[test]
fn a_policy_that_is_refused_is_that_alone() {
    let text = PolicyText::toml(CLEAN.replace("[site.gates.agent]", "[site.gates.agnet]"));
    let at = "2026-11-22T00:00:00Z".parse().unwrap();
    let findings = lint_with_routes(&text, &routes(&[]), at).unwrap();
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!(findings[0].kind, FindingKind::Refused);
    assert_eq!(
        lint_routes(&text.parse().unwrap(), &routes(&[]))[0].kind,
        FindingKind::Refused
    );
}
