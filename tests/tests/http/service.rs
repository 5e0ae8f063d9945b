//! The service under attack: its routes, and what it notes of each run of a handler.

mod canary;
mod chats;
mod counted;
mod policy;

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::middleware::map_request;
use axum::routing::get;
use gatepost_axum::{Gate, Gated, Mode, Org, Owner, Requirement, SourceError, Subject, SubjectId};
use http::HeaderMap;
use http::request::Parts;
use tokio::net::TcpListener;

pub(crate) use canary::{Canary, Ran};
pub(crate) use chats::Chats;
pub(crate) use counted::Polls;

use crate::wire::{Reply, Wire};

const READ: Requirement = Requirement::new("chat", "read").org(Org::path("org"));
const READ_LOADED: Requirement = READ.owner(Owner::Loaded);
const UPDATE: Requirement = Requirement::new("chat", "update").org(Org::path("org"));
const UPDATE_BY_BODY: Requirement =
    Requirement::new("chat", "update").org(Org::json_within("org", 256));
const KILLED: Requirement = Requirement::new("killed", "read")
    .org(Org::path("org"))
    .owner(Owner::Loaded);
const KILLED_BY_BODY: Requirement = Requirement::new("killed", "read").org(Org::json("org"));
const RUN: Requirement = Requirement::new("agent", "execute")
    .org(Org::path("org"))
    .mode_from_body(64, mode);

/// Foreground is what says so in so many words.
fn mode(body: &[u8]) -> Option<Mode> {
    match body {
        b"wait" => Some(Mode::Foreground),
        b"detach" => Some(Mode::Background),
        _ => None,
    }
}

/// A service that listens, with everything that it notes.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) address: SocketAddr,
    pub(crate) canary: Canary,
    pub(crate) chats: Chats,
    /// How often any request's body was polled.
    pub(crate) polls: Polls,
}

impl Service {
    /// Starts it on a free port of the loopback address.
    pub(crate) async fn start() -> Self {
        let (canary, chats, polls) = (Canary::default(), Chats::default(), Polls::default());
        let router = router(&canary, &chats)
            .layer(map_request(authenticate))
            .layer(polls.layer());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
        Self {
            address,
            canary,
            chats,
            polls,
        }
    }

    /// A connection to it.
    pub(crate) async fn connect(&self) -> Wire {
        Wire::connect(self.address).await
    }

    /// The answer to one well-formed request on a connection of its own.
    pub(crate) async fn ask(&self, method: &str, path: &str, who: &str, body: &str) -> Reply {
        let mut wire = self.connect().await;
        wire.send(&request(method, path, who, "", body)).await;
        wire.reply_to(method).await
    }
}

/// A well-formed request; `headers` are whole lines.
pub(crate) fn request(method: &str, path: &str, who: &str, headers: &str, body: &str) -> String {
    let authorization = if who.is_empty() {
        String::new()
    } else {
        format!("Authorization: Bearer {who}\r\n")
    };
    let length = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nHost: chats\r\n{authorization}Content-Length: {length}\r\n{headers}\r\n{body}"
    )
}

fn router(canary: &Canary, chats: &Chats) -> Router {
    let run = |name| canary.handler(name);
    let gate = Gate::fixed(policy::facts());
    Gated::new(gate, who)
        .get("/orgs/{org}/chats", READ, run("list"))
        .post("/orgs/{org}/chats", UPDATE, run("update"))
        .get(
            "/orgs/{org}/chats/{id}",
            READ_LOADED.hidden(),
            run("read-hidden"),
        )
        .get("/orgs/{org}/shown/{id}", READ_LOADED, run("read"))
        .post("/chats", UPDATE_BY_BODY, run("update-by-body"))
        .post("/orgs/{org}/runs", RUN, run("run"))
        .post("/orgs/{org}/killed/{id}", KILLED, run("killed"))
        .post("/killed", KILLED_BY_BODY, run("killed-by-body"))
        .public("/healthz", get(run("healthz")), "liveness probe")
        .loader("chat", chats.clone())
        .loader("killed", chats.clone())
        .into_router()
        .unwrap()
}

/// The identity of the example: whoever bears a name is believed, and nothing else in a request is.
async fn authenticate(mut request: Request) -> Request {
    let identity = identity(request.headers());
    request.extensions_mut().insert(identity);
    request
}

#[derive(Clone, Debug)]
enum Identity {
    Nobody,
    Somebody(Subject),
    Garbled,
}

fn identity(headers: &HeaderMap) -> Identity {
    let mut given = headers.get_all(http::header::AUTHORIZATION).iter();
    let (first, second) = (given.next(), given.next());
    match (first, second) {
        (None, _) => Identity::Nobody,
        (Some(one), None) => {
            let name = one
                .to_str()
                .ok()
                .and_then(|text| text.strip_prefix("Bearer "));
            let id = name.and_then(|name| SubjectId::new(name).ok());
            id.map_or(Identity::Garbled, |id| Identity::Somebody(Subject::new(id)))
        }
        (Some(_), Some(_)) => Identity::Garbled,
    }
}

fn who(request: &Parts) -> Result<Option<Subject>, SourceError> {
    match request.extensions.get() {
        Some(Identity::Somebody(subject)) => Ok(Some(subject.clone())),
        Some(Identity::Nobody) => Ok(None),
        Some(Identity::Garbled) => Err(SourceError::bad_request("the identity cannot be read")),
        None => Err(SourceError::unavailable("nothing has authenticated")),
    }
}

/// Waits until something holds, and fails where it never does.
pub(crate) async fn until(what: &str, holds: impl Fn() -> bool) {
    let waiting = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    within(what, waiting).await;
}

/// Awaits what must come, but not for ever.
pub(crate) async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    let limit = Duration::from_secs(20);
    let output = tokio::time::timeout(limit, future).await;
    output.unwrap_or_else(|_| panic!("{what}: not within {limit:?}"))
}
