//! Routes that only report: the requests of the table and the calls of gRPC, asked of a service that enforces and of
//! one that reports. Every answer is the same, but where nothing except what an admin can grant or switch on stands
//! against the request (A83, A89).

mod laxer;
mod passage;
mod shadowed;
mod startup;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use gatepost::{Gate, ReportOnly, Snapshot, Timestamp};
use gatepost_axum::Observer;

use crate::calls;
use crate::served::{Adapter, Canary, Line, Ran, Reports, Served, Told};
use crate::table::{Client, Post, Protocol, Row, Table, document, policy, routes};
use crate::wire::Reply;

/// The codes of what an admin can grant or switch on.
const SIX: [&str; 6] = [
    "site_grant_missing",
    "org_off",
    "org_mode_off",
    "org_denied",
    "org_grant_missing",
    "mode_floor",
];

const CHATS: &[&str] = &["chat"];
const OTHERS: &[&str] = &[
    "agent",
    "analyst",
    "gatepost-org",
    "ghost",
    "killed",
    "note",
    "planner",
    "report",
    "runner",
    "silent",
];
/// The resources that gRPC methods are about.
const OF_CALLS: &[&str] = &["agent", "chat", "killed", "note"];

/// A service, who asks it, and what it notes.
struct Asked {
    h1: Client,
    h2: Client,
    canary: Canary,
    told: Told,
}

/// What came of one request.
struct Came {
    reply: Option<Reply>,
    ran: Vec<Ran>,
    told: Vec<Line>,
}

/// Which framework serves.
#[derive(Clone, Copy, PartialEq, Eq)]
enum On {
    Http(Adapter),
    Grpc,
}

impl Asked {
    async fn start(on: On, policy: Snapshot, reports: Reports) -> Self {
        Self::start_beside(on, policy, reports, Vec::new()).await
    }

    /// The same, where others observe as well.
    async fn start_beside(
        on: On,
        policy: Snapshot,
        reports: Reports,
        others: Vec<Arc<dyn Observer>>,
    ) -> Self {
        let told = Told::default();
        let routes = if on == On::Grpc { Vec::new() } else { routes() };
        let (gate, feed) = Gate::channel();
        let mut served = Served::new(gate, routes);
        served.observers = others;
        served.observers.push(Arc::new(told.clone()));
        served.reports = reports;
        let canary = served.canary.clone();
        let address: SocketAddr = match on {
            On::Http(adapter) => served.on(adapter).await,
            On::Grpc => calls::serve(served).await,
        };
        assert!(feed.publish(policy));
        Self {
            h1: Client::new(Protocol::H1, address),
            h2: Client::new(Protocol::H2, address),
            canary,
            told,
        }
    }

    async fn ask(&mut self, row: &Row) -> Came {
        let client = match row.over {
            Some(Protocol::H2) => &mut self.h2,
            Some(Protocol::H1) | None => &mut self.h1,
        };
        let reply = client.ask(row, &row.method).await;
        let runs = self.canary.take().into_iter();
        Came {
            reply,
            ran: runs.map(|run| run.ran).collect(),
            told: self.told.take(),
        }
    }
}

impl Came {
    /// What there is to compare of it, and is not about the one request alone.
    fn shown(&self, on: On) -> String {
        match (&self.reply, on) {
            (Some(reply), On::Grpc) => {
                let (status, body) = (reply.status, &reply.body);
                format!("{status} {:?} {body:?}", calls::told(reply))
            }
            (Some(reply), On::Http(_)) => {
                let mut reply = reply.normalised();
                // Whether a connection stays depends on what was read of the body.
                reply.headers.retain(|(name, _)| name != "connection");
                format!("{reply:?}")
            }
            (None, _) => "no answer".to_owned(),
        }
    }

    fn lines(&self) -> Vec<Line> {
        let lines = self.told.iter().cloned();
        let alike = lines.map(|line| Line {
            decision: String::new(),
            ..line
        });
        alike.collect()
    }

    fn status(&self) -> Option<u16> {
        self.reply.as_ref().map(|reply| reply.status)
    }
}

