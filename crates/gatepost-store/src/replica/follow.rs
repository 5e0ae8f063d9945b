//! The thread that follows a store.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use gatepost::{Clock, Feed};

use super::alarm::Alarm;
use super::backoff::Backoff;
use super::elsewhere::Elsewhere;
use super::heartbeat::Heartbeat;
use super::pace::Pace;
use super::protocol::{Asked, Protocol, Verdict};
use super::report::{Reported, Reporter};
use super::source::{Answer, Fault, Source, Woken};
use super::statistics::Counters;
use crate::error::{StoreError, StoreErrorKind};

/// For how long one attempt to connect may go on, the greeting included.
const LONGEST_CONNECT: Duration = Duration::from_secs(5);
/// How long it takes at most to notice that nobody needs the policy any more.
const LOOK_UP: Duration = Duration::from_millis(250);
/// How many refused answers in a row are taken from one connection, before another one is tried:
/// it may lead to a store that an address has long moved away from.
const PATIENCE: u32 = 40;

/// Follows a store, and feeds a gate with what it has become.
pub(super) struct Follower<S> {
    source: S,
    /// The store, without its password.
    place: String,
    clock: Arc<dyn Clock>,
    feed: Feed,
    protocol: Protocol,
    heart: Heartbeat,
    reporter: Reporter,
    pace: Pace,
    backoff: Backoff,
    alarm: Alarm,
    counters: Arc<Counters>,
    random: fastrand::Rng,
    hints: bool,
    /// After how long it is asked again whether what was read still holds.
    soon_over: Duration,
    connected: bool,
    /// Answers of this connection that were no good, in a row.
    refused: u32,
    /// Why the replica's row could not be written.
    unwritten: Option<String>,
}

/// What a [`Follower`] follows with.
pub(super) struct Following {
    pub(super) place: String,
    pub(super) name: String,
    pub(super) lease: Duration,
    pub(super) interval: Duration,
    /// Whether the store sends hints.
    pub(super) hints: bool,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) feed: Feed,
    pub(super) counters: Arc<Counters>,
    /// What the service says that its routes are.
    pub(super) reported: Arc<Reported>,
    /// Who has the memberships, where they are not read with all else.
    pub(super) elsewhere: Option<Box<dyn Elsewhere>>,
    pub(super) random: fastrand::Rng,
}

impl<S: Source> Follower<S> {
    pub(super) fn new(source: S, with: Following) -> Self {
        Self {
            source,
            alarm: Alarm::new(with.place.clone()),
            place: with.place,
            protocol: Protocol::new(with.feed.clone(), with.lease, with.elsewhere),
            heart: Heartbeat::new(with.name, with.lease),
            reporter: Reporter::new(with.reported),
            pace: Pace::new(with.interval),
            backoff: Backoff::default(),
            clock: with.clock,
            feed: with.feed,
            counters: with.counters,
            random: with.random,
            hints: with.hints,
            soon_over: with.lease / 4,
            connected: false,
            refused: 0,
            unwritten: None,
        }
    }

    /// Follows until the gate is live, or until `patience` is over.
    pub(super) fn begin(&mut self, patience: Duration) -> Result<(), StoreError> {
        let until = self.clock.now().saturating_add(patience);
        loop {
            let Err(fault) = self.turn(until.saturating_sub(self.clock.now())) else {
                return Ok(());
            };
            let may_come = [StoreErrorKind::Unreachable, StoreErrorKind::Missing];
            let hopeless = !may_come.contains(&fault.kind);
            if hopeless || self.clock.now() >= until || self.feed.is_abandoned() {
                self.leave();
                return Err(StoreError::new(fault.kind, &self.place, fault.why));
            }
            self.rest();
        }
    }

    /// Follows until nobody needs the policy any more.
    pub(super) fn run(&mut self) {
        while !self.feed.is_abandoned() {
            self.rest();
            if self.feed.is_abandoned() {
                break;
            }
            let _ = self.turn(LONGEST_CONNECT);
        }
        self.leave();
    }

