//! Every fact of a store in `PostgreSQL`.

use std::ops::ControlFlow;
use std::pin::pin;
use std::time::Duration;

use futures_util::{FutureExt, StreamExt};
use tokio::time::timeout;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Error, Row};

use super::super::{Answer, KINDS, Question, kinds};
use super::{answer, sql, told};
use crate::fact::{FactKind, Stated};
use crate::replica::news::{LONGEST_WAY, News};
use crate::replica::whole::{LARGEST, Whole};

/// For how long nothing may come: where there are millions of rows, a server may look through those of other kinds
/// first. What is live runs out meanwhile as it would without this.
const LONGEST_SILENCE: Duration = Duration::from_secs(5);

/// Reads in one transaction, so all of it is of one moment; nothing where the server falls silent.
///
/// Row by row: what was taken in is forgotten before the next comes, and the server is not read from faster.
pub(super) async fn read(
    client: &Client,
    question: &Question,
    whole: &mut Whole,
) -> Result<Option<Answer>, Error> {
    let Some(begun) = heard(begin(client, question)).await else {
        return Ok(None);
    };
    let (mut answer, kinds) = begun?;
    answer.news = match kinds {
        Err(why) => News::Broken(why),
        Ok(kinds) => match news(client, kinds, whole).await? {
            Some(news) => news,
            None => return Ok(None),
        },
    };
    let ended = heard(client.batch_execute("COMMIT")).await;
    ended.map(|ended| ended.map(|()| answer)).transpose()
}

/// The head and the kinds of facts.
async fn begin(
    client: &Client,
    question: &Question,
) -> Result<(Answer, Result<Vec<FactKind>, String>), Error> {
    client
        .batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        .await?;
    let rows = client
        .query_typed(
            sql::ASK,
            &[
                (&question.mark_column(), Type::INT8),
                (&question.id, Type::TEXT),
                (&i64::MAX, Type::INT8),
                (&LONGEST_WAY, Type::INT8),
                (&question.without_members, Type::BOOL),
            ],
        )
        .await?;
    let found = client.query_typed(KINDS, &[]).await?;
    let found: Result<Vec<String>, _> = found.iter().map(|row| row.try_get(0)).collect();
    let found = found.map_err(|why| not_understood(&why));
    Ok((
        answer(&rows),
        found.and_then(|found| kinds(&found, question)),
    ))
}

async fn news(
    client: &Client,
    kinds: Vec<FactKind>,
    whole: &mut Whole,
) -> Result<Option<News>, Error> {
    for kind in kinds {
        match facts(client, kind, whole).await? {
            Read::All => {}
            Read::Enough => break,
            Read::Broken(why) => return Ok(Some(News::Broken(why))),
            Read::Silent => return Ok(None),
        }
    }
    Ok(Some(News::Whole))
}

async fn heard<T>(what: impl Future<Output = T>) -> Option<T> {
    timeout(LONGEST_SILENCE, what).await.ok()
}

/// What became of reading the facts of one kind.
enum Read {
    All,
    /// One of them is not understood.
    Enough,
    Broken(String),
    Silent,
}

async fn facts(client: &Client, kind: FactKind, whole: &mut Whole) -> Result<Read, Error> {
    let word = kind.as_str();
    let largest = i32::try_from(LARGEST).unwrap_or(i32::MAX);
    let params: [(&(dyn ToSql + Sync), Type); 2] = [(&word, Type::TEXT), (&largest, Type::INT4)];
    let Some(rows) = heard(client.query_typed_raw(sql::FACTS, params)).await else {
        return Ok(Read::Silent);
    };
    let mut rows = pin!(rows?);
    let mut read = Read::All;
    loop {
        // As long as rows are there, none is waited for, and no clock is asked.
        let row = match rows.next().now_or_never() {
            Some(row) => row,
            None => match heard(rows.next()).await {
                Some(row) => row,
                None => return Ok(Read::Silent),
            },
        };
        let Some(row) = row else {
            return Ok(read);
        };
        let row = row?;
        // Those that are not wanted any more have to come all the same.
        if let Read::All = read {
            match take(kind, &row, whole) {
                Ok(ControlFlow::Continue(())) => {}
                Ok(ControlFlow::Break(())) => read = Read::Enough,
                Err(why) => read = Read::Broken(why),
            }
        }
    }
}

fn take(kind: FactKind, row: &Row, whole: &mut Whole) -> Result<ControlFlow<()>, String> {
    let text = |at: usize| row.try_get(at).map_err(|why| not_understood(&why));
    let Some(body) = text(2)? else {
        return Err(format!("one fact is larger than {LARGEST} bytes"));
    };
    let a: Option<&str> = text(0)?;
    let b: Option<&str> = text(1)?;
    let (a, b) = (a.unwrap_or_default(), b.unwrap_or_default());
    Ok(whole.add(Stated { kind, a, b, body }))
}

fn not_understood(why: &Error) -> String {
    format!("a fact is not understood: {}", told(why))
}
