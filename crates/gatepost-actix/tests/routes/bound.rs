//! Requests that are bound to their permit: what becomes of each when the permit is revoked.

mod bodies;
mod causes;
mod handlers;
mod http2;
mod peers;
#[cfg(feature = "ws")]
mod sockets;
mod work;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use actix_web::web::{self, ServiceConfig};
use gatepost::{Clock, Feed, Snapshot};
use gatepost_actix::{Gate, Gated, PolicyText, Requirement};
use serde_json::Value;

use crate::fixture::{Chats, POLICY, READ, READ_LOADED, Reply, Server, Wire, head, until, who};
use work::Work;

const BOUND: Requirement = READ.bound();
const HIDDEN: Requirement = BOUND.hidden();
const LOADED: Requirement = READ_LOADED.bound();

/// A change of the policy: what is replaced by what.
type Edit = (&'static str, &'static str);

const KILL: Edit = ("switch = \"on\"", "switch = \"off\"");
const MEMBER: &str = "gina = { roles = [\"guest\"] }";

/// A service of bound routes.
struct Bed {
    gate: Gate,
    feed: Feed,
    work: Work,
    chats: Chats,
    server: Server,
}

impl Bed {
    fn start() -> Self {
        let (gate, feed) = Gate::channel();
        feed.publish(policy(&[], 1));
        Self::over(gate, feed)
    }

    fn over(gate: Gate, feed: Feed) -> Self {
        let (work, chats) = (Work::default(), Chats::default());
        let gated = Gated::new(gate.clone(), who).loader("chat", chats.clone());
        let server = Server::start(routes(&gated, &work));
        Self {
            gate,
            feed,
            work,
            chats,
            server,
        }
    }

    fn publish(&self, edits: &[Edit]) {
        assert!(self.feed.publish(policy(edits, 2)));
    }

    /// Asks as gina, and reads the head of the answer.
    fn open(&self, path: &str) -> (Wire, Reply) {
        let mut wire = self.server.connect();
        wire.send(&head("GET", path, "gina", ""));
        let reply = wire.reply().unwrap();
        (wire, reply)
    }

    /// A stream that has begun.
    fn stream(&self, path: &str) -> Wire {
        let (mut wire, reply) = self.open(path);
        assert_eq!(reply.status, 200, "{}", reply.body);
        assert!(wire.chunk().is_some_and(|chunk| !chunk.is_empty()));
        wire
    }

    /// What such a request is refused with by now.
    fn refusal(&self, path: &str) -> Value {
        document(&self.open(path).1.body)
    }

    /// Waits until nothing is left of any request.
    fn freed(&self) {
        until("all work to be dropped", || self.work.alive() == 0);
        until("all permits to be let go of", || self.gate.waiting() == 0);
    }
}

/// A problem document, but for the id that is another each time.
fn document(text: &str) -> Value {
    let mut document: Value = serde_json::from_str(text).unwrap();
    assert!(document["decision"].take().is_string(), "{text}");
    document
}

/// All chunks of a body, and whether it came to a clean end.
fn chunks(wire: &mut Wire) -> (String, bool) {
    let mut whole = Vec::new();
    let is_clean = loop {
        match wire.chunk() {
            Some(chunk) if chunk.is_empty() => break true,
            Some(chunk) => whole.extend_from_slice(&chunk),
            None => break false,
        }
    };
    (String::from_utf8(whole).unwrap(), is_clean)
}

/// The problem document that a stream of events ended with.
#[track_caller]
fn last_event(stream: &str) -> Value {
    let (before, last) = stream.split_once("\n\nevent: denied\ndata: ").unwrap();
    assert!(!before.contains("denied"), "{before}");
    document(last.strip_suffix("\n\n").unwrap())
}

fn policy(edits: &[Edit], version: u64) -> Snapshot {
    let text = edits.iter().fold(POLICY.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    });
    PolicyText::toml(text).compile(version).unwrap()
}

/// A clock that is moved by hand.
#[derive(Default)]
struct Hand(AtomicU64);

impl Clock for Hand {
    fn now(&self) -> Duration {
        Duration::from_secs(self.0.load(Ordering::SeqCst))
    }
}

/// A gate whose lease has run out when its clock is moved.
fn leased() -> (Bed, Arc<Hand>) {
    let clock = Arc::new(Hand::default());
    let (gate, feed) = Gate::leased(clock.clone());
    feed.publish(policy(&[], 1));
    feed.renew(Duration::from_secs(10));
    (Bed::over(gate, feed), clock)
}

impl Hand {
    fn run_out(&self) {
        self.0.store(11, Ordering::SeqCst);
    }
}

/// Where the handlers are, behind each form that puts a requirement around them.
const FORMS: [&str; 5] = ["resource", "route", "loaded", "choice", "scope"];

fn routes(gated: &Gated, work: &Work) -> impl FnOnce(&mut ServiceConfig) + Clone + Send + use<> {
    let work = work.clone();
    let routes = gated.routes(move |app, gate| mount(app, gate, &work));
    (*routes.unwrap()).clone()
}

fn mount(app: &mut ServiceConfig, gate: &Gated, work: &Work) {
    app.service(
        gate.resource("/resource/{org}/events")
            .get(BOUND, work.events()),
    )
    .service(
        gate.resource("/resource/{org}/waits")
            .get(BOUND, work.waits()),
    )
    .route("/route/{org}/events", gate.get(BOUND, work.events()))
    .route("/route/{org}/waits", gate.get(BOUND, work.waits()))
    .route("/loaded/{org}/events", gate.get(LOADED, work.events()))
    .route("/loaded/{org}/waits", gate.get(LOADED, work.waits()))
    .route("/loaded/{org}/of/{id}", gate.get(LOADED, work.waits()))
    .service(
        gate.choice("/choice/{org}/events")
            .when(BOUND, work.events()),
    )
    .service(gate.choice("/choice/{org}/waits").when(BOUND, work.waits()))
    .service(
        gate.scope("/scope/{org}", BOUND)
            .route("/events", web::get().to(work.events()))
            .route("/waits", web::get().to(work.waits())),
    )
    .service(
        gate.resource("/hidden/{org}/events")
            .get(HIDDEN, work.events()),
    )
    .service(
        gate.resource("/hidden/{org}/waits")
            .get(HIDDEN, work.waits()),
    )
    .service(gate.resource("/free/{org}/events").get(READ, work.events()))
    .service(gate.resource("/{org}/text").get(BOUND, work.text()))
    .service(gate.resource("/{org}/long").get(BOUND, work.long()))
    .service(gate.resource("/{org}/packed").get(BOUND, work.packed()))
    .service(gate.resource("/{org}/short").get(BOUND, work.short()))
    .service(gate.resource("/{org}/flood").get(BOUND, work.flood()))
    .service(gate.resource("/{org}/upload").post(BOUND, work.upload()))
    .service(gate.resource("/{org}/aside").post(BOUND, work.aside()));
    #[cfg(feature = "ws")]
    sockets::mount(app, gate, work);
}
