//! Workers that end: asked to, or not.

use std::fs;

use chats::Runs;
use futures_util::future::join_all;
use tempfile::TempDir;

use crate::harness::World;

#[tokio::test]
async fn asked_to_stop_it_ends_its_steps_and_hands_the_runs_back() {
    let world = World::new().await;
    let mut runs = Vec::new();
    for _ in 0..4 {
        runs.push(world.queue("alice", "acme", "planner").await);
    }
    let mut worker = world.worker(&["--step", "700", "--at-once", "3"]);
    worker.until("begins", 3).await;
    worker.signal("-TERM");
    assert!(worker.ended());
    assert_eq!(worker.events("did a step").len(), 3);
    assert_eq!(worker.events("handed back").len(), 3);
    for (run, step) in runs.iter().zip([1, 1, 1, 0]) {
        let left = world.run(run).await;
        assert_eq!((&*left.state, left.step), ("queued", step), "{left:?}");
    }
    let next = world.worker(&["--step", "0"]);
    for (run, steps) in runs.iter().zip([2, 2, 2, 3]) {
        world.until(run, "done", None).await;
        assert_eq!(next.did(run).len(), steps);
    }
}

#[tokio::test]
async fn what_a_worker_had_that_was_killed_is_gone_on_with_by_another() {
    let world = World::new().await;
    let mut runs = Vec::new();
    for _ in 0..3 {
        runs.push(world.queue("alice", "acme", "planner").await);
    }
    let mut worker = world.worker(&["--step", "400", "--at-once", "3"]);
    worker.until("did a step", 3).await;
    worker.signal("-KILL");
    assert!(!worker.ended());
    let next = world.worker(&["--step", "0"]);
    for run in &runs {
        world.until(run, "done", None).await;
        // What it had done and told is not done again; what it had not told may be.
        let (before, after) = (worker.did(run).len(), next.did(run).len());
        assert!((3..=4).contains(&(before + after)), "{before} {after}");
    }
}

#[tokio::test]
async fn whoever_comes_first_makes_the_queue_and_all_agree() {
    for _ in 0..5 {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("runs.db");
        for opened in join_all((0..8).map(|_| Runs::open(&file))).await {
            assert!(opened.unwrap().list().await.unwrap().is_empty());
        }
        fs::remove_file(file).unwrap();
    }
}
