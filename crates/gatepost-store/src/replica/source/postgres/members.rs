//! The memberships of one subject in `PostgreSQL`.

use tokio_postgres::Row;

use super::{Held, answer, told};

/// The columns are those of [`sql::MEMBERS`](super::sql::MEMBERS).
pub(super) fn read(rows: &[Row]) -> Held {
    let mut held = Held {
        answer: answer(rows),
        changed: None,
        rows: Err("the store has no head".to_owned()),
    };
    if let [row] = rows {
        match (row.try_get(11), row.try_get::<_, Option<&str>>(12)) {
            (Ok(changed), Ok(rows)) => {
                held.changed = changed;
                let read = rows.map_or(Ok(Vec::new()), serde_json::from_str);
                held.rows = read.map_err(|why| format!("a membership: {why}"));
            }
            (Err(why), _) | (_, Err(why)) => held.rows = Err(told(&why)),
        }
    }
    held
}
