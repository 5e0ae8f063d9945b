//! What is read of a request ends with its permit (A71).

use super::client::{Client, asked};
use super::grpc::{Call, message};
use super::rig::Rig;
use crate::service::until;
use tokio::io::AsyncWriteExt;

/// The first half of an upload.
async fn half(rig: &Rig, path: &str) -> Client {
    let whole = asked("POST", path, "Connection: close\r\n", "firstsecond");
    let client = Client::say(rig, &whole[..whole.len() - "second".len()]).await;
    until("the first half is read", || rig.notes.read() == ["first"]).await;
    client
}

#[tokio::test]
async fn a71_an_upload_is_answered_with_the_denial_and_no_more_of_it_is_read() {
    let rig = Rig::axum().await;
    let mut client = half(&rig, "/orgs/acme/upload").await;
    rig.switch_off();
    rig.until_free().await;
    let _ = client.stream.write_all(b"second").await;
    let answer = client.answer().await;
    assert_eq!(
        (answer.status, &answer.problem()["code"]),
        (403, &"site_off".into())
    );
    assert_eq!(rig.notes.read(), ["first"]);
}

#[tokio::test]
async fn a71_an_upload_that_another_task_reads_ends_with_an_error() {
    let rig = Rig::axum().await;
    let body = "Transfer-Encoding: chunked\r\n";
    let head = asked("POST", "/orgs/acme/detached", body, "");
    let head = head.replace("Content-Length: 0\r\n", "");
    // Alive is the task, for the handler has gone on; its answer waits for nothing.
    let mut client = Client::say(&rig, &format!("{head}5\r\nfirst\r\n")).await;
    until("the first half is read", || rig.notes.read() == ["first"]).await;
    client.until("200 OK").await;
    rig.switch_off();
    rig.until_free().await;
    let _ = client.stream.write_all(b"6\r\nsecond\r\n0\r\n\r\n").await;
    assert_eq!(rig.notes.read(), ["first", "error"]);
}

#[tokio::test]
async fn a71_a_stream_of_requests_is_answered_with_the_status_and_no_more_of_it_is_read() {
    let rig = Rig::tonic().await;
    let mut call = Call::begin(&rig, "Upload").await;
    until("the first is read", || rig.notes.read() == ["first"]).await;
    rig.switch_off();
    rig.until_free().await;
    let _ = call.messages.send_data(message("second"), true);
    let ended = call.end().await;
    assert_eq!((ended.reason().as_str(), ended.data), ("site_off", 0));
    assert_eq!(rig.notes.read(), ["first"]);
}

#[tokio::test]
async fn a71_a_stream_of_requests_that_another_task_reads_ends_with_the_status() {
    let rig = Rig::tonic().await;
    let mut call = Call::begin(&rig, "Detached").await;
    until("the first is read", || rig.notes.read() == ["first"]).await;
    rig.switch_off();
    rig.until_free().await;
    let _ = call.messages.send_data(message("second"), true);
    assert_eq!(rig.notes.read(), ["first", "PermissionDenied"]);
}
