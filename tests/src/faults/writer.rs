//! Whoever changes the policy while a fault lasts, and the book of what was committed.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use gatepost::Clock as _;
use gatepost_store::{BootClock, StoreError};
use serde_json::Value;

use super::history::Commit;
use super::policy::{Toggle, policy};
use super::store::Store;

/// The moment, by the clock that leases are measured by.
pub fn now() -> u64 {
    u64::try_from(BootClock.now().as_nanos()).unwrap_or(u64::MAX)
}

/// What was committed, by a store that only this book writes to.
#[derive(Debug)]
pub struct Book {
    store: Store,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    policy: Value,
    on: [bool; Toggle::ALL.len()],
    /// Turned off, and to stay off.
    held: [bool; Toggle::ALL.len()],
    last: u64,
    commits: BTreeMap<u64, Commit>,
    /// What went wrong with a write may have been written.
    unsure: bool,
    failures: usize,
}

impl Book {
    /// The book of a store that holds [`policy`] as its version `last`.
    pub fn new(store: Store, last: u64) -> Self {
        Self::of(store, last, policy())
    }

    /// The book of a store that holds a policy which toggles have led to, as its version `last`.
    pub fn of(store: Store, last: u64, policy: Value) -> Self {
        let first = Commit {
            acknowledged: Some(now()),
            policy: policy.clone(),
        };
        Self {
            store,
            state: Mutex::new(State {
                on: Toggle::ALL.map(|toggle| toggle.is_on(&policy)),
                policy,
                held: [false; Toggle::ALL.len()],
                last,
                commits: BTreeMap::from([(last, first)]),
                unsure: false,
                failures: 0,
            }),
        }
    }

    /// The store.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The last version that is known.
    pub fn last(&self) -> u64 {
        self.state().last
    }

    /// The policy as it is last known.
    pub fn policy(&self) -> Value {
        self.state().policy.clone()
    }

    /// How many writes failed.
    pub fn failures(&self) -> usize {
        self.state().failures
    }

    /// All that was committed.
    pub fn commits(&self) -> BTreeMap<u64, Commit> {
        self.state().commits.clone()
    }

    /// Turns a toggle.
    ///
    /// # Errors
    ///
    /// What the store says.
    pub fn turn(&self, toggle: Toggle, on: bool) -> Result<u64, StoreError> {
        let mut state = self.state();
        let command = toggle.command(on);
        let done = self.write(&mut state, &command);
        state.failures += usize::from(done.is_err());
        done
    }

    /// Turns these off, and has the writer leave them so.
    ///
    /// # Errors
    ///
    /// What the store says.
    pub fn hold_off(&self, toggles: &[Toggle]) -> Result<(), StoreError> {
        {
            let mut state = self.state();
            for (held, toggle) in state.held.iter_mut().zip(Toggle::ALL) {
                *held |= toggles.contains(&toggle);
            }
        }
        for toggle in toggles {
            self.turn(*toggle, false)?;
        }
        Ok(())
    }

    /// Leaves all to the writer again.
    pub fn release(&self) {
        self.state().held = [false; Toggle::ALL.len()];
    }

    /// Finds what became of a write that failed.
    ///
    /// # Errors
    ///
    /// What the store says.
    pub fn settle(&self) -> Result<u64, StoreError> {
        let mut state = self.state();
        self.catch_up(&mut state)?;
        Ok(state.last)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, state: &mut State, command: &Value) -> Result<u64, StoreError> {
        if state.unsure {
            self.catch_up(state)?;
        }
        let committed = match self.store.write(command) {
            Ok(committed) => committed,
            Err(why) => {
                state.unsure = true;
                return Err(why);
            }
        };
        let told = now();
        if committed.version > state.last + 1 {
            // What was given up came true after it had been looked for.
            self.catch_up(state)?;
        } else if committed.version > state.last {
            state.record(committed.version, command, Some(told));
        }
        Ok(committed.version)
    }

    fn catch_up(&self, state: &mut State) -> Result<(), StoreError> {
        let found = self.store.commands_behind(state.last)?;
        // Whoever asks from now on sees them as well.
        let told = now();
        for (version, command) in found {
            state.record(version, &command, Some(told));
        }
        state.unsure = false;
        Ok(())
    }

    /// Turns any toggle that is not held.
    fn step(&self, random: &mut u64) {
        let mut state = self.state();
        // Marsaglia's xorshift: any spread will do.
        *random ^= *random << 13;
        *random ^= *random >> 7;
        *random ^= *random << 17;
        let place = usize::try_from(*random % 6).unwrap_or(0);
        let (Some(false), Some(on)) = (state.held.get(place), state.on.get(place).copied()) else {
            return;
        };
        let toggle = Toggle::ALL.into_iter().nth(place);
        let command = toggle.unwrap_or(Toggle::SiteSwitch).command(!on);
        // A write that fails is what a fault is for.
        let done = self.write(&mut state, &command);
        state.failures += usize::from(done.is_err());
    }
}

impl State {
    fn record(&mut self, version: u64, command: &Value, acknowledged: Option<u64>) {
        assert_eq!(version, self.last + 1, "versions are gapless: {command}");
        let mut all = Toggle::ALL.into_iter().enumerate();
        let known = all.find_map(|(place, toggle)| {
            let on = [true, false].into_iter();
            let mut on = on.filter(|on| toggle.command(*on) == *command);
            Some((place, toggle, on.next()?))
        });
        let Some((place, toggle, on)) = known else {
            panic!("version {version} was made by another: {command}");
        };
        toggle.turn(&mut self.policy, on);
        if let Some(now) = self.on.get_mut(place) {
            *now = on;
        }
        self.last = version;
        let policy = self.policy.clone();
        self.commits.insert(
            version,
            Commit {
                acknowledged,
                policy,
            },
        );
    }
}

/// Turns a toggle at every interval, until it is dropped.
#[derive(Debug)]
pub struct Writer {
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Begins.
    pub fn start(book: &Arc<Book>, every: Duration) -> Self {
        let ended = Arc::new(AtomicBool::new(false));
        let (of_thread, book) = (Arc::clone(&ended), Arc::clone(book));
        let thread = std::thread::spawn(move || {
            let mut random = 0x9e37_79b9_7f4a_7c15;
            while !of_thread.load(Ordering::Relaxed) {
                book.step(&mut random);
                std::thread::sleep(every);
            }
        });
        Self {
            ended,
            thread: Some(thread),
        }
    }

    /// Ends it, when the write that is under way is over.
    pub fn end(mut self) {
        self.join();
    }

    fn join(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take()
            && let Err(panic) = thread.join()
            && !std::thread::panicking()
        {
            std::panic::resume_unwind(panic);
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.join();
    }
}
