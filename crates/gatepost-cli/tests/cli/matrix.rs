use serde_json::Value;

use crate::support::{data, run};

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
