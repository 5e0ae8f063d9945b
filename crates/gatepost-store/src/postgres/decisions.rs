//! The table of decisions in a database: the SQL.

use std::fmt::Write as _;

use gatepost::Timestamp;
use tokio_postgres::types::Type;

use super::tx::PostgresTx;
use crate::decision::{DecisionFilter, DecisionNote};
use crate::store::base::column;
use crate::store::decisions::{DecisionRow, DecisionTable, texts};
use crate::store::tx::Result;

impl DecisionTable for PostgresTx<'_> {
    async fn add_decisions(&mut self, notes: &[DecisionNote]) -> Result<()> {
        let at: Vec<i64> = notes.iter().map(|note| note.at.as_millis()).collect();
        let records: Vec<&str> = notes.iter().map(|note| note.record.as_str()).collect();
        // One list of rows for each column.
        let mut columns: [Vec<Option<&str>>; 7] = [const { Vec::new() }; 7];
        for note in notes {
            for (column, text) in columns.iter_mut().zip(texts(note)) {
                column.push(text);
            }
        }
        let [decision, subject, org, code, outcome, resource, action] = &columns;
        self.tell(
            "INSERT INTO gatepost_decision (at_ms, decision, subject, org, code, outcome, resource, action, record)
             SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
                 $7::text[], $8::text[], $9::text[])",
            &[
                (&at, Type::INT8_ARRAY),
                (decision, Type::TEXT_ARRAY),
                (subject, Type::TEXT_ARRAY),
                (org, Type::TEXT_ARRAY),
                (code, Type::TEXT_ARRAY),
                (outcome, Type::TEXT_ARRAY),
                (resource, Type::TEXT_ARRAY),
                (action, Type::TEXT_ARRAY),
                (&records, Type::TEXT_ARRAY),
            ],
        )
        .await
    }

    async fn prune_decisions(&mut self, keep: i64, before_ms: i64, most: i64) -> Result<()> {
        // What somebody else has in hand is left to the next: two that prune do not wait for each other.
        self.tell(
            "DELETE FROM gatepost_decision WHERE number IN (
                 SELECT number FROM gatepost_decision
                 WHERE number <= (SELECT max(number) FROM gatepost_decision) - $1
                 ORDER BY number LIMIT $2 FOR UPDATE SKIP LOCKED)",
            &[(&keep, Type::INT8), (&most, Type::INT8)],
        )
        .await?;
        self.tell(
            "DELETE FROM gatepost_decision WHERE number IN (
                 SELECT number FROM gatepost_decision WHERE at_ms < $1
                 ORDER BY at_ms LIMIT $2 FOR UPDATE SKIP LOCKED)",
            &[(&before_ms, Type::INT8), (&most, Type::INT8)],
        )
        .await
    }

    async fn decisions(&mut self, filter: &DecisionFilter) -> Result<Vec<DecisionRow>> {
        let before = filter.before.map_or(i64::MAX, column);
        let since = filter.since.map_or(i64::MIN, Timestamp::as_millis);
        let until = filter.until.map_or(i64::MAX, Timestamp::as_millis);
        let limit = i64::try_from(filter.limit).unwrap_or(i64::MAX);
        let mut sql = String::from(
            "SELECT number, at_ms, decision, subject, org, code, outcome, resource, action, record
             FROM gatepost_decision WHERE number < $1 AND at_ms >= $2 AND at_ms < $3",
        );
        let mut values: Vec<(&(dyn tokio_postgres::types::ToSql + Sync), Type)> = vec![
            (&before, Type::INT8),
            (&since, Type::INT8),
            (&until, Type::INT8),
        ];
        for (name, text) in DecisionFilter::TEXTS.iter().zip(&filter.texts) {
            if text.is_some() {
                values.push((text, Type::TEXT));
                let _ = write!(sql, " AND {name} = ${}", values.len());
            }
        }
        values.push((&limit, Type::INT8));
        let _ = write!(sql, " ORDER BY number DESC LIMIT ${}", values.len());
        let rows = self.ask(&sql, &values).await?;
        self.read(&rows, |row| {
            let mut texts = [const { None }; 7];
            for (at, text) in (2..).zip(&mut texts) {
                *text = row.try_get::<usize, _>(at)?;
            }
            Ok(DecisionRow {
                number: row.try_get(0)?,
                at: row.try_get(1)?,
                texts,
                record: row.try_get(9)?,
            })
        })
    }
}
