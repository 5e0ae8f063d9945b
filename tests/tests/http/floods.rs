//! What a flood of names that nobody has leaves behind (A80): nothing that grows with it.

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{Request, StatusCode};
use gatepost::{Gate, Mode, Org, PolicyText, Requirement, Subject, SubjectId};
use gatepost_axum::{Gated, SourceError};
use gatepost_console::DenialSample;
use tower::ServiceExt;
use tracing_subscriber::layer::SubscriberExt;

const CREATE: Requirement = Requirement::new("chat", "create")
    .mode(Mode::Foreground)
    .org(Org::path("org"));

const POLICY: &str = r#"
version = 1
[resources]
chat = ["create"]
[site.gates.chat]
switch = "opt-out"
access = "everyone"
[orgs.acme]
"#;

const MIB: usize = 1 << 20;

fn who(request: &Parts) -> Result<Option<Subject>, SourceError> {
    let id = request.headers.get("x-subject").map(|id| id.to_str());
    let id = id
        .transpose()
        .map_err(|_| SourceError::bad_request("no text"))?;
    let id = id.map(SubjectId::new).transpose();
    let id = id.map_err(|_| SourceError::bad_request("no id"))?;
    Ok(id.map(Subject::new))
}

async fn canary() -> StatusCode {
    StatusCode::OK
}

/// The memory that this process has resident.
fn resident() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    pages.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

/// An org, a subject, a path or a method that nobody has sent before.
fn request(number: u64) -> Request<Body> {
    let name = format!("{:0>48x}", number.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let (method, path, subject) = match number % 4 {
        0 => ("POST".to_owned(), format!("/orgs/{name}/chats"), "alice"),
        1 => ("POST".to_owned(), "/orgs/acme/chats".to_owned(), &*name),
        2 => ("POST".to_owned(), format!("/{name}"), "alice"),
        _ => (format!("M{name}"), "/orgs/acme/chats".to_owned(), "alice"),
    };
    let request = Request::builder().method(&*method).uri(path);
    request
        .header("x-subject", subject)
        .body(Body::empty())
        .unwrap()
}

#[test]
fn a80_a_million_names_leave_no_trace_that_grows_with_them() {
    let facts = PolicyText::toml(POLICY).compile(1).unwrap();
    let app = Gated::new(Gate::fixed(facts), who).post("/orgs/{org}/chats", CREATE, canary);
    let app: axum::Router = app.into_router().unwrap();
    let (layer, sample) = DenialSample::new("flooded");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let mut before = 0;
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        runtime.block_on(async {
            for number in 0..1_000_000 {
                if number == 20_000 {
                    before = resident();
                }
                let response = app.clone().oneshot(request(number)).await;
                let status = response.unwrap().status();
                assert!(
                    matches!(
                        status,
                        StatusCode::FORBIDDEN
                            | StatusCode::NOT_FOUND
                            | StatusCode::METHOD_NOT_ALLOWED
                    ),
                    "{status}"
                );
            }
        });
    });
    let grown = resident().saturating_sub(before);
    assert!(grown < 16 * MIB, "{} KiB", grown / 1024);
    // Half of them were refused by the gate, and of those a few are kept.
    let told = sample.statistics();
    assert_eq!(told.kept + told.passed_over + told.dropped, 500_000);
    assert!(told.kept <= 1024, "{told:?}");
}
