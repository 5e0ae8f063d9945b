//! Why: about oneself, and about others.

use serde_json::{Value, json};

use super::rig::{Answer, Rig};

async fn why(rig: &Rig, asker: &str, path: &str, request: Value) -> Answer {
    let path = format!("/console/api/v1{path}");
    rig.post(&path, &request).by(asker).send().await
}

fn create(subject: Option<&str>, org: Option<&str>) -> Value {
    let mut asked = json!({ "resource": "chat", "action": "create" });
    if let Some(subject) = subject {
        asked["subject"] = json!(subject);
    }
    if let Some(org) = org {
        asked["org"] = json!(org);
    }
    asked
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_is_told_of_oneself_and_of_others_those_who_may_audit() {
    let rig = Rig::new().await;
    // Asker, subject, org, status.
    let rows = [
        ("alice", None, Some("acme"), 200),
        ("alice", Some("alice"), Some("acme"), 200),
        ("alice", Some("alice"), None, 200),
        ("stranger", None, Some("acme"), 200),
        ("alice", Some("ada"), Some("acme"), 403),
        ("alice", Some("ada"), None, 403),
        ("ada", Some("alice"), Some("acme"), 200),
        // A member of the parent is one of the lab.
        ("ada", Some("alice"), Some("acme-lab"), 200),
        ("lena", Some("alice"), Some("acme-lab"), 200),
        ("ada", Some("alice"), None, 403),
        ("ada", Some("gus"), Some("globex"), 403),
        ("ada", Some("gus"), Some("acme"), 404),
        ("ada", Some("ghost"), Some("acme"), 404),
        // A member of the lab is none of acme.
        ("ada", Some("lena"), Some("acme"), 404),
        ("root", Some("gus"), Some("acme"), 200),
        ("root", Some("ghost"), Some("acme"), 200),
        ("root", Some("gus"), None, 200),
        ("aron", Some("alice"), Some("acme"), 200),
        ("aron", Some("alice"), None, 200),
    ];
    for (asker, subject, org, expected) in rows {
        let asked = create(subject, org);
        let answer = why(&rig, asker, "/why", asked.clone()).await;
        assert_eq!(answer.status, expected, "{asker} {asked}: {}", answer.text);
    }
    let of = async |subject: &str| {
        let answer = why(&rig, "ada", "/why", create(Some(subject), Some("acme"))).await;
        (answer.status, answer.text)
    };
    assert_eq!(
        of("gus").await,
        of("ghost").await,
        "who is elsewhere is as who is not"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_for_whom_somebody_acts_is_another_subject_too() {
    let rig = Rig::new().await;
    let mut asked = create(None, Some("globex"));
    asked["acting_for"] = json!("gus");
    assert_eq!(why(&rig, "alice", "/why", asked.clone()).await.status, 403);
    asked["org"] = json!("acme");
    assert_eq!(why(&rig, "ada", "/why", asked).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn below_an_org_only_its_own_requests_are_explained() {
    let rig = Rig::new().await;
    let path = "/orgs/acme/why";
    assert_eq!(
        why(&rig, "ada", path, create(Some("alice"), Some("acme")))
            .await
            .status,
        200
    );
    for org in [None, Some("globex"), Some("acme-lab")] {
        assert_eq!(
            why(&rig, "root", path, create(Some("alice"), org))
                .await
                .status,
            400,
            "{org:?}"
        );
    }
    assert_eq!(
        why(&rig, "alice", path, create(None, Some("acme")))
            .await
            .status,
        403
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_explanation_does_not_tell_whether_there_is_an_org() {
    let rig = Rig::new().await;
    let of = async |org: &str| {
        let answer = why(&rig, "alice", "/why", create(None, Some(org))).await;
        answer.ok().to_string().replace(org, "ORG")
    };
    let there = of("globex").await;
    assert!(there.contains("not_a_member"), "{there}");
    assert_eq!(there, of("nowhere").await);
    // Who may audit everything is told.
    let told = why(&rig, "root", "/why", create(Some("alice"), Some("globex"))).await;
    assert!(
        told.text.contains("alice is no member of globex"),
        "{}",
        told.text
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_explanation_says_which_check_decided_and_where_it_can_be_changed() {
    let rig = Rig::new().await;
    let off = json!({ "command": { "command": "org_switch", "org": "acme", "resource": "chat", "to": "off" }, "reason": "a test" });
    rig.post("/console/api/v1/orgs/acme/changes", &off)
        .by("ada")
        .on(1)
        .send()
        .await
        .ok();
    rig.caught_up().await;
    let why = why(&rig, "alice", "/why", create(None, Some("acme-lab")))
        .await
        .ok();
    assert_eq!(why["decision"], "deny");
    assert_eq!(why["code"], "org_off");
    let lines = why["parts"][0]["lines"].as_array().unwrap();
    assert_eq!(lines.len(), 15);
    let failed: Vec<_> = lines
        .iter()
        .filter(|line| line["outcome"] == "failed")
        .collect();
    assert_eq!(failed[0]["number"], 11);
    let place = json!({ "place": "org", "org": "acme", "resource": "chat" });
    let places = why["changes"][0]["places"].as_array().unwrap();
    assert!(places.contains(&place), "{places:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_org_admin_is_told_of_another_nothing_that_the_site_says() {
    let rig = Rig::new().await;
    let add = |subject: &str| json!({ "command": { "command": "member_add", "org": "acme", "subject": subject, "role": "member" }, "reason": "a test" });
    let mut version = 1;
    for subject in ["aron", "gus"] {
        let path = "/console/api/v1/orgs/acme/changes";
        let added = rig.post(path, &add(subject)).by("ada").on(version).send();
        version = added.await.ok()["version"].as_u64().unwrap();
    }
    rig.caught_up().await;
    for (subject, secret) in [("aron", "auditor"), ("gus", "guest")] {
        let asked = create(Some(subject), Some("acme"));
        let told = why(&rig, "ada", "/orgs/acme/why", asked.clone()).await;
        let json = told.ok();
        let lines = json["parts"][0]["lines"].as_array().unwrap();
        for line in lines
            .iter()
            .filter(|line| line["number"].as_u64() < Some(8))
        {
            let text = line["text"].as_str().unwrap();
            assert!(!text.contains(secret) && !text.contains(subject), "{text}");
        }
        for change in json["changes"].as_array().unwrap() {
            assert!(!change.to_string().contains(secret), "{change}");
            assert!(!change.to_string().contains("site_roles"), "{change}");
        }
        // Whoever may know it is told.
        let whole = why(&rig, "root", "/orgs/acme/why", asked.clone()).await;
        assert!(whole.text.contains(secret), "{}", whole.text);
        // And everybody of oneself.
        let own = why(&rig, subject, "/why", asked).await;
        assert!(own.text.contains(secret), "{}", own.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_of_oneself_is_the_identity_that_it_came_with() {
    let identity = |parts: &http::request::Parts| {
        let subject = super::rig::who(parts)?;
        Ok(subject.map(|subject| match parts.headers.get("x-scopes") {
            Some(scopes) => subject.scopes([scopes.to_str().unwrap()]),
            None => subject,
        }))
    };
    let rig = Rig::with(super::rig::POLICY, |console| console.identity(identity)).await;
    let asked = json!({ "org": "acme", "resource": "chat", "action": "create", "owner": "alice" });
    for (own, said, code) in [
        (None, None, None),
        (Some("chat:create"), None, None),
        (Some("chat:read"), None, Some("scope_missing")),
        (
            Some("chat:read"),
            Some("chat:create"),
            Some("scope_missing"),
        ),
        (
            Some("chat:create"),
            Some("chat:read"),
            Some("scope_missing"),
        ),
    ] {
        for subject in [None, Some("alice")] {
            let mut asked = asked.clone();
            if let Some(subject) = subject {
                asked["subject"] = json!(subject);
            }
            if let Some(said) = said {
                asked["subject"] = json!("alice");
                asked["scopes"] = json!([said]);
            }
            let mut call = rig.post("/console/api/v1/why", &asked).by("alice");
            if let Some(own) = own {
                call = call.with("x-scopes", own);
            }
            let told = call.send().await.ok();
            assert_eq!(told["code"].as_str(), code, "{own:?} {said:?} {told}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_request_is_none() {
    let rig = Rig::new().await;
    for body in [
        json!({}),
        json!({ "resource": "chat" }),
        json!({ "resource": "CHAT", "action": "read" }),
        json!({ "resource": "chat", "action": "read", "more": 1 }),
        json!({ "resource": "chat", "action": "read", "mode": "batch" }),
        json!({ "resource": "chat", "action": "read", "org": "" }),
        json!([]),
    ] {
        let answer = why(&rig, "root", "/why", body.clone()).await;
        assert_eq!(answer.status, 400, "{body}: {}", answer.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_matrix_says_who_may_what_in_an_org() {
    let rig = Rig::new().await;
    let matrix = rig
        .get("/console/api/v1/orgs/acme/matrix")
        .by("ada")
        .send()
        .await
        .ok();
    let names: Vec<_> = matrix["roles"]
        .as_array()
        .unwrap()
        .iter()
        .map(|role| role["name"].clone())
        .collect();
    assert_eq!(names, ["member", "owner"]);
    let row = |resource: &str, action: &str| {
        let rows = matrix["rows"].as_array().unwrap();
        let is_it = |row: &&Value| row["resource"] == resource && row["action"] == action;
        rows.iter().find(is_it).unwrap()["cells"].clone()
    };
    let chat = row("chat", "create");
    assert_eq!(
        (&chat[0]["none"], &chat[1]["none"]),
        (&json!("own"), &json!("allow"))
    );
    let agent = row("agent", "execute");
    assert_eq!(agent[0]["background"], "org_grant_missing");
    assert_eq!(agent[1]["background"], "allow");
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_is_told_where_the_console_has_something() {
    let rig = Rig::new().await;
    let me = async |asker: &str| rig.get("/console/api/v1/me").by(asker).send().await.ok();
    let ada = me("ada").await;
    assert_eq!(
        (&ada["may_read_site"], &ada["may_audit_site"]),
        (&json!(false), &json!(false))
    );
    assert_eq!(
        ada["orgs"],
        json!([{ "org": "acme", "roles": ["owner"], "may_read": true, "may_update": true, "may_audit": true }])
    );
    let aron = me("aron").await;
    assert_eq!(
        (
            &aron["may_read_site"],
            &aron["may_update_site"],
            &aron["may_audit_site"]
        ),
        (&json!(true), &json!(false), &json!(true))
    );
    assert_eq!(me("stranger").await["orgs"], json!([]));
}
