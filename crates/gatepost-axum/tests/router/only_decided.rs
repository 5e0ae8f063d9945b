//! An app that lets nothing out which nothing decided, served over a socket.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::http::header::{CONNECTION, LOCATION, SET_COOKIE, UPGRADE};
use axum::http::{StatusCode, Version};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Router, ServiceExt};
use gatepost_axum::{OwnBody, ProblemDocument, only_decided};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt as _;

use crate::fixture::{Canary, KILLED, READ, gated};
use crate::unguarded::{base, late};

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

/// An app whose refusals a layer answers in its own way.
fn refusing<F>(answer: fn(Request, StatusCode) -> F) -> Router
where
    F: Future<Output = Response> + Send + 'static,
{
    let (gated, _) = base(&Canary::default());
    gated.layer(from_fn(move |request: Request, next: Next| async move {
        let (parts, _) = request.into_parts();
        let again = Request::from_parts(parts.clone(), Body::empty());
        let answered = next.run(Request::from_parts(parts, Body::empty())).await;
        if answered.status().is_client_error() {
            answer(again, answered.status()).await
        } else {
            answered
        }
    }))
}

#[tokio::test]
async fn a17_nothing_leaves_of_what_goes_on_to_another_router_after_a_refusal() {
    let app = refusing(|request, status| async move {
        assert_eq!(status, 403);
        let legacy = Router::new().route("/orgs/{org}/chats", get(async || "secret"));
        legacy.oneshot(request).await.unwrap()
    });
    let plain = crate::fixture::ask(&app, "GET", "/orgs/acme/chats", "mallory").await;
    assert_eq!((plain.status.as_u16(), &*plain.body), (200, &b"secret"[..]));
    let answer = late(app.clone(), "GET", "/orgs/acme/chats", "mallory").await;
    assert_eq!(
        (answer.status.as_u16(), answer.code()),
        (500, Some("permit_missing"))
    );
    let answer = late(app, "GET", "/orgs/acme/chats", "alice").await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn a_layer_that_sends_whoever_is_refused_to_where_one_signs_in_is_let_out() {
    let app = refusing(|_, status| async move {
        assert_eq!(status, 401);
        (StatusCode::FOUND, [(LOCATION, "/sign-in")]).into_response()
    });
    let answer = late(app, "GET", "/orgs/acme/chats", "").await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("location")),
        (302, Some("/sign-in"))
    );
}

#[tokio::test]
async fn a_handler_that_was_admitted_answers_as_it_likes_for_what_it_asked_further() {
    let canary = Canary::default();
    let further = gated().get("/killed/{org}", KILLED, canary.handler("killed"));
    let further = further.into_router().unwrap();
    let app = gated().get("/orgs/{org}/chats", READ, async move |request: Request| {
        let mut second = crate::fixture::request("GET", "/killed/acme", "");
        *second.extensions_mut() = request.extensions().clone();
        let answer = further.oneshot(second).await.unwrap();
        format!("its answer was {}", answer.status().as_u16())
    });
    let app = app.into_router().unwrap();
    let answer = late(app, "GET", "/orgs/acme/chats", "alice").await;
    assert_eq!(answer.status, 200);
    assert!(answer.body.ends_with(b"403"), "{:?}", answer.body);
    canary.assert_silent();
}
