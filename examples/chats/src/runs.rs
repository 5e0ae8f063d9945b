//! The runs that nobody waits for: a table of them, and the queue that says which one a worker takes next.
//!
//! Both are in one SQLite file, so what is said of a run and its place in the queue change together. The queue
//! is `apalis`'s; it carries the ids of runs, and everything else stands in the table.

use std::path::Path;
use std::time::{Duration, Instant};

use apalis_core::task::builder::TaskBuilder;
use apalis_sqlite::SqliteStorage;
use gatepost::Permit;
use sqlx::error::DatabaseError;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{FromRow, Sqlite, SqliteConnection, SqliteExecutor, Transaction};
use tokio::time::sleep;
use uuid::Uuid;

use crate::Error;

/// The queue's name in the file.
pub const QUEUE: &str = "runs";

/// For how long a file is tried again that others are making.
const PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(20);

const TABLE: &str = "
    CREATE TABLE IF NOT EXISTS runs (
        id TEXT PRIMARY KEY,
        org TEXT NOT NULL,
        agent TEXT NOT NULL,
        input TEXT NOT NULL,
        ticket TEXT NOT NULL,
        -- How many steps of it are done.
        step INTEGER NOT NULL DEFAULT 0,
        -- queued, running, parked, dead, done
        state TEXT NOT NULL DEFAULT 'queued',
        -- Why it is parked or dead, and the policy version that said so.
        code TEXT,
        version INTEGER
    ) STRICT;
    CREATE INDEX IF NOT EXISTS runs_by_state ON runs (state, version, id);
";

/// The runs of a file, and the queue in it.
#[derive(Clone, Debug)]
pub struct Runs(SqlitePool);

/// A run as a worker has found it. What is said of it holds where nobody has said anything else meanwhile.
#[derive(Clone, Debug, FromRow)]
#[non_exhaustive]
pub struct QueuedRun {
    /// Its id.
    pub id: String,
    /// The org that it was queued for.
    pub org: String,
    /// The agent that runs.
    pub agent: String,
    /// What it works on.
    pub input: String,
    /// What it carries in place of a permit.
    pub ticket: String,
    /// How many steps of it are done.
    pub step: u32,
    state: String,
    /// The queue's own name of what it was taken by; empty where it was not.
    #[sqlx(skip)]
    task: String,
}

/// A run as it is listed.
#[derive(Clone, Debug, FromRow)]
#[non_exhaustive]
pub struct ListedRun {
    /// Its id.
    pub id: String,
    /// The org that it was queued for.
    pub org: String,
    /// The agent that runs.
    pub agent: String,
    /// How many steps of it are done.
    pub step: u32,
    /// Where it is: `queued`, `running`, `parked`, `dead` or `done`.
    pub state: String,
    /// Why it is parked or dead.
    pub code: Option<String>,
}

impl Runs {
    /// Opens the file as a service does: what it has said to be queued survives a power cut.
    ///
    /// # Errors
    ///
    /// When the file cannot be opened, or is something else.
    pub async fn open(file: &Path) -> Result<Self, Error> {
        Self::at(file, SqliteSynchronous::Full).await
    }

    /// Opens the file as a worker does: after a power cut it may do again what it did last.
    ///
    /// # Errors
    ///
    /// As [`Runs::open`].
    pub async fn open_to_work(file: &Path) -> Result<Self, Error> {
        Self::at(file, SqliteSynchronous::Normal).await
    }

    async fn at(file: &Path, synchronous: SqliteSynchronous) -> Result<Self, Error> {
        let opened = Self::connect(file, synchronous).await;
        opened.map_err(|error| format!("{}: {error}", file.display()).into())
    }

