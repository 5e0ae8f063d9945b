//! What a replica does with an answer: the rules, without a store, a clock or a thread.

use std::collections::BTreeSet;
use std::time::Duration;

use gatepost::{Changes, Feed, Kills, Snapshot};

use super::changes;
use super::elsewhere::Elsewhere;
use super::heartbeat::State;
use super::history::{Commit, History, Judged};
use super::news::{self, LONGEST_WAY, News, RawEffect};
use super::source::{Answer, Question, Token};
use crate::error::StoreErrorKind;
use crate::fact::Facts;
use crate::head::{Head, STORE_FORMAT};

/// How long facts that could not be understood are left alone before they are read again.
const SECOND_LOOK: Duration = Duration::from_secs(2);

/// What a replica knows of its store, and the gate that it feeds.
///
/// The rules, in the order in which they are applied to an answer:
///
/// 1. A store that is a standby, or of which only a part could be read, renews nothing.
/// 2. A head that is ill-formed, or that belongs to another history than the one seen before,
///    or to a format that is not understood, ends the lease at once.
/// 3. What the head says is killed is killed at once, over the facts that are live.
/// 4. The lease is renewed, from the moment before the question was sent, if and only if the
///    live facts are those of the head that was read.
pub(super) struct Protocol {
    feed: Feed,
    lease: Duration,
    history: History,
    /// Who has the memberships, where they are not among the facts.
    elsewhere: Option<Box<dyn Elsewhere>>,
    live: Option<Live>,
    /// What was compiled to the live facts; `None`: it is to be read as a whole.
    facts: Option<Facts>,
    refused: Option<Refused>,
    closed: bool,
    faulty: bool,
}

/// What the gate decides by.
struct Live {
    commit: Commit,
    /// What the facts were compiled to.
    compiled: Snapshot,
    facts: Snapshot,
    /// What was laid over the facts.
    kills: Kills,
}

/// How the facts of a head were come by.
enum Way {
    /// All of them were read.
    Whole,
    /// By every change since the live ones.
    Changes {
        /// Whose memberships changed, where those are elsewhere.
        members: BTreeSet<String>,
        /// Whether nothing else did.
        same_facts: bool,
        /// What all of them may mean for a permit.
        told: Changes,
    },
}

/// Facts of a head that could not be understood.
struct Refused {
    token: String,
    why: String,
    until: Duration,
}

/// What an answer came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The live facts are those of the head, and the lease runs.
    Live,
    /// They are, but the replica's row is not there: the lease is not renewed before it is.
    Unregistered,
    /// Every fact is to be read.
    ReadAll,
    /// The answer is no base for anything; another connection may bring a better one.
    Unsure(String),
    /// There is a newer policy that is not understood; the last good one runs out.
    Refused(String),
    /// The lease is over.
    Closed(StoreErrorKind, String),
}

impl Protocol {
    pub(super) fn new(feed: Feed, lease: Duration, elsewhere: Option<Box<dyn Elsewhere>>) -> Self {
        Self {
            feed,
            lease,
            elsewhere,
            history: History::default(),
            live: None,
            facts: None,
            refused: None,
            closed: false,
            faulty: false,
        }
    }

    /// What to ask.
    pub(super) fn question(&self, id: &str) -> Question {
        let live = self.live.as_ref().filter(|_| self.facts.is_some());
        Question {
            mark: self.history.mark().map(|mark| mark.version),
            since: live.map(|live| live.commit.version),
            id: id.to_owned(),
            without_members: self.elsewhere.is_some(),
        }
    }

    /// How it is, for the replica's row: the epoch and version that were seen, and what became of them.
    pub(super) fn state(&self) -> (u64, u64, State) {
        let Some(mark) = self.history.mark() else {
            return (0, 0, State::Closed);
        };
        let is_live = self.live.as_ref().is_some_and(|live| live.commit == *mark);
        let state = match (self.closed, is_live) {
            (true, _) => State::Closed,
            (false, true) => State::Live,
            (false, false) => State::Behind,
        };
        (mark.epoch, mark.version, state)
    }

    /// The version that is decided by.
    pub(super) fn version(&self) -> Option<u64> {
        self.live.as_ref().map(|live| live.commit.version)
    }

