use super::*;

const TEXT: &str = "\
gatepost-matrix 1 by roles
site roles: (none), admin, chatter
org roles: (non-member), guest, developer
# What each role may do on each route. A line: site roles | what the org has said | what they are answered,
# by org role where that makes a difference. Whoever is asked for holds one of each, or none, and no other.

POST /agents/{agent}/runs agent:execute#background
  (none), chatter | unset, off, on | not_a_member: (non-member); mode_floor: guest; allow: developer
  (none), chatter | public         | org_grant_missing: (non-member); mode_floor: guest; allow: developer
  (none), chatter | suspended      | not_a_member: (non-member); org_suspended: guest, developer
  admin           | unset, off, on, public | allow
";

/// The whole of what a route is answered stands in a few lines, each for whoever is answered the same.
#[test]
fn what_is_the_same_is_said_once() {
    let text = of_roles(POLICY).to_text();
    let row = |heading: &str| {
        let start = text.find(heading).unwrap();
        let rest = &text[start..];
        rest[..rest.find("\n\n").unwrap_or(rest.len())].to_owned()
    };
    assert_eq!(
        text.lines().take(5).collect::<Vec<_>>(),
        TEXT.lines().take(5).collect::<Vec<_>>()
    );
    assert_eq!(
        row("POST /orgs/{org}/chats "),
        "\
POST /orgs/{org}/chats chat:create#foreground
  (none)  | *          | site_grant_missing
  admin   | unset, off | org_off
  admin   | on, public | allow
  admin   | suspended  | org_suspended
  chatter | unset, off | not_a_member: (non-member); org_off: guest, developer
  chatter | on         | not_a_member: (non-member); own: guest, developer
  chatter | public     | org_grant_missing: (non-member); own: guest, developer
  chatter | suspended  | not_a_member: (non-member); org_suspended: guest, developer"
    );
    assert_eq!(
        row("POST /agents/{agent}/runs planner:execute#foreground"),
        "POST /agents/{agent}/runs planner:execute#foreground\n  * | * | site_off"
    );
    assert_eq!(row("* /healthz"), "* /healthz public");
    assert_eq!(
        row("POST /chats"),
        "POST /chats chat:create\n  (none)         | - | site_grant_missing\n  admin, chatter | - | allow"
    );
}

#[test]
fn what_is_written_is_read_again() {
    let matrix = of_roles(POLICY);
    assert_eq!(Matrix::from_text(&matrix.to_text()), Ok(matrix.clone()));
    let windows = matrix.to_text().replace('\n', "\r\n");
    assert_eq!(Matrix::from_text(&windows), Ok(matrix));
}

#[test]
fn ids_and_paths_that_could_be_taken_for_something_else_are_quoted() {
    let mut document = policy(POLICY);
    let mut routes = routes();
    for id in [
        "-",
        "*",
        "(none)",
        "a, b",
        "a|b: c;",
        "\"q\" \\",
        "é 日本",
        " ",
        "auth0|1",
        "a\u{2028}b",
    ] {
        let member = crate::policy::MemberDocument {
            roles: vec!["guest".to_owned()],
            expires: None,
        };
        let org = document.orgs.entry(id.to_owned()).or_default();
        org.members.insert(id.to_owned(), member.clone());
        document
            .orgs
            .entry("acme".to_owned())
            .or_default()
            .members
            .insert(id.to_owned(), member);
        let path = format!("/{id} \n#");
        routes = routes.and(Inventory::new([crate::InventoryRoute::public(
            "GET", path, "why",
        )]));
    }
    let requires = |path: &str| crate::InventoryRoute::public("# GET", path, "why");
    routes = routes.and(Inventory::new([requires(""), requires("\"")]));
    let at = "2026-11-22T00:00:00Z".parse().unwrap();
    let matrix = Matrix::of_subjects(&document, &routes, None, at).unwrap();
    assert_eq!(matrix.whos.len(), 10);
    let text = matrix.to_text();
    assert_eq!(Matrix::from_text(&text), Ok(matrix), "{text}");
}

