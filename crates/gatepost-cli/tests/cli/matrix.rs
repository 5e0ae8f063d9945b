use serde_json::Value;

use crate::support::{data, file, run, run_with};

fn csv(args: &[&str]) -> Vec<String> {
    let policy = data("policy.toml");
    let all = [&["matrix", "--policy", &policy, "--format", "csv"], args].concat();
    let out = run(&all).out(0);
    out.split_terminator("\r\n").map(str::to_owned).collect()
}

#[test]
fn each_subject_is_asked_in_each_of_its_orgs() {
    let rows = csv(&[]);
    assert_eq!(
        rows[0],
        "subject,org,resource,action,none,foreground,background"
    );
    for want in [
        "alice,acme,chat,create,own,own,own",
        "alice,acme,agent,execute,allow,allow,allow",
        "alice,initech,chat,create,org_off,org_off,org_off",
        "gina,acme,agent,execute,org_grant_missing,allow,org_grant_missing",
        "gina,acme,chat,read,own,own,mode_floor",
        "planner,acme,agent,read,delegator_missing,delegator_missing,delegator_missing",
        "root,,chat,create,allow,allow,org_required",
    ] {
        assert!(rows.iter().any(|row| row == want), "{want}\n{rows:#?}");
    }
    // Alice is in two orgs; the others in one, or asked by the site alone; six actions each.
    assert_eq!(rows.len(), 1 + 5 * 6);
}

#[test]
fn one_org_asks_everybody() {
    let rows = csv(&["--org", "initech", "--acting-for", "alice"]);
    for want in [
        "root,initech,agent,execute,allow,allow,allow",
        "gina,initech,agent,read,not_a_member,not_a_member,not_a_member",
    ] {
        assert!(rows.iter().any(|row| row == want), "{want}\n{rows:#?}");
    }
    assert_eq!(rows.len(), 1 + 4 * 6);
    let rows = csv(&["--org", "acme", "--acting-for", "alice", "--console"]);
    for want in [
        "planner,acme,chat,create,own,own,own",
        "alice,acme,gatepost-org,read,site_grant_missing,site_grant_missing,site_grant_missing",
    ] {
        assert!(rows.iter().any(|row| row == want), "{want}\n{rows:#?}");
    }
}

#[test]
fn the_three_forms_say_the_same() {
    let policy = data("policy.toml");
    let rows = csv(&[]);
    let json = run(&["matrix", "--policy", &policy, "--format", "json"]).out(0);
    let json: Vec<Value> = serde_json::from_str(&json).unwrap();
    let keys = rows[0].split(',').collect::<Vec<_>>();
    let from_json = json.iter().map(|row| {
        let cells = keys.iter().map(|key| row[key].as_str().unwrap_or_default());
        cells.collect::<Vec<_>>().join(",")
    });
    assert!(from_json.eq(rows[1..].iter().cloned()));

    let table = run(&["matrix", "--policy", &policy]).out(0);
    let from_table = table.lines().skip(1).map(|line| {
        let cells = line
            .split_whitespace()
            .map(|cell| if cell == "-" { "" } else { cell });
        cells.collect::<Vec<_>>().join(",")
    });
    assert!(from_table.eq(rows[1..].iter().cloned()));
}

#[test]
fn what_cannot_be_asked_is_2() {
    let policy = data("policy.toml");
    for args in [
        &["matrix"][..],
        &["matrix", "--policy", "/no/such/file"],
        &["matrix", "--policy", &policy, "--org", ""],
        &["matrix", "--policy", &policy, "--format", "html"],
    ] {
        let ran = run(args);
        assert_eq!((ran.code, &*ran.out), (2, ""), "{args:?}");
    }
}

/// The matrix of the routes, with more arguments.
fn of_routes(args: &[&str]) -> Vec<String> {
    let (policy, routes) = (data("policy.toml"), data("routes.json"));
    let all = ["matrix", "--policy", &policy, "--routes", &routes];
    let out = run(&[&all, args].concat()).out(0);
    out.lines().map(str::to_owned).collect()
}

#[test]
fn what_routes_ask_is_answered_for_each_role() {
    let lines = of_routes(&[]);
    assert_eq!(lines[0], "gatepost-matrix 1 by roles");
    assert_eq!(lines[1], "site roles: (none), admin, chatter");
    let at = lines
        .iter()
        .position(|line| line == "POST /orgs/{org}/chats chat:create#foreground");
    let want = [
        "  (none)  | *          | site_grant_missing",
        "  admin   | unset, off | org_off",
        "  admin   | on, public | allow",
    ];
    assert_eq!(lines[at.unwrap() + 1..][..3], want);
    assert_eq!(of_routes(&["--by", "roles"]), lines);

    let lines = of_routes(&["--by", "subjects", "--acting-for", "alice"]);
    let at = lines
        .iter()
        .position(|line| line == "POST /orgs/{org}/chats chat:create#foreground");
    let want = [
        "  alice   | acme        | own",
        "  alice   | initech     | org_off",
        "  gina    | acme        | site_grant_missing",
        "  planner | acme        | own",
        "  root    | (elsewhere) | allow",
    ];
    assert_eq!(lines[at.unwrap() + 1..][..5], want);
}

