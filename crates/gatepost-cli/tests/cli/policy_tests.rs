use crate::support::{data, file, run, shared};

#[test]
fn the_sample_passes() {
    let path = data("policy-test.toml");
    let out = run(&["test", &path]).out(0);
    assert_eq!(out, format!("ok     {path}: 9 passed, 0 failed\n"));
}

#[test]
fn the_conformance_files_pass() {
    let files = std::fs::read_dir(shared("conformance")).unwrap();
    let mut files: Vec<String> = files
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "json"))
        .map(|path| path.to_str().unwrap().to_owned())
        .collect();
    files.sort();
    assert!(files.len() >= 33);
    let mut args = vec!["test"];
    args.extend(files.iter().map(String::as_str));
    let out = run(&args).out(0);
    assert_eq!(
        out.lines().filter(|line| line.starts_with("ok ")).count(),
        files.len()
    );
    let total = out.lines().last().unwrap();
    assert!(
        total.starts_with(&format!("{} files: ", files.len())),
        "{total}"
    );
    assert!(total.ends_with(" passed, 0 failed"), "{total}");
}

/// A file of one case about a policy that allows everything to be read.
fn one(name: &str, expect: &str) -> String {
    let content = format!(
        r#"{{"policy": {{"version": 1, "resources": {{"doc": ["read"]}},
            "site": {{"gates": {{"doc": {{"switch": "on", "access": "everyone"}}}}}}}},
         "cases": [{{"name": "a row", "request": {{"subject": "a", "resource": "doc", "action": "read", "org_rule": "none"}}, "expect": {expect}}}]}}"#
    );
    file(name, content)
}

#[test]
fn what_is_expected_is_compared_and_what_is_not_is_not() {
    let rows = [
        (r#"{"decision": "allow"}"#, 0),
        (r#"{"decision": "allow", "code": null}"#, 0),
        (r#"{"decision": "allow", "via": "all_orgs"}"#, 1),
        (r#"{"decision": "allow", "tier": "org"}"#, 1),
        (r#"{"decision": "deny"}"#, 1),
        (r#"{"decision": "error"}"#, 1),
        (r#"{"code": "org_off"}"#, 2),
        ("{}", 2),
        (r#"["allow"]"#, 2),
        (r#"{"decision": "allowed"}"#, 2),
        (r#"{"decision": "allow", "reason": "x"}"#, 2),
        (r#"{"decision": "deny", "code": "org_offf"}"#, 2),
        (r#"{"decision": "deny", "decision": "allow"}"#, 2),
    ];
    for (row, (expect, code)) in rows.iter().enumerate() {
        let ran = run(&["test", &one(&format!("expect-{row}.json"), expect)]);
        assert_eq!(ran.code, *code, "{expect}: {}{}", ran.out, ran.err);
        assert_eq!(ran.err.is_empty(), *code != 2, "{expect}");
    }
}

#[test]
fn a_failure_shows_the_case_the_answer_and_why() {
    let path = one(
        "failure.json",
        r#"{"decision": "deny", "code": "site_off"}"#,
    );
    let out = run(&["test", &path]).out(1);
    assert!(out.contains(&format!("✗ {path}:3  a row\n")), "{out}");
    assert!(
        out.contains("expected deny site_off, answered allow\n"),
        "{out}"
    );
    assert!(out.contains("identity  ✓ a is active"), "{out}");
    assert!(
        out.ends_with(&format!("FAIL   {path}: 0 passed, 1 failed\n")),
        "{out}"
    );
}

#[test]
fn what_cannot_be_read_is_told_with_its_place_and_the_rest_is_run() {
    let rows = [
        (
            "bad-key.toml",
            "polciy = \"x\"\ncases = []\n",
            "bad-key.toml:1  polciy  unknown field",
        ),
        (
            "bad-case.toml",
            "policy = \"x\"\n[[cases]]\nname = \"a\"\nexpct = 1\n",
            "bad-case.toml:4  cases[0].expct  unknown field",
        ),
        ("bad-syntax.json", "{\n", "bad-syntax.json:"),
        (
            "bad-twice.json",
            "{\"cases\": [],\n\"cases\": []}",
            "bad-twice.json:2",
        ),
        ("bad-list.json", "[null, []]", "bad-list.json:1"),
        (
            "bad-policy.json",
            "{\"policy\": {\"version\": 1,\n\"versoin\": 1}, \"cases\": []}",
            "bad-policy.json:2  policy.versoin  unknown field",
        ),
        (
            "bad-none.json",
            r#"{"cases": [{"name": "a", "request": {}, "expect": {"decision": "deny"}}]}"#,
            "bad-none.json:1  cases[0]  neither the case nor the file has a `policy`",
        ),
        (
            "bad-gone.json",
            r#"{"policy": "no-such-file.toml", "cases": []}"#,
            "no-such-file.toml` cannot be read",
        ),
    ];
    let good = data("policy-test.toml");
    for (name, content, told) in rows {
        let ran = run(&["test", &file(name, content), &good]);
        assert_eq!(ran.code, 2, "{name}");
        assert!(ran.err.contains(told), "{name}: {}", ran.err);
        assert!(
            ran.out
                .ends_with("2 files, 1 not read: 9 passed, 0 failed\n"),
            "{}",
            ran.out
        );
    }
    assert_eq!(run(&["test", "/no/such/file.toml"]).code, 2);
    assert_eq!(run(&["test"]).code, 2);
}

#[test]
fn a_case_may_have_a_policy_of_its_own() {
    let policy = data("policy.toml");
    let content = format!(
        "policy = '{policy}'
[[cases]]
name = \"of the file\"
request = {{ subject = \"alice\", org = \"acme\", resource = \"agent\", action = \"read\" }}
expect = {{ decision = \"allow\" }}
[[cases]]
name = \"of its own\"
request = {{ subject = \"alice\", org = \"acme\", resource = \"agent\", action = \"read\" }}
expect = {{ decision = \"deny\", code = \"site_off\" }}
policy.version = 1
"
    );
    run(&["test", &file("own.toml", content)]).out(0);
}
