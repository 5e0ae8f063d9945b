//! What admins may do to each other, and to the site.

use serde_json::{Value, json};

use super::rig::Rig;
use super::writes::{ACME, SITE, alice_creates, kill, switch};

#[tokio::test(flavor = "multi_thread")]
async fn a39_a_kill_does_not_lock_out_who_takes_it_back_and_no_org_admin_can() {
    let rig = Rig::new().await;
    rig.post(SITE, &kill("off"))
        .by("root")
        .on(1)
        .send()
        .await
        .ok();
    assert_eq!(alice_creates(&rig).await, "site_off");
    for asker in ["ada", "olga", "alice", "aron"] {
        let answer = rig.post(SITE, &kill("opt-in")).by(asker).on(2).send().await;
        assert_eq!(answer.status, 403, "{asker}: {}", answer.text);
    }
    let undo = json!({ "reason": "it is fixed" });
    let path = format!("{SITE}/2/undo");
    assert_eq!(rig.post(&path, &undo).by("ada").on(2).status().await, 403);
    rig.post(&path, &undo).by("root").on(2).send().await.ok();
    assert_eq!(alice_creates(&rig).await, "allow");

    let history = rig.get(SITE).by("aron").send().await.ok();
    let told: Vec<_> = history["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| {
            (
                change["author"].as_str().unwrap(),
                change["reason"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        told[..2],
        [("root", "it is fixed"), ("root", "runs do not end")]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a39_every_resource_can_be_killed_and_the_console_works_on() {
    let rig = Rig::new().await;
    for resource in ["chat", "agent"] {
        let body = json!({ "command": { "command": "site_switch", "resource": resource, "to": "off" }, "reason": "all" });
        rig.post(SITE, &body)
            .by("root")
            .with("if-match", "*")
            .send()
            .await
            .ok();
    }
    let own = json!({ "command": { "command": "site_switch", "resource": "gatepost-site", "to": "off" }, "reason": "all" });
    let refused = rig
        .post(SITE, &own)
        .by("root")
        .with("if-match", "*")
        .send()
        .await;
    assert_eq!(refused.problem(), (422, "invalid".into()));
    rig.caught_up().await;
    rig.get("/console/api/v1/site").by("root").send().await.ok();
    rig.get("/console/api/v1/orgs/acme")
        .by("ada")
        .send()
        .await
        .ok();
    rig.post(SITE, &kill("on"))
        .by("root")
        .with("if-match", "*")
        .send()
        .await
        .ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a40_an_org_admin_changes_no_other_org_by_path_body_version_or_undo() {
    let rig = Rig::new().await;
    // By the path.
    let globex = json!({ "command": { "command": "org_switch", "org": "globex", "resource": "chat", "to": "on" }, "reason": "mine" });
    let path = "/console/api/v1/orgs/globex/changes";
    assert_eq!(
        rig.post(path, &globex)
            .by("ada")
            .on(1)
            .send()
            .await
            .problem(),
        (403, "not_a_member".into())
    );
    // By the body, below an org of her own.
    assert_eq!(
        rig.post(ACME, &globex)
            .by("ada")
            .on(1)
            .send()
            .await
            .problem(),
        (400, "bad_request".into())
    );
    // The site's kill, below an org of her own.
    assert_eq!(
        rig.post(ACME, &kill("off"))
            .by("ada")
            .on(1)
            .send()
            .await
            .problem(),
        (400, "bad_request".into())
    );
    assert_eq!(
        rig.post(SITE, &kill("off")).by("ada").on(1).status().await,
        403
    );

    // By the version of another org's change.
    rig.post(path, &globex).by("olga").on(1).send().await.ok();
    rig.caught_up().await;
    let undo = json!({ "reason": "mine" });
    for dry_run in ["", "?dry_run=true"] {
        let below_own = rig
            .post(&format!("{ACME}/2/undo{dry_run}"), &undo)
            .by("ada")
            .on(2)
            .send()
            .await;
        let none = rig
            .post(&format!("{ACME}/77/undo{dry_run}"), &undo)
            .by("ada")
            .on(2)
            .send()
            .await;
        assert_eq!(below_own.problem(), (404, "not_found".into()));
        assert_eq!(below_own.text, none.text);
    }
    let below_theirs = rig
        .post(&format!("{path}/2/undo"), &undo)
        .by("ada")
        .on(2)
        .send()
        .await;
    assert_eq!(below_theirs.problem(), (403, "not_a_member".into()));
    let read = rig.get(&format!("{ACME}/2")).by("ada").send().await;
    assert_eq!(read.problem(), (404, "not_found".into()));
    assert_eq!(rig.store.head().await.unwrap().version, 2);
    // And an admin of the parent may below: the lab is acme's.
    let lab = json!({ "command": { "command": "org_switch", "org": "acme-lab", "resource": "chat", "to": "off" }, "reason": "ours" });
    rig.post("/console/api/v1/orgs/acme-lab/changes", &lab)
        .by("ada")
        .on(2)
        .send()
        .await
        .ok();
    // Not the other way.
    assert_eq!(
        rig.post(ACME, &switch("off"))
            .by("lena")
            .on(2)
            .status()
            .await,
        403
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_org_admin_gives_no_more_than_is_held_there() {
    let rig = Rig::new().await;
    let give = |role: Value| json!({ "command": { "command": "role_define", "org": "acme", "name": "boss", "level": role, "grants": ["chat:*"] }, "reason": "a test" });
    let beyond = rig
        .post(ACME, &give(json!(99)))
        .by("ada")
        .on(1)
        .send()
        .await;
    assert_eq!(beyond.problem(), (403, "beyond".into()));
    rig.post(ACME, &give(json!(50)))
        .by("ada")
        .on(1)
        .send()
        .await
        .ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_a_child_defines_does_not_shut_its_parents_admins_out() {
    let rig = Rig::new().await;
    let lab = "/console/api/v1/orgs/acme-lab/changes";
    let define = json!({ "command": { "command": "role_define", "org": "acme-lab", "name": "out", "level": 1, "grants": ["!gatepost-org:*"] }, "reason": "ours alone" });
    rig.post(lab, &define).by("lena").on(1).send().await.ok();
    let give = json!({ "command": { "command": "member_add", "org": "acme-lab", "subject": "ada", "role": "out" }, "reason": "ours alone" });
    let given = rig.post(lab, &give).by("lena").on(2).send().await;
    rig.caught_up().await;
    // Where she could be given it, she is no longer admin of the lab, and takes it away again as acme's.
    let acme = rig.get("/console/api/v1/orgs/acme").by("ada").send().await;
    assert_eq!(acme.status, 200, "{}", acme.text);
    let take = json!({ "command": { "command": "member_remove", "org": "acme-lab", "subject": "ada", "role": "out" }, "reason": "no" });
    let taken = rig
        .post(lab, &take)
        .by("root")
        .with("if-match", "*")
        .send()
        .await;
    assert_eq!(taken.status, 200, "{given:?} {}", taken.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a41_an_org_that_has_lost_its_last_admin_is_reached_by_the_sites() {
    let rig = Rig::new().await;
    let path = "/console/api/v1/orgs/globex/changes";
    let olga = |command: &str| {
        let command =
            json!({ "command": command, "org": "globex", "subject": "olga", "role": "owner" });
        json!({ "command": command, "reason": "hers" })
    };
    let on = json!({ "command": { "command": "org_switch", "org": "globex", "resource": "chat", "to": "on" }, "reason": "open" });

    // globex is closed, and its last admin goes.
    let gone = rig.post(path, &olga("member_remove")).by("olga").on(1);
    gone.send().await.ok();
    rig.caught_up().await;
    for body in [&on, &olga("member_add")] {
        let refused = rig.post(path, body).by("olga").on(2).send().await;
        assert_eq!(refused.problem(), (403, "not_a_member".into()));
    }
    for asker in ["ada", "gus", "aron"] {
        assert_eq!(rig.post(path, &on).by(asker).on(2).status().await, 403);
    }

    // The site's admins reach into every org: one opens the gate, and gives her the role again.
    rig.post(path, &on).by("root").on(2).send().await.ok();
    let back = rig.post(path, &olga("member_add")).by("root").on(3);
    back.send().await.ok();
    rig.caught_up().await;
    let org = rig.get("/console/api/v1/orgs/globex").by("olga");
    org.send().await.ok();
}
