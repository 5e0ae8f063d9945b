//! HTTP/2: bodies in frames, and one that is not what was declared.

use bytes::Bytes;
use h2::client::{ResponseFuture, SendRequest};
use tokio::net::TcpStream;

use super::{PATH, start};
use crate::fixture::{Canary, Chats, Server};

async fn connect(server: &Server) -> SendRequest<Bytes> {
    let stream = TcpStream::connect(server.address).await.unwrap();
    let (client, connection) = h2::client::handshake(stream).await.unwrap();
    actix_web::rt::spawn(async { drop(connection.await) });
    client.ready().await.unwrap()
}

/// Sends a body in these frames; none is a request without one.
fn send(
    client: &mut SendRequest<Bytes>,
    (method, path, who): (&str, &str, &str),
    declared: Option<usize>,
    frames: &[&'static str],
) -> ResponseFuture {
    let mut request = http::Request::builder()
        .method(method)
        .uri(format!("http://chats{path}"));
    if !who.is_empty() {
        request = request.header("authorization", who);
    }
    if let Some(declared) = declared {
        request = request.header("content-length", declared);
    }
    let request = request.body(()).unwrap();
    let (response, mut body) = client.send_request(request, frames.is_empty()).unwrap();
    for (position, frame) in frames.iter().enumerate() {
        let is_last = position + 1 == frames.len();
        // A stream that was refused is closed for what is still to come.
        let _ = body.send_data(Bytes::from_static(frame.as_bytes()), is_last);
    }
    response
}

#[actix_web::test]
async fn a_body_in_frames_is_decided_on_and_handed_on_whole() {
    let canary = Canary::default();
    let server = start(&canary, &Chats::default());
    let mut client = connect(&server).await;
    let json = r#"{"org":"acme"}"#;
    for (path, declared, frames) in [
        ("/chats", None, &[json][..]),
        (
            "/chats",
            Some(json.len()),
            &[r#"{"org""#, ":", r#""acme"}"#],
        ),
        ("/chats", None, &["", json, ""]),
        (PATH, None, &[r#"{"org""#, r#":"acme"}"#]),
    ] {
        let response = send(&mut client, ("POST", path, "alice"), declared, frames).await;
        assert_eq!(response.unwrap().status(), 200, "{path} {frames:?}");
        assert_eq!(canary.only().body.as_deref(), Some(json.as_bytes()));
    }
}

#[actix_web::test]
async fn a24_streams_of_one_connection_have_each_its_own_identity() {
    let canary = Canary::default();
    let server = start(&canary, &Chats::default());
    let mut client = connect(&server).await;
    let rows = [
        ("gina", 200),
        ("", 401),
        ("mallory", 403),
        ("gina", 200),
        ("", 401),
    ];
    let mut responses = Vec::new();
    for (who, _) in rows {
        responses.push(send(&mut client, ("GET", PATH, who), None, &[]));
    }
    for (response, (who, status)) in responses.into_iter().zip(rows) {
        assert_eq!(response.await.unwrap().status(), status, "{who}");
    }
    assert_eq!(canary.ran().len(), 2);
}

#[actix_web::test]
async fn a_body_that_is_not_what_was_declared_runs_nothing() {
    let canary = Canary::default();
    let server = start(&canary, &Chats::default());
    for (declared, frames, statuses) in [
        (Some(5), &[r#"{"org":"acme"}"#][..], &[400][..]),
        (Some(20), &[r#"{"org":"acme"}"#], &[400]),
        (Some(1 << 30), &["{"], &[413]),
        (
            None,
            &[
                "{\"org\":\"acme\"}",
                "                                                                 ",
            ],
            &[413],
        ),
    ] {
        let mut client = connect(&server).await;
        let response = send(&mut client, ("POST", "/chats", "alice"), declared, frames).await;
        // A stream error is an answer too.
        if let Ok(response) = response {
            let status = response.status().as_u16();
            assert!(statuses.contains(&status), "{declared:?}: {status}");
        }
    }
    canary.assert_silent();
}
