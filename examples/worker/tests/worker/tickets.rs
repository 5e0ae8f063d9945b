//! Tickets that are not what the run would have them be.

use std::time::Duration;

use gatepost::Mode;
use gatepost_store::Command;

use crate::harness::{SECRET, World};

#[tokio::test]
async fn a33_a_run_that_was_let_in_to_be_waited_for_is_none_for_the_background() {
    let world = World::new().await;
    let permit = world.permit("grace", "acme", "planner", Mode::Foreground);
    let run = world.runs.add(&permit, "planner", "").await.unwrap();
    let worker = world.worker(&["--step", "0"]);
    world.until(&run, "parked", Some("mode_floor")).await;
    assert!(worker.events("begins").is_empty());
}

#[tokio::test]
async fn a36_a_delivery_again_does_nothing_again_and_an_old_ticket_is_decided_anew() {
    let world = World::new().await;
    let run = world.queue("alice", "acme", "planner").await;
    let worker = world.worker(&["--step", "0"]);
    world.until(&run, "done", None).await;

    // The queue delivers what it has delivered.
    let again = "INSERT INTO Jobs (job, id, job_type, metadata)
        SELECT CAST('\"' || id || '\"' AS BLOB), printf('01%024d', 1), 'runs', '{}' FROM runs";
    assert_eq!(world.edit(again, &[]).await, 1);
    // Its ticket in a run of today, after the role has gone; a run behind it shows that it was taken.
    let [org, subject, role] = ["acme", "alice", "developer"].map(str::to_owned);
    world
        .write(Command::MemberRemove { org, subject, role })
        .await;
    let replay = world.queue("max", "acme", "planner").await;
    let moved = "UPDATE runs SET ticket = (SELECT ticket FROM runs WHERE id = ?) WHERE id = ?";
    let last = world.queue("max", "acme", "planner").await;
    let edited = world.edit(moved, &[&run, &replay]).await;
    assert_eq!(edited, 1);
    world.until(&last, "done", None).await;
    assert_eq!(worker.did(&run), ["reads", "thinks", "writes"]);
    world.until(&replay, "parked", Some("not_a_member")).await;
    assert!(worker.did(&replay).is_empty());

    let permit = world.permit("max", "acme", "planner", Mode::Background);
    let over = permit.ticket_for(Duration::ZERO).unwrap();
    let put = "UPDATE runs SET state = 'parked', version = -1, ticket = ? WHERE id = ?";
    world.edit(put, &[over.as_str(), &replay]).await;
    world.until(&replay, "dead", Some("ticket_expired")).await;
}

#[tokio::test]
async fn a37_a_ticket_that_was_edited_or_is_another_runs_is_none_and_for_good() {
    let world = World::new().await;
    let ticket = |who: &str, org: &str, agent: &str| {
        let permit = world.permit(who, org, agent, Mode::Background);
        permit.ticket().unwrap().to_string()
    };
    let acmes = ticket("root", "acme", "planner");
    // Each byte is another one.
    let mut bent: Vec<String> = (0..acmes.len())
        .step_by(7)
        .map(|at| {
            let mut bytes = acmes.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            String::from_utf8(bytes).unwrap()
        })
        .collect();
    bent.extend([
        String::new(),
        acmes.replace('.', ""),
        acmes[..acmes.len() - 1].to_owned(),
    ]);
    bent.push(ticket("root", "globex", "planner"));
    bent.push(ticket("root", "acme-labs", "planner"));
    bent.push(ticket("root", "acme", "security-analyst"));
    bent.push(ticket("root", "acme", "my-own"));

    let mut runs = Vec::new();
    for ticket in &bent {
        let run = world.queue("root", "acme", "planner").await;
        let put = "UPDATE runs SET ticket = ? WHERE id = ?";
        world.edit(put, &[ticket, &run]).await;
        runs.push(run);
    }
    let sound = world.queue("root", "acme", "planner").await;
    let worker = world.worker(&["--step", "0"]);
    world.until(&sound, "done", None).await;
    for run in &runs {
        world.until(run, "dead", Some("ticket_invalid")).await;
        assert!(worker.did(run).is_empty());
    }
    assert_eq!(worker.events("put aside for good").len(), runs.len());
}

#[tokio::test]
async fn a_secret_is_changed_without_a_run_lost() {
    const NEW: &str = "another secret of the tests, 32 bytes and more";
    let world = World::new().await;
    let run = world.queue("alice", "acme", "planner").await;
    {
        let _worker = world.worker_with(&["--step", "0"], |command| {
            command.env("AXUM_CHATS_SECRET", NEW);
            command.env("AXUM_CHATS_OTHER_SECRETS", SECRET);
        });
        world.until(&run, "done", None).await;
    }
    let late = world.queue("alice", "acme", "planner").await;
    let _worker = world.worker_with(&["--step", "0"], |command| {
        command.env("AXUM_CHATS_SECRET", NEW);
    });
    world.until(&late, "dead", Some("ticket_invalid")).await;
}
