//! Every fact of an SQLite file.

use std::ops::ControlFlow;
use std::time::Duration;

use gatepost::Clock;
use rusqlite::types::Type;
use rusqlite::{Connection, Error, Row};

use super::super::{Answer, KINDS, LONGEST_READ, Question, kinds};
use super::{begun, is_of_shape};
use crate::clock::BootClock;
use crate::fact::{FactKind, Stated};
use crate::replica::news::News;
use crate::replica::whole::{LARGEST, Whole};

/// After how many facts it is looked at the clock.
const LOOK_UP: u32 = 4096;

/// Facts in the order of the key, whose text is as long as it may be; else none.
const FACTS: &str = "\
SELECT a, b, CASE WHEN octet_length(body) <= ?2 THEN body END FROM gatepost_fact
WHERE kind = ?1 ORDER BY a, b";

/// Reads in one transaction, so all of it is of one moment; nothing where that takes too long.
pub(super) fn read(
    reader: &Connection,
    question: &Question,
    whole: &mut Whole,
) -> Result<Option<Answer>, Error> {
    let reading = reader.unchecked_transaction()?;
    let (mut answer, version) = begun(&reading, question)?;
    if version.is_none() {
        return Ok(Some(answer));
    }
    let until = BootClock.now().saturating_add(LONGEST_READ);
    let read = found(&reading).and_then(|found| match kinds(&found, question) {
        Err(why) => Ok(Some(News::Broken(why))),
        Ok(kinds) => {
            for kind in kinds {
                match facts(&reading, kind, whole, until)? {
                    Read::All => {}
                    Read::Enough => break,
                    Read::Broken(why) => return Ok(Some(News::Broken(why))),
                    Read::Late => return Ok(None),
                }
            }
            Ok(Some(News::Whole))
        }
    });
    let news = match read {
        Err(why) if is_of_shape(&why) => Some(News::Broken(format!("a fact: {why}"))),
        read => read?,
    };
    Ok(news.map(|news| {
        answer.news = news;
        answer
    }))
}

/// What became of reading the facts of one kind.
enum Read {
    All,
    /// One of them is not understood.
    Enough,
    Broken(String),
    Late,
}

fn facts(
    reading: &Connection,
    kind: FactKind,
    whole: &mut Whole,
    until: Duration,
) -> Result<Read, Error> {
    let mut facts = reading.prepare_cached(FACTS)?;
    let largest = i64::try_from(LARGEST).unwrap_or(i64::MAX);
    let mut rows = facts.query((kind.as_str(), largest))?;
    let mut left = LOOK_UP;
    while let Some(row) = rows.next()? {
        let (a, b) = (text(row, 0)?, text(row, 1)?);
        let (Some(a), Some(b), Some(body)) = (a, b, text(row, 2)?) else {
            let why = format!("one fact is larger than {LARGEST} bytes");
            return Ok(Read::Broken(why));
        };
        let fact = Stated { kind, a, b, body };
        if let ControlFlow::Break(()) = whole.add(fact) {
            return Ok(Read::Enough);
        }
        left -= 1;
        if left == 0 {
            left = LOOK_UP;
            if BootClock.now() >= until {
                return Ok(Read::Late);
            }
        }
    }
    Ok(Read::All)
}

fn found(reading: &Connection) -> Result<Vec<String>, Error> {
    let mut kinds = reading.prepare_cached(KINDS)?;
    let kinds = kinds.query_map([], |row| row.get(0))?;
    kinds.collect()
}

/// A column, as it stands in the row.
fn text<'r>(row: &'r Row<'_>, column: usize) -> Result<Option<&'r str>, Error> {
    let text = row.get_ref(column)?.as_str_or_null();
    text.map_err(|why| Error::FromSqlConversionFailure(column, Type::Text, Box::new(why)))
}
