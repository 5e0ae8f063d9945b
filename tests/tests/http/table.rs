//! The table: each request of `data/requests`, asked over sockets through every adapter, in every protocol.
//!
//! What comes back is what the row says, and byte for byte what every other adapter gives; and the handler ran
//! exactly where the row says so, under the permit that it says.

mod bytes;
mod check;
mod client;
mod load;
mod routes;
mod row;
mod server;

use std::collections::{BTreeSet, HashMap};

use gatepost::Code;

pub(crate) use bytes::Bytes;
use check::{Alike, Faults};
pub(crate) use client::Client;
pub(crate) use load::{Table, document, policy};
pub(crate) use routes::all as routes;
use row::Expect;
pub(crate) use row::{Post, Protocol, Row};
use server::Server;

use crate::served::Ran;

/// Each of so many rows is asked again on a connection of its own.
const SAMPLE: usize = 5;

/// A server, and a client of it.
struct Speaker {
    server: Server,
    protocol: Protocol,
    client: Client,
}

#[tokio::test]
async fn every_adapter_answers_every_row_as_it_says_and_all_alike() {
    let mut speakers = Speaker::all().await;
    let mut faults = Vec::new();
    let mut groups = HashMap::new();
    for (number, row) in Table::load().rows.iter().enumerate() {
        let mut first: Option<Alike> = None;
        for speaker in speakers.iter_mut().filter(|speaker| speaker.fits(row)) {
            let (mut found, alike) = speaker.ask(row).await;
            if number % SAMPLE == 0 {
                speaker.client.hang_up();
                let (_, alone) = speaker.ask(row).await;
                found.equal("on a connection of its own", &alone, &alike);
            }
            if let (Some(group), Some(alike)) = (&row.like, &alike) {
                let of_group = groups.entry(group.clone()).or_insert_with(|| alike.clone());
                found.equal("as its like", alike, of_group);
            }
            if row.is_like_the_others(speaker.server.adapter) {
                match (&first, alike) {
                    (Some(first), alike) => {
                        found.equal("as the others", &alike.as_ref(), &Some(first));
                    }
                    (None, alike) => first = alike,
                }
            }
            if !found.0.is_empty() {
                let (adapter, protocol) = (speaker.server.adapter, speaker.protocol);
                let found = found.0.join("\n    ");
                faults.push(format!("{adapter:?} {protocol:?} {row}\n    {found}"));
            }
        }
    }
    assert!(
        faults.is_empty(),
        "{} rows:\n{}",
        faults.len(),
        faults.join("\n")
    );
}

impl Speaker {
    async fn all() -> Vec<Self> {
        let servers = Server::start_all().await.into_iter();
        let speakers = servers.flat_map(|server| {
            let protocols = server.speaks.iter();
            protocols.map(move |&protocol| Self {
                server: server.clone(),
                protocol,
                client: Client::new(protocol, server.address),
            })
        });
        speakers.collect()
    }

    fn fits(&self, row: &Row) -> bool {
        self.server.post == row.gate && row.fits(self.protocol)
    }

    /// What is wrong with the answer to a row, and the answer.
    async fn ask(&mut self, row: &Row) -> (Faults, Option<Alike>) {
        let expect = row.expected_of(self.server.adapter);
        let Some(reply) = self.client.ask(row, &row.method).await else {
            let mut faults = Faults::default();
            faults.equal("is answered", &false, &true);
            faults.equal("ran", &self.server.canary.take(), &Vec::new());
            return (faults, None);
        };
        let alike = Alike::of(&reply);
        let runs = self.server.canary.take();
        if row.method != "HEAD" {
            return (Faults::of(row, &expect, &reply, &runs), Some(alike));
        }
        // What a head does not tell, the whole answer does: it is decided the same, and has the same head.
        let whole = self.client.ask(row, "GET").await;
        let whole = whole.expect("an answer to `GET` where there is one to `HEAD`");
        let mut faults = Faults::of(row, &expect, &whole, &self.server.canary.take());
        let ran: Vec<_> = runs.iter().map(|run| &run.ran).collect();
        faults.equal("ran", &ran, &expect.ran.iter().collect());
        faults.equal("head", &alike, &Alike::of(&whole).head());
        (faults, Some(alike))
    }
}

