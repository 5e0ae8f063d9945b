//! What happens to the store and on the way to it, and what comes of it.

use std::time::Duration;

use super::world::{Commit, World};

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

impl World {
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
}
