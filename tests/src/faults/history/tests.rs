//! Histories that must be refused, each by its rule, and sound ones that must not.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Commit, Decision, Heal, Healthy, History, MS, Rule, check};

const LEASE: u64 = 2_000;

fn policy(switch: &str) -> Value {
    json!({
        "resources": { "chat": ["read"], "note": ["read"] },
        "site": { "gates": {
            "chat": { "switch": switch, "access": "everyone" },
            "note": { "switch": "on", "access": "everyone" },
        } },
        "subjects": {},
    })
}

/// Version 1 is on since 1 s, version 2 off since 10 s.
fn history(decisions: Vec<Decision>) -> History {
    let commit = |at: u64, switch| Commit {
        acknowledged: Some(at * MS),
        policy: policy(switch),
    };
    let request = |resource| json!({ "subject": "ann", "org_rule": "none", "resource": resource, "action": "read", "at": "2026-01-01T00:00:00Z" });
    History {
        lease: LEASE * MS,
        requests: vec![request("chat"), request("note")],
        commits: BTreeMap::from([(1, commit(1_000, "on")), (2, commit(10_000, "off"))]),
        decisions,
        healthy: Vec::new(),
        heals: Vec::new(),
    }
}

fn decision(at: u64, version: u64, word: &str, code: Option<&str>) -> Decision {
    Decision {
        replica: "a".to_owned(),
        begun: at * MS,
        version: (version > 0).then_some(version),
        request: 0,
        decision: word.to_owned(),
        code: code.map(str::to_owned),
    }
}

fn allow(at: u64, version: u64) -> Decision {
    decision(at, version, "allow", None)
}

fn deny(at: u64, version: u64) -> Decision {
    decision(at, version, "deny", Some("site_off"))
}

fn stale(at: u64) -> Decision {
    decision(at, 0, "error", Some("policy_stale"))
}

/// The rules that a history breaches.
fn breached(history: &History) -> Vec<Rule> {
    let mut rules: Vec<Rule> = match check(history) {
        Ok(_) => Vec::new(),
        Err(breaches) => breaches.iter().map(|breach| breach.rule).collect(),
    };
    rules.dedup();
    rules
}

#[test]
fn an_allow_within_the_lease_is_sound_and_a_moment_later_it_is_not() {
    let sound = history(vec![allow(2_000, 1), allow(12_000, 1), deny(12_001, 2)]);
    let summary = check(&sound).unwrap();
    assert_eq!(summary.latest_allow, 2_000);
    let late = history(vec![allow(2_000, 1), allow(12_001, 1), deny(12_002, 2)]);
    assert_eq!(breached(&late), [Rule::StaleAllow, Rule::Outdated]);
}

#[test]
fn an_allow_that_a_later_version_gives_is_not_stale() {
    let mut again = history(vec![deny(11_000, 2), allow(14_000, 3)]);
    let on = Commit {
        acknowledged: None,
        policy: policy("on"),
    };
    again.commits.insert(3, on);
    assert_eq!(breached(&again), []);
    // And if it is by facts that are too old for any answer, that is another matter.
    again.decisions[1].version = Some(1);
    again.decisions.remove(0);
    again.decisions.push(deny(15_000, 2));
    assert_eq!(breached(&again), [Rule::Outdated]);
}

#[test]
fn a_version_that_was_never_acknowledged_bounds_nothing() {
    let mut lost = history(vec![deny(1_500, 2), allow(60_000, 1)]);
    lost.commits.get_mut(&2).unwrap().acknowledged = None;
    assert_eq!(breached(&lost), [Rule::WentBack]);
    lost.decisions.reverse();
    assert_eq!(breached(&lost), []);
}

#[test]
fn versions_do_not_go_back_within_a_replica() {
    let mut back = history(vec![deny(10_500, 2), allow(10_600, 1)]);
    assert_eq!(breached(&back), [Rule::WentBack]);
    back.decisions[1].replica = "b".to_owned();
    assert_eq!(breached(&back), []);
}

