//! One transaction on PostgreSQL: the SQL.
//!
//! No statement has a name, so that a pooler may hand the connection on between transactions.

use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Row};

use super::error;
use super::read::{self, CHANGE, FACT, REPLICA};
use crate::change::Effect;
use crate::error::{StoreError, StoreErrorKind};
use crate::fact::{FactKey, FactKind};
use crate::head::RawHead;
use crate::store::tx::{
    Access, ChangeRow, Changes, EffectRow, Entry, FactRow, NewHead, ReplicaFields, Result, Tx,
    Which,
};

type Params<'p> = &'p [(&'p (dyn ToSql + Sync), Type)];

/// A transaction that was begun on the connection.
pub(crate) struct PostgresTx<'c> {
    client: &'c Client,
    place: &'c str,
    access: Access,
}

/// The head, read; `lock` is put behind the question.
pub(crate) async fn head(client: &Client, place: &str, lock: &str) -> Result<RawHead> {
    let question = format!(
        "SELECT format::bigint, lineage, epoch, version, token, whole, killed
         FROM gatepost_head WHERE one = 1 {lock}"
    );
    let row = client.query_typed_opt(&question, &[]).await;
    let row = row.map_err(|why| error::of(place, &why))?.ok_or_else(|| {
        let why = "there is no store in this database yet";
        StoreError::new(StoreErrorKind::Missing, place, why)
    })?;
    read::head(&row).map_err(|why| read::unread(place, &why))
}

impl<'c> PostgresTx<'c> {
    pub(crate) fn new(client: &'c Client, place: &'c str, access: Access) -> Self {
        Self {
            client,
            place,
            access,
        }
    }

    pub(super) async fn ask(&self, question: &str, params: Params<'_>) -> Result<Vec<Row>> {
        let rows = self.client.query_typed(question, params).await;
        rows.map_err(|why| error::of(self.place, &why))
    }

    pub(super) async fn tell(&self, statement: &str, params: Params<'_>) -> Result<()> {
        let done = self.client.execute_typed(statement, params).await;
        done.map(drop).map_err(|why| error::of(self.place, &why))
    }

    pub(super) fn read<T>(
        &self,
        rows: &[Row],
        read: impl Fn(&Row) -> std::result::Result<T, tokio_postgres::Error>,
    ) -> Result<Vec<T>> {
        let rows: std::result::Result<_, _> = rows.iter().map(read).collect();
        rows.map_err(|why| read::unread(self.place, &why))
    }
}

/// The columns of keys, each as an array.
struct Keys<'k> {
    kinds: Vec<&'static str>,
    a: Vec<&'k str>,
    b: Vec<&'k str>,
}

impl<'k> Keys<'k> {
    fn of(keys: impl Iterator<Item = &'k FactKey> + Clone) -> Self {
        Self {
            kinds: keys.clone().map(|key| key.kind.as_str()).collect(),
            a: keys.clone().map(|key| key.a.as_str()).collect(),
            b: keys.map(|key| key.b.as_str()).collect(),
        }
    }
}

/// The rows of three arrays of keys, in the collation of the tables.
const KEYS: &str = "(SELECT kind COLLATE \"C\" AS kind, a COLLATE \"C\" AS a, b COLLATE \"C\" AS b
     FROM unnest($1::text[], $2::text[], $3::text[]) AS n(kind, a, b)) AS k";

fn words(kinds: &[FactKind]) -> Vec<&'static str> {
    kinds.iter().map(|kind| kind.as_str()).collect()
}

