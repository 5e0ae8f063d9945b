//! A store made in a database, or brought up to this release.

use tokio_postgres::types::Type;
use tokio_postgres::{Client, Config};

use super::{error, lane, tx};
use crate::error::{StoreError, StoreErrorKind};
use crate::head::STORE_FORMAT;
use crate::migrate;
use crate::store::base::{random, understood};

const MIGRATIONS: &[(&str, &str)] = &[
    (
        "V1__facts",
        include_str!("../../migrations/postgres/V1__facts.sql"),
    ),
    (
        "V2__console",
        include_str!("../../migrations/postgres/V2__console.sql"),
    ),
    (
        "V3__decisions",
        include_str!("../../migrations/postgres/V3__decisions.sql"),
    ),
];

/// Who makes or migrates holds this lock of the database: `gatepost`, as a number.
const LOCK: i64 = 0x6761_7465_706f_7374;

/// Makes a store, or brings one up; others that do so at once wait for each other.
pub(crate) async fn init(place: &str, config: &Config) -> Result<Client, StoreError> {
    let mut client = lane::connect(place, config).await?;
    let told = |why| error::of(place, &why);
    client
        .batch_execute("SET lock_timeout = '30s'; SET client_min_messages = warning")
        .await
        .map_err(told)?;
    client
        .batch_execute(&format!("SELECT pg_advisory_lock({LOCK})"))
        .await
        .map_err(told)?;
    // Where it fails the connection is closed, and the lock is gone with it.
    attempt(&mut client, place).await?;
    client
        .batch_execute(&format!(
            "SELECT pg_advisory_unlock({LOCK}); RESET lock_timeout; RESET client_min_messages"
        ))
        .await
        .map_err(told)?;
    Ok(client)
}

async fn attempt(client: &mut Client, place: &str) -> Result<(), StoreError> {
    match tx::head(client, place, "").await {
        // What a newer release made is left alone.
        Ok(head) if head.format > STORE_FORMAT => return understood(place, head).map(drop),
        Ok(_) => {}
        Err(why) if why.kind() == StoreErrorKind::Missing => {}
        Err(why) => return Err(why),
    }
    migrate::runner(place, MIGRATIONS)?
        .run_async(client)
        .await
        .map_err(|why| migrate::failed(place, why))?;
    let format = i32::try_from(STORE_FORMAT).unwrap_or(i32::MAX);
    let (lineage, token) = (random(), random());
    client
        .execute_typed(
            "INSERT INTO gatepost_head (one, format, lineage, epoch, version, token, whole, killed)
             VALUES (1, $1, $2, 1, 0, $3, 0, '') ON CONFLICT DO NOTHING",
            &[
                (&format, Type::INT4),
                (&lineage, Type::TEXT),
                (&token, Type::TEXT),
            ],
        )
        .await
        .map_err(|why| error::of(place, &why))?;
    Ok(())
}
