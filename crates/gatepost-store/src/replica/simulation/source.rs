//! The store as the replica sees it: what it is answered, and how long that takes.

use std::time::Duration;

use super::policy::{all, news};
use super::world::{Commit, Shared, World};
use crate::error::StoreErrorKind;
use crate::head::RawHead;
use crate::replica::heartbeat::Beat;
use crate::replica::news::News;
use crate::replica::source::{Answer, Fault, Held, Question, Source, Token, Woken};
use crate::replica::whole::Whole;

impl World {
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

    fn read_all(&mut self, question: &Question, whole: &mut Whole) -> Result<Answer, Fault> {
        let (before, after) = self.world().slow;
        self.pass(before);
        let answer = {
            let mut world = self.world();
            world.reach()?;
            if world.damaged {
                return Err(damaged());
            }
            world.answer(question, |_, head| {
                let read = all(head, Whole::new(false));
                *whole = read.1;
                read.0
            })
        };
        self.pass(after);
        Ok(answer)
    }

    fn memberships(&mut self, _subject: &str, _mark: u64) -> Result<Held, Fault> {
        Err(Fault::unreachable("this world has no memberships"))
    }

    fn read_head(&mut self) -> Result<Answer, Fault> {
        self.pass_ms(1);
        let mut world = self.world();
        world.reach()?;
        let mut answer = world.answer(&Question::default(), |_, _| News::Unread);
        answer.token = Token::Untold;
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

    fn report(&mut self, _id: &str, _routes: &str) -> Result<(), Fault> {
        self.pass_ms(1);
        self.world().reach()
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

fn damaged() -> Fault {
    Fault {
        kind: StoreErrorKind::Unreachable,
        why: "damaged".into(),
        answered: true,
    }
}
