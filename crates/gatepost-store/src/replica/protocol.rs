//! What a replica does with an answer: the rules, without a store, a clock or a thread.

mod refused;

use std::collections::BTreeSet;
use std::time::Duration;

use gatepost::{Changes, FactChangeError, Feed, Kills, Snapshot};

use super::changes;
use super::elsewhere::Elsewhere;
use super::heartbeat::State;
use super::history::{Commit, History, Judged};
use super::news::{self, LONGEST_WAY, News, RawEffect};
use super::source::{Answer, Question, Token};
use super::whole::Whole;
use crate::error::StoreErrorKind;
use crate::head::{Head, STORE_FORMAT};
pub(super) use refused::Asked;
use refused::Refused;

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
    /// Whether the policy is to be read as a whole, whatever has changed since.
    reads_all: bool,
    refused: Option<Refused>,
    closed: bool,
    faulty: bool,
}

/// What the gate decides by.
struct Live {
    commit: Commit,
    /// The facts as the store has them.
    compiled: Snapshot,
    /// The same with what was laid over them.
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
        /// What all of them may mean for a permit.
        told: Changes,
    },
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
            reads_all: false,
            refused: None,
            closed: false,
            faulty: false,
        }
    }

    /// What to ask.
    pub(super) fn question(&self, id: &str) -> Question {
        let live = self.live.as_ref().filter(|_| !self.reads_all);
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

    /// What was under way was broken off, as it would be if it were done again.
    pub(super) fn broke_off(&mut self) {
        self.reads_all = true;
    }

    /// What every fact is read into.
    pub(super) fn whole(&self) -> Whole {
        Whole::new(self.elsewhere.is_some())
    }

    /// Acts on the answer to a question that was sent at `asked`, or later.
    pub(super) fn answered(
        &mut self,
        asked: Duration,
        question: &Question,
        answer: Answer,
    ) -> Verdict {
        let asked = Asked {
            at: asked,
            read: asked,
        };
        self.act(asked, question, answer, None)
    }

    /// Acts on an answer whose facts are all in `whole`.
    pub(super) fn answered_whole(
        &mut self,
        asked: Asked,
        question: &Question,
        answer: Answer,
        whole: Whole,
    ) -> Verdict {
        self.act(asked, question, answer, Some(whole))
    }

    fn act(
        &mut self,
        asked: Asked,
        question: &Question,
        answer: Answer,
        whole: Option<Whole>,
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
            && let Err(verdict) = self.take(asked, question, &head, answer.news, whole)
        {
            return verdict;
        }
        self.renew(asked.at, answer.registered)
    }

    /// Makes the facts of `head` the live ones, as far as the answer brings them.
    fn take(
        &mut self,
        asked: Asked,
        question: &Question,
        head: &Head,
        news: News,
        whole: Option<Whole>,
    ) -> Result<(), Verdict> {
        let (compiled, way) = match (news, whole) {
            (News::Whole, Some(whole)) => {
                let compiled = whole.finish(head.version);
                let compiled = compiled.map_err(|why| self.refuse(asked, head, &why))?;
                (compiled, Way::Whole)
            }
            (News::Broken(why), _) if question.since.is_none() => {
                return Err(self.refuse(asked, head, &why));
            }
            (News::Since { changes, effects }, _) if self.leads_on(question, head, changes) => {
                self.go_on(asked, head, effects)?
            }
            (News::Since { .. } | News::Broken(_) | News::Unread | News::Whole, _) => {
                return Err(self.left_alone(asked, head));
            }
        };
        self.publish(head, compiled, &way)
    }

    /// Does to the live facts what the changes did.
    fn go_on(
        &mut self,
        asked: Asked,
        head: &Head,
        effects: Vec<RawEffect>,
    ) -> Result<(Snapshot, Way), Verdict> {
        // Until they are published: what went wrong once goes wrong again.
        self.reads_all = true;
        let Some(Live { compiled, .. }) = &self.live else {
            return Err(Verdict::ReadAll);
        };
        let told = changes::of(&effects);
        let are_elsewhere = self.elsewhere.is_some();
        let (effects, members) = if are_elsewhere {
            news::without_members(effects)
        } else {
            (effects, BTreeSet::new())
        };
        let changed = if effects.is_empty() {
            Ok(compiled.at_version(head.version))
        } else {
            let changes = news::changes(effects).map_err(|_| Verdict::ReadAll)?;
            compiled.changed(head.version, changes)
        };
        match changed {
            Ok(changed) => Ok((changed, Way::Changes { members, told })),
            Err(FactChangeError::Unsound(why)) => Err(self.refuse(asked, head, &why.to_string())),
            // They reach too far, or further than this release knows.
            Err(_) => Err(Verdict::ReadAll),
        }
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
    fn left_alone(&self, asked: Asked, head: &Head) -> Verdict {
        match &self.refused {
            Some(refused) if refused.leaves_alone(head, asked.at) => {
                Verdict::Refused(refused.why.clone())
            }
            _ => Verdict::ReadAll,
        }
    }

    fn publish(&mut self, head: &Head, compiled: Snapshot, way: &Way) -> Result<(), Verdict> {
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
        self.reads_all = false;
        self.refused = None;
        Ok(())
    }

    fn refuse(&mut self, asked: Asked, head: &Head, why: &str) -> Verdict {
        self.reads_all = true;
        let refused = Refused::new(asked, head, why);
        let why = refused.why.clone();
        self.refused = Some(refused);
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
