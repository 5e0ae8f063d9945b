//! A worker to copy: takes background runs of agents from a queue, and asks the gate at every step.
//!
//! `admission.rs` is where to begin: the one place where a ticket becomes a permit. `agent.rs` is what stands
//! for yours. What it shares with the services that queue the runs stands in the package `chats`.

mod admission;
mod agent;
mod list;
mod parked;
mod worker;

use std::process::ExitCode;
use std::time::Duration;

use apalis::prelude::{
    BackendExt, Data, ParallelizeExt, TaskId, WorkerBuilder, WorkerBuilderExt, WorkerError,
};
use apalis_sqlite::Config;
use chats::{Error, PolicyArgs, QUEUE, QueueArgs, Runs, Secret};
use clap::{Args, Parser, Subcommand};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::worker::Worker;

/// How often the queue is looked at while it is empty.
const LOOK: Duration = Duration::from_millis(200);
/// A worker says each second that it is there. One that has not for ten of them is taken for dead, and others
/// go on with what it had.
const HEARTBEAT: Duration = Duration::from_secs(1);
const MISSED: usize = 10;

/// Runs agents in the background, asking the gate at every step
#[derive(Parser)]
#[command(name = "worker", args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    work: WorkArgs,
}

#[derive(Subcommand)]
enum Command {
    /// List the runs that have not ended, and why they wait
    List(QueueArgs),
}

#[derive(Args)]
struct WorkArgs {
    #[command(flatten)]
    policy: PolicyArgs,
    #[command(flatten)]
    queue: QueueArgs,
    /// How many runs go on at once
    #[arg(long, value_name = "N", default_value_t = 8)]
    at_once: usize,
    /// How long a step takes, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 2000)]
    step: u64,
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.command {
        Some(Command::List(args)) => list::print(&args).await,
        None => work(cli.work).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("worker: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn work(args: WorkArgs) -> Result<(), Error> {
    chats::log()?;
    let gate = args.policy.gate("worker").await?;
    gate.set_ticket_keys(Secret::load()?.ticket_keys()?);
    let runs = Runs::open_to_work(&args.queue.queue).await?;
    let worker = Worker {
        gate,
        runs,
        takes: Duration::from_millis(args.step),
        stops: CancellationToken::new(),
    };
    println!("worker takes runs from {}", args.queue.queue.display());
    println!("{}", args.policy.told("agent-planner", "on"));
    println!("What waits, and why: cargo run -q -p worker -- list");

    // One at a time, when there is room for it: what it has taken and not begun would wait for it alone. What
    // became of a run is said with the run.
    let config = Config::default()
        .queue(QUEUE)
        .batch_size(1)
        .lock_tasks(false)
        .persist_results(false)
        .heartbeat_interval(HEARTBEAT)
        .missed_heartbeats(MISSED);
    let queue = worker.runs.queue().with_config(config);
    // Of a name that no other has had: one that died is taken for dead.
    let taking = WorkerBuilder::new(Uuid::now_v7().to_string())
        .backend(queue.poll_with_interval(LOOK))
        .concurrency(args.at_once)
        .parallelize(tokio::spawn)
        .data(worker.clone())
        .build(take_up);
    let stops = worker.stops.clone();
    let stop = async move {
        chats::asked_to_stop().await;
        stops.cancel();
        Ok::<_, WorkerError>(())
    };
    tokio::select! {
        taken = taking.run_until(stop) => Ok(taken?),
        () = worker.watch_parked() => Ok(()),
    }
}

async fn take_up(run: String, task: TaskId, worker: Data<Worker>) {
    worker.take_up(&run, &task.to_string()).await;
}
