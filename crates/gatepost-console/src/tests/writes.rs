//! Changes over the API.

use serde_json::{Value, json};

use super::rig::{Answer, Rig};

pub(super) const ACME: &str = "/console/api/v1/orgs/acme/changes";
pub(super) const SITE: &str = "/console/api/v1/site/changes";

pub(super) fn switch(to: &str) -> Value {
    json!({ "command": { "command": "org_switch", "org": "acme", "resource": "chat", "to": to }, "reason": "a test" })
}

pub(super) fn kill(to: &str) -> Value {
    json!({ "command": { "command": "site_switch", "resource": "chat", "to": to }, "reason": "runs do not end" })
}

/// Whether alice may create a chat of her own in acme, by the gate.
pub(super) async fn alice_creates(rig: &Rig) -> Value {
    rig.caught_up().await;
    let asked = json!({ "org": "acme", "resource": "chat", "action": "create", "owner": "alice" });
    let why = rig.post("/console/api/v1/why", &asked).by("alice").send();
    let why = why.await.ok();
    why.get("code").cloned().unwrap_or(why["decision"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_written_with_its_author_and_its_reason() {
    let rig = Rig::new().await;
    let changed = rig
        .post(ACME, &switch("off"))
        .by("ada")
        .on(1)
        .send()
        .await
        .ok();
    assert_eq!(changed["version"], 2);
    assert_eq!(changed["changed"], true);
    assert_eq!(alice_creates(&rig).await, "org_off");

    let org = rig.get("/console/api/v1/orgs/acme").by("ada").send().await;
    assert_eq!(org.header("etag"), Some("\"2\""));
    let org = org.ok();
    assert_eq!(
        org["effective"]["gates"][1]["because"]["text"],
        "off: closed by acme"
    );
    let last = &org["says"][0]["gates"][0]["last_change"];
    assert_eq!(
        (&last["author"], &last["reason"]),
        (&json!("ada"), &json!("a test"))
    );

    let history = rig.get(ACME).by("ada").send().await.ok();
    let newest = &history["changes"][0];
    assert_eq!(newest["version"], 2);
    assert_eq!(newest["command"], switch("off")["command"]);
    assert_eq!(
        newest["effects"][0]["fact"],
        json!({ "kind": "org_gate", "a": "acme", "b": "chat" })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a42_of_two_writes_on_one_version_the_second_is_told_what_the_first_did() {
    let rig = Rig::new().await;
    rig.post(ACME, &switch("off"))
        .by("ada")
        .on(1)
        .send()
        .await
        .ok();
    let late = json!({ "command": { "command": "org_switch", "org": "acme", "resource": "chat" }, "reason": "late" });
    let loser = rig.post(ACME, &late).by("root").on(1).send().await;
    assert_eq!(loser.problem(), (412, "changed".into()));
    let changes = loser.json()["changes"].clone();
    assert_eq!(changes[0]["author"], "ada");
    assert_eq!(changes[0]["sentence"], "org acme: chat switched off");
    // The final state is that of the last one that was written.
    assert_eq!(rig.store.head().await.unwrap().version, 2);
    assert_eq!(alice_creates(&rig).await, "org_off");
}

#[tokio::test(flavor = "multi_thread")]
async fn a42_of_many_writes_at_once_one_is_written() {
    let rig = Rig::new().await;
    let all: Vec<_> = (0..6)
        .map(|number| {
            let to = if number % 2 == 0 { "off" } else { "on" };
            let body = json!({ "command": { "command": "org_switch", "org": "acme", "resource": "agent", "to": to }, "reason": "at once" });
            rig.post(ACME, &body).by("ada").on(1).status()
        })
        .collect();
    let statuses = futures_util::future::join_all(all).await;
    // Whoever asks for what is so already has nothing to write, and no conflict.
    let written = rig.store.head().await.unwrap().version;
    assert_eq!(written, 2, "{statuses:?}");
    assert!(
        statuses.contains(&200) && statuses.contains(&412),
        "{statuses:?}"
    );
    assert!(
        statuses.iter().all(|status| [200, 412].contains(status)),
        "{statuses:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a91_an_old_toggle_that_is_sent_again_changes_nothing() {
    let rig = Rig::new().await;
    let first = async || rig.post(SITE, &kill("off")).by("root").on(1).send().await;
    first().await.ok();
    rig.post(SITE, &kill("on"))
        .by("root")
        .on(2)
        .send()
        .await
        .ok();
    assert_eq!(first().await.problem(), (412, "changed".into()));
    assert_eq!(rig.store.head().await.unwrap().version, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_says_why_and_on_which_version() {
    let rig = Rig::new().await;
    let ask = |body: &Value| rig.post(ACME, body).by("ada");
    assert_eq!(
        ask(&switch("off")).send().await.problem(),
        (428, "version_required".into())
    );
    assert_eq!(
        ask(&switch("off"))
            .with("if-match", "W/\"1\"")
            .send()
            .await
            .problem(),
        (400, "bad_request".into())
    );
    for reason in ["", "   ", "\n"] {
        let mut body = switch("off");
        body["reason"] = json!(reason);
        assert_eq!(
            ask(&body).on(1).send().await.problem(),
            (422, "invalid".into()),
            "{reason:?}"
        );
    }
    let mut body = switch("off");
    body.as_object_mut().unwrap().remove("reason");
    assert_eq!(
        ask(&body).on(1).send().await.problem(),
        (422, "invalid".into())
    );
    // What is only tried says why when it is made.
    let tried = rig.post(&format!("{ACME}?dry_run=true"), &body);
    assert_eq!(tried.by("ada").on(1).send().await.ok()["changed"], true);
    assert_eq!(rig.store.head().await.unwrap().version, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_or_makes_no_sense_is_told_and_never_a_fault_of_the_server() {
    let rig = Rig::new().await;
    let long = "x".repeat(70_000);
    let bodies: Vec<(String, u16)> = vec![
        (String::new(), 400),
        ("null".into(), 400),
        ("[]".into(), 400),
        ("{}".into(), 400),
        ("[".repeat(20_000), 400),
        (long.clone(), 413),
        (r#"{"command":{"command":"org_switch","org":"acme","resource":"chat","to":"on"},"reason":"x","more":1}"#.into(), 400),
        (r#"{"command":{"command":"org_switch","org":"acme","resource":"chat","to":"on","more":1},"reason":"x"}"#.into(), 400),
        (r#"{"command":{"command":"org_switch","org":"acme","org":"acme","resource":"chat","to":"on"},"reason":"x"}"#.into(), 400),
        (r#"{"command":{"command":"org_switch","org":"acme","resource":"chat","to":"on"},"reason":"x","reason":"x"}"#.into(), 400),
        (r#"{"command":{"command":"org_switch","org":"acme","resource":"chat","to":"maybe"},"reason":"x"}"#.into(), 400),
        (r#"{"command":{"command":"destroy","org":"acme"},"reason":"x"}"#.into(), 400),
        (r#"{"command":{"command":"org_switch","org":"acme","resource":"nothing","to":"on"},"reason":"x"}"#.into(), 422),
        (r#"{"command":{"command":"org_switch","org":"acme","resource":"NO NAME","to":"on"},"reason":"x"}"#.into(), 422),
        (r#"{"command":{"command":"org_floor","org":"acme","resource":"agent","mode":"background","role":"nobody"},"reason":"x"}"#.into(), 422),
        (r#"{"command":{"command":"org_floor","org":"acme","resource":"agent","mode":"background","role":"everyone"},"reason":"x"}"#.into(), 422),
        (r#"{"command":{"command":"member_remove","org":"acme","subject":"alice","role":"a\u0000b"},"reason":"x"}"#.into(), 200),
        (r#"[{"command":"org_switch","org":"acme","resource":"chat","to":"off"},"x"]"#.into(), 400),
        (r#"{"command":{"command":"member_add","org":"acme","subject":"\u0000","role":"member"},"reason":"x"}"#.into(), 422),
        (r#"{"command":{"command":"org_switch","org":"acme","resource":"chat","to":"off"},"reason":"\u0000"}"#.into(), 422),
    ];
    for (body, expected) in bodies {
        let call = rig.call(
            http::Method::POST,
            ACME,
            axum::body::Body::from(body.clone()),
        );
        let answer: Answer = call
            .with("content-type", "application/json")
            .by("root")
            .on(1)
            .send()
            .await;
        let shown: String = body.chars().take(120).collect();
        assert_eq!(answer.status, expected, "{shown}: {}", answer.text);
        assert!(
            !answer.text.contains("/tmp") && !answer.text.contains("policy.db"),
            "{}",
            answer.text
        );
    }
    for (name, value) in [("content-type", "text/plain"), ("content-type", "")] {
        let call = rig.call(
            http::Method::POST,
            ACME,
            axum::body::Body::from(switch("off").to_string()),
        );
        assert_eq!(
            call.with(name, value)
                .by("root")
                .on(1)
                .send()
                .await
                .problem(),
            (415, "unsupported_media_type".into())
        );
    }
    for version in ["99999", "18446744073709551615"] {
        let answer = rig
            .post(ACME, &switch("off"))
            .by("ada")
            .with("if-match", &format!("\"{version}\""))
            .send()
            .await;
        assert_eq!(answer.problem(), (412, "changed".into()));
        let told = answer.json();
        assert!(told.get("changes").is_none(), "{told}");
        let detail = told["detail"].as_str().unwrap();
        assert!(!detail.contains("was changed since"), "{detail}");
    }
    assert_eq!(rig.store.head().await.unwrap().version, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn queries_are_checked() {
    let rig = Rig::new().await;
    let long = "x".repeat(256);
    for (path, expected) in [
        ("/orgs?limit=0".to_owned(), 400),
        ("/orgs?limit=201".to_owned(), 400),
        ("/orgs?limit=-1".to_owned(), 400),
        ("/orgs?limit=1&limit=2".to_owned(), 400),
        ("/orgs?unknown=1".to_owned(), 400),
        ("/orgs?q=%00".to_owned(), 400),
        ("/orgs?q=%FF".to_owned(), 200),
        (format!("/orgs?q={long}"), 400),
        ("/orgs?q=ac&limit=200&after=a".to_owned(), 200),
        ("/site/changes?before=x".to_owned(), 400),
        ("/site/changes?before=18446744073709551615".to_owned(), 200),
        ("/site/changes/x".to_owned(), 400),
        ("/site/changes/18446744073709551615".to_owned(), 404),
        ("/site/changes?author=%00".to_owned(), 400),
        ("/subjects/%00".to_owned(), 400),
        ("/subjects/%FF".to_owned(), 400),
        ("/orgs/%00".to_owned(), 400),
        ("/replicas?version=x".to_owned(), 400),
        ("/site?more=1".to_owned(), 400),
        ("/orgs/acme?more=1".to_owned(), 400),
        ("/orgs/acme/matrix?more".to_owned(), 400),
        ("/me?subject=ada".to_owned(), 400),
        ("/openapi.json?x=1".to_owned(), 400),
    ] {
        let answer = rig
            .get(&format!("/console/api/v1{path}"))
            .by("root")
            .send()
            .await;
        assert_eq!(answer.status, expected, "{path}: {}", answer.text);
    }
}
