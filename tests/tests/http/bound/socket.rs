//! A WebSocket ends with its permit (A69, A70): with a close frame, and nothing before or behind it.

use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use super::rig::{POLICY, Rig};
use crate::service::{until, within};

type Socket = WebSocketStream<TcpStream>;

async fn open(rig: &Rig, path: &str) -> Socket {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(16 * 1024).unwrap();
    let stream = socket.connect(rig.address).await.unwrap();
    let url = format!("ws://{}/orgs/acme/{path}", rig.address);
    let mut request = url.into_client_request().unwrap();
    let alice = "alice".parse().unwrap();
    request.headers_mut().insert("x-user", alice);
    let (socket, _) = tokio_tungstenite::client_async(request, stream)
        .await
        .unwrap();
    socket
}

/// The code and the reason that it was closed with, and nothing comes behind it.
async fn closed(mut socket: Socket) -> (u16, String) {
    let frame = loop {
        match within("a close frame", socket.next()).await {
            Some(Ok(Message::Close(frame))) => break frame.unwrap(),
            Some(Ok(Message::Text(tick))) if tick == "tick" => {}
            other => panic!("{other:?}"),
        }
    };
    assert!(within("the end", socket.next()).await.is_none());
    (frame.code.into(), frame.reason.to_string())
}

#[tokio::test]
async fn a69_a_socket_is_closed_with_the_code_of_the_denial() {
    let causes: [(&str, fn(&Rig), _); 3] = [
        ("socket", Rig::switch_off, (1008, "site_off")),
        ("socket", Rig::expire_lease, (1013, "policy_stale")),
        ("socket-hidden", Rig::switch_off, (1008, "not_found")),
    ];
    for (path, cause, (code, reason)) in causes {
        // Asleep, it waits for something else than its socket.
        for said in ["hello", "wait"] {
            let rig = Rig::axum().await;
            let mut socket = open(&rig, path).await;
            socket.send(said.into()).await.unwrap();
            let answer = within("an answer", socket.next()).await.unwrap();
            assert_eq!(answer.unwrap(), said.into());
            until("it is read", || rig.notes.read() == [said]).await;
            cause(&rig);
            until("the handler is dropped", || rig.notes.alive() == 0).await;
            let _ = socket.send("too late".into()).await;
            assert_eq!(closed(socket).await, (code, reason.to_owned()));
            assert_eq!(rig.notes.read(), [said]);
            rig.until_free().await;
        }
    }
}

#[tokio::test]
async fn a69_both_halves_of_a_socket_are_over_wherever_they_are() {
    let rig = Rig::axum().await;
    let mut socket = open(&rig, "socket-split").await;
    assert_eq!(socket.next().await.unwrap().unwrap(), "tick".into());
    rig.publish(&format!("{POLICY}[site.gates.other]\nswitch = \"on\"\n"));
    assert_eq!(rig.notes.alive(), 2);
    rig.switch_off();
    until("both tasks end", || rig.notes.alive() == 0).await;
    let _ = socket.send("too late".into()).await;
    assert_eq!(closed(socket).await, (1008, "site_off".to_owned()));
    assert!(rig.notes.read().is_empty());
    rig.until_free().await;
}

#[tokio::test]
async fn a70_a_socket_of_which_nothing_is_read_is_cut() {
    let rig = Rig::axum().await;
    let mut socket = open(&rig, "socket-flood").await;
    rig.notes.until_stuck().await;
    let begun = Instant::now();
    rig.switch_off();
    rig.until_free().await;
    // The handler is not kept for the second that its peer has.
    assert!(begun.elapsed() < Duration::from_millis(900), "{begun:?}");
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    // It was hung up on: what comes is what was sent before, and no close frame.
    while let Some(Ok(message)) = within("the end", socket.next()).await {
        assert!(message.is_binary(), "{message:?}");
    }
}

#[tokio::test]
async fn a88_a_socket_that_its_client_leaves_is_free() {
    let rig = Rig::axum().await;
    for path in ["socket", "socket-split"] {
        let socket = open(&rig, path).await;
        until("it is there", || {
            rig.gate.waiting() > 0 && rig.notes.alive() > 0
        })
        .await;
        drop(socket);
        rig.until_free().await;
    }
}
