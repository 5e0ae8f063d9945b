//! Whose answers a change would flip, and which of the past.

use serde_json::{Value, json};

use crate::stores::Store;
use crate::support::{data, file, run, run_with};

/// A record of somebody who asked to create a chat, decided now by nobody in particular.
pub(crate) fn record(id: &str, subject: &str, org: &str, answer: (&str, &str)) -> Value {
    let (outcome, code) = answer;
    let mut record = json!({
        "schema": 1, "decision_id": id, "time": "2026-11-22T03:42:26Z", "service": "chats",
        "decision": outcome == "allow", "outcome": outcome, "enforced": true,
        "subject": { "id": subject },
        "action": { "name": "create" },
        "resource": { "type": "chat", "properties": { "org": org, "owner": subject } },
        "context": { "org_rule": "required", "mode": "foreground" },
        "requirement": "chat:create#foreground",
        "route": { "method": "POST", "path": "/orgs/{org}/chats" },
        "version": 1, "latency_ns": 1800
    });
    if !code.is_empty() {
        record
            .as_object_mut()
            .unwrap()
            .insert("code".into(), json!(code));
    }
    record
}

pub(crate) fn lines(records: &[Value]) -> String {
    let mut text = String::new();
    for record in records {
        text.push_str(&record.to_string());
        text.push('\n');
    }
    text
}

const ALLOW: (&str, &str) = ("allow", "");
const OFF: &str = "org switch acme chat off";

fn impact<'a>(policy: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["impact", "--policy", policy], more].concat()
}

#[test]
fn who_loses_what_is_told_and_nothing_is_written() {
    let store = Store::new();
    let out = store.run(&["impact", "--change", OFF]).out(1);
    let mut told = out.lines();
    assert_eq!(told.next(), Some("chat in acme: on -> off"));
    let heading = "1 member loses, 1 subject in all, 1 org, 2 actions";
    assert_eq!(told.next(), Some(heading), "{out}");
    assert!(
        out.contains("\n  chat:create#background        1              0\n"),
        "{out}"
    );
    assert!(out.contains("among them: alice in acme (chat:create: own -> org_off)"));
    let nobody = "not counted are 1 subject with a site role for all orgs, outside of memberships; 1 agent in acting for";
    assert!(out.contains(nobody), "{out}");
    let history = store.run(&["store", "history"]).out(0);
    assert_eq!(history.lines().count(), 1, "{history}");
}

