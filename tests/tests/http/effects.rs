//! Permits at the moment of effect (A68, A72): asked again behind a slow body, and in a task that outlives its request.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gatepost::{Feed, Gate, Mode, Org, Permit, PolicyText, Requirement, Subject, SubjectId};
use gatepost_tests::hand::Hand;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::service::{until, within};

const UPLOAD: Requirement = Requirement::new("chat", "create")
    .mode(Mode::Foreground)
    .org(Org::path("org"));

const POLICY: &str = r#"
version = 1
[resources]
chat = ["create"]
[site.gates.chat]
switch = "opt-out"
access = "everyone"
[org_roles.guest]
level = 10
grants = ["chat:create"]
[orgs.acme.members.alice]
roles = ["guest"]
"#;

/// What the handlers share.
#[derive(Clone, Default)]
struct Effects {
    uploads: Arc<AtomicUsize>,
    /// Permits that outlived their requests.
    kept: Arc<Mutex<Vec<Permit>>>,
}

struct Served {
    gate: Gate,
    feed: Feed,
    hand: Arc<Hand>,
    effects: Effects,
    address: SocketAddr,
    version: AtomicU64,
}

impl Served {
    async fn on(serve: impl AsyncFn(Gate, Effects) -> SocketAddr) -> Self {
        let hand = Arc::new(Hand::default());
        let (gate, feed) = Gate::leased(hand.clone());
        let effects = Effects::default();
        let served = Self {
            feed,
            hand,
            address: serve(gate.clone(), effects.clone()).await,
            gate,
            effects,
            version: AtomicU64::new(0),
        };
        served.publish("", "");
        served.feed.renew(Duration::from_secs(1));
        served
    }

    fn publish(&self, from: &str, to: &str) {
        let version = self.version.fetch_add(1, Ordering::SeqCst) + 1;
        let policy = PolicyText::toml(POLICY.replacen(from, to, 1));
        assert!(self.feed.publish(policy.compile(version).unwrap()));
    }

    async fn begin(&self, path: &str) -> TcpStream {
        let mut wire = TcpStream::connect(self.address).await.unwrap();
        let head = format!(
            "POST /orgs/acme/{path} HTTP/1.1\r\nhost: chats\r\nx-user: alice\r\ncontent-length: 6\r\nconnection: close\r\n\r\nabc"
        );
        wire.write_all(head.as_bytes()).await.unwrap();
        wire
    }

    async fn finish(&self, mut wire: TcpStream) -> String {
        wire.write_all(b"def").await.unwrap();
        let mut answer = String::new();
        let read = within("an answer", wire.read_to_string(&mut answer)).await;
        read.unwrap();
        answer
    }
}

mod on_axum {
    use axum::extract::State;
    use axum::http::StatusCode;
    use axum::http::request::Parts;
    use gatepost_axum::{Gated, Permit, Rejection, SourceError};

    use super::*;

    async fn upload(
        permit: Permit,
        State(effects): State<Effects>,
        _: axum::body::Bytes,
    ) -> Result<StatusCode, Rejection> {
        permit.ensure_fresh().await?;
        effects.uploads.fetch_add(1, Ordering::SeqCst);
        Ok(StatusCode::CREATED)
    }

    async fn keep(permit: Permit, State(effects): State<Effects>) -> StatusCode {
        effects.kept.lock().unwrap().push((*permit).clone());
        StatusCode::ACCEPTED
    }

    pub(super) async fn serve(gate: Gate, effects: Effects) -> SocketAddr {
        let who = |request: &Parts| -> Result<Option<Subject>, SourceError> {
            let named = request
                .headers
                .get("x-user")
                .and_then(|name| name.to_str().ok());
            Ok(named.map(|name| Subject::new(SubjectId::new(name).unwrap())))
        };
        let app = Gated::new(gate, who)
            .post("/orgs/{org}/files", UPLOAD, upload)
            .post("/orgs/{org}/kept", UPLOAD, keep)
            .into_router()
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app.with_state(effects)).await });
        address
    }
}

mod on_actix {
    use actix_web::http::StatusCode;
    use actix_web::web::{Bytes, Data};
    use actix_web::{App, HttpRequest, HttpServer};
    use gatepost_actix::{Gated, Permit, Rejection, SourceError};

    use super::*;

    async fn upload(
        permit: Permit,
        effects: Data<Effects>,
        _: Bytes,
    ) -> Result<(&'static str, StatusCode), Rejection> {
        permit.ensure_fresh().await?;
        effects.uploads.fetch_add(1, Ordering::SeqCst);
        Ok(("", StatusCode::CREATED))
    }

    async fn keep(permit: Permit, effects: Data<Effects>) -> (&'static str, StatusCode) {
        effects.kept.lock().unwrap().push((*permit).clone());
        ("", StatusCode::ACCEPTED)
    }

