//! A store, a network and a clock: how all of it is, and how time passes.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use gatepost::{Clock, Gate};

use super::event::Event;
use crate::replica::heartbeat::Beat;

#[derive(Clone, Debug)]
pub(super) struct Commit {
    pub(super) epoch: i64,
    pub(super) version: i64,
    pub(super) token: String,
    pub(super) whole: i64,
    pub(super) chat: bool,
    pub(super) role: bool,
    pub(super) poison: bool,
}

/// What was committed, the oldest first; every version has one.
pub(super) type Store = Vec<Commit>;

#[derive(Debug)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is something that goes wrong on its own"
)]
pub(super) struct World {
    pub(super) now: Duration,
    pub(super) schedule: Vec<(Duration, Event)>,
    pub(super) store: Store,
    pub(super) before: Option<Store>,
    pub(super) tokens: u32,
    /// Since when which commit was the store's newest.
    pub(super) newest: Vec<(Duration, Commit)>,
    pub(super) hints: Vec<Duration>,
    pub(super) hinted: bool,
    pub(super) lose_hints: bool,
    pub(super) down: bool,
    pub(super) slow: (Duration, Duration),
    pub(super) connected: bool,
    pub(super) listening: bool,
    pub(super) full: bool,
    pub(super) damaged: bool,
    pub(super) standby: bool,
    pub(super) format: i64,
    pub(super) scribbled: bool,
    pub(super) row: Option<Beat>,
    pub(super) row_was_there: Duration,
    pub(super) gate: Option<Gate>,
    pub(super) seen_version: u64,
    /// The newest version that the replica was told of.
    pub(super) told_version: i64,
    pub(super) told_epoch: i64,
    /// The head that it was told of last.
    pub(super) told: Option<Commit>,
    /// Whether that one was none to be believed.
    pub(super) told_wrong: bool,
    pub(super) asks: u32,
}

#[derive(Clone, Debug)]
pub(super) struct Shared(Arc<Mutex<World>>);

impl Shared {
    pub(super) fn new(schedule: Vec<(Duration, Event)>) -> Self {
        let first = Commit {
            epoch: 1,
            version: 1,
            token: "t0".into(),
            whole: 1,
            chat: true,
            role: false,
            poison: false,
        };
        Self(Arc::new(Mutex::new(World {
            now: Duration::from_secs(1000),
            schedule,
            newest: vec![(Duration::ZERO, first.clone())],
            store: vec![first],
            before: None,
            tokens: 0,
            hints: Vec::new(),
            hinted: false,
            lose_hints: false,
            down: false,
            slow: (Duration::from_millis(1), Duration::from_millis(1)),
            connected: false,
            listening: false,
            full: false,
            damaged: false,
            standby: false,
            format: 1,
            scribbled: false,
            row: None,
            row_was_there: Duration::ZERO,
            gate: None,
            seen_version: 0,
            told_version: 0,
            told_epoch: 0,
            told: None,
            told_wrong: false,
            asks: 0,
        })))
    }

    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        self.0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Lets time pass, with all that happens in it; the laws hold at each step.
    pub(super) fn pass(&self, time: Duration) {
        let end = self.world().now + time;
        loop {
            {
                let mut world = self.world();
                let at = world.now;
                while world.schedule.first().is_some_and(|(due, _)| *due <= at) {
                    let (_, event) = world.schedule.remove(0);
                    world.happen(&event);
                }
                if let Some(at) = world.hints.iter().position(|due| *due <= at) {
                    world.hints.remove(at);
                    world.hinted |= world.connected && world.listening;
                }
                if world.row.is_some() {
                    world.row_was_there = at;
                }
                if world.newest.last().map(|(_, newest)| &newest.token)
                    != world.store.last().map(|newest| &newest.token)
                {
                    let newest = world.head();
                    world.newest.push((at, newest));
                }
            }
            self.laws();
            let mut world = self.world();
            if world.now >= end {
                return;
            }
            world.now = (world.now + Duration::from_millis(10)).min(end);
        }
    }

    pub(super) fn pass_ms(&self, millis: u64) {
        self.pass(Duration::from_millis(millis));
    }
}

impl World {
    pub(super) fn head(&self) -> Commit {
        self.store.last().unwrap().clone()
    }
}

impl Clock for Shared {
    fn now(&self) -> Duration {
        self.world().now
    }
}
