use super::*;

/// What another policy changes, a line each.
fn changes(find: &str, replace: &str) -> Vec<String> {
    assert!(POLICY.contains(find), "{find}");
    let other = of_roles(&POLICY.replacen(find, replace, 1));
    let changes = of_roles(POLICY).changes(&other).to_string();
    changes.lines().map(str::to_owned).collect()
}

#[test]
fn a_flipped_cell_is_told_in_words() {
    assert_eq!(
        changes("background = { floor = \"developer\" }", ""),
        [
            "POST /agents/{agent}/runs agent:execute#background, org unset, on, public: \
             guest with no site role or chatter: mode_floor → allow  (laxer)"
        ]
    );
    assert_eq!(
        changes("grants = [\"chat:*@own\",", "grants = [\"chat:create\","),
        [
            "POST /me/chats chat:create, org on, public: \
             guest, developer with chatter: own → allow  (laxer)",
            "POST /orgs/{org}/chats chat:create#foreground, org on, public: \
             guest, developer with chatter: own → allow  (laxer)",
            "GET /orgs/{org}/chats/{id} chat:read, org unset, off, on, public: \
             guest with no site role or chatter: own → org_grant_missing",
        ]
    );
    let killed = changes(
        "[site.gates.agent]\nswitch = \"on\"",
        "[site.gates.agent]\nswitch = \"off\"",
    );
    let of_everybody = "POST /agents/{agent}/runs agent:execute#foreground, every org: \
                        a non-member with no site role or chatter: not_a_member → site_off";
    assert!(
        !killed.iter().any(|line| line.contains("laxer")),
        "{killed:#?}"
    );
    assert!(
        killed.iter().all(|line| line.ends_with("→ site_off")),
        "{killed:#?}"
    );
    assert!(
        !killed.contains(&of_everybody.to_owned()),
        "in a public org it was allowed"
    );
    assert_eq!(
        changes(
            "[site.gates.planner]\nswitch = \"off\"",
            "[site.gates.planner]\nswitch = \"on\""
        )[0],
        "POST /agents/{agent}/runs planner:execute#background, every org: \
         everybody with no site role or chatter: site_off → site_grant_missing"
    );
}

#[test]
fn a_role_that_one_alone_has_is_one_change() {
    assert_eq!(
        changes(
            "[org_roles.guest]",
            "[site.roles.auditor]\ngrants = [\"*:*\"]\n[org_roles.lead]\nlevel = 50\ngrants = [\"*:*\"]\n[org_roles.guest]"
        ),
        ["site role auditor: new", "org role lead: new"]
    );
    assert_eq!(
        changes("[site.roles.chatter]\ngrants = [\"chat:create\"]", ""),
        ["site role chatter: gone"]
    );
}

#[test]
fn a_route_that_asks_for_something_else_is_compared_by_what_it_asked_for() {
    let with = |change: (&str, &str)| {
        let routes = Inventory::from_json(&ROUTES.replacen(change.0, change.1, 1)).unwrap();
        let other = Matrix::of_roles(&policy(POLICY), &routes).unwrap();
        let changes = of_roles(POLICY).changes(&other).to_string();
        changes.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(
        with((
            "\"action\": \"create\", \"org_rule\": \"none\"",
            "\"action\": \"read\", \"org_rule\": \"none\""
        )),
        [
            "POST /chats: asks chat:create → chat:read",
            "POST /chats chat:read: everybody with chatter: allow → site_grant_missing",
        ]
    );
    let opened = (
        "\"requires\":\n    {\"resource\": \"chat\", \"action\": \"create\", \"org_rule\": \"none\"}",
        "\"public\": \"everybody may\"",
    );
    assert_eq!(
        with(opened),
        [
            "POST /chats chat:create: gone",
            "POST /chats public: new  (laxer)"
        ]
    );
    assert_eq!(
        with(("\"/healthz\"", "\"/health\"")),
        ["* /health public: new  (laxer)", "* /healthz public: gone"]
    );
}

#[test]
fn by_subjects_whom_it_is_and_where_is_named() {
    let of = |people: &str| {
        let at = "2026-11-22T00:00:00Z".parse().unwrap();
        Matrix::of_subjects(&policy(&format!("{POLICY}{people}")), &routes(), None, at).unwrap()
    };
    let before = of(
        "[orgs.acme.members.alice]\nroles = [\"guest\"]\n[orgs.acme.members.bob]\nroles = [\"guest\"]\n",
    );
    let after = of(
        "[orgs.acme.members.alice]\nroles = [\"developer\"]\n[orgs.acme.members.bob]\nroles = [\"guest\"]\n[orgs.labs.members.bob]\nroles = []\n[subjects.carol]\n",
    );
    let changes = before.changes(&after).to_string();
    let lines: Vec<_> = changes.lines().collect();
    assert_eq!(
        lines,
        [
            "subject carol: new",
            "bob in labs: new",
            "POST /agents/{agent}/runs agent:execute#background in acme: alice: mode_floor → allow  (laxer)",
            "GET /orgs/{org}/chats/{id} chat:read in acme: alice: own → allow  (laxer)",
        ]
    );
    assert_eq!(
        of("").changes(&of_roles(POLICY)).to_string(),
        "the matrix: by subjects → by roles"
    );
}

#[test]
fn laxer_is_what_lets_something_through_that_was_not() {
    use MatrixCell::{Allow, Others, Own};
    let no = MatrixCell::No(crate::Code::OrgOff);
    let laxer = [
        (no, Own),
        (no, Others),
        (no, Allow),
        (Own, Allow),
        (Own, Others),
        (Others, Own),
        (Others, Allow),
    ];
    for then in [no, Own, Others, Allow] {
        for now in [no, Own, Others, Allow] {
            assert_eq!(
                now.is_laxer_than(then),
                laxer.contains(&(then, now)),
                "{then} → {now}"
            );
        }
    }
}
