//! What a change would do, before it is made.

use gatepost::{Inventory, InventoryRoute, Org, Requirement};
use serde_json::{Value, json};

use super::rig::{POLICY, Rig};

const SITE: &str = "/console/api/v1/site/changes";
const ACME: &str = "/console/api/v1/orgs/acme/changes";

async fn dry_run(rig: &Rig, path: &str, command: Value, asker: &str) -> Value {
    let body = json!({ "command": command, "reason": "a test" });
    let call = rig.post(&format!("{path}?dry_run=true"), &body);
    call.by(asker).with("if-match", "*").send().await.ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_counts_whose_answers_flip_and_writes_nothing() {
    let rig = Rig::new().await;
    let kill = json!({ "command": "site_switch", "resource": "chat", "to": "off" });
    let told = dry_run(&rig, SITE, kill.clone(), "root").await;
    assert_eq!(told["version"], 1);
    assert_eq!(told["changed"], true);
    assert_eq!(told["effects"][0]["fact"]["kind"], "site_gate");
    assert_eq!(told["impact"]["is_counted"], true, "{}", told["impact"]);
    // ada and alice in acme and in its lab below, lena in the lab; globex has not opted in.
    let losing = &told["impact"]["losing"];
    assert_eq!(losing["orgs"], 2, "{losing}");
    assert!(losing["subjects"].as_u64().unwrap() >= 3, "{losing}");
    assert_eq!(told["impact"]["gaining"]["members"], 0);
    // root and aron reach all orgs; sue, who would as well, is suspended.
    let left_out = json!({ "all_orgs_subjects": 2, "public_orgs": 0, "agents": 0 });
    assert_eq!(told["impact"]["left_out"], left_out);
    assert_eq!(
        losing["alone"], 0,
        "no action of chat is asked without an org"
    );
    assert_eq!(rig.store.head().await.unwrap().version, 1);

    // Of nothing there is nothing to count.
    let same = json!({ "command": "site_switch", "resource": "chat", "to": "opt-in" });
    let told = dry_run(&rig, SITE, same, "root").await;
    assert_eq!(told["changed"], false);
    assert_eq!(told["impact"]["losing"]["members"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_counted_by_the_routes_that_are_known() {
    const CREATE: Requirement = Requirement::new("chat", "create").org(Org::path("org"));
    let routes = Inventory::new([InventoryRoute::requiring(
        "POST",
        "/orgs/{org}/chats",
        &CREATE,
    )]);
    let rig = Rig::with(POLICY, |console| {
        console.identity(super::rig::who).routes("chats", routes)
    })
    .await;
    let off = json!({ "command": "org_switch", "org": "acme", "resource": "chat", "to": "off" });
    let told = dry_run(&rig, ACME, off, "ada").await;
    let impact = &told["impact"];
    assert_eq!(impact.get("counted_by"), None, "services are the site's");
    let routes = impact["losing"]["routes"].as_array().unwrap();
    assert_eq!(routes.len(), 1, "{impact}");
    assert_eq!(routes[0]["path"], "/orgs/{org}/chats");
    // The admins of an org are told nobody's name who is not in it.
    for example in impact["losing"]["examples"].as_array().unwrap() {
        assert_eq!(example["org"], "acme", "{example}");
    }

    let known = rig
        .get("/console/api/v1/routes")
        .by("root")
        .send()
        .await
        .ok();
    assert_eq!(known["services"][0]["name"], "chats");
    assert_eq!(known["services"][0]["routes"][0]["action"], "create");
}

#[tokio::test(flavor = "multi_thread")]
async fn routes_that_replicas_report_are_known_by_themselves() {
    const CREATE: Requirement = Requirement::new("chat", "create").org(Org::path("org"));
    let routes = Inventory::new([InventoryRoute::requiring(
        "POST",
        "/orgs/{org}/chats",
        &CREATE,
    )]);
    let rig = Rig::new().await;
    rig.replica().report_routes(&routes).unwrap();
    let mut known = Value::Null;
    for _ in 0..800 {
        known = rig
            .get("/console/api/v1/routes")
            .by("root")
            .send()
            .await
            .ok();
        if known["services"] != json!([]) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(known["services"][0]["name"], "test");
    assert_eq!(known["services"][0]["replicas"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_undoing_is_tried_the_same_way() {
    let rig = Rig::new().await;
    let off = json!({ "command": { "command": "org_switch", "org": "acme", "resource": "chat", "to": "off" }, "reason": "x" });
    rig.post(ACME, &off).by("ada").on(1).send().await.ok();
    rig.caught_up().await;
    let path = format!("{ACME}/2/undo?dry_run=true");
    let told = rig
        .post(&path, &json!({ "reason": "x" }))
        .by("ada")
        .on(2)
        .send()
        .await
        .ok();
    assert_eq!(told["changed"], true);
    assert!(
        told["impact"]["gaining"]["members"].as_u64().unwrap() > 0,
        "{told}"
    );
    // Of a dry run the same is refused.
    let refused = rig
        .post(&path, &json!({ "reason": "x" }))
        .by("olga")
        .on(2)
        .send()
        .await;
    assert_eq!(refused.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_are_looked_at_until_the_proof_is_there() {
    let rig = Rig::new().await;
    let kill = json!({ "command": { "command": "site_switch", "resource": "chat", "to": "off" }, "reason": "x" });
    rig.post(SITE, &kill).by("root").on(1).send().await.ok();
    let look = async |version: &str| {
        let path = format!("/console/api/v1/replicas{version}");
        rig.get(&path).by("root").send().await.ok()
    };
    let mut seen = look("?version=2").await;
    for _ in 0..800 {
        if seen["is_in_force"] == true {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        seen = look("?version=2").await;
    }
    assert_eq!(
        (&seen["version"], &seen["newest"], &seen["is_in_force"]),
        (&json!(2), &json!(2), &json!(true))
    );
    assert_eq!(seen["replicas"][0]["name"], "test");
    assert_eq!(seen["replicas"][0]["outcome"], "acknowledged");
    let to_come = look("?version=3").await;
    assert_eq!(
        (&to_come["is_in_force"], &to_come["replicas"][0]["outcome"]),
        (&json!(false), &json!("waiting"))
    );
    assert_eq!(look("").await["version"], 2);
}
