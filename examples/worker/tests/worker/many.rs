//! Many runs, and a kill in the middle of them.

use std::collections::HashMap;
use std::env;
use std::time::{Duration, Instant};

use gatepost::{Mode, SiteSwitch};
use jiff::Timestamp;
use sqlx::Row;

use crate::harness::{World, author};

const PLANNER: &str = "agent-planner";
/// How many, where `GATEPOST_RUNS` does not say: 100,000 are run by hand.
const RUNS: usize = 5_000;

#[tokio::test]
async fn of_many_runs_none_begins_behind_a_kill_and_each_is_run_once() {
    let runs = env::var("GATEPOST_RUNS").map_or(RUNS, |runs| runs.parse().unwrap());
    let world = World::new().await;
    world.queue_many(runs).await;
    let begun = Instant::now();
    let worker = world.worker(&["--step", "0", "--at-once", "32"]);
    world.until_done(runs / 3).await;
    let (_, proof) = world
        .store
        .kill(PLANNER, None, author(), "a test")
        .await
        .unwrap();
    let seen = Timestamp::now();
    println!("{proof}\nhalf way after {:?}", begun.elapsed());
    world.until_state("queued", 0).await;
    world.until_state("running", 0).await;
    let parked = world.count("parked").await;
    let done = world.count("done").await;
    println!(
        "{done} done and {parked} parked after {:?}",
        begun.elapsed()
    );
    assert_eq!((parked + done), runs);
    assert!(parked > runs / 3, "the kill came too late to show anything");
    // A further look finds nothing to do.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(world.count("parked").await, parked);

    let on = Timestamp::now();
    world.switch(PLANNER, SiteSwitch::On).await;
    world.until_done(runs).await;
    println!("all done after {:?}", begun.elapsed());
    for what in ["begins", "did a step"] {
        let late = worker.events(what);
        let mut late = late.iter().filter(|event| event.at > seen && event.at < on);
        assert!(late.next().is_none(), "{what} behind the kill");
    }
    // Nobody died, so nothing was delivered again: each step of each run once.
    let mut times = HashMap::new();
    for event in worker.events("did a step") {
        let step = (
            event.field("run").to_owned(),
            event.field("step").to_owned(),
        );
        *times.entry(step).or_insert(0_u32) += 1;
    }
    assert_eq!(times.len(), 3 * runs);
    assert!(times.values().all(|times| *times == 1));
}

impl World {
    /// Queues so many runs at once, under tickets of several subjects and orgs.
    async fn queue_many(&self, runs: usize) {
        let subjects = [("alice", "acme"), ("max", "acme-labs"), ("root", "globex")];
        let pool = self.pool().await;
        let mut tx = pool.begin().await.unwrap();
        for (at, (who, org)) in subjects.iter().enumerate() {
            let permit = self.permit(who, org, "planner", Mode::Background);
            let ticket = permit.ticket().unwrap();
            let share = "
                WITH RECURSIVE n (n) AS (SELECT ?1 UNION ALL SELECT n + 3 FROM n WHERE n + 3 < ?2)
                INSERT INTO runs (id, org, agent, input, ticket)
                SELECT printf('%08d', n), ?3, 'planner', '', ?4 FROM n";
            let share = sqlx::query(share).bind(i64::try_from(at).unwrap());
            let share = share.bind(i64::try_from(runs).unwrap()).bind(*org);
            share.bind(ticket.as_str()).execute(&mut *tx).await.unwrap();
        }
        let queue = "
            INSERT INTO Jobs (job, id, job_type, metadata)
            SELECT CAST('\"' || id || '\"' AS BLOB), printf('01%024d', id), 'runs', '{}' FROM runs";
        sqlx::raw_sql(queue).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn count(&self, state: &'static str) -> usize {
        let pool = self.pool().await;
        let count = sqlx::query("SELECT count(*) FROM runs WHERE state = ?").bind(state);
        let count: i64 = count.fetch_one(&pool).await.unwrap().get(0);
        count.try_into().unwrap()
    }

    async fn until_done(&self, at_least: usize) {
        self.until_count("done", |done| done >= at_least).await;
    }

    async fn until_state(&self, state: &'static str, exactly: usize) {
        self.until_count(state, |count| count == exactly).await;
    }

    async fn until_count(&self, state: &'static str, is_so: impl Fn(usize) -> bool) {
        let mut last = (self.count(state).await, Instant::now());
        while !is_so(last.0) {
            tokio::time::sleep(Duration::from_millis(50)).await;
            let now = self.count(state).await;
            if now != last.0 {
                last = (now, Instant::now());
            }
            assert!(last.1.elapsed() < Duration::from_secs(30), "{state}: {now}");
        }
    }
}
