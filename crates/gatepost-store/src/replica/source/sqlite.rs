//! A store in an SQLite file, as a replica sees it.

mod file;
mod members;
mod whole;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::types::Type;
use rusqlite::{Connection, Error, ErrorCode, Row, named_params, params};

use super::{Answer, Fault, Held, Question, Source, Token, Woken};
use crate::error::StoreErrorKind;
use crate::head::RawHead;
use crate::replica::heartbeat::Beat;
use crate::replica::news::{LONGEST_WAY, News};
use crate::replica::whole::Whole;
use crate::sqlite::file::FileId;
use crate::sqlite::open;

/// A writer is not waited for longer: the lease must not run out over it.
const BUSY_TIMEOUT: Duration = Duration::from_millis(100);

pub(in crate::replica) struct SqliteSource {
    path: PathBuf,
    link: Option<Link>,
}

struct Link {
    file: FileId,
    reader: Connection,
    /// Of its own, so that `data_version` tells the reader of its writes as of everyone's.
    writer: Connection,
    seen: Option<Seen>,
}

/// What was answered last, which stands while nobody has written.
struct Seen {
    data_version: i64,
    question: Question,
    answer: Answer,
}

impl SqliteSource {
    pub(in crate::replica) fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            link: None,
        }
    }

    /// The connection, if the path still leads to the file that is open.
    fn link(&mut self) -> Result<&mut Link, Fault> {
        let found = file::accessible(&self.path)?;
        let link = self.link.as_mut();
        let link = link.ok_or_else(|| Fault::unreachable("is not connected"))?;
        if link.file != found {
            return Err(Fault::unreachable("another file was put in its place"));
        }
        Ok(link)
    }
}

impl Source for SqliteSource {
    fn connect(&mut self, _limit: Duration) -> Result<(), Fault> {
        self.link = None;
        let told = |why: crate::error::StoreError| Fault {
            kind: why.kind(),
            ..Fault::unreachable(why.to_string())
        };
        let file = file::accessible(&self.path)?;
        let reader = open::open(&self.path).map_err(told)?;
        let writer = open::open(&self.path).map_err(told)?;
        for (connection, pragma) in [
            (&reader, "PRAGMA query_only = ON"),
            // A row that is lost with the machine's power is the row of a replica that is lost too.
            (&writer, "PRAGMA synchronous = NORMAL"),
        ] {
            connection
                .execute_batch(pragma)
                .map_err(|why| fault(&why))?;
            connection
                .busy_timeout(BUSY_TIMEOUT)
                .map_err(|why| fault(&why))?;
        }
        self.link = Some(Link {
            file,
            reader,
            writer,
            seen: None,
        });
        // It may have been replaced between.
        self.link().map(drop)
    }

    fn listen(&mut self) -> Result<(), Fault> {
        Ok(())
    }

    fn ask(&mut self, question: &Question) -> Result<Answer, Fault> {
        let link = self.link()?;
        // Before the snapshot is taken: what is written after this is seen by the next question.
        let data_version = link.data_version().map_err(|why| fault(&why))?;
        if let Some(seen) = &link.seen
            && seen.data_version == data_version
            && seen.question == *question
        {
            return Ok(seen.answer.clone());
        }
        let answer = link.read(question).map_err(|why| fault(&why))?;
        link.seen = Some(Seen {
            data_version,
            question: question.clone(),
            answer: answer.clone(),
        });
        Ok(answer)
    }

    fn read_all(&mut self, question: &Question, whole: &mut Whole) -> Result<Answer, Fault> {
        let read = whole::read(&self.link()?.reader, question, whole);
        read.map_err(|why| fault(&why))?
            .ok_or_else(|| Fault::unreachable("could not be read in time"))
    }

    fn memberships(&mut self, subject: &str, mark: u64) -> Result<Held, Fault> {
        let read = members::read(&self.link()?.reader, subject, mark);
        read.map_err(|why| fault(&why))
    }

    fn read_head(&mut self) -> Result<Answer, Fault> {
        let link = self.link()?;
        let head = head(&link.reader).map_err(|why| fault(&why))?;
        Ok(of_head(head))
    }

    fn beat(&mut self, beat: &Beat) -> Result<(), Fault> {
        let link = self.link()?;
        let row = named_params! {
            ":id": beat.id,
            ":name": beat.name,
            ":lease": beat.lease_ms,
            ":epoch": beat.epoch,
            ":version": beat.version,
            ":state": beat.state.as_str(),
            ":library": env!("CARGO_PKG_VERSION"),
        };
        let written = link
            .writer
            .prepare_cached(BEAT)
            .and_then(|mut beat| beat.execute(row));
        written.map_err(|why| fault(&why))?;
        Ok(())
    }

    fn report(&mut self, id: &str, routes: &str) -> Result<(), Fault> {
        let link = self.link()?;
        let written = link.writer.execute(REPORT, [id, routes]);
        written.map(drop).map_err(|why| fault(&why))
    }

    fn leave(&mut self, id: &str) {
        if let Ok(link) = self.link() {
            // A store that was not brought up yet has no such table.
            let _ = link
                .writer
                .execute("DELETE FROM gatepost_routes WHERE replica = ?1", [id]);
            let _ = link
                .writer
                .execute("DELETE FROM gatepost_replica WHERE id = ?1", [id]);
        }
    }

    fn disconnect(&mut self) {
        self.link = None;
    }

    fn wait(&mut self, limit: Duration, _hear: bool) -> Woken {
        std::thread::sleep(limit);
        Woken::Elapsed
    }
}

