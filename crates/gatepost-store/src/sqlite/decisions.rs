//! The table of decisions in a file: the SQL.

use rusqlite::{params, params_from_iter, types::Value};

use super::tx::SqliteTx;
use crate::decision::{DecisionFilter, DecisionNote};
use crate::store::base::column;
use crate::store::decisions::{DecisionRow, DecisionTable, texts};
use crate::store::tx::Result;

impl DecisionTable for SqliteTx<'_> {
    async fn add_decisions(&mut self, notes: &[DecisionNote]) -> Result<()> {
        self.run(|connection| {
            let mut add = connection.prepare_cached(
                "INSERT INTO gatepost_decision (at_ms, decision, subject, org, code, outcome, resource, action, record)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?;
            for note in notes {
                let [decision, subject, org, code, outcome, resource, action] = texts(note);
                let (at, record) = (note.at.as_millis(), &note.record);
                add.execute(params![
                    at, decision, subject, org, code, outcome, resource, action, record
                ])?;
            }
            Ok(())
        })
    }

    async fn prune_decisions(&mut self, keep: i64, before_ms: i64, most: i64) -> Result<()> {
        self.run(|connection| {
            connection
                .prepare_cached(
                    "DELETE FROM gatepost_decision WHERE number IN (
                         SELECT number FROM gatepost_decision
                         WHERE number <= (SELECT max(number) FROM gatepost_decision) - ?1
                         ORDER BY number LIMIT ?2)",
                )?
                .execute([keep, most])?;
            connection
                .prepare_cached(
                    "DELETE FROM gatepost_decision WHERE number IN (
                         SELECT number FROM gatepost_decision WHERE at_ms < ?1 ORDER BY at_ms LIMIT ?2)",
                )?
                .execute([before_ms, most])
                .map(drop)
        })
    }

    async fn decisions(&mut self, filter: &DecisionFilter) -> Result<Vec<DecisionRow>> {
        let mut sql = String::from(
            "SELECT number, at_ms, decision, subject, org, code, outcome, resource, action, record
             FROM gatepost_decision WHERE number < ?",
        );
        let mut values = vec![Value::Integer(filter.before.map_or(i64::MAX, column))];
        let mut and = |condition: &str, value: Value| {
            sql.push_str(" AND ");
            sql.push_str(condition);
            sql.push_str(" ?");
            values.push(value);
        };
        for (name, text) in DecisionFilter::TEXTS.iter().zip(&filter.texts) {
            if let Some(text) = text {
                and(&format!("{name} ="), Value::Text(text.clone()));
            }
        }
        for (condition, moment) in [("at_ms >=", filter.since), ("at_ms <", filter.until)] {
            if let Some(moment) = moment {
                and(condition, Value::Integer(moment.as_millis()));
            }
        }
        sql.push_str(" ORDER BY number DESC LIMIT ?");
        values.push(Value::Integer(
            i64::try_from(filter.limit).unwrap_or(i64::MAX),
        ));
        self.run(|connection| {
            let mut newest = connection.prepare_cached(&sql)?;
            let rows = newest.query_map(params_from_iter(values), |row| {
                let mut texts = [const { None }; 7];
                for (at, text) in (2..).zip(&mut texts) {
                    *text = row.get(at)?;
                }
                Ok(DecisionRow {
                    number: row.get(0)?,
                    at: row.get(1)?,
                    texts,
                    record: row.get(9)?,
                })
            })?;
            rows.collect()
        })
    }
}
