//! A store, a network and a clock that do what a schedule says.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use gatepost::{
    Clock, Decision, Gate, OrgRule, PolicyDocument, PolicyText, Request, Step, Subject, SubjectId,
    decide,
};

use crate::error::StoreErrorKind;
use crate::fact::{diff, facts_of};
use crate::head::RawHead;
use crate::replica::heartbeat::{Beat, State};
use crate::replica::news::News;
use crate::replica::source::{Answer, Fault, Question, Source, Woken};

pub(super) const LEASE: Duration = Duration::from_secs(2);

/// What happens in the world, at its time.
#[derive(Clone, Debug)]
pub(super) enum Event {
    /// `chat` is switched on or off on the site.
    Toggle,
    /// The same, in facts that cannot be understood.
    Poison,
    /// A role comes or goes.
    Role,
    /// The policy is replaced as a whole.
    Import,
    /// A hint of nothing.
    Spoof(u8),
    LoseHints(bool),
    /// Nothing can be connected to, and what was connected is not any more.
    Down(bool),
    /// Answers take so long, before and after the moment that they are of.
    Slow(u16, u16),
    /// The connection breaks.
    Break,
    /// Another store takes over, without so many of the last commits.
    Failover(u8),
    /// The store before takes over again.
    FailBack,
    /// An operator recovers the store.
    Recover,
    /// Rows cannot be written.
    Full(bool),
    /// The replica's row is lost.
    Forget,
    /// All tables but the head's are damaged.
    Damage(bool),
    Standby(bool),
    /// A newer release takes the store to its format, or back.
    Format(bool),
    /// Somebody writes over the head.
    Scribble(bool),
    /// The machine sleeps.
    Suspend(u16),
}

#[derive(Clone, Debug)]
pub(super) struct Commit {
    epoch: i64,
    pub(super) version: i64,
    token: String,
    whole: i64,
    pub(super) chat: bool,
    role: bool,
    pub(super) poison: bool,
}

/// What was committed, the oldest first; every version has one.
type Store = Vec<Commit>;

#[derive(Debug)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is something that goes wrong on its own"
)]
pub(super) struct World {
    pub(super) now: Duration,
    schedule: Vec<(Duration, Event)>,
    store: Store,
    before: Option<Store>,
    tokens: u32,
    /// Since when which commit was the store's newest.
    newest: Vec<(Duration, Commit)>,
    hints: Vec<Duration>,
    hinted: bool,
    lose_hints: bool,
    down: bool,
    slow: (Duration, Duration),
    connected: bool,
    listening: bool,
    full: bool,
    damaged: bool,
    standby: bool,
    pub(super) format: i64,
    scribbled: bool,
    pub(super) row: Option<Beat>,
    row_was_there: Duration,
    pub(super) gate: Option<Gate>,
    seen_version: u64,
    /// The newest version that the replica was told of.
    told_version: i64,
    told_epoch: i64,
    /// The head that it was told of last.
    pub(super) told: Option<Commit>,
    /// Whether that one was none to be believed.
    told_wrong: bool,
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
    fn pass(&self, time: Duration) {
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

    fn pass_ms(&self, millis: u64) {
        self.pass(Duration::from_millis(millis));
    }

    /// What holds at every moment, whatever happens.
    fn laws(&self) {
        let Some(gate) = self.world().gate.clone() else {
            return;
        };
        let decided = gate.read(|facts| (facts.version(), allows_chat(facts)));
        let mut world = self.world();
        let now = world.now;
        let Ok((version, allowed)) = decided else {
            return;
        };
        assert!(version >= world.seen_version, "the version went back");
        world.seen_version = version;
        let since = now.saturating_sub(LEASE);
        let mut ends = world.newest.iter().skip(1).map(|(from, _)| *from);
        let within = world.newest.iter().any(|(_, commit)| {
            let until = ends.next().unwrap_or(Duration::MAX);
            until >= since
                && commit.version.unsigned_abs() == version
                && !commit.poison
                && (!allowed || commit.chat)
        });
        assert!(
            within,
            "at {now:?} version {version} (chat: {allowed}) is decided by, which was not the newest within the lease: {:?}",
            world.newest
        );
        assert!(
            world.row_was_there + LEASE >= now,
            "a lease runs, and nobody could know of the replica"
        );
    }

    /// What holds when an answer was acted on.
    pub(super) fn laws_after_an_answer(&self) {
        let world = self.world();
        let (Some(gate), Some(told)) = (world.gate.clone(), world.told.clone()) else {
            return;
        };
        let wrong = world.told_wrong;
        let row = world.row.clone();
        drop(world);
        let allowed = gate.read(allows_chat);
        if !told.chat {
            assert_ne!(allowed, Ok(true), "a kill that was read is not in force");
        }
        if wrong {
            assert!(allowed.is_err(), "a store that went back is believed");
        }
        if let (Some(row), Ok(facts)) = (row, gate.snapshot())
            && row.state == State::Live
        {
            let version = row.version.unsigned_abs();
            assert!(
                facts.version() >= version,
                "acknowledged and not decided by"
            );
        }
    }
}

impl World {
    fn head(&self) -> Commit {
        self.store.last().unwrap().clone()
    }

