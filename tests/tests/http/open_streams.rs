//! Many open streams that one switch ends (A69): how long each goes on behind the commit, and what it leaves.
//!
//! Streams of server-sent events over sockets of their own, served by a process of its own whose replica follows
//! a store in a file. With 10,000 of them and figures to read:
//!
//! ```text
//! GATEPOST_STREAMS=10000 cargo nextest run --release -p gatepost-tests --test http open_streams --no-capture
//! ```
//!
//! Each of the two processes has one descriptor a stream: a hard limit (`ulimit -Hn`) a little above that number.

mod client;
mod report;
mod server;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use gatepost::{PolicyDocument, SiteSwitch};
use gatepost_store::{Author, Change, Command, Committed, PolicyStore, StoreUrl};
use gatepost_tests::faults::writer::now;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use client::{Heard, Listener};
use report::Report;
use server::Server;

/// As many as a test needs to be one.
const FEW: u32 = 500;
const ORGS: u32 = 100;
/// So many that the last shows whether each leaves something behind.
const ROUNDS: usize = 5;
/// What a process has open beside its streams.
const DESCRIPTORS: u64 = 200;
/// How long anything may take before there is something wrong.
const PATIENCE: Duration = Duration::from_mins(2);
/// A machine that does other things as well is given time.
const LATEST: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a69_every_open_stream_ends_soon_after_the_commit_with_its_last_word_and_leaves_nothing() {
    let streams = std::env::var("GATEPOST_STREAMS").map_or(FEW, |number| number.parse().unwrap());
    // Thousands of events a second would be about the events.
    let every = Duration::from_millis(u64::from(streams).div_ceil(5).max(250));
    descriptors(u64::from(streams) + DESCRIPTORS);

    let folder = tempfile::tempdir().unwrap();
    let url = StoreUrl::sqlite(folder.path().join("policy.db"));
    let policy = policy(streams);
    let store = PolicyStore::open_or_seed(&url, &policy, ines(), "the first");
    let store = store.await.unwrap();
    let mut server = Server::start(&url, every);
    let mut report = Report::new(streams, server.ask("look").rss);
    for _ in 0..ROUNDS {
        let listening = listen(&server, streams).await;
        server.ask("watch");
        // All of them have been sent something, and are sent more.
        tokio::time::sleep(every * 2).await;
        let open = server.ask("look");
        let all = usize::try_from(streams).unwrap();
        assert_eq!((open.open, open.waiting), (all, all + 1));

        let called = now();
        let off = switch(&store, SiteSwitch::Off).await;
        let committed = now();
        let heard = within("the end of every stream", listening.join_all()).await;
        for heard in &heard {
            heard.assert_it_ended_with_its_last_word("site_off");
        }
        let over = server.until("nothing is left of them", |seen| {
            seen.waiting == 0 && seen.open == 0 && seen.version == off.version
        });
        let over = over.await;
        report.round(called, committed, &heard, &open, &over);
        let on = switch(&store, SiteSwitch::On).await;
        let live = |seen: &server::Seen| seen.version == on.version;
        server.until("it is on again", live).await;
    }
    println!("{report}");
    let latest = report.p99();
    assert!(latest <= LATEST, "99 of 100 ended within {latest:?}");
    report.assert_that_nothing_piles_up();
}

/// Opens that many streams, and waits until each has been sent something.
async fn listen(server: &Server, streams: u32) -> JoinSet<Heard> {
    let opened = Arc::new(AtomicUsize::new(0));
    // As many at once as any server takes.
    let room = Arc::new(tokio::sync::Semaphore::new(200));
    let mut listening = JoinSet::new();
    for number in 0..streams {
        let listener = Listener {
            address: server.address,
            subject: subject(number),
            org: org(number),
            opened: Arc::clone(&opened),
        };
        let turn = Arc::clone(&room).acquire_owned().await.unwrap();
        listening.spawn(listener.listen(turn));
    }
    let all = usize::try_from(streams).unwrap();
    within("every stream", async {
        while opened.load(Ordering::Relaxed) < all {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    listening
}

async fn within<T>(what: &str, work: impl Future<Output = T>) -> T {
    let done = tokio::time::timeout(PATIENCE, work).await;
    done.unwrap_or_else(|_| panic!("{what}: not within {PATIENCE:?}"))
}

/// Lets this process and its children have that many descriptors.
fn descriptors(needed: u64) {
    let limit = getrlimit(Resource::Nofile);
    let most = limit.maximum.unwrap_or(u64::MAX);
    assert!(needed <= most, "`ulimit -Hn` is {most}, needed is {needed}");
    let limit = Rlimit {
        current: limit.maximum,
        ..limit
    };
    setrlimit(Resource::Nofile, limit).unwrap();
}

fn ines() -> Author {
    Author::Operator {
        name: "ines".into(),
    }
}

async fn switch(store: &PolicyStore, to: SiteSwitch) -> Committed {
    let command = Command::SiteSwitch {
        resource: "chat".into(),
        mode: None,
        to,
    };
    let change = Change::new(command, ines(), "a drill");
    store.write(&change).await.unwrap()
}

fn subject(number: u32) -> String {
    format!("user-{number}")
}

fn org(number: u32) -> String {
    format!("org-{}", number % ORGS)
}

/// One member a stream.
fn policy(streams: u32) -> PolicyDocument {
    let mut orgs: BTreeMap<String, BTreeMap<String, Value>> = BTreeMap::new();
    for number in 0..streams {
        let members = orgs.entry(org(number)).or_default();
        members.insert(subject(number), json!({ "roles": ["reader"] }));
    }
    let orgs = orgs
        .into_iter()
        .map(|(org, members)| (org, json!({ "members": members })));
    let policy = json!({
        "version": 1,
        "resources": { "chat": ["read"] },
        "site": { "gates": { "chat": { "switch": "on", "access": "everyone" } } },
        "org_roles": { "reader": { "level": 10, "grants": ["chat:read"] } },
        "orgs": orgs.collect::<serde_json::Map<_, _>>(),
    });
    serde_json::from_value(policy).unwrap()
}
