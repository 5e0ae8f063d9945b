//! A store in a PostgreSQL database.

mod aside;
pub(crate) mod config;
mod decisions;
mod error;
mod init;
mod lane;
mod read;
mod tx;

use std::sync::Arc;
use std::time::Duration;

use tokio_postgres::types::Type;
use tokio_postgres::{Client, Config};

use self::lane::{Lane, Turn};
use self::tx::PostgresTx;
use crate::error::{StoreError, StoreErrorKind};
use crate::store::tx::{Access, Done, Job, Mark, Result};
use crate::url::StoreUrl;

/// How long a writer waits for another.
const LOCK_TIMEOUT: &str = "2s";

/// A store in a database.
pub(crate) struct PostgresStore(Arc<Shared>);

struct Shared {
    place: String,
    config: Config,
    /// Held open for changes: a kill must not need a connection that the server no longer gives.
    writer: Lane,
    /// For what takes longer.
    reader: Lane,
    /// For what stands beside the policy: it waits for no long look, and no kill for it.
    aside: Lane,
}

impl PostgresStore {
    pub(crate) async fn init(url: &StoreUrl) -> Result<Self> {
        let config = config::config(url)?;
        let place = url.to_string();
        let client = init::init(&place, &config).await?;
        Ok(Self::held(place, config, client))
    }

    pub(crate) async fn open(url: &StoreUrl) -> Result<Self> {
        let config = config::config(url)?;
        let place = url.to_string();
        let client = lane::connect(&place, &config).await?;
        Ok(Self::held(place, config, client))
    }

    fn held(place: String, config: Config, client: Client) -> Self {
        Self(Arc::new(Shared {
            place,
            config,
            writer: Lane::of(client),
            reader: Lane::default(),
            aside: Lane::default(),
        }))
    }

    /// Does a job on a task of its own: it is ended, also where nobody waits for it any more.
    pub(crate) async fn run<J: Job>(&self, job: J) -> Result<J::Output> {
        let shared = Arc::clone(&self.0);
        let done = tokio::spawn(async move { shared.run(job).await });
        match done.await {
            Ok(done) => done,
            Err(_) => Err(self
                .0
                .lost("the work was given up, since the runtime ended")),
        }
    }
}

impl Shared {
    async fn run<J: Job>(&self, mut job: J) -> Result<J::Output> {
        let mut turn = match J::ACCESS {
            Access::Write => self.writer.enter().await,
            Access::Read | Access::Replace => self.reader.enter().await,
            Access::Glance | Access::Note => self.aside.enter().await,
        };
        let limits = Limits::of(J::ACCESS);
        let client = self.begin(&mut turn, &limits).await?;
        let mut tx = PostgresTx::new(&client, &self.place, J::ACCESS);
        let done = tokio::time::timeout(limits.whole, job.run(&mut tx)).await;
        let done = done.map_err(|_| self.late(limits.whole))?;
        match done {
            Ok(Done::Commit(output)) => {
                let is_news = J::ACCESS != Access::Note;
                self.commit(&mut turn, client, job.mark(), is_news).await?;
                Ok(output)
            }
            Ok(Done::Nothing(output)) => {
                self.roll_back(&mut turn, client).await;
                Ok(output)
            }
            Err(why) => {
                self.roll_back(&mut turn, client).await;
                Err(why)
            }
        }
    }

    /// Begins a transaction on the connection that is held, or on a new one where that broke.
    async fn begin(&self, turn: &mut Turn<'_>, limits: &Limits) -> Result<Client> {
        if let Some(held) = turn.held() {
            let begun = tokio::time::timeout(limits.first, held.batch_execute(&limits.begin));
            match begun.await {
                Ok(Ok(())) => return Ok(held),
                Ok(Err(why)) if !error::is_lost(&why) => {
                    return Err(error::of(&self.place, &why));
                }
                // It broke unnoticed, and nothing was begun.
                Ok(Err(_)) | Err(_) => {}
            }
        }
        let client = lane::connect(&self.place, &self.config).await?;
        let begun = tokio::time::timeout(limits.first, client.batch_execute(&limits.begin)).await;
        let begun = begun.map_err(|_| self.late(limits.first))?;
        begun.map_err(|why| error::of(&self.place, &why))?;
        Ok(client)
    }

    async fn commit(
        &self,
        turn: &mut Turn<'_>,
        client: Client,
        mark: Option<&Mark>,
        is_news: bool,
    ) -> Result<()> {
        let committed = tokio::time::timeout(COMMIT, client.batch_execute("COMMIT")).await;
        match committed {
            Ok(Ok(())) => {
                if is_news {
                    self.notify(&client).await;
                }
                turn.hold(client);
                Ok(())
            }
            Ok(Err(why)) if !error::is_lost(&why) => {
                turn.hold(client);
                Err(error::of(&self.place, &why))
            }
            // The answer was lost, and with it whether it was written.
            Ok(Err(_)) | Err(_) => {
                drop(client);
                let Some(mark) = mark else {
                    return Err(self.lost("the connection broke"));
                };
                self.find_out(turn, mark).await
            }
        }
    }