    fn commit(&mut self, change: impl FnOnce(&mut Commit)) {
        let mut next = self.head();
        self.tokens += 1;
        next.version += 1;
        next.token = format!("t{}", self.tokens);
        next.poison = false;
        change(&mut next);
        if next.poison {
            // What cannot be understood is repaired by what replaces it whole.
            next.whole = next.version;
        }
        self.store.push(next);
        if !self.lose_hints {
            self.hints
                .push(self.now + Duration::from_millis(u64::from(self.tokens % 40)));
        }
    }

    pub(super) fn forget_the_rest(&mut self) {
        self.schedule.clear();
    }

    pub(super) fn happen(&mut self, event: &Event) {
        match *event {
            Event::Toggle => self.commit(|next| next.chat = !next.chat),
            Event::Poison => self.commit(|next| {
                next.chat = !next.chat;
                next.poison = true;
            }),
            Event::Role => self.commit(|next| next.role = !next.role),
            Event::Import => self.commit(|next| next.whole = next.version),
            Event::Spoof(many) => {
                let now = self.now;
                self.hints
                    .extend((0..many).map(|at| now + Duration::from_millis(at.into())));
            }
            Event::LoseHints(lose) => self.lose_hints = lose,
            Event::Down(down) => {
                self.down = down;
                self.broken();
            }
            Event::Slow(before, after) => {
                self.slow = (
                    Duration::from_millis(before.into()),
                    Duration::from_millis(after.into()),
                );
            }
            Event::Break => self.broken(),
            Event::Failover(lost) => {
                self.before = Some(self.store.clone());
                let kept = self.store.len().saturating_sub(lost.into()).max(1);
                self.store.truncate(kept);
                self.row = None;
                self.broken();
            }
            Event::FailBack => {
                if let Some(before) = self.before.take() {
                    self.before = Some(std::mem::replace(&mut self.store, before));
                    self.broken();
                }
            }
            Event::Recover => {
                let above = self.told_version.max(self.head().version);
                let epoch = self.told_epoch.max(self.head().epoch) + 1;
                self.commit(|next| {
                    next.epoch = epoch;
                    next.version = above + 1;
                    next.whole = above + 1;
                });
            }
            Event::Full(full) => self.full = full,
            Event::Forget => self.row = None,
            Event::Damage(damaged) => self.damaged = damaged,
            Event::Standby(standby) => self.standby = standby,
            Event::Format(newer) => self.format = if newer { 2 } else { 1 },
            Event::Scribble(scribbled) => self.scribbled = scribbled,
            Event::Suspend(millis) => self.now += Duration::from_millis(millis.into()),
        }
    }

    fn broken(&mut self) {
        self.connected = false;
        self.listening = false;
        self.hinted = true;
    }

    fn reach(&self) -> Result<(), Fault> {
        if self.down || !self.connected {
            return Err(Fault::unreachable("gone"));
        }
        Ok(())
    }

    fn answer(&mut self, question: &Question, news: impl FnOnce(&Self, &Commit) -> News) -> Answer {
        let head = self.head();
        let marked = self
            .store
            .iter()
            .find(|commit| commit.version == question.mark_column());
        let answer = Answer {
            head: Ok(RawHead {
                format: self.format,
                lineage: "lineage".into(),
                epoch: head.epoch,
                version: head.version,
                token: head.token.clone(),
                whole: head.whole,
                killed: match (self.scribbled, head.chat) {
                    (true, _) => "chat#nothing".into(),
                    (false, true) => String::new(),
                    (false, false) => "chat".into(),
                },
            }),
            standby: self.standby,
            registered: self.row.as_ref().is_some_and(|row| row.id == question.id),
            token: marked.map(|commit| commit.token.clone()).into(),
            awaited: head.version % 3 == 0,
            news: news(self, &head),
        };
        if !self.standby {
            let went_back = head.version.unsigned_abs() < self.seen_version;
            self.told_wrong = went_back || self.scribbled || self.format > 1;
            self.told_version = self.told_version.max(head.version);
            self.told_epoch = self.told_epoch.max(head.epoch);
            self.told = Some(head);
        }
        answer
    }
}

impl Source for Shared {
    fn connect(&mut self, _limit: Duration) -> Result<(), Fault> {
        self.pass_ms(2);
        let mut world = self.world();
        if world.down {
            return Err(Fault::unreachable("down"));
        }
        world.connected = true;
        world.listening = false;
        world.hinted = false;
        Ok(())
    }

