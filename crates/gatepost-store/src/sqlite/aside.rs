//! What stands beside the policy in a file: the SQL.

use rusqlite::{OptionalExtension as _, Row, named_params, params};

use super::tx::SqliteTx;
use crate::denial::{DenialFilter, DenialNote};
use crate::store::aside::{Aside, CredentialRow, DenialRow, RoutesRow, texts};
use crate::store::base::column;
use crate::store::tx::Result;

const CREDENTIAL: &str =
    "id, kind, hash, subject, scopes, label, author, created_ms, expires_ms, used_ms";

impl Aside for SqliteTx<'_> {
    async fn now(&mut self) -> Result<i64> {
        self.run(|connection| {
            let mut now = connection
                .prepare_cached("SELECT CAST(round(unixepoch('subsec') * 1000) AS INTEGER)")?;
            now.query_row([], |row| row.get(0))
        })
    }

    async fn credential(&mut self, kind: &str, hash: &str) -> Result<Option<CredentialRow>> {
        self.run(|connection| {
            connection
                .prepare_cached(&format!(
                    "SELECT {CREDENTIAL} FROM gatepost_credential WHERE hash = ?1 AND kind = ?2"
                ))?
                .query_row([hash, kind], credential)
                .optional()
        })
    }

    async fn credentials(&mut self, kind: &str) -> Result<Vec<CredentialRow>> {
        self.run(|connection| {
            let mut all = connection.prepare_cached(&format!(
                "SELECT {CREDENTIAL} FROM gatepost_credential WHERE kind = ?1"
            ))?;
            all.query_map([kind], credential)?.collect()
        })
    }

    async fn take_credential(&mut self, kind: &str, hash: &str) -> Result<Option<CredentialRow>> {
        self.run(|connection| {
            connection
                .prepare_cached(&format!(
                    "DELETE FROM gatepost_credential WHERE hash = ?1 AND kind = ?2 RETURNING {CREDENTIAL}"
                ))?
                .query_row([hash, kind], credential)
                .optional()
        })
    }

    async fn put_credential(&mut self, row: &CredentialRow) -> Result<()> {
        self.run(|connection| {
            connection
                .prepare_cached(&format!(
                    "INSERT INTO gatepost_credential ({CREDENTIAL})
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
                ))?
                .execute(params![
                    row.id,
                    row.kind,
                    row.hash,
                    row.subject,
                    row.scopes,
                    row.label,
                    row.author,
                    row.created,
                    row.expires,
                    row.used,
                ])
                .map(drop)
        })
    }

    async fn use_credential(&mut self, id: &str, used: i64) -> Result<()> {
        self.run(|connection| {
            connection
                .prepare_cached(
                    "UPDATE gatepost_credential SET used_ms = max(used_ms, ?2) WHERE id = ?1",
                )?
                .execute(params![id, used])
                .map(drop)
        })
    }

    async fn drop_credential(&mut self, id: &str) -> Result<bool> {
        self.run(|connection| {
            let mut gone =
                connection.prepare_cached("DELETE FROM gatepost_credential WHERE id = ?1")?;
            Ok(gone.execute([id])? > 0)
        })
    }

    async fn drop_credentials(&mut self, kind: &str, subject: &str) -> Result<usize> {
        self.run(|connection| {
            connection
                .prepare_cached("DELETE FROM gatepost_credential WHERE kind = ?1 AND subject = ?2")?
                .execute([kind, subject])
        })
    }

    async fn prune_credentials(&mut self, now: i64, kind: &str, idle: i64) -> Result<()> {
        self.run(|connection| {
            connection
                .prepare_cached(
                    "DELETE FROM gatepost_credential
                     WHERE expires_ms <= ?1 OR (kind = ?2 AND used_ms <= ?3)",
                )?
                .execute(params![now, kind, idle])
                .map(drop)
        })
    }

    async fn note(&mut self, denials: &[DenialNote], keep: i64) -> Result<()> {
        self.run(|connection| {
            let mut add = connection.prepare_cached(
                "INSERT INTO gatepost_denial (at_ms, code, subject, acting_for, org, resource, action, mode,
                     route, replica, decision, times)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            )?;
            for note in denials {
                let [subject, acting_for, org, resource, action, mode, route, replica, decision] =
                    texts(note);
                let (at, times) = (note.at.as_millis(), column(note.times));
                add.execute(params![
                    at, note.code, subject, acting_for, org, resource, action, mode, route, replica,
                    decision, times
                ])?;
            }
            connection
                .prepare_cached(
                    "DELETE FROM gatepost_denial
                     WHERE number <= (SELECT max(number) FROM gatepost_denial) - ?1",
                )?
                .execute([keep])
                .map(drop)
        })
    }

    async fn denials(&mut self, filter: &DenialFilter) -> Result<Vec<DenialRow>> {
        self.run(|connection| {
            let mut newest = connection.prepare_cached(
                "SELECT number, at_ms, code, times, subject, acting_for, org, resource, action, mode, route,
                     replica, decision
                 FROM gatepost_denial
                 WHERE number < :before AND (:org IS NULL OR org = :org)
                     AND (:subject IS NULL OR subject = :subject) AND (:code IS NULL OR code = :code)
                 ORDER BY number DESC LIMIT :limit",
            )?;
            let rows = newest.query_map(
                named_params! {
                    ":before": filter.before.map_or(i64::MAX, column),
                    ":org": filter.org,
                    ":subject": filter.subject,
                    ":code": filter.code,
                    ":limit": i64::try_from(filter.limit).unwrap_or(i64::MAX),
                },
                |row| {
                    let mut texts = [const { None }; 9];
                    for (at, text) in (4..).zip(&mut texts) {
                        *text = row.get(at)?;
                    }
                    Ok(DenialRow {
                        number: row.get(0)?,
                        at: row.get(1)?,
                        code: row.get(2)?,
                        times: row.get(3)?,
                        texts,
                    })
                },
            )?;
            rows.collect()
        })
    }

    async fn routes(&mut self) -> Result<Vec<RoutesRow>> {
        self.run(|connection| {
            let mut all = connection.prepare_cached(
                "SELECT r.id, r.name,
                     CAST(coalesce((julianday('now') - julianday(r.at)) * 86400000, 0) AS INTEGER), o.routes
                 FROM gatepost_routes o JOIN gatepost_replica r ON r.id = o.replica ORDER BY r.name, r.id",
            )?;
            let rows = all.query_map([], |row| {
                Ok(RoutesRow {
                    replica: row.get(0)?,
                    name: row.get(1)?,
                    age_ms: row.get(2)?,
                    routes: row.get(3)?,
                })
            })?;
            rows.collect()
        })
    }
}

fn credential(row: &Row<'_>) -> rusqlite::Result<CredentialRow> {
    Ok(CredentialRow {
        id: row.get(0)?,
        kind: row.get(1)?,
        hash: row.get(2)?,
        subject: row.get(3)?,
        scopes: row.get(4)?,
        label: row.get(5)?,
        author: row.get(6)?,
        created: row.get(7)?,
        expires: row.get(8)?,
        used: row.get(9)?,
    })
}
