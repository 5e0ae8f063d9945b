//! The service, in a process of its own: this binary again, asked for one test of it.

use std::env;
use std::io::{BufRead, BufReader, Lines, Write};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, ready};
use std::time::Duration;

use axum::body::Body;
use axum::middleware::map_request;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use gatepost::{Evaluation, Gate, NamedOrg, Next, Snapshot, SubjectId};
use gatepost_axum::{Gated, Org, Requirement, Subject};
use gatepost_store::{Replica, StoreUrl};
use gatepost_tests::faults::writer::now;
use http::header::CONTENT_TYPE;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

use super::PATIENCE;
use crate::served::axum::{authenticate, who};

const EVENTS: Requirement = Requirement::new("chat", "read")
    .org(Org::path("org"))
    .bound();

/// So long that nothing but a switch ends anything.
const LEASE: Duration = Duration::from_mins(1);
/// In front of whatever is said: the test harness speaks as well.
const SAID: &str = "@";
const STORE: &str = "GATEPOST_STREAMS_STORE";
const EVERY: &str = "GATEPOST_STREAMS_EVERY_MS";

/// What there is to be seen of the server.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Seen {
    /// The policy version that it decides by.
    pub(super) version: u64,
    /// Permits that are waited for.
    pub(super) waiting: usize,
    /// Streams that have not been dropped.
    pub(super) open: usize,
    /// Its memory in KiB.
    pub(super) rss: u64,
    /// When the watched permit was told to be over, in nanoseconds.
    pub(super) told: u64,
    /// When a stream was dropped last, in nanoseconds.
    pub(super) dropped: u64,
}

/// The server's process; it ends with this.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    child: Child,
}

impl Server {
    pub(super) fn start(store: &StoreUrl, every: Duration) -> Self {
        let mut child = Command::new(env::current_exe().unwrap())
            .args([
                "--exact",
                "open_streams::server::serves_whoever_has_started_it",
                "--nocapture",
            ])
            .env(STORE, store.to_string())
            .env(EVERY, every.as_millis().to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut server = Self {
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            input,
            output,
            child,
        };
        server.address = server.said().parse().unwrap();
        server
    }

    fn said(&mut self) -> String {
        let mut lines = self.output.by_ref().map(Result::unwrap);
        let said = lines.find_map(|line| Some(line.split_once(SAID)?.1.to_owned()));
        said.expect("the server has ended")
    }

    pub(super) fn ask(&mut self, what: &str) -> Seen {
        writeln!(self.input, "{what}").unwrap();
        let said = self.said();
        serde_json::from_str(&said).unwrap()
    }

    /// Waits until there is something to be seen.
    pub(super) async fn until(&mut self, what: &str, holds: impl Fn(&Seen) -> bool) -> Seen {
        let begun = now();
        loop {
            let seen = self.ask("look");
            if holds(&seen) {
                return seen;
            }
            let waited = Duration::from_nanos(now() - begun);
            assert!(waited < PATIENCE, "{what}: {seen:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Serves whoever has started this process for that, until its input ends; there is nothing to do otherwise.
#[test]
fn serves_whoever_has_started_it() {
    let Ok(store) = env::var(STORE) else { return };
    let every = env::var(EVERY).unwrap().parse().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let runtime = &runtime;
    let serving = Serving::start(&store, Duration::from_millis(every));
    let (address, serving) = runtime.block_on(serving);
    println!("{SAID}{address}");
    for line in std::io::stdin().lines().map_while(Result::ok) {
        if line == "watch" {
            serving.watch();
        }
        let seen = serde_json::to_string(&serving.look()).unwrap();
        println!("{SAID}{seen}");
    }
}

struct Serving {
    gate: Gate,
    open: Arc<Streams>,
    told: Arc<Told>,
}

impl Serving {
    async fn start(store: &str, every: Duration) -> (SocketAddr, Self) {
        let options = Replica::options().lease(LEASE).patience(PATIENCE);
        let replica = options.open(&store.parse().unwrap()).await.unwrap();
        let gate = replica.gate();
        let open = Arc::new(Streams::default());
        let counted = Arc::clone(&open);
        let events = async move || events(ticks(every, Open::new(&counted)));
        let router = Gated::new(gate.clone(), who)
            .get("/orgs/{org}/events", EVENTS, events)
            .into_router()
            .unwrap()
            .layer(map_request(authenticate));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
        let told = Arc::new(Told::default());
        (address, Self { gate, open, told })
    }

    fn look(&self) -> Seen {
        Seen {
            version: self.gate.read(Snapshot::version).unwrap_or_default(),
            waiting: self.gate.waiting(),
            open: self.open.open.load(Ordering::SeqCst),
            rss: rss(),
            told: self.told.0.load(Ordering::SeqCst),
            dropped: self.open.dropped.load(Ordering::SeqCst),
        }
    }

    /// Waits for one permit more, and notes when it is told: all have been asked again by then.
    fn watch(&self) {
        let subject = Subject::new(SubjectId::new(super::subject(0)).unwrap());
        let mut evaluation = Evaluation::new(&EVENTS, "chat", Some(subject));
        evaluation.org(NamedOrg::Named(super::org(0).parse().unwrap()));
        let next = self.gate.read(|facts| evaluation.next(facts));
        let Ok(Next::Admit(permit)) = next else {
            panic!("{next:?}")
        };
        let mut revoked = permit.revoked();
        let waker = Arc::clone(&self.told).into();
        let held = revoked.poll_holds(&mut Context::from_waker(&waker));
        assert!(matches!(held, Poll::Ready(Ok(()))));
        // It is taken out of the list when it is told.
        std::mem::forget(revoked);
    }
}

/// When something was told, in nanoseconds.
#[derive(Default)]
struct Told(AtomicU64);

impl Wake for Told {
    fn wake(self: Arc<Self>) {
        self.0.store(now(), Ordering::SeqCst);
    }
}

/// How many streams there are, and when there was one less.
#[derive(Default)]
struct Streams {
    open: AtomicUsize,
    dropped: AtomicU64,
}

/// Counts as open until it is dropped.
struct Open(Arc<Streams>);

impl Open {
    fn new(streams: &Arc<Streams>) -> Self {
        streams.open.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(streams))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.dropped.store(now(), Ordering::SeqCst);
        self.0.open.fetch_sub(1, Ordering::SeqCst);
    }
}

/// An event at once, and then one at a time.
fn ticks(every: Duration, open: Open) -> impl Stream<Item = Bytes> + Unpin {
    let mut ticks = tokio::time::interval(every);
    let mut number = 0_u64;
    stream::poll_fn(move |context| {
        let _open = &open;
        ready!(ticks.poll_tick(context));
        number += 1;
        Poll::Ready(Some(format!("data: {number}\n\n").into()))
    })
}

fn events(events: impl Stream<Item = Bytes> + Send + 'static) -> Response {
    let body = Body::from_stream(events.map(Ok::<_, std::convert::Infallible>));
    ([(CONTENT_TYPE, "text/event-stream")], body).into_response()
}

fn rss() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    number.unwrap().parse().unwrap()
}
