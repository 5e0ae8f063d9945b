//! One transaction on a file: the SQL.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, Statement, TransactionBehavior, params, params_from_iter};

use super::error;
use crate::change::Effect;
use crate::fact::{FactKey, FactKind};
use crate::head::RawHead;
use crate::store::tx::{
    Access, ChangeRow, Changes, EffectRow, Entry, FactRow, NewHead, ReplicaFields, Result, Tx,
    Which, fact_row,
};

/// A transaction. Unless it is committed, nothing of it stands.
pub(crate) struct SqliteTx<'c> {
    connection: &'c mut Connection,
    place: &'c str,
}

impl<'c> SqliteTx<'c> {
    pub(crate) fn begin(
        connection: &'c mut Connection,
        place: &'c str,
        access: Access,
    ) -> Result<Self> {
        let behavior = match access {
            Access::Read | Access::Glance => TransactionBehavior::Deferred,
            // The lock is taken first: a transaction that has read cannot always go on to write.
            Access::Write | Access::Replace | Access::Note => TransactionBehavior::Immediate,
        };
        let begin = match behavior {
            TransactionBehavior::Immediate => "BEGIN IMMEDIATE",
            _ => "BEGIN",
        };
        let tx = Self { connection, place };
        tx.run(|connection| connection.execute_batch(begin))?;
        Ok(tx)
    }

    pub(crate) fn commit(self) -> Result<()> {
        self.run(|connection| connection.execute_batch("COMMIT"))
    }

    pub(super) fn run<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T> {
        work(self.connection).map_err(|why| error::of(self.place, &why))
    }
}

impl Drop for SqliteTx<'_> {
    fn drop(&mut self) {
        // An error may have ended it already.
        if !self.connection.is_autocommit() {
            let _ = self.connection.execute_batch("ROLLBACK");
        }
    }
}

/// The head, read.
pub(crate) fn head(connection: &Connection) -> rusqlite::Result<RawHead> {
    connection
        .prepare_cached(
            "SELECT format, lineage, epoch, version, token, whole, killed FROM gatepost_head WHERE one = 1",
        )?
        .query_row([], |row| {
            Ok(RawHead {
                format: row.get(0)?,
                lineage: row.get(1)?,
                epoch: row.get(2)?,
                version: row.get(3)?,
                token: row.get(4)?,
                whole: row.get(5)?,
                killed: row.get(6)?,
            })
        })
}

