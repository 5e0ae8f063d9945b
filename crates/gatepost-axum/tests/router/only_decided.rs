//! An app that lets nothing out which nothing decided, served over a socket.

use std::net::SocketAddr;

use axum::ServiceExt;
use axum::extract::{ConnectInfo, Request};
use axum::http::header::{CONNECTION, SET_COOKIE, UPGRADE};
use axum::http::{StatusCode, Version};
use axum::response::IntoResponse;
use axum::routing::{any, get};
use gatepost_axum::{OwnBody, ProblemDocument, only_decided};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::fixture::Canary;
use crate::unguarded::base;

/// An app with a route that takes over the connection, and one that tells who asks.
async fn serve() -> SocketAddr {
    let (gated, _) = base(&Canary::default());
    let upgrades = async |request: Request| {
        assert_eq!(request.version(), Version::HTTP_11);
        let headers = [
            (CONNECTION, "upgrade"),
            (UPGRADE, "secret"),
            (SET_COOKIE, "secret=1"),
        ];
        (StatusCode::SWITCHING_PROTOCOLS, headers).into_response()
    };
    let open = gatepost_axum::Gated::new(crate::fixture::gate(), crate::fixture::who).public(
        "/peer",
        get(async |ConnectInfo(peer): ConnectInfo<SocketAddr>| peer.ip().to_string()),
        "an example",
    );
    let app = gated.merge(open.into_router().unwrap());
    let own = |_: &ProblemDocument<'_>| {
        Some(OwnBody {
            status: None,
            content_type: "text/plain".to_owned(),
            bytes: b"sorry".to_vec(),
        })
    };
    let app = only_decided(app.route("/upgrade", any(upgrades))).own_body(own);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = ServiceExt::<Request>::into_make_service_with_connect_info::<SocketAddr>(app);
    tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
    address
}

/// All that comes back of these bytes.
async fn said(address: SocketAddr, bytes: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes.as_bytes()).await.unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).await.unwrap();
    said
}

#[tokio::test]
async fn nothing_takes_a_connection_over_that_nothing_decided() {
    let address = serve().await;
    // What follows as if it had been taken over is the next request.
    let asked = "GET /upgrade HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: secret\r\n\r\n\
                 GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    let said = said(address, asked).await;
    assert!(said.starts_with("HTTP/1.1 500 "), "{said}");
    assert!(said.contains("\r\n\r\nsorryHTTP/1.1 200 OK"), "{said}");
    assert!(!said.contains("secret"), "{said}");
}

#[tokio::test]
async fn the_head_of_what_does_not_leave_has_no_body() {
    let asked = "HEAD /upgrade HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    let said = said(serve().await, asked).await;
    assert!(
        said.starts_with("HTTP/1.1 500 ") && said.ends_with("\r\n\r\n"),
        "{said}"
    );
}

#[tokio::test]
async fn what_leaves_knows_its_peer_as_it_did() {
    let asked = "GET /peer HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    let said = said(serve().await, asked).await;
    assert!(
        said.starts_with("HTTP/1.1 200 ") && said.ends_with("127.0.0.1"),
        "{said}"
    );
}