    /// There was no answer: what is live stays so until the lease runs out.
    pub(super) fn failed(&mut self, why: &str) {
        self.faulty = true;
        self.feed.fault(why);
    }

    /// What was under way was broken off: the facts may be half changed.
    pub(super) fn broke_off(&mut self) {
        self.facts = None;
    }

    /// Acts on the answer to a question that was sent at `asked`, or later.
    pub(super) fn answered(
        &mut self,
        asked: Duration,
        question: &Question,
        answer: Answer,
    ) -> Verdict {
        if answer.standby {
            return Verdict::Unsure("the store is a standby: it repeats another one".to_owned());
        }
        let head = match answer.head.and_then(|head| {
            let read = head.read().map_err(|why| why.to_string());
            read.and_then(countable)
        }) {
            Ok(head) => head,
            Err(why) => return self.close(StoreErrorKind::Unsound, why),
        };
        // An answer to a question of some time ago says nothing of today's mark.
        let marked = self.history.mark().map(|mark| mark.version);
        let token = if question.mark == marked {
            answer.token
        } else {
            Token::Untold
        };
        let judged = self.history.judge(&head, &token);
        if let Judged::Forked(why) = judged {
            return self.close(StoreErrorKind::Unsound, why);
        }
        if let Err(why) = self.lay(&head.kills) {
            return self.close(StoreErrorKind::Unsound, why);
        }
        if !head.is_understood() {
            let format = head.format;
            let why =
                format!("the store is of format {format}, this release understands {STORE_FORMAT}");
            return self.close(StoreErrorKind::Newer, why);
        }
        if judged == Judged::Unproved || answer.news == News::Unread {
            return Verdict::Unsure("nothing but the head could be read".to_owned());
        }
        let commit = Commit::of(&head);
        if self.live.as_ref().is_none_or(|live| live.commit != commit)
            && let Err(verdict) = self.take(asked, question, &head, answer.news)
        {
            return verdict;
        }
        self.renew(asked, answer.registered)
    }

    /// Makes the facts of `head` the live ones, as far as the answer brings them.
    fn take(
        &mut self,
        asked: Duration,
        question: &Question,
        head: &Head,
        news: News,
    ) -> Result<(), Verdict> {
        let read = match news {
            News::All(rows) => news::collect(rows).map(|facts| (facts, Way::Whole)),
            News::Broken(why) if question.since.is_none() => Err(why),
            News::Since { changes, effects } if self.leads_on(question, head, changes) => {
                // Whatever becomes of it, the facts before are not needed any more.
                let facts = self.facts.take();
                let applied = facts.and_then(|facts| self.go_on(facts, effects).ok());
                let Some(applied) = applied else {
                    return Err(Verdict::ReadAll);
                };
                Ok(applied)
            }
            News::Since { .. } | News::Broken(_) | News::Unread => {
                return Err(self.left_alone(asked, head));
            }
        };
        self.facts = None;
        let compiled = read.and_then(|(facts, way)| {
            let compiled = self.compile(head.version, &facts, &way);
            compiled.map(|compiled| (compiled, facts, way))
        });
        match compiled {
            Ok((compiled, facts, way)) => self.publish(head, compiled, facts, &way),
            Err(why) => Err(self.refuse(asked, head, &why)),
        }
    }

    /// Does to the facts what the changes did.
    fn go_on(&self, mut facts: Facts, effects: Vec<RawEffect>) -> Result<(Facts, Way), String> {
        let told = changes::of(&effects);
        let are_elsewhere = self.elsewhere.is_some();
        let (effects, members) = if are_elsewhere {
            news::without_members(effects)
        } else {
            (effects, BTreeSet::new())
        };
        let same_facts = are_elsewhere && effects.is_empty();
        news::apply(&mut facts, effects)?;
        let way = Way::Changes {
            members,
            same_facts,
            told,
        };
        Ok((facts, way))
    }