    async fn connect(file: &Path, synchronous: SqliteSynchronous) -> Result<Self, Error> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(synchronous);
        // SQLite has one writer at a time. In a process they wait in line for the one connection, and not at
        // the file's lock, where nobody has a place.
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .test_before_acquire(false);
        let deadline = Instant::now() + PATIENCE;
        let connected = loop {
            match pool.clone().connect_with(options.clone()).await {
                // The way into the write-ahead log takes a lock that SQLite itself does not wait for.
                Err(error) if is_busy(&error) && Instant::now() < deadline => sleep(PAUSE).await,
                connected => break connected?,
            }
        };
        let runs = Self(connected);
        let mut tx = runs.begin().await?;
        SqliteStorage::migrations().run(&mut *tx).await?;
        sqlx::raw_sql(TABLE).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(runs)
    }

    /// Queues a run under the permit's ticket, and says its id.
    ///
    /// # Errors
    ///
    /// When there is no ticket, or the run could not be written.
    pub async fn add(&self, permit: &Permit, agent: &str, input: &str) -> Result<String, Error> {
        let ticket = permit.ticket()?;
        let org = permit.org().ok_or("a run is of an org")?;
        let id = Uuid::now_v7().to_string();
        let mut tx = self.begin().await?;
        sqlx::query("INSERT INTO runs (id, org, agent, input, ticket) VALUES (?, ?, ?, ?, ?)")
            .bind(&id)
            .bind(org.as_str())
            .bind(agent)
            .bind(input)
            .bind(ticket.as_str())
            .execute(&mut *tx)
            .await?;
        push(&mut tx, &id).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Takes up a run that came out of the queue by a task; none where it needs nobody any more.
    ///
    /// # Errors
    ///
    /// When it could not be written.
    pub async fn take(&self, id: &str, task: &str) -> Result<Option<QueuedRun>, Error> {
        let taken = sqlx::query_as(
            "UPDATE runs SET state = 'running' WHERE id = ? AND state IN ('queued', 'running')
             RETURNING id, org, agent, input, ticket, step, state",
        );
        let mut taken: Option<QueuedRun> = taken.bind(id).fetch_optional(&self.0).await?;
        match &mut taken {
            Some(run) => task.clone_into(&mut run.task),
            None => settle(&self.0, task).await?,
        }
        Ok(taken)
    }

    /// Says that the next step of a run is done. Not so where somebody else has said anything of it
    /// meanwhile: then the run is theirs.
    ///
    /// # Errors
    ///
    /// When it could not be written.
    pub async fn did(&self, run: &mut QueuedRun) -> Result<bool, Error> {
        let did = "UPDATE runs SET step = step + 1 WHERE id = ? AND step = ? AND state = ?";
        let did = sqlx::query(did)
            .bind(&run.id)
            .bind(run.step)
            .bind(&run.state);
        let is_ours = did.execute(&self.0).await?.rows_affected() == 1;
        run.step += 1;
        Ok(is_ours)
    }

    /// Says that a run is at its end.
    ///
    /// # Errors
    ///
    /// When it could not be written.
    pub async fn end(&self, run: &QueuedRun) -> Result<(), Error> {
        self.leave(run, "done", None, None).await
    }

    /// Puts a run back on the queue.
    ///
    /// # Errors
    ///
    /// When it could not be written.
    pub async fn put_back(&self, run: &QueuedRun) -> Result<(), Error> {
        self.leave(run, "queued", None, None).await
    }

    /// Puts a run aside at its step, with the code of the denial and the policy version that it is of.
    ///
    /// # Errors
    ///
    /// When it could not be written.
    pub async fn park(&self, run: &QueuedRun, code: &str, version: u64) -> Result<(), Error> {
        self.leave(run, "parked", Some(code), Some(version)).await
    }

    /// Puts a run aside for good.
    ///
    /// # Errors
    ///
    /// When it could not be written.
    pub async fn bury(&self, run: &QueuedRun, code: &str) -> Result<(), Error> {
        self.leave(run, "dead", Some(code), None).await
    }

    /// What becomes of a run, and the end of the task that it was taken by, in one transaction: the queue
    /// delivers a run until this was said of it.
    async fn leave(
        &self,
        run: &QueuedRun,
        state: &str,
        code: Option<&str>,
        version: Option<u64>,
    ) -> Result<(), Error> {
        let mut tx = self.begin().await?;
        let left = sqlx::query(
            "UPDATE runs SET state = ?, code = ?, version = ? WHERE id = ? AND step = ? AND state = ?",
        );
        let left = left
            .bind(state)
            .bind(code)
            .bind(version.map(u64::cast_signed));
        let left = left.bind(&run.id).bind(run.step).bind(&run.state);
        let is_ours = left.execute(&mut *tx).await?.rows_affected() == 1;
        if is_ours {
            if state == "queued" {
                push(&mut tx, &run.id).await?;
            }
            // Else the task is theirs as well, and their death must not be overlooked.
            settle(&mut *tx, &run.task).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Some of the runs that another policy version than this has parked.
    ///
    /// # Errors
    ///
    /// When they could not be read.
    pub async fn parked_before(&self, version: u64, some: u32) -> Result<Vec<QueuedRun>, Error> {
        let parked = sqlx::query_as(
            "SELECT id, org, agent, input, ticket, step, state FROM runs
             WHERE state = 'parked' AND version IS NOT ? ORDER BY id LIMIT ?",
        );
        let parked = parked.bind(version.cast_signed()).bind(some);
        Ok(parked.fetch_all(&self.0).await?)
    }

    /// Forgets which policy versions have parked runs, so that each is one that another has parked: a policy
    /// document counts its versions anew for each worker.
    ///
    /// # Errors
    ///
    /// When it could not be written.
    pub async fn forget_versions(&self) -> Result<(), Error> {
        let forget = "UPDATE runs SET version = NULL WHERE state = 'parked'";
        sqlx::query(forget).execute(&self.0).await?;
        Ok(())
    }

    /// All of them, oldest first.
    ///
    /// # Errors
    ///
    /// When they could not be read.
    pub async fn list(&self) -> Result<Vec<ListedRun>, Error> {
        let listed = "SELECT id, org, agent, step, state, code FROM runs ORDER BY id";
        Ok(sqlx::query_as(listed).fetch_all(&self.0).await?)
    }

    /// The queue, for a worker.
    pub fn queue(&self) -> SqliteStorage<String> {
        SqliteStorage::new(&self.0)
    }

    async fn begin(&self) -> Result<Transaction<'static, Sqlite>, sqlx::Error> {
        self.0.begin_with("BEGIN IMMEDIATE").await
    }
}

/// Whether another one holds a lock: the low byte of SQLite's code is `SQLITE_BUSY`, whatever else it says.
fn is_busy(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(DatabaseError::code);
    let code = code.and_then(|code| code.parse::<u32>().ok());
    code.is_some_and(|code| code & 0xff == 5)
}

/// Puts an id on the queue, in the transaction that says why.
async fn push(tx: &mut SqliteConnection, id: &str) -> Result<(), Error> {
    let task = TaskBuilder::new(serde_json::to_vec(id)?).build();
    Ok(apalis_sqlite::queries::push_tasks(tx, QUEUE, &[task]).await?)
}

/// Ends a task. `apalis-sqlite` would do so in a transaction of its own, behind this one, and look for it among
/// all that its worker ever did.
async fn settle(queue: impl SqliteExecutor<'_>, task: &str) -> Result<(), Error> {
    let ended = sqlx::query("DELETE FROM Jobs WHERE id = ?").bind(task);
    ended.execute(queue).await?;
    Ok(())
}