#[test]
fn a_decision_that_the_oracle_does_not_take_by_that_version_is_wrong() {
    for wrong in [
        allow(10_500, 2),
        decision(10_500, 2, "deny", Some("org_off")),
        allow(10_500, 7),
    ] {
        let wrong = history(vec![allow(2_000, 1), deny(10_400, 2), wrong]);
        assert_eq!(breached(&wrong), [Rule::WrongAnswer]);
    }
}

#[test]
fn a_kill_over_older_facts_is_right_only_where_a_newer_version_kills() {
    let laid = history(vec![allow(2_000, 1), deny(10_100, 1)]);
    assert_eq!(check(&laid).unwrap().overlaid, 1);
    let mut other = laid.clone();
    other.decisions[1].request = 1;
    assert_eq!(breached(&other), [Rule::WrongAnswer]);
    let mut none = laid;
    none.commits.remove(&2);
    assert_eq!(breached(&none), [Rule::WrongAnswer]);
}

#[test]
fn nothing_is_stale_and_nothing_falls_behind_while_all_is_well() {
    let well = |decisions: Vec<Decision>, replica: Option<&str>| {
        let mut history = history(decisions);
        history.healthy.push(Healthy {
            replica: replica.map(str::to_owned),
            from: 1_500 * MS,
            to: 20_000 * MS,
        });
        breached(&history)
    };
    let sound = vec![
        stale(1_400),
        allow(10_900, 1),
        deny(11_100, 2),
        stale(20_001),
    ];
    assert_eq!(well(sound.clone(), None), []);
    let closed = [sound.clone(), vec![stale(15_000)]].concat();
    assert_eq!(well(closed.clone(), None), [Rule::NotFresh]);
    assert_eq!(well(closed, Some("b")), []);
    // Within the lease, and more than a second behind.
    let behind = vec![deny(500, 2), allow(11_100, 1)];
    assert_eq!(well(behind, None), [Rule::WentBack, Rule::NotFresh]);
}

#[test]
fn after_healing_the_newest_version_is_due_within_a_second() {
    let healed = |mut decisions: Vec<Decision>| {
        let both = decisions.clone().into_iter().map(|mut decision| {
            decision.request = 1;
            if decision.decision == "deny" {
                decision.decision = "allow".to_owned();
                decision.code = None;
            }
            decision
        });
        decisions.extend(both);
        decisions.sort_by_key(|decision| decision.begun);
        let mut history = history(decisions);
        history.heals.push(Heal {
            replica: "a".to_owned(),
            at: 11_000 * MS,
        });
        history
    };
    let before = allow(2_000, 1);
    let sound = healed(vec![before.clone(), stale(11_500), deny(11_999, 2)]);
    assert_eq!(check(&sound).unwrap().slowest_back, 999);
    for late in [
        vec![before.clone(), deny(12_001, 2)],
        vec![before.clone(), deny(10_900, 2)],
        vec![before, deny(10_900, 2), allow(11_100, 1)],
    ] {
        assert!(breached(&healed(late)).contains(&Rule::NotBack));
    }
}

#[test]
fn a_run_without_both_allows_and_denials_shows_nothing() {
    assert_eq!(breached(&history(vec![allow(2_000, 1)])), [Rule::Empty]);
    assert_eq!(breached(&history(Vec::new())), [Rule::Empty]);
}

#[test]
fn sixty_four_replicas_are_told_apart() {
    let mut many = history(Vec::new());
    for number in 0..64 {
        for mut decision in [allow(2_000, 1), deny(10_500, 2)] {
            decision.replica = format!("r{number}");
            many.decisions.push(decision);
        }
    }
    assert_eq!(check(&many).unwrap().replicas, 64);
    many.decisions.push(Decision {
        replica: "r63".to_owned(),
        ..allow(10_600, 1)
    });
    assert_eq!(breached(&many), [Rule::WentBack]);
}
