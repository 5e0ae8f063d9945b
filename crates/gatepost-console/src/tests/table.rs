//! Who is answered what: every route of the API, by everybody there is.

use serde_json::json;

use super::rig::{ASKERS, Rig};

/// The statuses of nobody, a stranger, a member of acme, the admins of acme, of its lab and of globex, the site's admin
/// and its auditor.
type Row = (&'static str, [u16; 8]);

const READ_SITE: [u16; 8] = [401, 403, 403, 403, 403, 403, 200, 200];
const READ_ACME: [u16; 8] = [401, 403, 403, 200, 403, 403, 200, 200];
const READ_LAB: [u16; 8] = [401, 403, 403, 200, 200, 403, 200, 200];
const READ_NONE: [u16; 8] = [401, 403, 403, 403, 403, 403, 403, 403];
const OWN: [u16; 8] = [401, 200, 200, 200, 200, 200, 200, 200];
const PUBLIC: [u16; 8] = [200; 8];

const READS: &[Row] = &[
    ("/site", READ_SITE),
    ("/site/changes", READ_SITE),
    ("/site/changes/1", READ_SITE),
    ("/site/denials", READ_SITE),
    ("/subjects/alice", READ_SITE),
    ("/replicas", READ_SITE),
    ("/routes", READ_SITE),
    ("/orgs", READ_SITE),
    ("/orgs/acme", READ_ACME),
    ("/orgs/acme/members", READ_ACME),
    ("/orgs/acme/matrix", READ_ACME),
    ("/orgs/acme/changes", READ_ACME),
    ("/orgs/acme/denials", READ_ACME),
    ("/orgs/acme-lab", READ_LAB),
    ("/orgs/acme-lab/changes", READ_LAB),
    ("/orgs/nowhere", READ_NONE),
    ("/orgs/nowhere/members", READ_NONE),
    ("/orgs/nowhere/changes/1", READ_NONE),
    ("/me", OWN),
    ("/openapi.json", PUBLIC),
];

const WRITE_SITE: [u16; 8] = [401, 403, 403, 403, 403, 403, 200, 403];
const WRITE_ACME: [u16; 8] = [401, 403, 403, 200, 403, 403, 200, 403];
const WRITE_LAB: [u16; 8] = [401, 403, 403, 200, 200, 403, 200, 403];

fn everybody() -> impl Iterator<Item = Option<&'static str>> {
    std::iter::once(None).chain(ASKERS.into_iter().map(Some))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_read_is_for_those_who_may_and_for_nobody_else() {
    let rig = Rig::new().await;
    for (path, expected) in READS {
        for (asker, expected) in everybody().zip(expected) {
            let mut call = rig.get(&format!("/console/api/v1{path}"));
            if let Some(asker) = asker {
                call = call.by(asker);
            }
            let answer = call.send().await;
            assert_eq!(
                answer.status, *expected,
                "{path} {asker:?}: {}",
                answer.text
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_write_is_for_those_who_may_and_for_nobody_else() {
    let rig = Rig::new().await;
    let site = json!({ "command": "site_switch", "resource": "agent", "to": "on" });
    let of =
        |org: &str| json!({ "command": "org_switch", "org": org, "resource": "chat", "to": "off" });
    let writes = [
        ("/site/changes", site, WRITE_SITE),
        ("/orgs/acme/changes", of("acme"), WRITE_ACME),
        ("/orgs/acme-lab/changes", of("acme-lab"), WRITE_LAB),
    ];
    for dry_run in ["?dry_run=true", ""] {
        for (path, command, expected) in &writes {
            for (asker, expected) in everybody().zip(expected) {
                let body = json!({ "command": command, "reason": "a test" });
                let path = format!("/console/api/v1{path}{dry_run}");
                let mut call = rig.post(&path, &body).with("if-match", "*");
                if let Some(asker) = asker {
                    call = call.by(asker);
                }
                let answer = call.send().await;
                assert_eq!(
                    answer.status, *expected,
                    "{path} {asker:?}: {}",
                    answer.text
                );
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_admin_may_nothing() {
    let rig = Rig::new().await;
    for path in ["/site", "/orgs/acme", "/orgs"] {
        let answer = rig
            .get(&format!("/console/api/v1{path}"))
            .by("sue")
            .send()
            .await;
        assert_eq!(
            answer.problem(),
            (403, "subject_suspended".into()),
            "{path}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_org_that_one_may_not_know_looks_like_one_that_is_not_there() {
    let rig = Rig::new().await;
    let ask = async |org: &str| {
        let path = format!("/console/api/v1/orgs/{org}/members");
        let answer = rig.get(&path).by("olga").send().await;
        let mut json = answer.json();
        json["decision"].take();
        (answer.status, json.to_string().replace(org, "ORG"))
    };
    assert_eq!(ask("acme").await, ask("nowhere").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_reads_the_site_does_not_read_its_audit_log() {
    let rig = Rig::new().await;
    for (path, expected) in [
        ("/site", 200),
        ("/subjects/alice", 200),
        ("/site/changes", 403),
        ("/site/changes/1", 403),
        ("/site/denials", 403),
        ("/orgs/acme/changes", 403),
    ] {
        let answer = rig.get(&format!("/console/api/v1{path}")).by("rita");
        assert_eq!(answer.status().await, expected, "{path}");
    }
    let asked = json!({ "subject": "alice", "resource": "chat", "action": "read" });
    let why = rig.post("/console/api/v1/why", &asked).by("rita");
    assert_eq!(why.status().await, 403);
}