    /// Looks whether a commit was written whose answer was lost.
    async fn find_out(&self, turn: &mut Turn<'_>, mark: &Mark) -> Result<()> {
        let looked = tokio::time::timeout(LOOK, self.look(turn, mark)).await;
        match looked {
            Ok(Ok(true)) => Ok(()),
            Ok(Ok(false)) => Err(self.lost("the connection broke; nothing was written")),
            Ok(Err(_)) | Err(_) => Err(self.lost(&format!(
                "the connection broke while the change was written, and it is not known whether it was: \
                 look whether the history has version {} with the token {}",
                mark.version, mark.token
            ))),
        }
    }

    async fn look(&self, turn: &mut Turn<'_>, mark: &Mark) -> Result<bool> {
        let client = lane::connect(&self.place, &self.config).await?;
        let told = |why| error::of(&self.place, &why);
        // Who still holds the head may be the lost transaction itself: it is waited for.
        let begin = "BEGIN; SET LOCAL lock_timeout = '4s'; SELECT 1 FROM gatepost_head FOR UPDATE";
        client.batch_execute(begin).await.map_err(told)?;
        let found = client
            .query_typed(
                "SELECT 1 FROM gatepost_change WHERE version = $1 AND token = $2",
                &[(&mark.version, Type::INT8), (&mark.token, Type::TEXT)],
            )
            .await
            .map_err(told)?;
        client.batch_execute("ROLLBACK").await.map_err(told)?;
        turn.hold(client);
        Ok(!found.is_empty())
    }

    /// Where that fails, the connection is not held.
    async fn roll_back(&self, turn: &mut Turn<'_>, client: Client) {
        let ended = tokio::time::timeout(COMMIT, client.batch_execute("ROLLBACK")).await;
        if let Ok(Ok(())) = ended {
            turn.hold(client);
        }
    }

    /// Tells replicas that there is something new. They find out without it as well.
    async fn notify(&self, client: &Client) {
        let told = client.batch_execute("NOTIFY gatepost_policy");
        match tokio::time::timeout(NOTIFY, told).await {
            Ok(Ok(())) => {}
            Ok(Err(why)) => {
                let why = error::of(&self.place, &why);
                tracing::warn!(error = %why, "replicas were not notified of a change");
            }
            Err(_) => {
                tracing::warn!(store = %self.place, "replicas were not notified of a change in time");
            }
        }
    }

    fn lost(&self, why: &str) -> StoreError {
        StoreError::new(StoreErrorKind::Unreachable, &self.place, why)
    }

    fn late(&self, limit: Duration) -> StoreError {
        self.lost(&format!(
            "did not answer within {limit:?}; nothing was written"
        ))
    }
}

/// How long the answer to a commit is waited for.
const COMMIT: Duration = Duration::from_secs(5);
/// How long it is tried to find out whether a commit was written.
const LOOK: Duration = Duration::from_secs(10);
/// How long a notification is waited for.
const NOTIFY: Duration = Duration::from_secs(1);

/// How long a transaction may take; the server keeps to it as well as this side.
struct Limits {
    begin: String,
    first: Duration,
    whole: Duration,
}

impl Limits {
    fn of(access: Access) -> Self {
        let (kind, statement, whole) = match access {
            Access::Read => ("ISOLATION LEVEL REPEATABLE READ, READ ONLY", 60, 300),
            // Each statement sees what was committed before the head was locked.
            Access::Write | Access::Note => ("ISOLATION LEVEL READ COMMITTED, READ WRITE", 5, 10),
            Access::Replace => ("ISOLATION LEVEL READ COMMITTED, READ WRITE", 300, 1800),
            Access::Glance => ("ISOLATION LEVEL REPEATABLE READ, READ ONLY", 5, 10),
        };
        // The primary key has every order that is asked for; a table that was just filled has no
        // statistics yet that would say so.
        Self {
            begin: format!(
                "BEGIN {kind}; SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'; \
                 SET LOCAL statement_timeout = '{statement}s'; \
                 SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; \
                 SET LOCAL idle_in_transaction_session_timeout = '{statement}s'; \
                 SELECT set_config('synchronous_commit', 'on', true) \
                 WHERE current_setting('synchronous_commit') NOT IN ('on', 'remote_apply')"
            ),
            first: Duration::from_secs(5),
            whole: Duration::from_secs(whole),
        }
    }
}
