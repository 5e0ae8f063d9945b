use crate::support::{command, data, run};

fn explain<'a>(policy: &'a str, args: &'a str) -> Vec<&'a str> {
    let mut all = vec!["explain", "--policy", policy];
    all.extend(args.split_whitespace());
    all
}

#[test]
fn the_first_check_that_failed_is_the_answer() {
    let policy = data("policy.toml");
    let args = explain(
        &policy,
        "--subject alice --org initech --mode background chat:create",
    );
    let out = run(&args).out(1);
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines[0], "  identity  ✓ alice is active");
    let failed: Vec<&str> = lines
        .iter()
        .copied()
        .filter(|line| line.contains('✗'))
        .collect();
    assert_eq!(failed.len(), 1, "{out}");
    assert!(failed[0].ends_with("org_off"), "{out}");
    assert!(out.contains("\n  mode      · not reached\n"), "{out}");
    assert!(out.contains("\ndeny org_off (org)"), "{out}");
    assert!(!out.contains('\u{1b}'), "{out}");
}

#[test]
fn all_has_each_of_the_fifteen_checks() {
    let policy = data("policy.toml");
    let args = explain(&policy, "--all --subject alice --org acme agent:read");
    let out = run(&args).out(0);
    assert_eq!(out.matches(['✓', '✗', '·']).count(), 15, "{out}");
    let args = explain(&policy, "--json --subject alice --org acme agent:read");
    let json: serde_json::Value = serde_json::from_str(&run(&args).out(0)).unwrap();
    assert_eq!(json["decision"], "allow");
    assert_eq!(json["parts"][0]["lines"].as_array().unwrap().len(), 15);
}

#[test]
fn whoever_is_acted_for_has_a_part() {
    let policy = data("policy.toml");
    let args = explain(
        &policy,
        "--subject planner --acting-for gina --org acme agent:read",
    );
    let out = run(&args).out(1);
    assert!(out.contains("gina"), "{out}");
    assert!(out.contains("deny org_grant_missing (org)"), "{out}");
}

#[test]
fn a_request_that_is_none_is_2() {
    let policy = data("policy.toml");
    for args in ["chat", "--subject alice", "--mode x chat:read"] {
        let ran = run(&explain(&policy, args));
        assert_eq!((ran.code, &*ran.out), (2, ""), "{args}");
        assert!(ran.err.starts_with("error"), "{}", ran.err);
    }
}

#[test]
fn colours_are_forced_and_forbidden_by_the_environment() {
    let policy = data("policy.toml");
    let args = explain(&policy, "chat:read");
    let forced = command()
        .args(&args)
        .env("CLICOLOR_FORCE", "1")
        .output()
        .unwrap();
    assert!(forced.stdout.contains(&0x1b));
    let forbidden = command().args(&args).env("NO_COLOR", "1").output().unwrap();
    assert!(!forbidden.stdout.contains(&0x1b));
}
