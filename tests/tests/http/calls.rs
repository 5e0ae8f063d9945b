//! The calls of `data/requests/calls`, asked of gatepost-tonic over sockets.
//!
//! A call that has the name of a row of the table is its twin: the members of its `ErrorInfo` are those of
//! the row's problem document.

mod check;
mod load;
mod service;

use std::collections::BTreeSet;

use gatepost::{Gate, Requirement};

use crate::served::{Adapter, Ran, Served};
use crate::table::{Bytes, Client, Protocol, Row, Table, policy, routes};
use crate::wire::Reply;
use check::Check;
use load::Calls;
pub(crate) use service::{Note, serve};

/// The HTTP rows are asked of this adapter; that all answer alike, the table sees to.
const TWIN: Adapter = Adapter::Axum;

#[tokio::test]
async fn every_call_is_answered_as_it_says_and_as_its_twin() {
    let called = Served::new(Gate::fixed(policy()), Vec::new());
    let canary = called.canary.clone();
    let mut calls = Client::new(Protocol::H2, service::serve(called).await);
    let (gate, feed) = Gate::channel();
    let twin = Served::new(gate, routes());
    let mut rows = Client::new(Protocol::H2, twin.on(TWIN).await);
    assert!(feed.publish(policy()));
    let table = Table::load().rows;
    let (mut faults, mut twins) = (Vec::new(), 0);
    for call in Calls::load() {
        let reply = calls.ask(&call.row(), "POST").await;
        let mut check = Check::of(&call, &reply.expect("an answer"), &canary.take());
        if let Some(row) = table.iter().find(|row| row.name == call.name) {
            twins += 1;
            let method = &row.method;
            check.twin(&rows.ask(row, method).await.expect("an answer"));
        }
        if !check.faults.is_empty() {
            let faults_of_call = check.faults.join("\n    ");
            faults.push(format!("`{}`\n    {faults_of_call}", call.name));
        }
    }
    assert!(
        faults.is_empty(),
        "{} calls:\n{}",
        faults.len(),
        faults.join("\n")
    );
    assert!(twins >= 80, "{twins} twins");
}

#[test]
fn every_method_is_called_and_every_status_comes() {
    let calls = Calls::load();
    println!("{} calls", calls.len());
    let called: BTreeSet<_> = calls.iter().map(|call| &*call.method).collect();
    for method in service::METHODS {
        assert!(called.contains(method.name), "{}", method.name);
    }
    let statuses: BTreeSet<_> = calls.iter().map(|call| &*call.expect.status).collect();
    let all = [
        "INTERNAL",
        "INVALID_ARGUMENT",
        "NOT_FOUND",
        "OK",
        "PERMISSION_DENIED",
        "RESOURCE_EXHAUSTED",
        "UNAUTHENTICATED",
        "UNAVAILABLE",
    ];
    assert!(statuses.iter().eq(all.iter()), "{statuses:?}");
}

/// Every call that is allowed, with what stands in front of its method, and what runs.
pub(crate) fn allowed() -> Vec<(Row, Requirement, Ran)> {
    let calls = Calls::load().into_iter().filter_map(|call| {
        let method = service::METHODS
            .iter()
            .find(|method| method.name == call.method)?;
        let ran = call.expect.ran.clone()?;
        Some((call.row(), method.requirement()?, ran))
    });
    calls.collect()
}

/// Every call, as it is sent.
pub(crate) fn all() -> Vec<Row> {
    Calls::load().iter().map(load::Call::row).collect()
}

/// What a call was refused with, but for the id of the decision.
pub(crate) fn told(reply: &Reply) -> Option<impl std::fmt::Debug + PartialEq + use<>> {
    check::told(reply)
}

/// The code by which a call was refused, whatever its status.
pub(crate) fn reason(reply: &Reply) -> Option<String> {
    Some(check::refused(reply)?.reason)
}

/// The code by which a call was refused, nothing where it was hidden; none where it was not.
pub(crate) fn refused(reply: &Reply) -> Option<String> {
    let refused = check::refused(reply)?;
    assert!(
        ["PERMISSION_DENIED", "NOT_FOUND"].contains(&refused.status),
        "{refused:?}"
    );
    Some(refused.reason)
}

/// Reads alice's note; the code of the refusal, which may be asked again where there is no policy.
pub(crate) async fn read_note(client: &mut Client, who: &str) -> Option<String> {
    let headers = vec![("x-org".to_owned(), Bytes::Text("acme".to_owned()))];
    let path = format!("/{}/ReadNote", service::NAME);
    let message = Some(Note::default().framed());
    let row = Row::post(path, Some(who.to_owned()), headers, message);
    let reply = client.ask(&row, "POST").await.expect("an answer");
    let refused = check::refused(&reply)?;
    let unavailable = refused.status == "UNAVAILABLE" && refused.retries;
    assert!(unavailable, "{refused:?}");
    Some(refused.reason)
}

/// What is put behind, before and into the path of a method.
const WEDGES: &[&str] = &[
    "/", "//", "/.", "/..", "/./", "%2e", "%2e%2e", ";a=b", "%3b", "%5c", "%2f", "%2F", "%252f",
    "%00", "%0a", "%20", "%ff", "%c0%af", "?x=y", ".json", "*", "@", "~", ":80", "|", "-", "_",
    ".",
];

#[tokio::test]
async fn a04_no_bent_path_of_a_method_calls_it_for_whom_it_is_refused() {
    let served = Served::new(Gate::fixed(policy()), Vec::new());
    let canary = served.canary.clone();
    let mut client = Client::new(Protocol::H2, service::serve(served).await);
    let headers = vec![("x-org".to_owned(), Bytes::Text("acme".to_owned()))];
    let segments = [service::NAME, "ReadNote"];
    let mut bent = 0;
    for wedge in WEDGES {
        let [service, method] = segments;
        for path in [
            format!("/{service}/{method}{wedge}"),
            format!("/{service}/{wedge}{method}"),
            format!("/{service}{wedge}/{method}"),
            format!("/{wedge}{service}/{method}"),
        ] {
            for token in [None, Some("mallory".to_owned())] {
                let message = Some(Note::default().framed());
                let row = Row::post(path.clone(), token, headers.clone(), message);
                // Some are so bent that the connection ends.
                let _ = client.ask(&row, "POST").await;
                assert_eq!(canary.take(), [], "{path}");
                bent += 1;
            }
        }
    }
    assert!(bent >= 80);
}