/// Asks each row of three services: one that enforces, one that reports, and one whose policy has none of the six
/// obstacles. Counts what went on, by code.
async fn compare(on: On, reports: Reports) -> BTreeMap<&'static str, usize> {
    let enforcing = Reports {
        passes: true,
        ..Reports::default()
    };
    let lax = laxer::of(document());
    let mut enforcing_one = Asked::start(on, policy(), enforcing.clone()).await;
    let mut reporting_one = Asked::start(on, policy(), reports.clone()).await;
    let mut lax_one = Asked::start(on, lax, enforcing).await;
    let rows = match on {
        On::Http(_) => Table::load().rows,
        On::Grpc => calls::all(),
    };
    let mut went_on = BTreeMap::new();
    for row in rows.iter().filter(|row| row.gate == Post::Manned) {
        let enforced = enforcing_one.ask(row).await;
        if row.upgrades() {
            // What goes on has no end to its body: a handler that reads it is none to compare by.
            continue;
        }
        let reported = reporting_one.ask(row).await;
        let lax = lax_one.ask(row).await;
        assert!(enforced.told.len() <= 1, "{row}: {:#?}", enforced.told);
        let code = enforced.told.first().and_then(|line| line.code);
        let is_listed = |line: &Line| reports.resources.contains(&line.resource);
        let is_over = reports.own.is_some_and(|own| own.is_over(Timestamp::now()));
        let is_reported = reports.own.is_some() || enforced.told.first().is_some_and(is_listed);
        let is_of_six = code.is_some_and(|code| SIX.contains(&code));
        let is_lax = lax.told.first().is_some_and(|line| line.code.is_none());
        if is_over || !(is_reported && is_of_six && is_lax) {
            assert_eq!(reported.shown(on), enforced.shown(on), "{row}");
            assert_eq!(reported.lines(), enforced.lines(), "{row}");
            let ran = |came: &Came| came.ran.clone();
            assert_eq!(ran(&reported), ran(&enforced), "{row}");
            continue;
        }
        let mut line = enforced.lines().remove(0);
        line.enforced = false;
        assert_eq!(reported.lines(), [line], "{row}");
        // It runs where it runs for whoever may, under what that one has.
        let ran = lax.ran.iter().map(Ran::but_for_its_reach);
        assert_eq!(reported.ran, ran.collect::<Vec<_>>(), "{row}");
        assert_eq!(reported.status(), lax.status(), "{row}");
        assert!(enforced.ran.is_empty(), "{row}");
        let counted = went_on.entry(code.unwrap()).or_default();
        *counted += reported.ran.len();
    }
    went_on
}

/// Each on by itself and on all: what the requirements say, what the service says of resources, and of some alone.
async fn an_answer_differs_only_where_the_request_would_be_let_pass(on: On) {
    let of_all = Reports {
        passes: true,
        own: Some(ReportOnly::ALWAYS),
        resources: Vec::new(),
        logged: false,
    };
    let went_on = compare(on, of_all).await;
    let many = if on == On::Grpc { 4 } else { SIX.len() };
    assert!(went_on.len() >= many, "{went_on:?}");
    let of = |resources: &[&'static str]| Reports {
        passes: true,
        own: None,
        resources: resources.to_vec(),
        logged: false,
    };
    // What a path chooses among is reported as one, or start-up refuses it.
    let mut parts = 0;
    for resources in [CHATS, OTHERS] {
        let declared = resources.iter().copied();
        let declared = declared.filter(|name| on != On::Grpc || OF_CALLS.contains(name));
        let went_on = compare(on, of(&declared.collect::<Vec<_>>())).await;
        assert!(!went_on.is_empty());
        parts += went_on.values().sum::<usize>();
    }
    assert_eq!(
        parts,
        went_on.values().sum::<usize>(),
        "each was about one or the other"
    );
    let over = Reports {
        passes: true,
        own: Some(ReportOnly::until("2026-01-01")),
        resources: vec!["chat"],
        logged: false,
    };
    assert_eq!(compare(on, over).await, BTreeMap::new());
}

#[tokio::test]
async fn on_axum_an_answer_differs_only_where_the_request_would_be_let_pass() {
    an_answer_differs_only_where_the_request_would_be_let_pass(On::Http(Adapter::Axum)).await;
}

#[tokio::test]
async fn on_actix_an_answer_differs_only_where_the_request_would_be_let_pass() {
    an_answer_differs_only_where_the_request_would_be_let_pass(On::Http(Adapter::Actix)).await;
}

#[tokio::test]
async fn on_tonic_an_answer_differs_only_where_the_request_would_be_let_pass() {
    an_answer_differs_only_where_the_request_would_be_let_pass(On::Grpc).await;
}
