//! One permit: what it holds, and what is done with it.

use std::error::Error;
use std::pin::pin;
use std::task::{Context, Waker};

use gatepost::{KeyRing, Revoked};

use super::site::{Site, at_once};
use crate::allocations::counted;
use crate::options::Options;
use crate::race::Race;
use crate::table::Table;

pub(super) fn run(options: Options, site: &Site, table: &mut Table) -> Result<(), Box<dyn Error>> {
    memory(site, table)?;
    times(options, site, table)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "so many bytes as a process has are far below 2^52"
)]
fn memory(site: &Site, table: &mut Table) -> Result<(), String> {
    let many = site.len() as f64;
    let mut all = Vec::with_capacity(site.len());
    let (waited, held) = counted(|| site.wait_in(&mut all, Waker::noop()));
    waited?;
    let waiting = site.gate.waiting();
    if waiting != site.len() {
        return Err(format!("{waiting} of {} wait", site.len()));
    }
    let ((), given_back) = counted(|| all.clear());
    let case = format!("memory: each of {} permits waited for", site.len());
    table.row(&case, held.live_bytes as f64 / many, "bytes");
    table.row(
        format!("{case}, where it is waited for"),
        size_of::<Revoked>() as f64,
        "bytes",
    );
    table.row(
        format!("{case}, left when dropped"),
        (held.live_bytes + given_back.live_bytes) as f64 / many,
        "bytes",
    );
    Ok(())
}

fn times(options: Options, site: &Site, table: &mut Table) -> Result<(), Box<dyn Error>> {
    let alone = site.beside();
    let full = site.beside();
    let _waiting = full.wait(Waker::noop())?;
    let leased = site.leased();
    let keys = KeyRing::new("bench", b"a secret that is a bench's alone")?;
    alone.gate.set_ticket_keys(keys);
    let permit = alone.permit(0)?;
    let beside_others = full.permit(0)?;
    let (holder, under_lease) = (alone.permit(0)?, leased.permit(0)?);
    // It stays where it is, so that the list is not freed and made again each time that another leaves.
    let (mut holds, mut leased) = (holder.revoked(), under_lease.revoked());
    let ticket = permit.ticket().map_err(|error| error.to_string())?;
    let mut context = Context::from_waker(Waker::noop());
    let mut also = Context::from_waker(Waker::noop());

    let mut race = Race::new(options.plan(31, 20_000));
    race.column("a decision from the beginning", || alone.decide(0));
    race.column("begins to wait, almost alone", || permit.revoked());
    race.column("begins to wait, beside all others", || {
        beside_others.revoked()
    });
    race.column("`poll_holds`", || holds.poll_holds(&mut context).is_ready());
    race.column("`poll_holds`, under a lease", || {
        leased.poll_holds(&mut also).is_ready()
    });
    race.column("`ensure_fresh`", || at_once(pin!(permit.ensure_fresh())));
    race.column("`ticket`", || permit.ticket());
    race.column("`redeem`", || at_once(pin!(alone.gate.redeem(&ticket))));
    table.operations("one permit", race.run());

    // What was timed is what it says.
    if !matches!(at_once(pin!(permit.ensure_fresh())), Some(Ok(())))
        || !matches!(at_once(pin!(alone.gate.redeem(&ticket))), Some(Ok(_)))
    {
        return Err("a permit that nothing has changed is over".into());
    }
    Ok(())
}