#[tokio::test]
async fn a_row_that_expects_something_else_is_noticed() {
    let mut speakers = Speaker::all().await;
    for row in Table::load().rows.iter().step_by(SAMPLE) {
        for wrong in wrong(&row.expect) {
            let mut row = row.clone();
            row.expect = wrong;
            let fits = |speaker: &&mut Speaker| speaker.fits(&row);
            let likes = |speaker: &&mut Speaker| row.is_like_the_others(speaker.server.adapter);
            for speaker in speakers.iter_mut().filter(fits).filter(likes) {
                let (found, _) = speaker.ask(&row).await;
                assert!(!found.0.is_empty(), "{row} as {:?}", row.expect);
            }
        }
    }
}

/// Other things to expect, each wrong in one way.
fn wrong(right: &Expect) -> Vec<Expect> {
    let mut wrong = vec![right.clone(), right.clone()];
    wrong[0].status += 1;
    match &right.ran {
        Some(_) => wrong[1].ran = None,
        None => wrong[1].ran = Some(Ran::public("healthz")),
    }
    if right.ran.is_some() {
        let mut other = right.clone();
        other.ran = Some(Ran::public("another"));
        wrong.push(other);
    }
    if right.code.is_some() || right.hidden {
        let mut other = right.clone();
        other.code = Some("ticket_expired".to_owned());
        wrong.push(other);
        let mut framework = right.clone();
        (framework.code, framework.hidden) = (None, false);
        wrong.push(framework);
    } else if right.ran.is_none() {
        let mut other = right.clone();
        (other.body, other.hidden) = (None, true);
        wrong.push(other);
    }
    wrong
}

#[test]
fn the_table_is_large_and_has_every_code_that_can_come_over_http() {
    let rows = Table::load().rows;
    println!("{} rows", rows.len());
    assert!(rows.len() >= 320);
    let had: BTreeSet<_> = rows
        .iter()
        .filter_map(|row| row.expect.code.as_deref())
        .collect();
    // Work that was queued has a ticket, not a request; and what makes a policy stale stands in a store.
    let elsewhere = ["ticket_invalid", "ticket_expired", "policy_stale"];
    let codes = Code::ALL.iter().map(|code| code.as_str());
    let wanted: BTreeSet<_> = codes.filter(|code| !elsewhere.contains(code)).collect();
    assert_eq!(had, wanted);
}

#[test]
fn some_row_is_admitted_on_every_route_that_can_admit_any() {
    let rows = Table::load().rows;
    let ran = rows.iter().filter_map(|row| row.expect.ran.as_ref());
    let ran: BTreeSet<_> = ran.map(|ran| &*ran.route).collect();
    // What is killed or not declared, and a handler that asks for another route's permit.
    let never = [
        "undeclared",
        "killed-by-body",
        "killed-by-header",
        "silent-site-wide",
        "mistaken",
    ];
    for route in routes::all() {
        let admits = !never.contains(&route.name);
        assert_eq!(ran.contains(route.name), admits, "{}", route.name);
    }
}

#[test]
fn a_row_that_is_not_as_it_should_be_is_not_read() {
    let good = "name = 'a'\npath = '/'\nexpect = { status = 404, body = '' }\n";
    let theme = |rows: &[&str]| format!("about = 'x'\n[[row]]\n{}", rows.join("[[row]]\n"));
    assert_eq!(Table::default().add(&theme(&[good])), Ok(()));
    let other = good.replace("'a'", "'b'");
    assert_eq!(Table::default().add(&theme(&[good, &other])), Ok(()));
    for bad in [
        theme(&[good, good]),
        theme(&[&good.replace("path", "target")]),
        theme(&[&format!("{good}taken = 'alice'\n")]),
        theme(&[&good.replace("body = ''", "bodies = ''")]),
        theme(&[&good.replace(", body = ''", "")]),
        theme(&[&good.replace("404, body = ''", "403, code = 'no_such_code'")]),
        theme(&[&good.replace("404, body = ''", "404, code = 'site_off'")]),
        theme(&[&good.replace("404, body = ''", "200")]),
        theme(&[&good.replace("404, body = ''", "200, ran = { route = 'x', path = 'x' }")]),
        theme(&[&good.replace("'/'", "{ hex = '00', times = 2 }")]),
        theme(&[&format!("{good}over = 'h3'\n")]),
        theme(&[&format!("{good}[row.on.axum]\nstatus = 404\nwhy = ' '\n")]),
        theme(&[&format!(
            "{good}[row.on.axum]\nstatus = 403\ncode = 'site_off'\nwhy = 'x'\n"
        )]),
        theme(&[&format!("{good}[row.on.axum]\nstatus = 200\nwhy = 'x'\n")]),
        format!("rows = 1\n{}", theme(&[good])),
        format!("waits = true\n{}", theme(&[good])),
    ] {
        assert!(Table::default().add(&bad).is_err(), "{bad}");
    }
}
