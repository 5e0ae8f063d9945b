//! What stands beside the policy in a database: the SQL.

use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::tx::PostgresTx;
use crate::denial::{DenialFilter, DenialNote};
use crate::store::aside::{Aside, CredentialRow, DenialRow, RoutesRow, texts};
use crate::store::base::column;
use crate::store::tx::Result;

const CREDENTIAL: &str =
    "id, kind, hash, subject, scopes, label, author, created_ms, expires_ms, used_ms";

impl Aside for PostgresTx<'_> {
    async fn now(&mut self) -> Result<i64> {
        let question = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint";
        let rows = self.ask(question, &[]).await?;
        let now = self.read(&rows, |row| row.try_get(0))?;
        // A question without a table has one row.
        Ok(now.first().copied().unwrap_or(i64::MAX))
    }

    async fn credential(&mut self, kind: &str, hash: &str) -> Result<Option<CredentialRow>> {
        let question =
            format!("SELECT {CREDENTIAL} FROM gatepost_credential WHERE hash = $1 AND kind = $2");
        let rows = self
            .ask(&question, &[(&hash, Type::TEXT), (&kind, Type::TEXT)])
            .await?;
        Ok(self.read(&rows, credential)?.pop())
    }

    async fn credentials(&mut self, kind: &str) -> Result<Vec<CredentialRow>> {
        let question = format!("SELECT {CREDENTIAL} FROM gatepost_credential WHERE kind = $1");
        let rows = self.ask(&question, &[(&kind, Type::TEXT)]).await?;
        self.read(&rows, credential)
    }

    async fn take_credential(&mut self, kind: &str, hash: &str) -> Result<Option<CredentialRow>> {
        // Who comes second waits for the first one's row, and finds it gone.
        let question = format!(
            "DELETE FROM gatepost_credential WHERE hash = $1 AND kind = $2 RETURNING {CREDENTIAL}"
        );
        let rows = self
            .ask(&question, &[(&hash, Type::TEXT), (&kind, Type::TEXT)])
            .await?;
        Ok(self.read(&rows, credential)?.pop())
    }

    async fn put_credential(&mut self, row: &CredentialRow) -> Result<()> {
        self.tell(
            &format!(
                "INSERT INTO gatepost_credential ({CREDENTIAL}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
            ),
            &[
                (&row.id, Type::TEXT),
                (&row.kind, Type::TEXT),
                (&row.hash, Type::TEXT),
                (&row.subject, Type::TEXT),
                (&row.scopes, Type::TEXT),
                (&row.label, Type::TEXT),
                (&row.author, Type::TEXT),
                (&row.created, Type::INT8),
                (&row.expires, Type::INT8),
                (&row.used, Type::INT8),
            ],
        )
        .await
    }

    async fn use_credential(&mut self, id: &str, used: i64) -> Result<()> {
        self.tell(
            "UPDATE gatepost_credential SET used_ms = greatest(used_ms, $2) WHERE id = $1",
            &[(&id, Type::TEXT), (&used, Type::INT8)],
        )
        .await
    }

    async fn drop_credential(&mut self, id: &str) -> Result<bool> {
        let gone = "DELETE FROM gatepost_credential WHERE id = $1 RETURNING id";
        let rows = self.ask(gone, &[(&id, Type::TEXT)]).await?;
        Ok(!rows.is_empty())
    }

    async fn drop_credentials(&mut self, kind: &str, subject: &str) -> Result<usize> {
        let gone = "DELETE FROM gatepost_credential WHERE kind = $1 AND subject = $2 RETURNING id";
        let rows = self
            .ask(gone, &[(&kind, Type::TEXT), (&subject, Type::TEXT)])
            .await?;
        Ok(rows.len())
    }

    async fn prune_credentials(&mut self, now: i64, kind: &str, idle: i64) -> Result<()> {
        // What somebody else has in hand is left to the next: two that prune do not wait for each other.
        self.tell(
            "DELETE FROM gatepost_credential WHERE id IN (
                 SELECT id FROM gatepost_credential WHERE expires_ms <= $1 OR (kind = $2 AND used_ms <= $3)
                 FOR UPDATE SKIP LOCKED)",
            &[(&now, Type::INT8), (&kind, Type::TEXT), (&idle, Type::INT8)],
        )
        .await
    }

    async fn note(&mut self, denials: &[DenialNote], keep: i64) -> Result<()> {
        let at: Vec<i64> = denials.iter().map(|note| note.at.as_millis()).collect();
        let codes: Vec<&str> = denials.iter().map(|note| note.code.as_str()).collect();
        let times: Vec<i64> = denials.iter().map(|note| column(note.times)).collect();
        let all: Vec<[Option<&str>; 9]> = denials.iter().map(texts).collect();
        // One list of rows for each column.
        let mut columns: [Vec<Option<&str>>; 9] = [const { Vec::new() }; 9];
        for note in all {
            for (column, text) in columns.iter_mut().zip(note) {
                column.push(text);
            }
        }
        let [
            subject,
            acting_for,
            org,
            resource,
            action,
            mode,
            route,
            replica,
            decision,
        ] = &columns;
        self.tell(
            "INSERT INTO gatepost_denial (at_ms, code, subject, acting_for, org, resource, action, mode, route,
                 replica, decision, times)
             SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
                 $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::bigint[])",
            &[
                (&at, Type::INT8_ARRAY),
                (&codes, Type::TEXT_ARRAY),
                (subject, Type::TEXT_ARRAY),
                (acting_for, Type::TEXT_ARRAY),
                (org, Type::TEXT_ARRAY),
                (resource, Type::TEXT_ARRAY),
                (action, Type::TEXT_ARRAY),
                (mode, Type::TEXT_ARRAY),
                (route, Type::TEXT_ARRAY),
                (replica, Type::TEXT_ARRAY),
                (decision, Type::TEXT_ARRAY),
                (&times, Type::INT8_ARRAY),
            ],
        )
        .await?;
        self.tell(
            "DELETE FROM gatepost_denial WHERE number IN (
                 SELECT number FROM gatepost_denial
                 WHERE number <= (SELECT max(number) FROM gatepost_denial) - $1 FOR UPDATE SKIP LOCKED)",
            &[(&keep, Type::INT8)],
        )
        .await
    }

    async fn denials(&mut self, filter: &DenialFilter) -> Result<Vec<DenialRow>> {
        let before = filter.before.map_or(i64::MAX, column);
        let limit = i64::try_from(filter.limit).unwrap_or(i64::MAX);
        let rows = self
            .ask(
                "SELECT number, at_ms, code, times, subject, acting_for, org, resource, action, mode, route,
                     replica, decision
                 FROM gatepost_denial
                 WHERE number < $1 AND ($2::text IS NULL OR org = $2) AND ($3::text IS NULL OR subject = $3)
                     AND ($4::text IS NULL OR code = $4)
                 ORDER BY number DESC LIMIT $5",
                &[
                    (&before, Type::INT8),
                    (&filter.org, Type::TEXT),
                    (&filter.subject, Type::TEXT),
                    (&filter.code, Type::TEXT),
                    (&limit, Type::INT8),
                ],
            )
            .await?;
        self.read(&rows, |row| {
            let mut texts = [const { None }; 9];
            for (at, text) in (4..).zip(&mut texts) {
                *text = row.try_get::<usize, _>(at)?;
            }
            Ok(DenialRow {
                number: row.try_get(0)?,
                at: row.try_get(1)?,
                code: row.try_get(2)?,
                times: row.try_get(3)?,
                texts,
            })
        })
    }

    async fn routes(&mut self) -> Result<Vec<RoutesRow>> {
        let rows = self
            .ask(
                "SELECT r.id, r.name, (extract(epoch FROM clock_timestamp() - r.at) * 1000)::bigint, o.routes
                 FROM gatepost_routes o JOIN gatepost_replica r ON r.id = o.replica ORDER BY r.name, r.id",
                &[],
            )
            .await?;
        self.read(&rows, |row| {
            Ok(RoutesRow {
                replica: row.try_get(0)?,
                name: row.try_get(1)?,
                age_ms: row.try_get(2)?,
                routes: row.try_get(3)?,
            })
        })
    }
}

fn credential(row: &Row) -> std::result::Result<CredentialRow, tokio_postgres::Error> {
    Ok(CredentialRow {
        id: row.try_get(0)?,
        kind: row.try_get(1)?,
        hash: row.try_get(2)?,
        subject: row.try_get(3)?,
        scopes: row.try_get(4)?,
        label: row.try_get(5)?,
        author: row.try_get(6)?,
        created: row.try_get(7)?,
        expires: row.try_get(8)?,
        used: row.try_get(9)?,
    })
}