    /// Takes the replica's row away.
    fn leave(&mut self) {
        let connected = self.connected;
        let _ = catch_unwind(AssertUnwindSafe(|| {
            if connected {
                self.source.leave(self.heart.id());
            }
            self.source.disconnect();
        }));
    }

    /// Asks once, and goes on after a panic: a thread that died would close the gate for good.
    pub(super) fn turn(&mut self, limit: Duration) -> Result<(), Fault> {
        let version = self.protocol.version();
        let done = catch_unwind(AssertUnwindSafe(|| self.step(limit)));
        let done = done.unwrap_or_else(|_| {
            self.drop_connection();
            self.protocol.broke_off();
            let why = "following it panicked; please report this policy".to_owned();
            Err(Stop::Lost(Fault::unsound(why)))
        });
        let told = catch_unwind(AssertUnwindSafe(|| self.conclude(done, version)));
        told.unwrap_or_else(|_| Err(Fault::unsound("telling of it panicked")))
    }

    fn step(&mut self, limit: Duration) -> Result<(), Stop> {
        if !self.connected {
            self.counters.connects.count();
            self.source
                .connect(limit.min(LONGEST_CONNECT))
                .map_err(Stop::Lost)?;
            // Before anything is read: what is committed after the read is told of.
            self.source.listen().map_err(Stop::Lost)?;
            self.connected = true;
            self.reporter.connected();
            self.refused = 0;
            self.heart.hurry();
        }
        if self.heart.is_due(self.clock.now()) {
            self.beat();
        }
        let awaited = self.ask()?;
        if awaited {
            self.heart.hurry();
            self.beat();
        }
        Ok(())
    }

    /// Asks what is new, and acts on it; whether somebody waits to hear of it.
    fn ask(&mut self) -> Result<bool, Stop> {
        let question = self.protocol.question(self.heart.id());
        let before = self.protocol.version();
        let asked = self.clock.now();
        let hinted = self.pace.asked(asked, &mut self.random);
        self.counters.asks.count();
        if hinted {
            self.counters.hinted_asks.count();
        }
        let answer = match self.source.ask(&question) {
            Ok(answer) => answer,
            Err(fault) => return Err(self.ask_for_the_head(fault)),
        };
        let mut awaited = answer.awaited;
        let answer = self.seen(answer);
        let mut verdict = self.protocol.answered(asked, &question, answer);
        if verdict == Verdict::ReadAll {
            verdict = self.read_all()?;
            awaited = true;
        }
        let changed = self.protocol.version() != before;
        if changed {
            self.heart.soon(self.clock.now(), &mut self.random);
        }
        if changed && self.hints && before.is_some() {
            self.alarm.found(hinted);
        }
        match verdict {
            Verdict::Live => Ok(awaited && changed),
            Verdict::Unregistered => {
                self.heart.hurry();
                let why = self
                    .unwritten
                    .as_deref()
                    .unwrap_or("the replica's row is not there");
                Err(Stop::Stay(Fault::unreachable(why)))
            }
            Verdict::ReadAll => Err(Stop::Lost(Fault::unreachable("changed while it was read"))),
            Verdict::Unsure(why) => Err(Stop::Lost(Fault::unreachable(why))),
            Verdict::Refused(why) => Err(Stop::Stay(Fault::unsound(why))),
            Verdict::Closed(kind, why) => Err(Stop::Stay(Fault {
                kind,
                ..Fault::unsound(why)
            })),
        }
    }

    /// Reads every fact, and what has become of them in the meantime where that took long.
    fn read_all(&mut self) -> Result<Verdict, Stop> {
        self.counters.whole_reads.count();
        let mut question = self.protocol.question(self.heart.id());
        question.since = None;
        let mut whole = self.protocol.whole();
        let at = self.clock.now();
        let answer = self.source.read_all(&question, &mut whole);
        let answer = self.seen(answer.map_err(Stop::Lost)?);
        let read = self.clock.now();
        let asked = Asked { at, read };
        let verdict = self
            .protocol
            .answered_whole(asked, &question, answer, whole);
        let asked = self.clock.now();
        if verdict != Verdict::Live || asked.saturating_sub(at) < self.soon_over {
            return Ok(verdict);
        }
        // The lease counts from before the first of them was read, so little or nothing of it is left.
        let question = self.protocol.question(self.heart.id());
        self.counters.asks.count();
        let answer = self.source.ask(&question).map_err(Stop::Lost)?;
        let answer = self.seen(answer);
        Ok(self.protocol.answered(asked, &question, answer))
    }

