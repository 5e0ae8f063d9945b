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
fn roles_that_stand_in_another_order_are_a_change() {
    let told = changes(
        "[org_roles.guest]\nlevel = 10",
        "[org_roles.guest]\nlevel = 40",
    );
    let order =
        "org roles in order: (non-member), guest, developer → (non-member), developer, guest";
    assert!(told.contains(&order.to_owned()), "{told:#?}");
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

const HOW: &str = r#""org": ["path org"], "org_rule": "required""#;

/// The same, asked in each of these ways at one method and path.
fn of_ways(ways: &[&str]) -> Matrix {
    Matrix::of_roles(&policy(POLICY), &in_ways(ways)).unwrap()
}

fn in_ways(ways: &[&str]) -> Inventory {
    let route = |how: &&str| {
        format!(
            r#"{{"method": "GET", "path": "/chats", "requires": {{"resource": "chat", "action": "read", {how}}}}}"#
        )
    };
    let routes: Vec<_> = ways.iter().map(route).collect();
    Inventory::from_json(&format!(
        r#"{{"version": 1, "routes": [{}]}}"#,
        routes.join(", ")
    ))
    .unwrap()
}

#[test]
fn a_route_that_is_no_longer_in_an_org_is_told() {
    let (in_org, nowhere) = (of_ways(&[HOW]), of_ways(&[r#""org_rule": "none""#]));
    let either = of_ways(&[r#""org": ["path org"], "org_rule": "default""#]);
    let told = |one: &Matrix, other: &Matrix| one.changes(other).to_string();
    assert_eq!(
        told(&in_org, &nowhere),
        "GET /chats chat:read: asked in orgs → asked without an org  (laxer)"
    );
    assert_eq!(
        told(&nowhere, &in_org),
        "GET /chats chat:read: asked without an org → asked in orgs  (laxer)"
    );
    // What may be left at the default is asked there too, and is another matrix.
    assert_ne!(in_org.to_text(), either.to_text());
    assert_eq!(
        told(&in_org, &either),
        "GET /chats chat:read: asked in orgs → asked in orgs and where none is named  (laxer)"
    );
    assert_eq!(
        told(&either, &in_org),
        "GET /chats chat:read: asked in orgs and where none is named → asked in orgs"
    );
    // In background nobody may without an org.
    let background = |how: &str| of_ways(&[&format!(r#""mode": "background", {how}"#)]);
    assert_eq!(
        told(&background(HOW), &background(r#""org_rule": "none""#)),
        "GET /chats chat:read#background: asked in orgs → asked without an org"
    );
}

#[test]
fn by_subjects_a_route_that_is_no_longer_in_an_org_is_no_membership_that_is_gone() {
    let at = "2026-11-22T00:00:00Z".parse().unwrap();
    let people = "[orgs.acme.members.gil]\nroles = [\"guest\"]\n";
    let of = |how: &str| {
        let document = policy(&format!("{POLICY}{people}"));
        Matrix::of_subjects(&document, &in_ways(&[how]), None, at).unwrap()
    };
    assert_eq!(
        of(HOW).changes(&of(r#""org_rule": "none""#)).to_string(),
        "GET /chats chat:read: asked in orgs → asked without an org"
    );
}

#[test]
fn what_is_asked_of_one_route_in_two_ways_is_two_rows() {
    let own = format!(r#"{HOW}, "owner": "subject""#);
    let (one, other, both) = (of_ways(&[HOW]), of_ways(&[&own]), of_ways(&[HOW, &own]));
    assert_ne!(both, one);
    assert_ne!(both, other);
    let twice = in_ways(&[HOW]).and(in_ways(&[HOW]));
    assert_eq!(Matrix::of_roles(&policy(POLICY), &twice).unwrap(), one);
    let headings: Vec<_> = both.rows.iter().map(Row::heading).collect();
    assert_eq!(
        headings,
        [
            "GET /chats chat:read (org required: path org)",
            "GET /chats chat:read (org required: path org; owner subject)",
        ]
    );
    assert_eq!(Matrix::from_text(&both.to_text()), Ok(both.clone()));
    // Where one is added, the other is what it was.
    assert_eq!(
        one.changes(&both).to_string(),
        "GET /chats chat:read (org required: path org; owner subject): new  (laxer)"
    );
    assert_eq!(
        both.changes(&other).to_string(),
        "GET /chats chat:read (org required: path org): gone"
    );
    let header = own.replace("path org", "header x-org");
    assert_eq!(
        both.changes(&of_ways(&[HOW, &header])).to_string(),
        "GET /chats chat:read: asked (org required: path org; owner subject) → \
         asked (org required: header x-org; owner subject)"
    );
}

#[test]
fn no_two_ways_to_ask_have_one_text() {
    let ways = [
        r#""org": ["path a", "path b"], "org_rule": "required""#,
        r#""org": ["path a, path b"], "org_rule": "required""#,
        r#""org": ["path a; owner subject"], "org_rule": "required""#,
        r#""org": ["path a"], "org_rule": "required", "owner": "subject""#,
        r#""org": ["path a\") | ("], "org_rule": "required""#,
        r#""org": [" "], "org_rule": "required""#,
        r#""org_rule": "default""#,
        r#""org": ["path a"], "org_rule": "default""#,
    ];
    let matrix = of_ways(&ways);
    assert_eq!(matrix.rows.len(), ways.len());
    assert_eq!(Matrix::from_text(&matrix.to_text()), Ok(matrix));
}
