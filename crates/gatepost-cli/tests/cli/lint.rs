use serde_json::Value;

use crate::support::{data, file, run, shared};

#[test]
fn a_sound_policy_is_clean() {
    assert_eq!(run(&["lint", &data("policy.toml")]).out(0), "");
    assert_eq!(
        run(&["lint", "--json", &data("policy.toml")]).out(0),
        "[]\n"
    );
}

const DOUBTFUL: &str = r#"version = 1
[resources]
agent = ["execute"]
[site.gates.agent]
switch = "on"
access = "everyone"
foreground = { floor = "developer" }
background = { floor = "developer" }
[org_roles.guest]
level = 10
[org_roles.developer]
level = 30
grants = ["agent:*"]
[orgs.acme.gates.agent]
background = { min_role = "guest" }
[orgs.acme.members.bob]
roles = ["developer", "reviewer"]
"#;

#[test]
fn each_finding_is_a_line_with_its_place() {
    let path = file("lint-doubtful.toml", DOUBTFUL);
    let out = run(&["lint", &path]).out(1);
    let want = format!(
        "{path}:15  orgs.acme.gates.agent.background.min_role  `guest` is below the site's floor `developer`, which holds\n\
         {path}:17  orgs.acme.members.bob.roles[1]             `reviewer` is defined nowhere and grants nothing\n"
    );
    assert_eq!(out, want);

    let json: Value = serde_json::from_str(&run(&["lint", "--json", &path]).out(1)).unwrap();
    let want = serde_json::json!({
        "file": path,
        "line": 17,
        "path": "orgs.acme.members.bob.roles[1]",
        "kind": "undefined-role",
        "severity": "warning",
        "message": "`reviewer` is defined nowhere and grants nothing",
    });
    assert_eq!(json[1], want);
    assert_eq!(json.as_array().unwrap().len(), 2);
}

#[test]
fn kinds_can_be_allowed() {
    let path = file("lint-allowed.toml", DOUBTFUL);
    let out = run(&["lint", "--allow", "below-floor", &path]).out(1);
    assert_eq!(out.lines().count(), 1);
    let both = [
        "lint",
        &path,
        "--allow",
        "below-floor",
        "--allow",
        "undefined-role",
    ];
    assert_eq!(run(&both).out(0), "");
    assert_eq!(run(&["lint", "--allow", "refused", &path]).code, 2);
}

#[test]
fn the_moment_can_be_set() {
    let policy = data("policy.toml");
    let out = run(&["lint", "--at", "2099-01-01T00:00:00Z", &policy]).out(1);
    assert!(out.contains("orgs.acme.members.alice.expires"), "{out}");
}

#[test]
fn a_document_that_would_be_refused_is_1_with_all_that_is_wrong() {
    let path = file(
        "lint-refused.json",
        "{\"version\": 1,\n\"orgs\": {\"a\": {\"parent\": \"b\"},\n\"c\": {\"members\": {\"\": {}}}}}",
    );
    let out = run(&["lint", &path]).out(1);
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines.len(), 2, "{out}");
    assert!(
        lines[0].starts_with(&format!("{path}:2  orgs.a.parent ")),
        "{out}"
    );
    assert!(
        lines[1].starts_with(&format!("{path}:3  orgs.c.members.\"\" ")),
        "{out}"
    );
}

#[test]
fn what_is_no_document_is_2() {
    let rows = [
        ("lint-syntax.toml", &b"version = \n"[..]),
        ("lint-syntax.json", b"{\"version\": 1\n"),
        ("lint-bytes.toml", b"version = 1\n# \xff\n"),
        ("lint-empty.json", b""),
    ];
    for (name, content) in rows {
        let ran = run(&["lint", &file(name, content)]);
        assert_eq!((ran.code, &*ran.out), (2, ""), "{name}");
        assert!(ran.err.contains(&format!("{name}:")), "{}", ran.err);
    }
    let gone = run(&["lint", "/no/such/file"]);
    assert_eq!((gone.code, &*gone.out), (2, ""));
}

