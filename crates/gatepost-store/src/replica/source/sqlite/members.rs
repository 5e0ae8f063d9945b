//! The memberships of one subject in an SQLite file.

use rusqlite::{Connection, Error};

use super::super::mark_column;
use super::{Held, head, is_of_shape, of_head, token};

/// Left to itself, SQLite may look through all memberships.
const ROWS: &str = "\
SELECT a, body FROM gatepost_fact INDEXED BY gatepost_fact_by_b WHERE kind = 'member' AND b = ?1";

const CHANGED: &str = "\
SELECT max(version) FROM gatepost_effect INDEXED BY gatepost_effect_of_member
WHERE kind = 'member' AND b = ?1";

/// Reads in one transaction, so all of it is of one moment.
pub(super) fn read(reader: &Connection, subject: &str, mark: u64) -> Result<Held, Error> {
    let reading = reader.unchecked_transaction()?;
    let mut answer = of_head(head(&reading)?);
    answer.token = token(&reading, mark_column(mark))?;
    let changed = reading
        .prepare_cached(CHANGED)?
        .query_row([subject], |row| row.get(0))?;
    let mut rows = reading.prepare_cached(ROWS)?;
    let rows = rows.query_map([subject], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let rows = match rows.collect::<Result<Vec<_>, _>>() {
        Err(why) if is_of_shape(&why) => Err(format!("a membership: {why}")),
        rows => Ok(rows?),
    };
    Ok(Held {
        answer,
        changed,
        rows,
    })
}