#[test]
fn what_is_no_matrix_is_refused_with_its_line() {
    let whole = format!("{TEXT}  admin | suspended | org_suspended\n");
    assert!(Matrix::from_text(&whole).is_ok());
    let row = |change: (&str, &str), line: usize, want: &str| {
        assert!(whole.contains(change.0), "{}", change.0);
        let error = Matrix::from_text(&whole.replacen(change.0, change.1, 1)).unwrap_err();
        let start = format!("the file is no matrix: line {line}: ");
        let error = error.to_string();
        assert!(
            error.starts_with(&start) && error.contains(want),
            "{error}\n{start}{want}"
        );
    };
    row(
        ("gatepost-matrix 1", "gatepost-matrix 2"),
        1,
        "does not begin with",
    );
    row(("by roles", "by rules"), 1, "does not begin with");
    row(("(none), admin", "admin, admin"), 2, "twice");
    row(
        ("site roles: (none), admin, chatter\n", ""),
        6,
        "stands before `site roles:`",
    );
    row(
        (
            "POST /agents/{agent}/runs agent:execute",
            "POST /agents/{agent}/runs *:execute",
        ),
        7,
        "is no route",
    );
    row(
        ("POST /agents/{agent}/runs agent:execute#background", "  x"),
        7,
        "is not one of those above",
    );
    row((" agent:execute#background", " public"), 8, "public route");
    row(
        ("(none), chatter | unset", "(none), auditor | unset"),
        8,
        "`auditor` is not one",
    );
    row(
        ("unset, off, on | not", "unset, shut, on | not"),
        8,
        "`shut` is not one",
    );
    row(
        ("mode_floor: guest", "mode_flor: guest"),
        8,
        "`mode_flor` is no outcome",
    );
    row(
        ("mode_floor: guest", "mode_floor: guest, developer"),
        8,
        "two outcomes",
    );
    row(("; allow: developer", ""), 8, "no outcome for some");
    row(("; allow: developer", "; allow"), 8, "no `:`");
    row(
        ("(none), chatter | unset", "(none), chatter & unset"),
        8,
        "is not one of those above",
    );
    row(("public         |", "public, on     |"), 9, "says again");
    row(
        ("  admin | suspended | org_suspended\n", ""),
        11,
        "not answered for everybody",
    );
    row(
        (
            "(none), chatter | suspended      |",
            "(none), chatter | -              |",
        ),
        12,
        "not answered for everybody",
    );
    for text in ["", "# nothing\n"] {
        assert!(
            Matrix::from_text(text)
                .unwrap_err()
                .to_string()
                .contains("is empty")
        );
    }
    let twice = format!("{whole}\n{}", &whole[whole.find("POST").unwrap()..]);
    assert!(
        Matrix::from_text(&twice)
            .unwrap_err()
            .to_string()
            .contains("is there twice")
    );
}

#[test]
fn no_text_makes_it_panic() {
    let text = of_roles(POLICY).to_text();
    let mut random = fastrand::Rng::with_seed(1);
    let signs: Vec<char> = "|,;:*-\"\\ \n#(x".chars().collect();
    for _ in 0..2000 {
        let mut broken: Vec<char> = text.chars().collect();
        for _ in 0..random.usize(1..4) {
            let at = random.usize(..broken.len());
            broken[at] = signs[random.usize(..signs.len())];
        }
        broken.truncate(random.usize(1..=broken.len()));
        let _ = Matrix::from_text(&broken.into_iter().collect::<String>());
    }
}

#[test]
fn a_matrix_that_nobody_would_read_is_refused() {
    let mut document = policy(POLICY);
    for role in 0..1000 {
        document.site.roles.insert(
            format!("s{role}"),
            crate::policy::SiteRoleDocument::default(),
        );
        let role_of_orgs = crate::policy::OrgRoleDocument {
            level: Some(1),
            ..Default::default()
        };
        document.org_roles.insert(format!("r{role}"), role_of_orgs);
    }
    let error = Matrix::of_roles(&document, &routes()).unwrap_err();
    assert!(
        error.to_string().contains("more than 4000000 cells"),
        "{error}"
    );

    let roles = |kind: &str| {
        (0..3000)
            .map(|at| format!("{kind}{at}"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let text = format!(
        "gatepost-matrix 1 by roles\nsite roles: {}\norg roles: {}\nGET / chat:read\n  * | * | allow\n",
        roles("s"),
        roles("r")
    );
    let error = Matrix::from_text(&text).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("line 5: has more than 4000000 cells"),
        "{error}"
    );
}

#[test]
fn by_subjects_nobody_is_left_to_be_guessed() {
    let of = |line: &str| {
        let text = format!("gatepost-matrix 1 by subjects\nGET / chat:read\n  {line}\n");
        Matrix::from_text(&text)
    };
    assert!(of("alice | acme | allow").is_ok());
    for line in ["* | acme | allow", "alice | * | allow"] {
        let error = of(line).unwrap_err().to_string();
        assert!(error.contains("line 3: has a `*`"), "{error}");
    }
    let error = of("alice | acme | allow: guest").unwrap_err().to_string();
    assert!(
        error.contains("`guest` is not one of those above"),
        "{error}"
    );
}