#[test]
fn a_candidate_and_a_change_that_make_the_same_have_the_same_impact() {
    let policy = data("policy.toml");
    let text = std::fs::read_to_string(&policy).unwrap();
    let text = text.replace(
        "[orgs.acme.gates.chat]\nswitch = \"on\"",
        "[orgs.acme.gates.chat]\nswitch = \"off\"",
    );
    let candidate = file("candidate.toml", text);
    let routes = data("routes.json");
    let of = |more: &[&str]| {
        let out = run(&impact(
            &policy,
            &[&["--routes", &routes, "--json"], more].concat(),
        ))
        .out(1);
        let mut object: Value = serde_json::from_str(&out).unwrap();
        object.as_object_mut().unwrap().remove("changes");
        object
    };
    let (changed, replaced) = (of(&["--change", OFF]), of(&["--candidate", &candidate]));
    assert_eq!(changed, replaced);
    assert_eq!(
        (&changed["version"], &changed["counted_by"]),
        (&json!(1), &json!("routes"))
    );
    assert_eq!(
        (&changed["losing"]["members"], &changed["losing"]["alone"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(changed["gaining"]["subjects"], 0);
    assert_eq!(
        changed["by_org"]["losing"],
        json!([{ "org": "acme", "members": 1 }])
    );
    assert_eq!(changed["left_out"]["agents"], 1);
    // The other way round it is gained.
    let back = run(&[
        "impact",
        "--policy",
        &candidate,
        "--candidate",
        &policy,
        "--json",
    ])
    .out(1);
    let back: Value = serde_json::from_str(&back).unwrap();
    assert_eq!(
        (&back["gaining"]["members"], &back["losing"]["members"]),
        (&json!(1), &json!(0))
    );
}

#[test]
fn every_member_is_listed() {
    let policy = data("policy.toml");
    let args = impact(
        &policy,
        &[
            "--change",
            "site switch agent off",
            "--change",
            OFF,
            "--members",
        ],
    );
    let out = run(&args).out(1);
    let told: Vec<_> = out.lines().take_while(|line| !line.is_empty()).collect();
    assert!(told.iter().all(|line| line.starts_with("loses  ")), "{out}");
    let wanted = "loses  gina  acme  agent:execute#foreground  allow -> site_off";
    assert!(told.contains(&wanted), "{out}");
    let out = run(&[&args[..], &["--json"]].concat()).out(1);
    let objects: Vec<Value> = out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let (last, members) = objects.split_last().unwrap();
    let counted = last["losing"]["members"].as_u64().unwrap();
    let counted = counted + last["losing"]["alone"].as_u64().unwrap();
    assert_eq!(counted, u64::try_from(members.len()).unwrap());
    let flips: usize = members
        .iter()
        .map(|it| it["loses"].as_array().unwrap().len())
        .sum();
    assert_eq!(flips, told.len());
}

#[test]
fn what_flips_nothing_is_0() {
    let policy = data("policy.toml");
    let out = run(&impact(&policy, &["--change", "org switch acme chat on"])).out(0);
    assert!(
        out.starts_with("whose answers flip: no member's, and no subject's by itself"),
        "{out}"
    );
    let same = run(&impact(&policy, &["--candidate", &policy, "--json"])).out(0);
    let same: Value = serde_json::from_str(&same).unwrap();
    assert_eq!(same["losing"]["routes"], json!([]));
}

#[test]
fn what_cannot_be_counted_is_2() {
    let policy = data("policy.toml");
    for (more, why) in [
        (
            &["--change", "org switch acme chat of"][..],
            "invalid value 'of'",
        ),
        (
            &["--change", "org switch nowhere chat off"],
            "no org `nowhere`",
        ),
        (&[], "--change"),
        (
            &["--change", OFF, "--candidate", "x.toml"],
            "cannot be used with",
        ),
        (&["--candidate", "nowhere.toml"], "cannot be read"),
        (
            &["--change", OFF, "--log", "nowhere.jsonl"],
            "cannot be read",
        ),
    ] {
        let ran = run(&impact(&policy, more));
        assert_eq!((ran.code, &*ran.out), (2, ""), "{more:?}");
        assert!(ran.err.contains(why), "{more:?}: {}", ran.err);
    }
}

#[test]
fn what_people_asked_is_asked_again_by_both_policies() {
    let policy = data("policy.toml");
    let mut many = record("ONE", "alice", "acme", ALLOW);
    many["times"] = json!(40);
    let mut hashed = record("TWO", "hmac:0123", "acme", ALLOW);
    hashed["redacted"] = json!(["subject"]);
    let mut unread = record("THREE", "alice", "acme", ("deny", "site_off"));
    unread["resource"] = json!({ "type": "chat" });
    unread["context"] = json!({ "org_rule": "required", "unread": ["org", "mode", "owner"] });
    let records = [
        many,
        hashed,
        unread,
        record("FOUR", "alice", "acme", ALLOW),
        record("FIVE", "gina", "acme", ("deny", "site_grant_missing")),
        record("SIX", "alice", "initech", ("deny", "org_off")),
    ];
    let log = format!("{}\nno record\n", lines(&records));
    let change = ["--change", OFF, "--change", "org switch initech chat on"];
    let args = impact(&policy, &[&change[..], &["--log", "-"]].concat());
    let ran = run_with(&args, log.as_bytes());
    let out = ran.out(1);
    let wanted =
        "of 44 requests in the log, 41 would be denied that are allowed, 1 the other way round";
    assert!(out.contains(wanted), "{out}");
    for row in [
        "POST /orgs/{org}/chats  chat:create#foreground  acme  org_off        41         1  ONE FOUR",
        "POST /orgs/{org}/chats  chat:create#foreground  initech  org_off         1         1  SIX",
        "1 depends on what was not read at the time",
        "1 was answered otherwise by the policy of its time",
        "1 is not asked again: it cannot be asked again, since this of it was hashed, left out or cut: `subject`",
        "1 line is no record: line 8 cannot be read: expected ident at line 1 column 2",
    ] {
        assert!(out.contains(row), "{row}\n{out}");
    }
    let json = run_with(&[&args[..], &["--json"]].concat(), log.as_bytes()).out(1);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (&json["log"]["losing"], &json["log"]["gaining"]),
        (&json!(41), &json!(1))
    );
    assert_eq!(json["log"]["newly_denied"][0]["subjects"], 1);
}

#[test]
fn a_log_alone_makes_it_1() {
    // Gina is no member of initech; what she asked there counts all the same.
    let policy = data("policy.toml");
    let text = std::fs::read_to_string(&policy).unwrap();
    let public = file(
        "public.toml",
        format!(
            "{text}\n[orgs.hall]\nvisibility = \"public\"\n[org_roles.anyone]\ngrants = [\"agent:read\"]\n"
        ),
    );
    let mut asked = record("ONE", "gina", "hall", ALLOW);
    asked["resource"]["type"] = json!("agent");
    asked["action"]["name"] = json!("read");
    asked["context"]["mode"] = json!(null);
    let log = file("hall.jsonl", lines(&[asked]));
    let private = ["--change", "org visibility hall private"];
    run(&impact(&public, &private)).out(0);
    let out = run(&impact(&public, &[&private[..], &["--log", &log]].concat())).out(1);
    assert!(
        out.contains("of 1 request in the log, 1 would be denied"),
        "{out}"
    );
}