const BEAT: &str = "\
INSERT INTO gatepost_replica (id, name, started, at, lease_ms, epoch, version, state, library)
VALUES (:id, :name, strftime('%Y-%m-%dT%H:%M:%fZ'), strftime('%Y-%m-%dT%H:%M:%fZ'),
  :lease, :epoch, :version, :state, :library)
ON CONFLICT (id) DO UPDATE SET at = excluded.at, epoch = excluded.epoch,
  version = excluded.version, state = excluded.state";

const REPORT: &str = "INSERT INTO gatepost_routes (replica, routes) VALUES (?1, ?2)
ON CONFLICT (replica) DO UPDATE SET routes = excluded.routes";

impl Link {
    fn data_version(&self) -> Result<i64, Error> {
        let mut pragma = self.reader.prepare_cached("PRAGMA data_version")?;
        pragma.query_row([], |row| row.get(0))
    }

    /// Reads in one transaction, so all of it is of one moment.
    fn read(&self, question: &Question) -> Result<Answer, Error> {
        let reading = self.reader.unchecked_transaction()?;
        let (mut answer, version) = begun(&reading, question)?;
        let Some(version) = version else {
            return Ok(answer);
        };
        let since = question.since_column();
        let way = version.saturating_sub(since);
        answer.news = News::since(-1, None);
        if (1..=LONGEST_WAY).contains(&way) {
            let (changes, awaited) = reading
                .prepare_cached(CHANGES)?
                .query_row([since, version], |row| Ok((row.get(0)?, row.get(1)?)))?;
            answer.awaited = awaited;
            answer.news = effects(&reading, question, version, changes)?;
        }
        Ok(answer)
    }
}

/// What all answers begin with, and the version of the head, if it can be read.
fn begun(reading: &Connection, question: &Question) -> Result<(Answer, Option<i64>), Error> {
    let mut answer = of_head(head(reading)?);
    let Ok(RawHead { version, .. }) = answer.head else {
        return Ok((answer, None));
    };
    answer.token = token(reading, question.mark_column())?;
    answer.registered = reading
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM gatepost_replica WHERE id = ?1)")?
        .query_row([&question.id], |row| row.get(0))?;
    Ok((answer, Some(version)))
}

const CHANGES: &str = "\
SELECT count(*), coalesce(max(awaited), 0) FROM gatepost_change WHERE version > ?1 AND version <= ?2";

fn of_head(head: Result<RawHead, String>) -> Answer {
    Answer {
        head,
        standby: false,
        registered: false,
        token: Token::Untold,
        awaited: false,
        news: News::Unread,
    }
}

fn head(reading: &Connection) -> Result<Result<RawHead, String>, Error> {
    let mut heads = reading.prepare_cached(
        "SELECT format, lineage, epoch, version, token, whole, killed FROM gatepost_head",
    )?;
    let mut rows = heads.query([])?;
    let Some(row) = rows.next()? else {
        return Ok(Err("the store has no head".to_owned()));
    };
    let read = match raw_head(row) {
        Err(why) if is_of_shape(&why) => Err(format!("the head is not understood: {why}")),
        read => Ok(read?),
    };
    match rows.next()? {
        None => Ok(read),
        Some(_) => Ok(Err("the store has more than one head".to_owned())),
    }
}

fn raw_head(row: &Row<'_>) -> Result<RawHead, Error> {
    Ok(RawHead {
        format: row.get(0)?,
        lineage: row.get(1)?,
        epoch: row.get(2)?,
        version: row.get(3)?,
        token: row.get(4)?,
        whole: row.get(5)?,
        killed: row.get(6)?,
    })
}

fn token(reading: &Connection, version: i64) -> Result<Token, Error> {
    let mut tokens =
        reading.prepare_cached("SELECT token FROM gatepost_change WHERE version = ?1")?;
    match tokens.query_row([version], |row| row.get(0)) {
        Err(Error::QueryReturnedNoRows) => Ok(Token::Absent),
        token => Ok(Token::Is(token?)),
    }
}

fn effects(
    reading: &Connection,
    question: &Question,
    to: i64,
    changes: i64,
) -> Result<News, Error> {
    let mut effects = reading.prepare_cached(
        "SELECT version, kind, a, b, CASE WHEN ?3 AND kind = 'member' THEN NULL ELSE after END
         FROM gatepost_effect WHERE version > ?1 AND version <= ?2",
    )?;
    let params = params![question.since_column(), to, question.without_members];
    let rows = effects.query_map(params, |row| {
        Ok((
            row.get(0)?,
            row.get(1)?,
            row.get(2)?,
            row.get(3)?,
            row.get(4)?,
        ))
    })?;
    match rows.collect::<Result<_, _>>() {
        Ok(effects) => Ok(News::Since { changes, effects }),
        Err(why) if is_of_shape(&why) => Ok(News::Broken(format!("an effect: {why}"))),
        Err(why) => Err(why),
    }
}

/// Whether a row could be read, and holds what no row was ever written with.
fn is_of_shape(why: &Error) -> bool {
    matches!(
        why,
        Error::FromSqlConversionFailure(..)
            | Error::IntegralValueOutOfRange(..)
            | Error::Utf8Error(..)
            | Error::InvalidColumnType(
                _,
                _,
                Type::Null | Type::Integer | Type::Real | Type::Text | Type::Blob
            )
    )
}

fn fault(why: &Error) -> Fault {
    let told = why.to_string();
    let kind = if told.starts_with("no such table") {
        StoreErrorKind::Missing
    } else {
        StoreErrorKind::Unreachable
    };
    let gone = matches!(
        why.sqlite_error_code(),
        Some(ErrorCode::CannotOpen | ErrorCode::SystemIoFailure | ErrorCode::NotADatabase)
    );
    Fault {
        kind,
        why: told,
        answered: !gone,
    }
}
