//! What a flood of denials leaves in memory, where each is of another subject in another org.

use super::figures::{Options, Table};

use super::client::{Client, request};
use super::contestants::{Contestant, DENIED_ACTIX, DENIED_AXUM, IDENTITY_ACTIX, IDENTITY_AXUM};
use super::identity::bearer;
use super::machine::resident;
use super::rounds::start;
use super::verdict;
use crate::contest::Failure;

/// So many requests are on their way at once.
const BATCH: u32 = 32;

pub(super) fn measure(options: Options, table: &mut Table) -> Result<Vec<String>, Failure> {
    let requests = options.pick(1_000_000, 1_000);
    let mut goals = Vec::new();
    for name in [IDENTITY_AXUM, DENIED_AXUM, IDENTITY_ACTIX, DENIED_ACTIX] {
        let contestant = Contestant::of(name).ok_or("no such server")?;
        let (server, _) = start(contestant, &[])?;
        flood(server.port, 0, requests / 10, contestant.status)?;
        let before = resident(server.id())?;
        flood(server.port, requests / 10, requests, contestant.status)?;
        let grown = (resident(server.id())? - before) / 1024.0;
        let what = format!("{name}: grown by {requests} subjects in as many orgs");
        table.row(what, grown, "KiB resident");
        if contestant.status == 403 {
            goals.push(format!(
                "goal: {name}: resident grows by at most 1024 KiB over {requests} denials, each of another subject and org: {grown:.0}, {}",
                verdict(grown <= 1024.0)
            ));
        }
    }
    Ok(goals)
}

fn flood(port: u16, from: u32, count: u32, status: u16) -> Result<(), Failure> {
    let mut client = Client::connect(port)?;
    let mut batch = String::new();
    for start in (from..from + count).step_by(BATCH as usize) {
        batch.clear();
        let end = (start + BATCH).min(from + count);
        for number in start..end {
            let who = ("Authorization", bearer(&format!("subject-{number:08x}")));
            batch.push_str(&request(&format!("org-{number:08x}"), &who));
        }
        client.send(batch.as_bytes())?;
        for _ in start..end {
            let (answered, _) = client.receive()?;
            if answered != status {
                return Err(format!("a flood is answered with {answered}").into());
            }
        }
    }
    Ok(())
}
