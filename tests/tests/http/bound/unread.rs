//! Peers that do not read are cut as well (A70), with everything that was held for them.

use std::time::{Duration, Instant};

use http::HeaderMap;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::client::Client;
use super::grpc::{Call, Ended};
use super::rig::Rig;
use super::routes::WHOLE;
use crate::service::within;

/// One second is what a peer has, and the machine is busy.
const SOON: Duration = Duration::from_millis(1_600);

async fn assert_freed_soon(rig: &Rig) {
    assert_eq!(rig.notes.alive(), 1);
    let begun = Instant::now();
    rig.switch_off();
    rig.until_free().await;
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a70_a_stream_of_which_nothing_is_read_is_cut() {
    let rig = Rig::axum().await;
    let client = Client::ask(&rig, "/orgs/acme/flood").await;
    rig.notes.until_stuck().await;
    assert_freed_soon(&rig).await;
    // Where the server has taken the last word, its peer has a second to take it.
    tokio::time::sleep(SOON).await;
    let answer = client.answer().await;
    assert!(!answer.is_whole);
    assert!(!answer.body.contains("denied"));
    // What had not been sent at that moment was discarded.
    assert!(answer.body.len() < rig.notes.sent() * 64 * 1024);
}

#[tokio::test]
async fn a70_a_stream_over_http_2_of_which_nothing_is_read_is_cut() {
    let rig = Rig::axum().await;
    let stream = TcpStream::connect(rig.address).await.unwrap();
    let (requests, connection) = h2::client::handshake(stream).await.unwrap();
    let connection = tokio::spawn(connection);
    let request = http::Request::get("http://chats/orgs/acme/flood")
        .version(http::Version::HTTP_2)
        .header("x-user", "alice");
    let mut requests = requests.ready().await.unwrap();
    let (answer, _) = requests
        .send_request(request.body(()).unwrap(), true)
        .unwrap();
    let body = within("an answer", answer).await.unwrap().into_body();
    rig.notes.until_stuck().await;
    assert_freed_soon(&rig).await;
    // All that was on the connection is over.
    assert!(within("the end", connection).await.unwrap().is_err());
    assert!(Ended::of(&HeaderMap::new(), body).await.status.is_none());
}

#[tokio::test]
async fn a70_a_call_of_which_nothing_is_read_is_cut() {
    let rig = Rig::tonic().await;
    let stream = Call::one(&rig, "Flood").await.stream().await;
    rig.notes.until_stuck().await;
    assert_freed_soon(&rig).await;
    assert!(Ended::of(&HeaderMap::new(), stream).await.status.is_none());
}

#[tokio::test]
async fn a70_a_slow_reader_comes_to_the_last_word() {
    let rig = Rig::axum().await;
    let mut client = Client::ask(&rig, "/orgs/acme/flood").await;
    rig.notes.until_stuck().await;
    rig.switch_off();
    client.read_for(Duration::from_secs(5)).await;
    assert!(client.come() > 0);
    let answer = client.answer().await;
    assert!(answer.is_whole);
    let (_, last) = answer.body.split_once("event: denied\ndata: ").unwrap();
    assert!(last.contains("site_off"));
    rig.until_free().await;
}

#[tokio::test]
async fn a70_a_body_in_one_piece_of_which_nothing_is_read_is_cut() {
    let rig = Rig::axum().await;
    let mut client = TcpStream::connect(rig.address).await.unwrap();
    let request = b"GET /orgs/acme/whole HTTP/1.1\r\nhost: chats\r\nx-user: alice\r\n\r\n";
    client.write_all(request).await.unwrap();
    let mut come = client.read(&mut [0; 64]).await.unwrap();
    rig.switch_off();
    rig.until_free().await;
    tokio::time::sleep(SOON).await;
    let mut buffer = vec![0; 1 << 20];
    while let Ok(more) = within("the rest", client.read(&mut buffer)).await {
        if more == 0 {
            break;
        }
        come += more;
    }
    assert!(come < WHOLE / 2, "{come} bytes");
}
