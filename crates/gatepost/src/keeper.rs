//! The one thread that keeps time for permits that are waited for.
//!
//! It sleeps for as long as nobody waits for a permit that time could end: one with a membership that has an
//! end, or one of a gate with a lease. Everything else is told by whoever publishes a change.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::gate::{Gate, WeakGate};

/// A wall clock can be set, and a machine can sleep: nothing is taken to be far away.
pub(crate) const LONGEST_SLEEP: Duration = Duration::from_millis(100);

/// The thread, and the process that it is in: a fork leaves threads behind.
static KEEPER: Mutex<Option<(Sender<WeakGate>, u32)>> = Mutex::new(None);

/// Has a gate looked after, from now until nothing of it can end by time; looks at it at once.
///
/// False where there can be no thread.
pub(crate) fn keep(gate: &Gate) -> bool {
    let mut keeper = KEEPER.lock().unwrap_or_else(PoisonError::into_inner);
    let process = std::process::id();
    if let Some((to, of)) = &*keeper
        && *of == process
        && to.send(gate.downgrade()).is_ok()
    {
        return true;
    }
    let (to, from) = channel();
    let thread = thread::Builder::new().name("gatepost-permits".to_owned());
    let is_there = thread.spawn(move || run(&from)).is_ok() && to.send(gate.downgrade()).is_ok();
    *keeper = is_there.then_some((to, process));
    is_there
}

fn run(from: &Receiver<WeakGate>) {
    let mut gates: Vec<WeakGate> = Vec::new();
    let mut sleep = None;
    loop {
        let told = match sleep {
            None => from.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(sleep) => from.recv_timeout(sleep),
        };
        match told {
            Ok(gate) => {
                gates.retain(|known| !known.is_same(&gate));
                gates.push(gate);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        sleep = None;
        gates.retain(|gate| {
            let next = look(gate);
            if let Some(next) = next {
                let next = next.min(LONGEST_SLEEP);
                sleep = Some(sleep.map_or(next, |sleep: Duration| sleep.min(next)));
            }
            next.is_some()
        });
    }
}

/// A thread that died would keep no time any more, and nobody would know. It may be the last to have the gate,
/// and all that is dropped with it.
fn look(gate: &WeakGate) -> Option<Duration> {
    let looked = catch_unwind(AssertUnwindSafe(|| {
        let gate = gate.upgrade()?;
        gate.waiters().look(&gate)
    }));
    looked.unwrap_or(Some(LONGEST_SLEEP))
}
