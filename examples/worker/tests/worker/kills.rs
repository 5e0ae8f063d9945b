//! A switch that is thrown before a run, in it, and back.

use std::fs;
use std::time::Duration;

use gatepost::SiteSwitch;
use gatepost_store::Command;
use jiff::Timestamp;

use crate::harness::{World, author};

const PLANNER: &str = "agent-planner";

#[tokio::test]
async fn a34_a_run_that_was_queued_before_a_kill_is_parked_and_goes_on_when_it_may() {
    let world = World::new().await;
    let run = world.queue("alice", "acme", "planner").await;
    let other = world.queue("alice", "acme", "my-own").await;
    world.switch(PLANNER, SiteSwitch::Off).await;
    let worker = world.worker(&["--step", "0"]);
    world.until(&other, "done", None).await;
    let parked = world.until(&run, "parked", Some("site_off")).await;
    assert_eq!(parked.step, 0);
    let line = format!("{run}  acme         planner            0/3  parked   site_off\n");
    assert_eq!(world.listed(), format!("{line}1 wait, 1 done\n"));
    assert!(worker.did(&run).is_empty());

    world.switch(PLANNER, SiteSwitch::On).await;
    world.until(&run, "done", None).await;
    assert_eq!(worker.did(&run), ["reads", "thinks", "writes"]);
    assert_eq!(world.listed(), "0 wait, 2 done\n");
}

#[tokio::test]
async fn a34_a_role_that_was_taken_meanwhile_counts_and_counts_again_when_it_is_back() {
    let world = World::new().await;
    let run = world.queue("alice", "acme", "planner").await;
    let agents = world
        .queue("planner-bot for alice", "acme", "planner")
        .await;
    let add = |role: &str| Command::MemberAdd {
        org: "acme".to_owned(),
        subject: "alice".to_owned(),
        role: role.to_owned(),
        expires: None,
    };
    world.write(add("guest")).await;
    let [org, subject, role] = ["acme", "alice", "developer"].map(str::to_owned);
    world
        .write(Command::MemberRemove { org, subject, role })
        .await;
    let _worker = world.worker(&["--step", "0"]);
    for run in [&run, &agents] {
        world.until(run, "parked", Some("mode_floor")).await;
    }
    // Another change is looked at, and is none for them.
    world.switch("chat", SiteSwitch::Off).await;
    tokio::time::sleep(Duration::from_millis(1500)).await;
    for run in [&run, &agents] {
        world.until(run, "parked", Some("mode_floor")).await;
    }
    world.write(add("developer")).await;
    for run in [&run, &agents] {
        world.until(run, "done", None).await;
    }
}

#[tokio::test]
async fn a35_a_token_fires_within_100_ms_and_the_step_is_where_the_run_goes_on() {
    const RUNS: usize = 40;
    const KILLS: usize = 5;
    let world = World::new().await;
    let at_once = RUNS.to_string();
    let worker = world.worker(&["--step", "3000", "--at-once", &at_once]);
    let mut runs = Vec::new();
    for _ in 0..RUNS {
        runs.push(world.queue("alice", "acme", "planner").await);
    }
    let mut took = Vec::new();
    let mut begun = 0;
    for kill in 1..=KILLS {
        begun += RUNS;
        worker.until("begins", begun).await;
        let committed = Timestamp::now();
        let killed = world.store.kill(PLANNER, None, author(), "a test").await;
        killed.unwrap();
        worker.until("cancelled", kill * RUNS).await;
        let cancelled = &worker.events("cancelled")[(kill - 1) * RUNS..];
        took.extend(
            cancelled
                .iter()
                .map(|event| event.at.duration_since(committed)),
        );
        for run in &runs {
            let parked = world.until(run, "parked", Some("site_off")).await;
            assert_eq!(parked.step, 0);
        }
        world.switch(PLANNER, SiteSwitch::On).await;
    }
    assert!(worker.events("did a step").is_empty());
    took.sort_unstable();
    let p99 = took[took.len() * 99 / 100 - 1];
    println!(
        "{} cancelled, p99 {p99:?}, last {:?}",
        took.len(),
        took.last().unwrap()
    );
    assert!(p99.as_millis() <= 100, "{took:?}");
}

#[tokio::test]
async fn a_run_whose_gate_cannot_decide_waits_and_is_no_refused_one() {
    let world = World::new().await;
    let run = world.queue("alice", "acme", "planner").await;
    let file = world.folder.path().join("chats.db");
    let worker = world.worker(&["--step", "3000"]);
    worker.until("begins", 1).await;
    // The store is out of reach: the lease runs out, and with it the permit.
    let away = file.with_extension("away");
    fs::rename(&file, &away).unwrap();
    worker.until("cancelled", 1).await;
    worker.until("waits", 2).await;
    assert!(worker.events("waits")[0].says("policy_stale"));
    assert_eq!(world.run(&run).await.state, "running");
    fs::rename(&away, &file).unwrap();
    worker.until("begins", 2).await;
}