#[test]
fn a_matrix_of_routes_is_compared_with_the_one_that_is_kept() {
    let kept = file("matrix-kept.txt", of_routes(&[]).join("\n"));
    let (policy, routes) = (data("policy.toml"), data("routes.json"));
    let check = ["matrix", "--routes", &routes, "--check", &kept, "--policy"];
    assert_eq!(run(&[&check[..], &[&policy]].concat()).out(0), "");

    let text = std::fs::read_to_string(&policy).unwrap();
    let text = text
        .replace("\"agent:execute#foreground\"]", "\"agent:execute\"]")
        .replace(
            "actions = [\"create\", \"update\"]\nforeground = { floor = \"guest\" }",
            "actions = [\"create\", \"update\"]\nforeground = { floor = \"owner\" }",
        );
    let changed = file(
        "matrix-changed.toml",
        text.replace(
            "background = { floor = \"guest\", default = \"developer\" }",
            "",
        ),
    );
    let out = run(&[&check[..], &[&changed]].concat()).out(1);
    let lines: Vec<_> = out.lines().collect();
    assert_eq!(
        lines,
        [
            "POST /orgs/{org}/agents/runs agent:execute#background, org unset, on, public: \
             guest with no site role or chatter: org_grant_missing → allow  (laxer)",
            "POST /me/chats chat:create#foreground, org on, public: \
             developer with chatter: own → mode_floor",
            "POST /orgs/{org}/chats chat:create#foreground, org on, public: \
             developer with chatter: own → mode_floor",
        ],
        "{out}"
    );
}

#[test]
fn a_matrix_of_routes_that_cannot_be_made_is_2() {
    let (policy, routes) = (data("policy.toml"), data("routes.json"));
    let broken = file("matrix-broken.txt", "gatepost-matrix 1 by roles\n  x\n");
    let refused = file("matrix-refused.toml", "version = 1\n[site.gates.chat]\n");
    for (args, want) in [
        (
            &["--policy", &policy, "--routes", "/no/such/file"][..],
            "/no/such/file",
        ),
        (
            &["--policy", &policy, "--routes", &policy],
            "the file is no inventory",
        ),
        (
            &["--policy", &policy, "--routes", &routes, "--check", &broken],
            "line 2",
        ),
        (
            &[
                "--policy",
                &policy,
                "--routes",
                &routes,
                "--check",
                "/no/such/file",
            ],
            "/no/such/file",
        ),
        (
            &["--policy", &refused, "--routes", &routes],
            "no resource `chat`",
        ),
        (&["--policy", &policy, "--by", "roles"], "--routes"),
        (&["--policy", &policy, "--check", &broken], "--routes"),
        (
            &["--policy", &policy, "--routes", &routes, "--org", "acme"],
            "--org",
        ),
        (
            &[
                "--policy",
                &policy,
                "--routes",
                &routes,
                "--acting-for",
                "alice",
            ],
            "`--by subjects`",
        ),
        (
            &[
                "--policy",
                &policy,
                "--routes",
                &routes,
                "--by",
                "roles",
                "--at",
                "2026-11-22T00:00:00Z",
            ],
            "`--by subjects`",
        ),
    ] {
        let ran = run(&[&["matrix"], args].concat());
        assert_eq!((ran.code, &*ran.out), (2, ""), "{args:?}");
        assert!(ran.err.contains(want), "{args:?}\n{}", ran.err);
    }
    // Standard input is as good as a file, and several files are one service.
    let text = std::fs::read(&routes).unwrap();
    let ran = run_with(&["matrix", "--policy", &policy, "--routes", "-"], &text);
    let twice = run(&[
        "matrix", "--policy", &policy, "--routes", &routes, "--routes", &routes,
    ]);
    assert_eq!(ran.out(0), twice.out(0));
}

#[test]
fn a_matrix_that_differs_in_what_is_not_told_is_1() {
    let by = ["--by", "subjects", "--acting-for", "alice"];
    let mut lines = of_routes(&by);
    let at = lines
        .windows(3)
        .position(|lines| lines.iter().all(|line| line.starts_with("  ")));
    lines.remove(at.unwrap());
    let kept = file("matrix-untold.txt", lines.join("\n"));
    let (policy, routes) = (data("policy.toml"), data("routes.json"));
    let check = [
        "matrix", "--policy", &policy, "--routes", &routes, "--check", &kept,
    ];
    let out = run(&[&check[..], &by].concat()).out(1);
    assert_eq!(out, "the files differ, in what cannot be told in words\n");
}