impl Tx for SqliteTx<'_> {
    fn place(&self) -> String {
        self.place.to_owned()
    }

    async fn head(&mut self) -> Result<RawHead> {
        self.run(head)
    }

    async fn facts(&mut self, which: &Which) -> Result<Vec<FactRow>> {
        self.run(|connection| facts(connection, which))
    }

    async fn touched(&mut self, keys: &[FactKey], since: i64, limit: i64) -> Result<Vec<i64>> {
        self.run(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT version FROM gatepost_effect
                 WHERE kind = ?1 AND a = ?2 AND b = ?3 AND version > ?4 ORDER BY version DESC LIMIT ?5",
            )?;
            let mut found = std::collections::BTreeSet::new();
            for FactKey { kind, a, b } in keys {
                let rows = statement.query_map(params![kind.as_str(), a, b, since, limit], |row| {
                    row.get::<_, i64>(0)
                })?;
                for version in rows {
                    found.insert(version?);
                }
            }
            let limit = usize::try_from(limit).unwrap_or(0);
            Ok(found.into_iter().rev().take(limit).collect())
        })
    }

    async fn changes(&mut self, which: &Changes) -> Result<Vec<ChangeRow>> {
        self.run(|connection| changes(connection, which))
    }

    async fn effects(&mut self, versions: &[i64]) -> Result<Vec<(i64, EffectRow)>> {
        self.run(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT kind, a, b, before, after FROM gatepost_effect WHERE version = ?1",
            )?;
            let mut all = Vec::new();
            for version in versions {
                let rows = statement.query_map([version], |row| {
                    let row = EffectRow {
                        kind: row.get(0)?,
                        a: row.get(1)?,
                        b: row.get(2)?,
                        before: row.get(3)?,
                        after: row.get(4)?,
                    };
                    Ok((*version, row))
                })?;
                for row in rows {
                    all.push(row?);
                }
            }
            Ok(all)
        })
    }

    async fn replicas(&mut self) -> Result<Vec<ReplicaFields>> {
        self.run(replicas)
    }

    async fn apply(&mut self, effects: &[Effect], version: i64) -> Result<()> {
        self.run(|connection| {
            let mut put = connection.prepare_cached(
                "INSERT INTO gatepost_fact (kind, a, b, body, version) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT DO UPDATE SET body = excluded.body, version = excluded.version",
            )?;
            let mut take = connection.prepare_cached(
                "DELETE FROM gatepost_fact WHERE kind = ?1 AND a = ?2 AND b = ?3",
            )?;
            for Effect { key, after, .. } in effects {
                let FactKey { kind, a, b } = key;
                match after {
                    Some(body) => put.execute(params![kind.as_str(), a, b, body, version])?,
                    None => take.execute(params![kind.as_str(), a, b])?,
                };
            }
            Ok(())
        })
    }

    async fn log(&mut self, effects: &[Effect], version: i64) -> Result<()> {
        self.run(|connection| {
            let mut log = connection.prepare_cached(
                "INSERT INTO gatepost_effect (version, kind, a, b, before, after)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?;
            for effect in effects {
                let FactKey { kind, a, b } = &effect.key;
                let (before, after) = (&effect.before, &effect.after);
                log.execute(params![version, kind.as_str(), a, b, before, after])?;
            }
            Ok(())
        })
    }

    async fn clear(&mut self) -> Result<()> {
        self.run(|connection| connection.execute_batch("DELETE FROM gatepost_fact"))
    }

    async fn insert(&mut self, facts: &[(FactKey, String)], version: i64) -> Result<()> {
        self.run(|connection| {
            let mut put = connection.prepare_cached(
                "INSERT INTO gatepost_fact (kind, a, b, body, version) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?;
            for (FactKey { kind, a, b }, body) in facts {
                put.execute(params![kind.as_str(), a, b, body, version])?;
            }
            Ok(())
        })
    }

    async fn record(&mut self, entry: &Entry) -> Result<()> {
        self.run(|connection| {
            connection
                .prepare_cached(
                    "INSERT INTO gatepost_change (version, token, at, author, authority, acting_for,
                         reason, command, whole, awaited)
                     VALUES (?1, ?2, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                )?
                .execute(params![
                    entry.mark.version,
                    entry.mark.token,
                    entry.author,
                    entry.authority,
                    entry.acting_for,
                    entry.reason,
                    entry.command,
                    entry.whole,
                    entry.awaited,
                ])
                .map(drop)
        })
    }

    async fn set_head(&mut self, head: &NewHead) -> Result<()> {
        self.run(|connection| {
            connection
                .prepare_cached(
                    "UPDATE gatepost_head SET version = ?1, token = ?2, epoch = ?3, whole = ?4, killed = ?5
                     WHERE one = 1",
                )?
                .execute(params![
                    head.mark.version,
                    head.mark.token,
                    head.epoch,
                    head.whole,
                    head.killed,
                ])
                .map(drop)
        })
    }
}

fn facts(connection: &Connection, which: &Which) -> rusqlite::Result<Vec<FactRow>> {
    const SELECT: &str = "SELECT kind, a, b, body, version FROM gatepost_fact WHERE";
    let ask = |rest: &str| connection.prepare_cached(&format!("{SELECT} {rest}"));
    let mut found = Vec::new();
    match which {
        Which::Kinds(kinds) => {
            let mut statement = ask("kind = ?1")?;
            for kind in kinds {
                read(&mut statement, params![kind.as_str()], &mut found)?;
            }
        }
        Which::Keys(keys) => {
            let mut statement = ask("kind = ?1 AND a = ?2 AND b = ?3")?;
            for FactKey { kind, a, b } in keys {
                read(&mut statement, params![kind.as_str(), a, b], &mut found)?;
            }
        }
        Which::Below(kinds, orgs) => {
            let mut statement = ask("kind = ?1 AND a = ?2")?;
            for kind in kinds {
                for org in orgs {
                    read(&mut statement, params![kind.as_str(), org], &mut found)?;
                }
            }
        }
        Which::Named(kind, name) => {
            // Left to itself, SQLite would look through all of the kind for the order's sake.
            let mut statement = connection.prepare_cached(
                "SELECT kind, a, b, body, version FROM gatepost_fact INDEXED BY gatepost_fact_by_b
                 WHERE kind = ?1 AND b = ?2 ORDER BY a",
            )?;
            read(&mut statement, params![kind.as_str(), name], &mut found)?;
        }
        Which::Page { kind, after, limit } => {
            let mut statement = ask("kind = ?1 AND (a, b) > (?2, ?3) ORDER BY a, b LIMIT ?4")?;
            let (a, b) = after;
            read(
                &mut statement,
                params![kind.as_str(), a, b, limit],
                &mut found,
            )?;
        }
        Which::PageBelow {
            kind,
            org,
            after,
            limit,
        } => {
            let mut statement = ask("kind = ?1 AND a = ?2 AND b > ?3 ORDER BY b LIMIT ?4")?;
            let params = params![kind.as_str(), org, after, limit];
            read(&mut statement, params, &mut found)?;
        }
        Which::Naming(kind, text) => {
            let mut statement = ask("kind = ?1 AND instr(body, ?2) > 0")?;
            read(&mut statement, params![kind.as_str(), text], &mut found)?;
        }
        Which::Strange => {
            let marks = vec!["?"; FactKind::ALL.len()].join(", ");
            let mut statement = ask(&format!(
                "kind NOT IN ({marks}) OR (a = '' AND b = '') LIMIT 20"
            ))?;
            let kinds = FactKind::ALL.iter().map(|kind| kind.as_str());
            read(&mut statement, params_from_iter(kinds), &mut found)?;
        }
    }
    Ok(found)
}

fn read(
    statement: &mut Statement<'_>,
    params: impl rusqlite::Params,
    found: &mut Vec<FactRow>,
) -> rusqlite::Result<()> {
    let mut rows = statement.query(params)?;
    while let Some(row) = rows.next()? {
        let version = row.get(4).unwrap_or(0);
        let [kind, a, b, body] = [text(row, 0)?, text(row, 1)?, text(row, 2)?, text(row, 3)?];
        found.push(fact_row(kind, a, b, body, version));
    }
    Ok(())
}

/// A column, if it holds a text that is well.
fn text<'r>(row: &'r Row<'_>, column: usize) -> rusqlite::Result<Option<&'r str>> {
    Ok(match row.get_ref(column)? {
        ValueRef::Text(bytes) => std::str::from_utf8(bytes).ok(),
        _ => None,
    })
}

fn changes(connection: &Connection, which: &Changes) -> rusqlite::Result<Vec<ChangeRow>> {
    const SELECT: &str = "SELECT version, at, author, authority, acting_for, reason, command
                          FROM gatepost_change c WHERE";
    let mut all = Vec::new();
    match which {
        Changes::Of(versions) => {
            let mut statement = connection.prepare_cached(&format!("{SELECT} version = ?1"))?;
            for version in versions {
                all.extend(statement.query_row([version], change));
            }
        }
        Changes::Page {
            after,
            before,
            limit,
            org,
            author,
        } => {
            // The first behind a version, or the last of all.
            let order = if after.is_some() { "ASC" } else { "DESC" };
            let mut statement = connection.prepare_cached(&format!(
                "{SELECT} version > ?1 AND (?2 IS NULL OR author = ?2)
                 AND (?3 IS NULL OR c.whole OR EXISTS (SELECT 1 FROM gatepost_effect e WHERE e.version = c.version
                      AND e.a = ?3 AND e.kind IN ('org', 'org_gate', 'own_role', 'member')))
                 AND version < ?5 ORDER BY version {order} LIMIT ?4"
            ))?;
            let (after, before) = (after.unwrap_or(i64::MIN), before.unwrap_or(i64::MAX));
            let rows = statement.query_map(params![after, author, org, limit, before], change)?;
            all = rows.collect::<rusqlite::Result<_>>()?;
        }
    }
    all.sort_by_key(|row| row.version);
    Ok(all)
}

fn change(row: &Row<'_>) -> rusqlite::Result<ChangeRow> {
    Ok(ChangeRow {
        version: row.get(0)?,
        at: row.get(1)?,
        author: row.get(2)?,
        authority: row.get(3)?,
        acting_for: row.get(4)?,
        reason: row.get(5)?,
        command: row.get(6)?,
    })
}

fn replicas(connection: &Connection) -> rusqlite::Result<Vec<ReplicaFields>> {
    let mut statement = connection.prepare_cached(
        "SELECT id, name, started, at,
                CAST(coalesce((julianday('now') - julianday(at)) * 86400000, 0) AS INTEGER),
                lease_ms, epoch, version, state, library
         FROM gatepost_replica ORDER BY name, id",
    )?;
    let rows = statement.query_map([], |row| {
        Ok(ReplicaFields {
            id: row.get(0)?,
            name: row.get(1)?,
            started: row.get(2)?,
            at: row.get(3)?,
            age_ms: row.get(4)?,
            lease_ms: row.get(5)?,
            epoch: row.get(6)?,
            version: row.get(7)?,
            state: row.get(8)?,
            library: row.get(9)?,
        })
    })?;
    rows.collect()
}
