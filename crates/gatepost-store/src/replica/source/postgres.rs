//! A store in `PostgreSQL`, as a replica sees it.

use std::error::Error as _;
use std::fmt::Write as _;
use std::future::{Future, poll_fn};
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::Notify;
use tokio::time::timeout;
use tokio_postgres::tls::NoTlsStream;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{AsyncMessage, Client, Config, Connection, NoTls, Row, Socket};

use super::{Answer, Fault, Held, LONGEST_READ, Question, Source, Token, Woken};
use crate::error::{StoreError, StoreErrorKind};
use crate::head::RawHead;
use crate::replica::heartbeat::Beat;
use crate::replica::news::{LONGEST_WAY, News};
use crate::replica::whole::Whole;

mod members;
mod sql;
mod whole;

/// For a packet to go and one to come back; the rest of an attempt may take longer, as where a
/// thousand replicas come back at once.
const TCP_CONNECT: Duration = Duration::from_millis(400);
/// For each answer on a new connection, until the first one is complete: a server to which a thousand
/// replicas come back at once is slow, and who gives up and comes again makes it slower.
const GREETING: Duration = Duration::from_secs(5);
/// A question that was given up is called off, so that none are left behind in the server.
const CALL_OFF: Duration = Duration::from_millis(100);

pub(in crate::replica) struct PostgresSource {
    config: Config,
    /// For an answer, once there was one on this connection.
    limit: Duration,
    settled: bool,
    /// Whether there may be something beside the replica's own row.
    has_reported: bool,
    /// Of its own: a service that stalls must not starve the lease.
    runtime: Runtime,
    link: Option<Link>,
}

struct Link {
    client: Client,
    hints: Arc<Notify>,
}

type Params<'p> = &'p [(&'p (dyn ToSql + Sync), Type)];

impl PostgresSource {
    pub(in crate::replica) fn new(mut config: Config, limit: Duration) -> Result<Self, StoreError> {
        config.connect_timeout(TCP_CONNECT);
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime =
            runtime.map_err(|why| StoreError::new(StoreErrorKind::Unreachable, "postgres", why))?;
        Ok(Self {
            config,
            limit,
            settled: false,
            has_reported: false,
            runtime,
            link: None,
        })
    }

    /// Runs one exchange, and calls it off where it takes too long.
    fn exchange<T>(
        &self,
        limit: Duration,
        exchange: impl AsyncFnOnce(&Client) -> Result<T, tokio_postgres::Error>,
    ) -> Result<T, Fault> {
        let Some(Link { client, .. }) = &self.link else {
            return Err(Fault::unreachable("is not connected"));
        };
        let within = within(limit, exchange(client));
        if let Some(done) = self.runtime.block_on(within) {
            return done.map_err(|why| fault(&why, client));
        }
        let token = client.cancel_token();
        let called_off = within_call_off(token.cancel_query(NoTls));
        // Best effort: a server that does not answer may not hear this either.
        let _ = self.runtime.block_on(called_off);
        Err(Fault::unreachable("did not answer in time"))
    }

    fn limit(&self) -> Duration {
        if self.settled { self.limit } else { GREETING }
    }

    fn heads(&self, sql: &str, params: Params<'_>) -> Result<Vec<Row>, Fault> {
        self.exchange(self.limit(), async |client| {
            client.query_typed(sql, params).await
        })
    }
}

impl Source for PostgresSource {
    fn connect(&mut self, limit: Duration) -> Result<(), Fault> {
        self.disconnect();
        let connected = self
            .runtime
            .block_on(within(limit, self.config.connect(NoTls)));
        let (client, connection) = match connected {
            Some(Ok(connected)) => connected,
            Some(Err(why)) => return Err(not_connected(&why)),
            None => return Err(Fault::unreachable("could not be connected to in time")),
        };
        let hints = Arc::new(Notify::new());
        self.runtime.spawn(run(connection, Arc::clone(&hints)));
        self.link = Some(Link { client, hints });
        self.settled = false;
        Ok(())
    }

    fn listen(&mut self) -> Result<(), Fault> {
        self.exchange(self.limit(), async |client| {
            client.batch_execute("LISTEN gatepost_policy").await
        })
    }

    fn ask(&mut self, question: &Question) -> Result<Answer, Fault> {
        let (mark, since) = (question.mark_column(), question.since_column());
        let rows = self.heads(
            sql::ASK,
            &[
                (&mark, Type::INT8),
                (&question.id, Type::TEXT),
                (&since, Type::INT8),
                (&LONGEST_WAY, Type::INT8),
                (&question.without_members, Type::BOOL),
            ],
        )?;
        self.settled = true;
        let mut answer = answer(&rows);
        if let [row] = rows.as_slice() {
            answer.news = match (row.try_get(11), row.try_get(12)) {
                (Ok(changes), Ok(effects)) => News::since(changes, effects),
                (Err(why), _) | (_, Err(why)) => News::Broken(told(&why)),
            };
        }
        Ok(answer)
    }

    fn read_all(&mut self, question: &Question, whole: &mut Whole) -> Result<Answer, Fault> {
        let read = self.exchange(LONGEST_READ, async |client| {
            whole::read(client, question, whole).await
        })?;
        read.ok_or_else(|| Fault::unreachable("did not answer in time"))
    }

    fn memberships(&mut self, subject: &str, mark: u64) -> Result<Held, Fault> {
        let rows = self.heads(
            sql::MEMBERS,
            &[
                (&super::mark_column(mark), Type::INT8),
                (&subject, Type::TEXT),
            ],
        )?;
        Ok(members::read(&rows))
    }

    fn read_head(&mut self) -> Result<Answer, Fault> {
        let rows = self.heads(sql::HEAD, &[])?;
        Ok(answer(&rows))
    }

    fn beat(&mut self, beat: &Beat) -> Result<(), Fault> {
        // It holds the next question up, on which the lease depends.
        let limit = if self.settled {
            self.limit / 2
        } else {
            GREETING
        };
        let (state, library) = (beat.state.as_str(), env!("CARGO_PKG_VERSION"));
        let params: Params<'_> = &[
            (&beat.id, Type::TEXT),
            (&beat.name, Type::TEXT),
            (&beat.lease_ms, Type::INT8),
            (&beat.epoch, Type::INT8),
            (&beat.version, Type::INT8),
            (&state, Type::TEXT),
            (&library, Type::TEXT),
        ];
        self.exchange(limit, async |client| {
            client.query_typed(sql::BEAT, params).await
        })?;
        Ok(())
    }

    fn report(&mut self, id: &str, routes: &str) -> Result<(), Fault> {
        let params: Params<'_> = &[(&id, Type::TEXT), (&routes, Type::TEXT)];
        // As with the row: the next question waits for it.
        self.exchange(self.limit / 2, async |client| {
            client.query_typed(sql::REPORT, params).await
        })?;
        self.has_reported = true;
        Ok(())
    }

    fn leave(&mut self, id: &str) {
        let params: Params<'_> = &[(&id, Type::TEXT)];
        if std::mem::take(&mut self.has_reported) {
            let gone = "DELETE FROM gatepost_routes WHERE replica = $1";
            let _ = self.exchange(self.limit, async |client| {
                client.query_typed(gone, params).await
            });
        }
        let _ = self.exchange(self.limit, async |client| {
            client
                .query_typed("DELETE FROM gatepost_replica WHERE id = $1", params)
                .await
        });
    }

    fn disconnect(&mut self) {
        // Its task ends with the client; what it has to say goodbye with is not waited for.
        if self.link.take().is_some() {
            self.runtime.block_on(tokio::task::yield_now());
        }
    }

    fn wait(&mut self, limit: Duration, hear: bool) -> Woken {
        let hints = self.link.as_ref().filter(|_| hear).map(|link| &link.hints);
        self.runtime.block_on(async {
            match hints {
                None => {
                    tokio::time::sleep(limit).await;
                    Woken::Elapsed
                }
                Some(hints) => match timeout(limit, hints.notified()).await {
                    Ok(()) => Woken::Hint,
                    Err(_) => Woken::Elapsed,
                },
            }
        })
    }
}

/// Drives a connection until it ends. Its end is a hint too: the next question finds out.
async fn run(mut connection: Connection<Socket, NoTlsStream>, hints: Arc<Notify>) {
    while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
        // What is in it was written by whoever may connect, and is not looked at.
        if matches!(message, AsyncMessage::Notification(_)) {
            hints.notify_one();
        }
    }
    hints.notify_one();
}

