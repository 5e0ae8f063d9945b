use crate::support::{data, file, run};

/// Runs `check` on the sample policy.
#[track_caller]
fn check(args: &str) -> (i32, String) {
    let policy = data("policy.toml");
    let mut all = vec!["check", "--policy", &policy];
    all.extend(args.split_whitespace());
    let ran = run(&all);
    assert_eq!(ran.err, "", "{args}");
    (ran.code, ran.out.trim_end().to_owned())
}

/// Arguments, exit status, answer.
const DECISIONS: &[(&str, i32, &str)] = &[
    (
        "--subject alice --org acme --owner alice --mode foreground chat:create",
        0,
        "allow",
    ),
    (
        "--subject alice --org acme chat:create",
        1,
        "deny org_grant_missing (org)",
    ),
    ("chat:create", 1, "deny unauthenticated (identity)"),
    ("--subject alice chat:create", 1, "deny org_required (org)"),
    (
        "--subject alice --org-rule required chat:create",
        1,
        "deny org_required (org)",
    ),
    (
        "--subject alice --owner alice --org-rule default chat:create",
        0,
        "allow",
    ),
    ("--subject alice --org-rule none chat:create", 0, "allow"),
    ("--subject gina --org-rule none agent:read", 0, "allow"),
    (
        "--subject alice --org-rule none --mode background chat:create",
        1,
        "deny org_required (org)",
    ),
    (
        "--subject alice --org initech chat:create",
        1,
        "deny org_off (org)",
    ),
    (
        "--subject alice --org nowhere chat:create",
        1,
        "deny not_a_member (org)",
    ),
    (
        "--subject alice --org acme file:create",
        1,
        "deny site_off (site)",
    ),
    (
        "--subject gina --org acme chat:create",
        1,
        "deny site_grant_missing (site)",
    ),
    (
        "--subject gina --org acme --mode background agent:execute",
        1,
        "deny org_grant_missing (org)",
    ),
    (
        "--subject root --org initech --mode background agent:execute",
        0,
        "allow",
    ),
    (
        "--subject planner --org acme agent:read",
        1,
        "deny delegator_missing (identity)",
    ),
    (
        "--subject planner --acting-for alice --org acme agent:read",
        0,
        "allow",
    ),
    (
        "--subject x --kind agent --org acme agent:read",
        1,
        "deny delegator_missing (identity)",
    ),
    (
        "--subject alice --org acme --scope agent:read agent:read",
        0,
        "allow",
    ),
    (
        "--subject alice --org acme --scope openid --scope agent:* agent:read",
        0,
        "allow",
    ),
    (
        "--subject alice --org acme --scope chat:read agent:read",
        1,
        "deny scope_missing (identity)",
    ),
    (
        "--subject alice --org acme --no-scopes agent:read",
        1,
        "deny scope_missing (identity)",
    ),
    (
        "--subject alice --org acme --at 2098-12-31T23:59:59Z agent:read",
        0,
        "allow",
    ),
    (
        "--subject alice --org acme --at 2099-01-01T00:00:00Z agent:read",
        1,
        "deny not_a_member (org)",
    ),
];

#[test]
fn an_allow_is_0_and_a_denial_is_1_with_its_code_and_tier() {
    for (args, code, answer) in DECISIONS {
        assert_eq!(check(args), (*code, (*answer).to_owned()), "{args}");
    }
}

#[test]
fn json_is_the_object_of_a_batch() {
    let rows = [
        (
            "--subject root --org acme agent:read",
            0,
            r#"{"decision":"allow","via":"all_orgs"}"#,
        ),
        (
            "--subject alice --org acme agent:read",
            0,
            r#"{"decision":"allow"}"#,
        ),
        (
            "agent:read",
            1,
            r#"{"decision":"deny","code":"unauthenticated","tier":"identity"}"#,
        ),
    ];
    for (args, code, answer) in rows {
        assert_eq!(
            check(&format!("--json {args}")),
            (code, answer.to_owned()),
            "{args}"
        );
    }
}

#[test]
fn what_is_no_request_is_2() {
    let policy = data("policy.toml");
    let with = |args: &[&str]| run(&[&["check", "--policy", &policy], args].concat());
    let rows: [(&[&str], &str); 6] = [
        (&["chat"], "`chat` is not of the form RESOURCE:ACTION"),
        (&["chat:"], "`action` is not a name"),
        (&["Chat:read"], "`resource` is not a name"),
        (&["chat:read#background"], "`action` is not a name"),
        (&["--subject", "", "chat:read"], "`subject` is empty"),
        (
            &["--org", "a\u{1b}[31m", "chat:read"],
            "`org` holds a control character",
        ),
    ];
    for (args, told) in rows {
        let ran = with(args);
        assert_eq!((ran.code, &*ran.out), (2, ""), "{args:?}");
        assert!(
            ran.err.starts_with(&format!("error bad_request: {told}")),
            "{}",
            ran.err
        );
    }
    let ran = with(&["--json", "chat"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.out
            .starts_with(r#"{"decision":"error","code":"bad_request","detail":"#),
        "{}",
        ran.out
    );
    for args in [
        &["--mode", "batch", "chat:read"][..],
        &["--kind", "robot", "chat:read"],
        &["--at", "yesterday", "chat:read"],
        &["--org", "a", "--org-rule", "none", "chat:read"],
        &["--scope", "a:b", "--no-scopes", "chat:read"],
        &["--batch", "-", "chat:read"],
        &["--batch", "-", "--subject", "alice"],
        &["--policy", &policy, "chat:read"],
        &["chat:read", "chat:update"],
        &[],
    ] {
        let ran = with(args);
        assert_eq!((ran.code, &*ran.out), (2, ""), "{args:?}");
        assert!(ran.err.starts_with("error: "), "{}", ran.err);
    }
    assert_eq!(run(&["check", "chat:read"]).code, 2);
}

#[test]
fn a_policy_that_cannot_be_loaded_is_2_with_each_place() {
    let bad = file(
        "check-bad.toml",
        "version = 2\n[site.gates.chat]\n[orgs.a]\nparent = \"b\"\n",
    );
    let ran = run(&["check", "--policy", &bad, "chat:read"]);
    assert_eq!((ran.code, &*ran.out), (2, ""));
    let lines: Vec<&str> = ran.err.lines().collect();
    assert_eq!(lines.len(), 4, "{}", ran.err);
    assert_eq!(lines[0], format!("error: `{bad}` is refused"));
    for (line, place) in
        lines[1..]
            .iter()
            .zip(["1  version", "2  site.gates.chat", "4  orgs.a.parent"])
    {
        assert!(line.starts_with(&format!("{bad}:{place}")), "{line}");
    }
    let ran = run(&["check", "--json", "--policy", &bad, "chat:read"]);
    assert!(
        ran.out
            .starts_with(r#"{"decision":"error","code":"policy_unavailable""#),
        "{}",
        ran.out
    );

    let ran = run(&["check", "--policy", "/no/such/file", "chat:read"]);
    assert_eq!((ran.code, &*ran.out), (2, ""));
    assert!(
        ran.err
            .starts_with("error: `/no/such/file` cannot be read: "),
        "{}",
        ran.err
    );
}
