//! What was sent in advance behind a bound stream.

use super::client::{Client, asked};
use super::rig::Rig;

#[tokio::test]
async fn what_was_sent_in_advance_behind_a_bound_stream_is_decided_when_its_turn_comes() {
    let rig = Rig::axum().await;
    let stream = asked("GET", "/orgs/acme/quiet", "", "");
    let upload = asked("POST", "/orgs/acme/upload", "", "sent in advance");
    let last = asked("GET", "/orgs/acme/free", "Connection: close\r\n", "");
    let mut client = Client::say(&rig, &(stream + &upload + &last)).await;
    client.until("tick").await;
    rig.switch_off();
    client.until("event: denied").await;
    for _ in [upload, last] {
        client.until("HTTP/1.1 403 Forbidden\r\n").await;
        client.forget_until("HTTP/1.1 403 Forbidden\r\n");
    }
    assert_eq!(rig.notes.read(), [""; 0]);
    rig.until_free().await;
}