    pub(super) async fn serve(gate: Gate, effects: Effects) -> SocketAddr {
        let who = |request: &HttpRequest| -> Result<Option<Subject>, SourceError> {
            let named = request
                .headers()
                .get("x-user")
                .and_then(|name| name.to_str().ok());
            Ok(named.map(|name| Subject::new(SubjectId::new(name).unwrap())))
        };
        let routes = Gated::new(gate, who)
            .routes(|app, gate| {
                app.service(gate.resource("/orgs/{org}/files").post(UPLOAD, upload));
                app.service(gate.resource("/orgs/{org}/kept").post(UPLOAD, keep));
            })
            .unwrap();
        let effects = Data::new(effects);
        let (to, from) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server = HttpServer::new(move || {
                    App::new().app_data(effects.clone()).configure(&*routes)
                });
                let server = server
                    .workers(1)
                    .disable_signals()
                    .bind("127.0.0.1:0")
                    .unwrap();
                to.send(server.addrs()[0]).unwrap();
                server.run().await.unwrap();
            });
        });
        from.recv().unwrap()
    }
}

/// What is turned off while a request is under way, and what that is called.
const ROWS: [(&str, &str, &str); 3] = [
    ("\"opt-out\"", "\"off\"", "site_off"),
    (
        "[orgs.acme.members.alice]",
        "[orgs.acme]\ngates.chat = { switch = \"off\" }\n[orgs.acme.members.alice]",
        "org_off",
    ),
    ("roles = [\"guest\"]", "roles = []", "org_grant_missing"),
];

async fn a68_what_was_allowed_at_its_head_has_no_effect_at_its_end(served: Served) {
    let allowed = served.finish(served.begin("files").await).await;
    assert!(allowed.starts_with("HTTP/1.1 201"), "{allowed}");
    for (times, (from, to, code)) in (0..).zip(ROWS) {
        let wire = served.begin("files").await;
        // It has been admitted by then: the head is read whole, and the body is not.
        tokio::time::sleep(Duration::from_millis(100)).await;
        served.publish(from, to);
        let refused = served.finish(wire).await;
        assert!(refused.starts_with("HTTP/1.1 403"), "{refused}");
        assert!(
            refused.contains(&format!("\"code\":\"{code}\"")),
            "{refused}"
        );
        assert_eq!(served.effects.uploads.load(Ordering::SeqCst), 1, "{times}");
        served.publish("", "");
    }
    let wire = served.begin("files").await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    served.hand.set(1);
    let refused = served.finish(wire).await;
    assert!(
        refused.starts_with("HTTP/1.1 503") && refused.contains("policy_stale"),
        "{refused}"
    );
    assert_eq!(served.effects.uploads.load(Ordering::SeqCst), 1);
}

async fn a72_a_permit_that_outlives_its_request_is_asked_again(served: Served) {
    let kept = served.finish(served.begin("kept").await).await;
    assert!(kept.starts_with("HTTP/1.1 202"), "{kept}");
    let permit = served.effects.kept.lock().unwrap().pop().unwrap();
    let asked = async |permit: Permit| {
        let asked = tokio::spawn(async move { permit.ensure_fresh().await });
        asked
            .await
            .unwrap()
            .map_err(|denial| denial.code().as_str())
    };
    assert_eq!(asked(permit.clone()).await, Ok(()));
    let working = permit.clone();
    let work =
        tokio::spawn(async move { working.until_revoked(std::future::pending::<()>()).await });
    until("the work to begin", || served.gate.waiting() == 1).await;
    for (from, to, code) in &ROWS[1..] {
        served.publish(from, to);
        assert_eq!(asked(permit.clone()).await, Err(*code));
        served.publish("", "");
        assert_eq!(asked(permit.clone()).await, Ok(()));
    }
    let ended = within("the work to end", work).await.unwrap().unwrap_err();
    assert_eq!(ended.code().as_str(), "org_off");
    served.hand.set(1);
    assert_eq!(asked(permit).await, Err("policy_stale"));
}

#[tokio::test(flavor = "multi_thread")]
async fn at_its_effect_on_axum() {
    a68_what_was_allowed_at_its_head_has_no_effect_at_its_end(Served::on(on_axum::serve).await)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn at_its_effect_on_actix() {
    a68_what_was_allowed_at_its_head_has_no_effect_at_its_end(Served::on(on_actix::serve).await)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_its_request_on_axum() {
    a72_a_permit_that_outlives_its_request_is_asked_again(Served::on(on_axum::serve).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_its_request_on_actix() {
    a72_a_permit_that_outlives_its_request_is_asked_again(Served::on(on_actix::serve).await).await;
}
