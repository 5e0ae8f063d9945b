//! A writer that gets half-way: `half_writer FILE READY` changes a store in an SQLite file, makes the file `READY`
//! once everything is written and nothing is committed, and waits to be killed.

use std::error::Error;
use std::time::Duration;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(file), Some(ready)) = (arguments.next(), arguments.next()) else {
        return Err("half_writer FILE READY".into());
    };
    let connection = rusqlite::Connection::open(file)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    // So little memory that pages of the transaction reach the file before it is committed.
    connection.execute_batch(
        "PRAGMA cache_size = 1; BEGIN IMMEDIATE; \
         UPDATE gatepost_head SET version = version + 1, token = 'half', killed = 'chat note agent'; \
         DELETE FROM gatepost_fact; DELETE FROM gatepost_effect;",
    )?;
    std::fs::write(ready, "")?;
    loop {
        std::thread::sleep(Duration::from_mins(1));
    }
}
