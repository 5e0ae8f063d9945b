//! The service on axum.

use std::convert::Infallible;
use std::future::pending;
use std::net::SocketAddr;
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::extract::ws::{Message, WebSocketUpgrade};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::{SinkExt, Stream, StreamExt, stream};
use gatepost::{Gate, Org, Owner, Requirement};
use gatepost_axum::{
    EntityKey, EntityLoader, Gated, Loaded, Peer, Permit, Severable, SourceError, TrustedProxy, ws,
};
use http::header::CONTENT_LENGTH;
use http_body_util::BodyExt;
use tokio::net::TcpListener;

use super::rig::Notes;

const READ: Requirement = Requirement::new("chat", "read").org(Org::path("org"));
const BOUND: Requirement = READ.bound();

/// More than any buffer on the way has room for.
pub(super) const WHOLE: usize = 64 << 20;

/// Serves it on a free port of the loopback address.
pub(super) async fn serve(gate: Gate, notes: Notes) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = router(gate, notes).into_make_service_with_connect_info::<Peer>();
    tokio::spawn(async {
        axum::serve(Severable::new(listener), service)
            .await
            .unwrap();
    });
    address
}

fn router(gate: Gate, notes: Notes) -> Router {
    // Who believes a proxy has to know the address of the connection.
    let who = TrustedProxy::new("x-user", ["127.0.0.1"]).unwrap();
    let gated = Gated::new(gate, who)
        .loader("chat", Stuck(notes.clone()))
        .get("/orgs/{org}/events", BOUND, events)
        .get("/orgs/{org}/hidden", BOUND.hidden(), events)
        .get("/orgs/{org}/free", READ, events)
        .get("/orgs/{org}/quiet", BOUND, quiet)
        .get("/orgs/{org}/flood", BOUND, flood)
        .get("/orgs/{org}/text", BOUND, text)
        .get("/orgs/{org}/sized", BOUND, sized)
        .get("/orgs/{org}/whole", BOUND, async || vec![7; WHOLE])
        .get("/orgs/{org}/wait", BOUND, wait)
        .get("/orgs/{org}/stuck/{id}", BOUND.owner(Owner::Loaded), wait)
        .post("/orgs/{org}/upload", BOUND, upload)
        .post("/orgs/{org}/detached", BOUND, detached)
        .get("/orgs/{org}/socket", READ, socket)
        .get("/orgs/{org}/socket-hidden", READ.hidden(), socket)
        .get("/orgs/{org}/socket-flood", READ, socket_flood)
        .get("/orgs/{org}/socket-split", READ, socket_split);
    gated.into_router().unwrap().with_state(notes)
}

/// Loads nothing, ever.
pub(super) struct Stuck(pub(super) Notes);

#[async_trait]
impl EntityLoader for Stuck {
    type Entity = ();

    async fn load(&self, _: EntityKey<'_>) -> Result<Option<Loaded<()>>, SourceError> {
        let _alive = self.0.begin();
        pending().await
    }
}

/// One thing at once, and then another every few milliseconds.
fn ticking<T>(
    notes: Notes,
    one: impl Fn() -> T + Send,
) -> impl Stream<Item = Result<T, Infallible>> {
    let alive = notes.begin();
    stream::unfold((alive, 0), move |(alive, tick)| {
        let (one, notes) = (one(), notes.clone());
        async move {
            if tick > 0 {
                tokio::time::sleep(Duration::from_millis(3)).await;
            }
            notes.sends();
            Some((Ok(one), (alive, tick + 1)))
        }
    })
}

async fn events(State(notes): State<Notes>) -> impl IntoResponse {
    Sse::new(ticking(notes, || Event::default().data("tick")))
}

async fn quiet(State(notes): State<Notes>) -> impl IntoResponse {
    let alive = notes.begin();
    let first = stream::iter([Ok::<_, Infallible>(Event::default().data("tick"))]);
    let never = stream::pending().map(move |event| {
        let _ = &alive;
        event
    });
    Sse::new(first.chain(never))
}

async fn flood(State(notes): State<Notes>) -> impl IntoResponse {
    let alive = notes.begin();
    let event = "x".repeat(64 * 1024);
    Sse::new(stream::repeat_with(move || {
        let _ = &alive;
        notes.sends();
        Ok::<_, Infallible>(Event::default().data(&event))
    }))
}

async fn text(State(notes): State<Notes>) -> Body {
    Body::from_stream(ticking(notes, || Bytes::from_static(b"tick")))
}

async fn sized(State(notes): State<Notes>) -> impl IntoResponse {
    ([(CONTENT_LENGTH, "1000000")], text(State(notes)).await)
}

async fn wait(State(notes): State<Notes>) {
    let _alive = notes.begin();
    pending::<()>().await;
}

async fn upload(State(notes): State<Notes>, body: Body) -> String {
    let _alive = notes.begin();
    read(&notes, body).await
}

async fn detached(State(notes): State<Notes>, body: Body) {
    let alive = notes.begin();
    tokio::spawn(async move {
        read(&notes, body).await;
        drop(alive);
    });
}

async fn read(notes: &Notes, mut body: Body) -> String {
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            notes.reads("error");
            return "error".to_owned();
        };
        let data = frame.into_data().unwrap_or_default();
        notes.reads(String::from_utf8(data.to_vec()).unwrap());
    }
    notes.reads("end");
    "end".to_owned()
}

/// Says what it is told, and waits for something else meanwhile.
async fn socket(State(notes): State<Notes>, permit: Permit, upgrade: WebSocketUpgrade) -> Response {
    ws::on_upgrade(&permit, upgrade, async move |mut socket| {
        let _alive = notes.begin();
        while let Some(Ok(message)) = socket.recv().await {
            notes.reads(message.to_text().unwrap_or("binary"));
            if matches!(message.to_text(), Ok("wait")) {
                // What is fed is sent, and not kept to be sent in front of the last word.
                socket.feed(message).await.unwrap();
                return pending().await;
            }
            if socket.send(message).await.is_err() {
                return;
            }
        }
    })
}

/// A task of its own says as much as it can.
async fn socket_flood(
    State(notes): State<Notes>,
    permit: Permit,
    upgrade: WebSocketUpgrade,
) -> Response {
    ws::on_upgrade(&permit, upgrade, async move |mut socket| {
        let alive = notes.begin();
        tokio::spawn(async move {
            let message = Message::Binary(Bytes::from(vec![0; 64 * 1024]));
            while socket.send(message.clone()).await.is_ok() {
                notes.sends();
            }
            drop(alive);
        });
    })
}

/// Each half in a task of its own, which the handler does not wait for.
async fn socket_split(
    State(notes): State<Notes>,
    permit: Permit,
    upgrade: WebSocketUpgrade,
) -> Response {
    ws::on_upgrade(&permit, upgrade, async move |socket| {
        let (mut sink, mut stream) = socket.split();
        let (reading, writing) = (notes.begin(), notes.begin());
        let read = notes.clone();
        tokio::spawn(async move {
            while let Some(Ok(message)) = stream.next().await {
                read.reads(message.to_text().unwrap_or("binary"));
            }
            drop(reading);
        });
        tokio::spawn(async move {
            while sink.send("tick".into()).await.is_ok() {
                tokio::time::sleep(Duration::from_millis(3)).await;
            }
            drop(writing);
        });
    })
}
