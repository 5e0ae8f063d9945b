//! A store made in a file, or brought up to this release.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, params};

use super::{error, open, tx};
use crate::error::{StoreError, StoreErrorKind};
use crate::head::STORE_FORMAT;
use crate::migrate;
use crate::store::base::{random, understood};

const MIGRATIONS: &[(&str, &str)] = &[
    (
        "V1__facts",
        include_str!("../../migrations/sqlite/V1__facts.sql"),
    ),
    (
        "V2__console",
        include_str!("../../migrations/sqlite/V2__console.sql"),
    ),
    (
        "V3__decisions",
        include_str!("../../migrations/sqlite/V3__decisions.sql"),
    ),
];

/// Makes a store, or brings one up; others may do so at once.
pub(crate) fn init(path: &Path) -> Result<Connection, StoreError> {
    let mut connection = open::create(path)?;
    let place = open::place(path);
    // Another may have made the tables between the look and the deed: the deed is one
    // transaction, so that it is done or not, and is tried again.
    let deadline = Instant::now() + open::BUSY_TIMEOUT;
    loop {
        match attempt(&mut connection, &place) {
            Ok(()) => return Ok(connection),
            Err(why) if why.kind() == StoreErrorKind::Newer || Instant::now() >= deadline => {
                return Err(why);
            }
            Err(_) => std::thread::sleep(Duration::from_millis(fastrand::u64(1..20))),
        }
    }
}

fn attempt(connection: &mut Connection, place: &str) -> Result<(), StoreError> {
    let told = |why| error::of(place, &why);
    // What a newer release made is left alone.
    match tx::head(connection) {
        Ok(head) if head.format > STORE_FORMAT => return understood(place, head).map(drop),
        Ok(_) => {}
        Err(why) if error::is_missing(&why) => {}
        Err(why) => return Err(told(why)),
    }
    migrate::runner(place, MIGRATIONS)?
        .run(connection)
        .map_err(|why| migrate::failed(place, why))?;
    connection
        .execute(
            "INSERT INTO gatepost_head (one, format, lineage, epoch, version, token, whole, killed)
             VALUES (1, ?1, ?2, 1, 0, ?3, 0, '') ON CONFLICT DO NOTHING",
            params![STORE_FORMAT, random(), random()],
        )
        .map_err(told)?;
    Ok(())
}