#[test]
fn with_routes_what_they_and_the_policy_have_to_say_to_each_other_is_found() {
    let (policy, routes) = (data("policy.toml"), data("routes.json"));
    assert_eq!(run(&["lint", &policy, "--routes", &routes]).out(0), "");
    assert_eq!(run(&["lint", "--policy", &policy]).out(0), "");

    let text = std::fs::read_to_string(&policy).unwrap();
    let text = text
        .replace("agent = [\"read\", ", "agent = [")
        .replace(
            "background = { floor = \"guest\", default = \"developer\" }",
            "background = { switch = \"off\" }",
        )
        .replace(
            "[site.gates.chat]\nswitch = \"opt-in\"",
            "[site.gates.chat]\nswitch = \"off\"",
        )
        .replace("\"chat:*@own\"", "\"chat:*@own\", \"agent:*@own\"");
    let changed = file("lint-routes.toml", &text);
    let json = run(&[
        "lint", "--json", "--routes", &routes, &changed, "--allow", "off-gate",
    ])
    .out(1);
    let findings: Vec<Value> = serde_json::from_str(&json).unwrap();
    let found: Vec<_> = (findings.iter())
        .map(|finding| {
            (
                finding["line"].as_u64().unwrap(),
                finding["kind"].as_str().unwrap(),
            )
        })
        .collect();
    let want = [
        (8, "off-requirement"),
        (8, "off-requirement"),
        (15, "unmet-background"),
        (15, "undeclared-requirement"),
        (34, "covered-grant"),
        (34, "unused-grant"),
    ];
    assert_eq!(found, want, "{json}");
    // Without them nothing is said of routes.
    let out = run(&[
        "lint",
        "--allow",
        "off-gate",
        "--allow",
        "covered-grant",
        &changed,
    ])
    .out(0);
    assert_eq!(out, "");

    let help = run(&["lint", "--help"]).out(0);
    for kind in [
        "undeclared-requirement",
        "off-requirement",
        "unmet-requirement",
        "unmet-background",
        "unused-grant",
    ] {
        assert!(help.contains(kind), "{kind}");
    }
}

#[test]
fn where_the_policy_is_has_to_be_said_once() {
    let policy = data("policy.toml");
    for args in [
        &["lint"][..],
        &["lint", &policy, "--policy", &policy],
        &["lint", &policy, "--store", "sqlite:x"],
        &["lint", &policy, "--routes", "/no/such/file"],
    ] {
        let ran = run(args);
        assert_eq!((ran.code, &*ran.out), (2, ""), "{args:?}");
    }
}

/// Some of the documents that the core refuses: lint names the place that the core names.
#[test]
fn the_bad_policies_are_found_at_their_places() {
    let folder = shared("bad-policies");
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let cases: Vec<Value> = serde_json::from_str(&read("cases.json")).unwrap();
    let edits = cases
        .iter()
        .filter(|case| case["find"].is_string() && case["path"].is_string());
    let mut seen = 0;
    for case in edits.step_by(9) {
        let base = case["base"].as_str().unwrap();
        let (find, replace) = (
            case["find"].as_str().unwrap(),
            case["replace"].as_str().unwrap(),
        );
        let path = file(
            &format!("lint-bad-{base}"),
            read(base).replacen(find, replace, 1),
        );
        let ran = run(&["lint", "--json", &path]);
        if ran.code == 2 {
            // Neither TOML nor JSON any more.
            assert_ne!(ran.err, "", "{case}");
            continue;
        }
        seen += 1;
        let findings: Vec<Value> = serde_json::from_str(&ran.out(1)).unwrap();
        assert!(
            findings
                .iter()
                .all(|finding| finding["severity"] == "error"),
            "{case}"
        );
        let at = findings
            .iter()
            .any(|finding| finding["path"] == case["path"]);
        assert!(at, "{case}\n{findings:?}");
    }
    assert!(seen > 40, "{seen}");
}
