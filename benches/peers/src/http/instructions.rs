//! Instructions of a server a request, counted by valgrind: what no noise moves.
//!
//! Those of the kernel are not counted, so the same extra shows as a larger part than by the processor's time. A
//! token's signature takes more of them than on the processor, which has instructions for it that valgrind has not.

use std::fs;
use std::path::Path;

use super::figures::{Options, Row, Table};

use super::client::{Client, request};
use super::contestants::{ALL, BARE_ACTIX, BARE_AXUM, Contestant, GOALS};
use super::rounds::start;
use crate::contest::Failure;
use crate::scene::SHORT;

/// Counts those that have a goal, and what they are measured beside.
pub(super) fn measure(options: Options, table: &mut Table) -> Result<Vec<String>, Failure> {
    let folder = tempfile::tempdir()?;
    let requests = options.pick(2_000, 50);
    let mut told = Vec::new();
    for contestant in ALL {
        let Some((_, most)) = GOALS.into_iter().find(|(name, _)| *name == contestant.name) else {
            continue;
        };
        let base = contestant
            .beside
            .and_then(Contestant::of)
            .ok_or("beside nobody")?;
        let Some(base_count) = a_request(base, requests, folder.path())? else {
            println!("valgrind is not installed: no instructions were counted");
            return Ok(told);
        };
        let count = a_request(contestant, requests, folder.path())?.ok_or("valgrind is gone")?;
        let bare = if base.name.starts_with("axum") {
            BARE_AXUM
        } else {
            BARE_ACTIX
        };
        let bare = Contestant::of(bare).ok_or("nobody is bare")?;
        let bare = a_request(bare, requests, folder.path())?.ok_or("valgrind is gone")?;
        let unit = "instructions of its own a request";
        table.row(format!("{}, instructions", base.name), base_count, unit);
        table.push(Row {
            name: format!("{}, instructions", contestant.name),
            value: count,
            unit,
            ratio: Some(count / base_count),
            range: None,
        });
        told.push(format!(
            "by instructions: {}: {:.3} times {}, the kernel's not counted; {:.0} more a request, where the bare handler takes {bare:.0}; the goal of {most} is of the processor's time",
            contestant.name,
            count / base_count,
            base.name,
            count - base_count,
        ));
    }
    Ok(told)
}

/// The difference of two runs, so that starting is no part of it; none without valgrind.
fn a_request(contestant: Contestant, requests: u32, folder: &Path) -> Result<Option<f64>, Failure> {
    let Some(few) = run(contestant, requests, folder)? else {
        return Ok(None);
    };
    let many = run(contestant, requests * 2, folder)?.ok_or("valgrind is gone")?;
    Ok(Some((many - few) / f64::from(requests)))
}

fn run(contestant: Contestant, requests: u32, folder: &Path) -> Result<Option<f64>, Failure> {
    let found = std::process::Command::new("valgrind")
        .arg("--version")
        .output();
    if found.is_err() {
        return Ok(None);
    }
    let file = folder.join("callgrind.out");
    let under = [
        "valgrind".to_owned(),
        "--quiet".to_owned(),
        "--tool=callgrind".to_owned(),
        format!("--callgrind-out-file={}", file.display()),
    ];
    let (server, who) = start(contestant, &under)?;
    let mut client = Client::connect(server.port)?;
    let request = request(SHORT.org, &who);
    for _ in 0..requests {
        client.send(request.as_bytes())?;
        client.receive()?;
    }
    server.stop()?;
    let told = fs::read_to_string(&file)?;
    let all = told.lines().find_map(|line| line.strip_prefix("totals: "));
    Ok(Some(all.ok_or("no total")?.trim().parse()?))
}
