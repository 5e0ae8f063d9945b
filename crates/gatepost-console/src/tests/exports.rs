//! The audit log as a file.

use std::fmt::Write as _;

use gatepost::{Code, Subject, SubjectId};
use gatepost_store::{Change, Command, DenialNote};
use http_body_util::BodyExt as _;

use super::rig::{Rig, operator};
use crate::asker::Asker;
use crate::base::Base;
use crate::identity::Identity;
use crate::kept::Kept;
use crate::ops::{DenialsQuery, ExportFormat, HistoryQuery, Scope};

/// What handlers work on, for handlers of a test.
pub(super) fn kept(rig: &Rig) -> Kept {
    let nobody = |_: &http::request::Parts| Ok(None);
    Kept {
        store: rig.store.clone(),
        gate: rig.gate.clone(),
        base: Base::new("").unwrap(),
        identity: Identity::host(rig.gate.clone(), nobody),
        services: Vec::new().into(),
        counting: std::sync::Arc::default(),
        proofs: crate::ops::Proofs::default(),
        openapi: "".into(),
    }
}

fn asker(rig: &Rig, id: &str) -> Asker {
    Asker::new(Subject::new(SubjectId::new(id).unwrap()), rig.gate.clone())
}

async fn text(response: axum::response::Response) -> String {
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_is_in_the_file_and_no_cell_is_a_formula() {
    let rig = Rig::new().await;
    for number in 0..430 {
        let command = Command::SiteRoleAdd {
            subject: format!("=cmd|{number}"),
            role: "guest".into(),
        };
        let change = Change::new(
            command,
            operator(),
            "=HYPERLINK(\"http://evil\", \"x\"), \"y\"",
        );
        rig.store.write(&change).await.unwrap();
    }
    let (kept, aron) = (kept(&rig), asker(&rig, "aron"));
    let query = HistoryQuery::default();
    let csv = kept
        .export_changes(&aron, Scope::Site, &query, ExportFormat::Csv)
        .await
        .unwrap();
    let csv = text(csv).await;
    assert!(
        csv.starts_with("\"version\",\"at\","),
        "every cell is quoted"
    );
    let mut read = csv::Reader::from_reader(csv.as_bytes());
    let rows: Vec<csv::StringRecord> = read.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 431);
    assert_eq!(&rows[0][0], "431");
    assert_eq!(&rows[430][0], "1");
    assert_eq!(&rows[0][6], "'=HYPERLINK(\"http://evil\", \"x\"), \"y\"");
    for cell in rows.iter().flatten() {
        assert!(
            !cell.starts_with(['=', '+', '-', '@', '\t', '\r']),
            "{cell}"
        );
    }

    let lines = kept
        .export_changes(&aron, Scope::Site, &query, ExportFormat::JsonLines)
        .await
        .unwrap();
    let lines = text(lines).await;
    let versions: Vec<u64> = lines
        .lines()
        .map(|line| {
            serde_json::from_str::<serde_json::Value>(line).unwrap()["version"]
                .as_u64()
                .unwrap()
        })
        .collect();
    assert_eq!(versions, (1..=431).rev().collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_for_those_who_may_audit_and_of_an_org_alone_what_is_its() {
    let rig = Rig::new().await;
    let mut notes = Vec::new();
    for org in ["acme", "globex"] {
        let mut note = DenialNote::new(Code::OrgOff);
        note.org = Some(org.into());
        let mut subject = String::new();
        write!(subject, "@{org}").unwrap();
        note.subject = Some(subject);
        notes.push(note);
    }
    rig.store.note_denials(&notes).await.unwrap();
    let kept = kept(&rig);
    let query = DenialsQuery::default();
    let ask = async |id: &str, scope: Scope<'_>| {
        let file = kept
            .export_denials(&asker(&rig, id), scope, &query, ExportFormat::Csv)
            .await;
        match file {
            Ok(file) => Ok(text(file).await),
            Err(fault) => Err(fault.status()),
        }
    };
    let acme = ask("ada", Scope::Org("acme")).await.unwrap();
    assert!(
        acme.contains("'@acme") && !acme.contains("globex"),
        "{acme}"
    );
    assert_eq!(ask("aron", Scope::Site).await.unwrap().lines().count(), 3);
    assert_eq!(ask("ada", Scope::Site).await, Err(403));
    assert_eq!(ask("ada", Scope::Org("globex")).await, Err(403));
    assert_eq!(ask("alice", Scope::Org("acme")).await, Err(403));
}