    /// Reads what is killed, where nothing else can be read.
    fn ask_for_the_head(&mut self, fault: Fault) -> Stop {
        if !fault.answered {
            return Stop::Lost(fault);
        }
        let question = self.protocol.question(self.heart.id());
        let asked = self.clock.now();
        if let Ok(answer) = self.source.read_head()
            && let Verdict::Closed(kind, why) = self.protocol.answered(asked, &question, answer)
        {
            return Stop::Lost(Fault {
                kind,
                ..Fault::unsound(why)
            });
        }
        Stop::Lost(fault)
    }

    /// An answer as it counts for a replica whose row may have been unwritten for too long.
    fn seen(&self, answer: Answer) -> Answer {
        Answer {
            registered: answer.registered && self.heart.is_seen(self.clock.now()),
            ..answer
        }
    }

    /// Writes the replica's row. That it cannot be is no reason not to read: whether the connection is any
    /// good, the next question tells.
    fn beat(&mut self) {
        let beat = self.heart.beat(self.protocol.state());
        let written = self.source.beat(&beat);
        let now = self.clock.now();
        match written {
            Ok(()) => {
                self.heart.written(now, &mut self.random);
                self.unwritten = None;
                self.report(now);
            }
            Err(fault) => {
                self.heart.failed(now);
                let why = format!("the replica's row cannot be written: {}", fault.why);
                self.alarm.fault(&why, self.protocol.version());
                self.unwritten = Some(why);
            }
        }
    }

    /// Writes the routes of the service, where they are not written yet.
    fn report(&mut self, now: Duration) {
        if let Some(routes) = self.reporter.due(now) {
            match self.source.report(self.heart.id(), &routes) {
                Ok(()) => self.reporter.wrote(routes),
                Err(fault) => self.reporter.failed(now, &self.place, &fault),
            }
        }
    }

    fn conclude(&mut self, done: Result<(), Stop>, before: Option<u64>) -> Result<(), Fault> {
        let version = self.protocol.version();
        if version != before {
            self.alarm.applied(version);
        }
        let stop = match done {
            Ok(()) => {
                self.backoff.reset();
                self.refused = 0;
                if self.heart.is_well() {
                    self.alarm.over(version);
                }
                return Ok(());
            }
            Err(stop) => stop,
        };
        self.counters.faults.count();
        let fault = match stop {
            Stop::Lost(fault) => {
                self.drop_connection();
                fault
            }
            Stop::Stay(fault) => {
                self.refused = self.refused.saturating_add(1);
                if self.refused >= PATIENCE {
                    self.drop_connection();
                }
                fault
            }
        };
        let told = format!("{}: {}", self.place, fault.why);
        self.protocol.failed(&told);
        self.alarm.fault(&fault.why, version);
        Err(fault)
    }

    fn drop_connection(&mut self) {
        self.connected = false;
        self.source.disconnect();
    }

    /// Waits until it is time to ask again.
    pub(super) fn rest(&mut self) {
        if !self.connected {
            let pause = self.backoff.pause(&mut self.random);
            self.source.wait(pause, false);
            return;
        }
        while !self.feed.is_abandoned() {
            let pause = self.pace.pause(self.clock.now());
            if pause.is_zero() {
                return;
            }
            // One hint says as much as many.
            let hear = !self.pace.is_hinted();
            if self.source.wait(pause.min(LOOK_UP), hear) == Woken::Hint {
                self.pace.hint();
                self.alarm.hinted();
            }
        }
    }
}

/// Why a turn did not end well.
enum Stop {
    /// The connection is no good any more.
    Lost(Fault),
    /// It is, and what it brings is not.
    Stay(Fault),
}