    fn listen(&mut self) -> Result<(), Fault> {
        self.pass_ms(1);
        let mut world = self.world();
        world.reach()?;
        world.listening = true;
        Ok(())
    }

    fn ask(&mut self, question: &Question) -> Result<Answer, Fault> {
        let (before, after) = self.world().slow;
        self.pass(before);
        let answer = {
            let mut world = self.world();
            world.reach()?;
            world.asks += 1;
            if world.damaged {
                return Err(damaged());
            }
            world.answer(question, |world, head| news(&world.store, question, head))
        };
        self.pass(after);
        Ok(answer)
    }

    fn read_all(&mut self, question: &Question) -> Result<Answer, Fault> {
        let (before, after) = self.world().slow;
        self.pass(before);
        let answer = {
            let mut world = self.world();
            world.reach()?;
            if world.damaged {
                return Err(damaged());
            }
            world.answer(question, |_, head| all(head))
        };
        self.pass(after);
        Ok(answer)
    }

    fn read_head(&mut self) -> Result<Answer, Fault> {
        self.pass_ms(1);
        let mut world = self.world();
        world.reach()?;
        let mut answer = world.answer(&Question::default(), |_, _| News::Unread);
        answer.token = crate::replica::source::Token::Untold;
        answer.registered = false;
        Ok(answer)
    }

    fn beat(&mut self, beat: &Beat) -> Result<(), Fault> {
        self.pass_ms(1);
        let mut world = self.world();
        world.reach()?;
        if world.full || world.damaged {
            return Err(damaged());
        }
        world.row = Some(beat.clone());
        world.row_was_there = world.now;
        Ok(())
    }

    fn leave(&mut self, _id: &str) {
        self.world().row = None;
    }

    fn disconnect(&mut self) {
        let mut world = self.world();
        world.connected = false;
        world.listening = false;
    }

    fn wait(&mut self, limit: Duration, hear: bool) -> Woken {
        let end = self.world().now + limit;
        loop {
            let left = end.saturating_sub(self.world().now);
            self.pass(left.min(Duration::from_millis(1)));
            let mut world = self.world();
            if hear && std::mem::take(&mut world.hinted) {
                return Woken::Hint;
            }
            if world.now >= end {
                return Woken::Elapsed;
            }
        }
    }
}

impl Clock for Shared {
    fn now(&self) -> Duration {
        self.world().now
    }
}

fn damaged() -> Fault {
    Fault {
        kind: StoreErrorKind::Unreachable,
        why: "damaged".into(),
        answered: true,
    }
}

fn document(commit: &Commit) -> PolicyDocument {
    let switch = if commit.chat { "on" } else { "off" };
    let role = if commit.role {
        "[org_roles.dev]\nlevel = 1\n"
    } else {
        ""
    };
    let text = format!(
        "version = 1\n[resources]\nchat = [\"read\"]\n[site.gates.chat]\nswitch = \"{switch}\"\naccess = \"everyone\"\n{role}"
    );
    PolicyText::toml(text).parse().unwrap()
}

fn all(head: &Commit) -> News {
    let document = document(head);
    let rows = facts_of(&document).map(|(key, body)| {
        let body = if head.poison {
            r#"{"unheard":1}"#.into()
        } else {
            body
        };
        (key.kind.as_str().into(), key.a, key.b, body)
    });
    News::All(rows.collect())
}

fn news(store: &Store, question: &Question, head: &Commit) -> News {
    let since = question.since_column();
    let between = store.iter().filter(|commit| commit.version > since);
    let mut effects = Vec::new();
    let mut before = store.iter().find(|commit| commit.version == since);
    for commit in between.clone() {
        if let Some(before) = before {
            let changes = diff(&document(before), &document(commit));
            let rows = changes.into_iter().map(|effect| {
                let key = effect.key;
                let poison = commit.poison.then(|| "{".to_owned());
                let after = poison.or(effect.after);
                (
                    commit.version,
                    key.kind.as_str().into(),
                    key.a,
                    key.b,
                    after,
                )
            });
            effects.extend(rows);
        }
        before = Some(commit);
    }
    if head.version <= since {
        return News::since(-1, None);
    }
    let changes = i64::try_from(between.count()).unwrap();
    News::Since { changes, effects }
}

fn allows_chat(facts: &gatepost::Snapshot) -> bool {
    let alice = Subject::new(SubjectId::new("alice").unwrap());
    let request = Request::new("chat", "read")
        .subject(&alice)
        .org_rule(OrgRule::None);
    matches!(decide(facts, &request), Step::Done(Decision::Allow(_)))
}