async fn within<T>(limit: Duration, exchange: impl Future<Output = T>) -> Option<T> {
    timeout(limit, exchange).await.ok()
}

async fn within_call_off<T>(exchange: impl Future<Output = T>) -> Option<T> {
    within(CALL_OFF, exchange).await
}

/// What all questions are answered alike; the columns are those of [`sql::ASK`] and [`sql::HEAD`].
fn answer(rows: &[Row]) -> Answer {
    let head = match rows {
        [row] => head(row).map_err(|why| format!("the head is not understood: {}", told(&why))),
        [] => Err("the store has no head".to_owned()),
        _ => Err("the store has more than one head".to_owned()),
    };
    let row = rows.first();
    let flag = |column: usize, unknown: bool| {
        let row = row.filter(|row| row.len() > column);
        row.map_or(unknown, |row| row.try_get(column).unwrap_or(unknown))
    };
    let token = row.filter(|row| row.len() > 8).and_then(|row| {
        let token: Option<String> = row.try_get(8).ok()?;
        Some(token.into())
    });
    Answer {
        head,
        standby: row.is_some() && flag(7, true),
        token: token.unwrap_or(Token::Untold),
        registered: flag(9, false),
        awaited: flag(10, false),
        news: News::Unread,
    }
}

fn head(row: &Row) -> Result<RawHead, tokio_postgres::Error> {
    Ok(RawHead {
        format: row.try_get(0)?,
        lineage: row.try_get(1)?,
        epoch: row.try_get(2)?,
        version: row.try_get(3)?,
        token: row.try_get(4)?,
        whole: row.try_get(5)?,
        killed: row.try_get(6)?,
    })
}

fn fault(why: &tokio_postgres::Error, client: &Client) -> Fault {
    // A table, or the function, that is not there.
    let missing = why
        .code()
        .is_some_and(|code| matches!(code.code(), "42P01" | "42883"));
    let kind = if missing {
        StoreErrorKind::Missing
    } else {
        StoreErrorKind::Unreachable
    };
    Fault {
        kind,
        why: told(why),
        answered: why.as_db_error().is_some() && !client.is_closed(),
    }
}

fn not_connected(why: &tokio_postgres::Error) -> Fault {
    Fault::unreachable(format!("cannot be connected to: {}", told(why)))
}

/// An error with its causes; its own text says only what kind it is of.
fn told(why: &tokio_postgres::Error) -> String {
    if let Some(why) = why.as_db_error() {
        return why.message().to_owned();
    }
    let mut text = why.to_string();
    let mut cause = why.source();
    while let Some(why) = cause {
        let _ = write!(text, ": {why}");
        cause = why.source();
    }
    text
}