impl Tx for PostgresTx<'_> {
    fn place(&self) -> String {
        self.place.to_owned()
    }

    async fn head(&mut self) -> Result<RawHead> {
        let lock = match self.access {
            Access::Read | Access::Glance | Access::Note => "",
            Access::Write | Access::Replace => "FOR UPDATE",
        };
        head(self.client, self.place, lock).await
    }

    async fn facts(&mut self, which: &Which) -> Result<Vec<FactRow>> {
        let rows = match which {
            Which::Kinds(kinds) => {
                let question = format!("{FACT} WHERE kind = ANY($1)");
                let kinds = words(kinds);
                self.ask(&question, &[(&kinds, Type::TEXT_ARRAY)]).await?
            }
            Which::Keys(keys) => {
                let question = format!("{FACT} JOIN {KEYS} USING (kind, a, b)");
                let Keys { kinds, a, b } = Keys::of(keys.iter());
                self.ask(
                    &question,
                    &[
                        (&kinds, Type::TEXT_ARRAY),
                        (&a, Type::TEXT_ARRAY),
                        (&b, Type::TEXT_ARRAY),
                    ],
                )
                .await?
            }
            Which::Below(kinds, orgs) => {
                let question = format!("{FACT} WHERE kind = ANY($1) AND a = ANY($2)");
                let kinds = words(kinds);
                self.ask(
                    &question,
                    &[(&kinds, Type::TEXT_ARRAY), (orgs, Type::TEXT_ARRAY)],
                )
                .await?
            }
            Which::Named(kind, name) => {
                let question = format!("{FACT} WHERE kind = $1 AND b = $2 ORDER BY a");
                let kind = kind.as_str();
                self.ask(&question, &[(&kind, Type::TEXT), (name, Type::TEXT)])
                    .await?
            }
            Which::Page { kind, after, limit } => {
                let question =
                    format!("{FACT} WHERE kind = $1 AND (a, b) > ($2, $3) ORDER BY a, b LIMIT $4");
                let (a, b) = after;
                let kind = kind.as_str();
                self.ask(
                    &question,
                    &[
                        (&kind, Type::TEXT),
                        (a, Type::TEXT),
                        (b, Type::TEXT),
                        (limit, Type::INT8),
                    ],
                )
                .await?
            }
            Which::PageBelow {
                kind,
                org,
                after,
                limit,
            } => {
                let question =
                    format!("{FACT} WHERE kind = $1 AND a = $2 AND b > $3 ORDER BY b LIMIT $4");
                let kind = kind.as_str();
                self.ask(
                    &question,
                    &[
                        (&kind, Type::TEXT),
                        (org, Type::TEXT),
                        (after, Type::TEXT),
                        (limit, Type::INT8),
                    ],
                )
                .await?
            }
            Which::Naming(kind, text) => {
                let question = format!("{FACT} WHERE kind = $1 AND position($2 in body) > 0");
                let kind = kind.as_str();
                self.ask(&question, &[(&kind, Type::TEXT), (text, Type::TEXT)])
                    .await?
            }
            Which::Strange => {
                let question =
                    format!("{FACT} WHERE kind <> ALL($1) OR (a = '' AND b = '') LIMIT 20");
                let kinds = words(FactKind::ALL);
                self.ask(&question, &[(&kinds, Type::TEXT_ARRAY)]).await?
            }
        };
        Ok(rows.iter().map(read::fact).collect())
    }

    async fn touched(&mut self, keys: &[FactKey], since: i64, limit: i64) -> Result<Vec<i64>> {
        let Keys { kinds, a, b } = Keys::of(keys.iter());
        let rows = self
            .ask(
                &format!(
                    "SELECT DISTINCT version FROM gatepost_effect JOIN {KEYS} USING (kind, a, b)
                     WHERE version > $4 ORDER BY version DESC LIMIT $5"
                ),
                &[
                    (&kinds, Type::TEXT_ARRAY),
                    (&a, Type::TEXT_ARRAY),
                    (&b, Type::TEXT_ARRAY),
                    (&since, Type::INT8),
                    (&limit, Type::INT8),
                ],
            )
            .await?;
        self.read(&rows, |row| row.try_get(0))
    }

    async fn changes(&mut self, which: &Changes) -> Result<Vec<ChangeRow>> {
        let rows = match which {
            Changes::Of(versions) => {
                let question = format!("{CHANGE} WHERE version = ANY($1)");
                self.ask(&question, &[(versions, Type::INT8_ARRAY)]).await?
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
                let question = format!(
                    "{CHANGE} WHERE version > $1 AND ($2::text IS NULL OR author = $2)
                     AND ($3::text IS NULL OR c.whole OR EXISTS (SELECT 1 FROM gatepost_effect e
                          WHERE e.version = c.version AND e.a = $3
                          AND e.kind IN ('org', 'org_gate', 'own_role', 'member')))
                     AND version < $5 ORDER BY version {order} LIMIT $4"
                );
                let (after, before) = (after.unwrap_or(i64::MIN), before.unwrap_or(i64::MAX));
                self.ask(
                    &question,
                    &[
                        (&after, Type::INT8),
                        (author, Type::TEXT),
                        (org, Type::TEXT),
                        (limit, Type::INT8),
                        (&before, Type::INT8),
                    ],
                )
                .await?
            }
        };
        let mut changes = self.read(&rows, read::change)?;
        changes.sort_by_key(|row| row.version);
        Ok(changes)
    }

    async fn effects(&mut self, versions: &[i64]) -> Result<Vec<(i64, EffectRow)>> {
        let question = "SELECT version, kind, a, b, before, after FROM gatepost_effect
                        WHERE version = ANY($1) ORDER BY version";
        let rows = self.ask(question, &[(&versions, Type::INT8_ARRAY)]).await?;
        self.read(&rows, read::effect)
    }

    async fn replicas(&mut self) -> Result<Vec<ReplicaFields>> {
        let rows = self.ask(REPLICA, &[]).await?;
        self.read(&rows, read::replica)
    }

    async fn apply(&mut self, effects: &[Effect], version: i64) -> Result<()> {
        let (put, taken): (Vec<&Effect>, Vec<&Effect>) =
            effects.iter().partition(|effect| effect.after.is_some());
        if !taken.is_empty() {
            let Keys { kinds, a, b } = Keys::of(taken.iter().map(|effect| &effect.key));
            self.tell(
                &format!(
                    "DELETE FROM gatepost_fact f USING {KEYS} WHERE f.kind = k.kind AND f.a = k.a AND f.b = k.b"
                ),
                &[
                    (&kinds, Type::TEXT_ARRAY),
                    (&a, Type::TEXT_ARRAY),
                    (&b, Type::TEXT_ARRAY),
                ],
            )
            .await?;
        }
        if !put.is_empty() {
            let keys = Keys::of(put.iter().map(|effect| &effect.key));
            let bodies: Vec<&str> = put.iter().filter_map(|e| e.after.as_deref()).collect();
            self.put(
                keys,
                &bodies,
                version,
                "ON CONFLICT (kind, a, b) DO UPDATE SET body = excluded.body, version = excluded.version",
            )
            .await?;
        }
        Ok(())
    }

    async fn log(&mut self, effects: &[Effect], version: i64) -> Result<()> {
        let Keys { kinds, a, b } = Keys::of(effects.iter().map(|effect| &effect.key));
        let before: Vec<Option<&str>> = effects.iter().map(|e| e.before.as_deref()).collect();
        let after: Vec<Option<&str>> = effects.iter().map(|e| e.after.as_deref()).collect();
        self.tell(
            "INSERT INTO gatepost_effect (version, kind, a, b, before, after)
             SELECT $6, kind, a, b, before, after
             FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
                  AS n(kind, a, b, before, after)",
            &[
                (&kinds, Type::TEXT_ARRAY),
                (&a, Type::TEXT_ARRAY),
                (&b, Type::TEXT_ARRAY),
                (&before, Type::TEXT_ARRAY),
                (&after, Type::TEXT_ARRAY),
                (&version, Type::INT8),
            ],
        )
        .await
    }

    async fn clear(&mut self) -> Result<()> {
        self.tell("DELETE FROM gatepost_fact", &[]).await
    }

    async fn insert(&mut self, facts: &[(FactKey, String)], version: i64) -> Result<()> {
        let keys = Keys::of(facts.iter().map(|(key, _)| key));
        let bodies: Vec<&str> = facts.iter().map(|(_, body)| body.as_str()).collect();
        self.put(keys, &bodies, version, "").await
    }

    async fn record(&mut self, entry: &Entry) -> Result<()> {
        self.tell(
            "INSERT INTO gatepost_change (version, token, at, author, authority, acting_for, reason,
                 command, whole, awaited)
             VALUES ($1, $2, clock_timestamp(), $3, $4, $5, $6, $7, $8, $9)",
            &[
                (&entry.mark.version, Type::INT8),
                (&entry.mark.token, Type::TEXT),
                (&entry.author, Type::TEXT),
                (&entry.authority, Type::TEXT),
                (&entry.acting_for, Type::TEXT),
                (&entry.reason, Type::TEXT),
                (&entry.command, Type::TEXT),
                (&entry.whole, Type::BOOL),
                (&entry.awaited, Type::BOOL),
            ],
        )
        .await
    }

    async fn set_head(&mut self, head: &NewHead) -> Result<()> {
        self.tell(
            "UPDATE gatepost_head SET version = $1, token = $2, epoch = $3, whole = $4, killed = $5
             WHERE one = 1",
            &[
                (&head.mark.version, Type::INT8),
                (&head.mark.token, Type::TEXT),
                (&head.epoch, Type::INT8),
                (&head.whole, Type::INT8),
                (&head.killed, Type::TEXT),
            ],
        )
        .await
    }
}

impl PostgresTx<'_> {
    async fn put(
        &self,
        keys: Keys<'_>,
        bodies: &[&str],
        version: i64,
        conflict: &str,
    ) -> Result<()> {
        let Keys { kinds, a, b } = keys;
        self.tell(
            &format!(
                "INSERT INTO gatepost_fact (kind, a, b, body, version)
                 SELECT kind, a, b, body, $5
                 FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS n(kind, a, b, body)
                 {conflict}"
            ),
            &[
                (&kinds, Type::TEXT_ARRAY),
                (&a, Type::TEXT_ARRAY),
                (&b, Type::TEXT_ARRAY),
                (&bodies, Type::TEXT_ARRAY),
                (&version, Type::INT8),
            ],
        )
        .await
    }
}