    fn compile(&self, version: u64, facts: &Facts, way: &Way) -> Result<Snapshot, String> {
        let compiled = match (way, &self.live, &self.elsewhere) {
            (
                Way::Changes {
                    same_facts: true, ..
                },
                Some(live),
                Some(_),
            ) => {
                return Ok(live.compiled.at_version(version));
            }
            (_, _, Some(_)) => facts.compile_looking_through(version),
            (_, _, None) => facts.compile(version),
        };
        compiled.map_err(|why| why.to_string())
    }

    /// Whether the effects lead from the live facts to those of the head, with none left out.
    fn leads_on(&self, question: &Question, head: &Head, changes: i64) -> bool {
        let Some(live) = self.live.as_ref() else {
            return false;
        };
        let from = live.commit.version;
        let way = head.version.checked_sub(from);
        let whole_way = way.is_some_and(|way| i64::try_from(way) == Ok(changes));
        question.since == Some(from)
            && live.commit.epoch == head.epoch
            && head.whole <= from
            && whole_way
            && changes <= LONGEST_WAY
    }

    /// Asks for every fact, but not again and again for those that were refused.
    fn left_alone(&self, asked: Duration, head: &Head) -> Verdict {
        match &self.refused {
            Some(Refused { token, why, until }) if *token == head.token && asked < *until => {
                Verdict::Refused(why.clone())
            }
            _ => Verdict::ReadAll,
        }
    }

    fn publish(
        &mut self,
        head: &Head,
        compiled: Snapshot,
        facts: Facts,
        way: &Way,
    ) -> Result<(), Verdict> {
        if let Some(elsewhere) = &self.elsewhere {
            match way {
                Way::Whole => elsewhere.reset(head),
                Way::Changes { members, .. } => elsewhere.changed(head, members),
            }
        }
        let killed = compiled.with_kills(&head.kills);
        let whole;
        let told = match way {
            Way::Whole => {
                whole = changes::of_a_whole(self.version(), head.version);
                &whole
            }
            Way::Changes { told, .. } => told,
        };
        if !self.feed.publish_changes(killed.clone(), told) {
            return Err(self.close(StoreErrorKind::Unsound, OLDER.to_owned()));
        }
        if let Some(elsewhere) = &self.elsewhere {
            elsewhere.published(head.version);
        }
        self.live = Some(Live {
            commit: Commit::of(head),
            compiled,
            facts: killed,
            kills: head.kills.clone(),
        });
        self.facts = Some(facts);
        self.refused = None;
        Ok(())
    }

    fn refuse(&mut self, asked: Duration, head: &Head, why: &str) -> Verdict {
        let version = head.version;
        let why = format!("version {version} is not understood: {why}");
        self.refused = Some(Refused {
            token: head.token.clone(),
            why: why.clone(),
            until: asked.saturating_add(SECOND_LOOK),
        });
        Verdict::Refused(why)
    }

    /// Switches off what is killed, over whatever is live; it is switched on again by facts alone.
    fn lay(&mut self, kills: &Kills) -> Result<(), String> {
        let Some(live) = &mut self.live else {
            return Ok(());
        };
        if kills.is_empty() || live.kills == *kills {
            return Ok(());
        }
        live.facts = live.facts.with_kills(kills);
        live.kills = kills.clone();
        if !self.feed.publish(live.facts.clone()) {
            return Err(OLDER.to_owned());
        }
        Ok(())
    }

    fn renew(&mut self, asked: Duration, registered: bool) -> Verdict {
        self.closed = false;
        if !registered {
            return Verdict::Unregistered;
        }
        if self.faulty {
            self.feed.recover();
            self.faulty = false;
        }
        self.feed.renew(asked.saturating_add(self.lease));
        Verdict::Live
    }

    fn close(&mut self, kind: StoreErrorKind, why: String) -> Verdict {
        self.closed = true;
        self.faulty = true;
        self.feed.revoke(why.clone());
        Verdict::Closed(kind, why)
    }
}

const OLDER: &str = "the store has older facts than the live ones";

/// The greatest version has none after it, so nothing could be told apart any more.
fn countable(head: Head) -> Result<Head, String> {
    if head.version >= i64::MAX.unsigned_abs() {
        return Err(format!("the head's `version` is {}", head.version));
    }
    Ok(head)
}

#[cfg(test)]
mod tests;
