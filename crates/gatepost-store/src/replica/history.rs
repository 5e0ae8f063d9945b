//! Which history a replica follows, and how far it has seen it.

use super::source::Token;
use crate::head::Head;

/// How far a replica has seen the history of its store.
///
/// It never goes back. A store that was restored from a backup, or that a failover
/// brought back without its last commits, tells less or something else, and is not
/// believed until an operator has recovered it, which begins a newer epoch.
#[derive(Debug, Default)]
pub(super) struct History {
    lineage: String,
    /// The newest commit that was seen.
    mark: Option<Commit>,
    /// A newer one of the same epoch that a head told of, and nothing else could be read.
    heard: Option<Commit>,
    /// The newest epoch that was seen, be it that nothing of it could be taken yet.
    fence: u64,
}

/// A commit, told apart from every other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Commit {
    pub(super) epoch: u64,
    pub(super) version: u64,
    pub(super) token: String,
}

impl Commit {
    pub(super) fn of(head: &Head) -> Self {
        Self {
            epoch: head.epoch,
            version: head.version,
            token: head.token.clone(),
        }
    }
}

/// How a head stands to what was seen before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Judged {
    /// It is the same history, at the mark or further on; the mark is there now.
    Follows,
    /// It says that it is further on, and nothing that was read tells whether that is the same history.
    Unproved,
    /// It is another history, or an older state of it.
    Forked(String),
}

impl History {
    pub(super) fn mark(&self) -> Option<&Commit> {
        self.mark.as_ref()
    }

    /// Judges a head; `token` is that of the mark's version, as the store has it.
    pub(super) fn judge(&mut self, head: &Head, token: &Token) -> Judged {
        let Some(mark) = &self.mark else {
            self.lineage.clone_from(&head.lineage);
            return self.go_on(head);
        };
        if head.lineage != self.lineage {
            return Judged::Forked("this is another store than before".to_owned());
        }
        let Head { epoch, version, .. } = *head;
        let marked = mark.version;
        if epoch < self.fence {
            let newest = self.fence;
            return Judged::Forked(format!(
                "the store is of epoch {epoch}, and epoch {newest} was seen before"
            ));
        }
        self.fence = epoch;
        if epoch > mark.epoch {
            if version > marked {
                return self.go_on(head);
            }
            return Judged::Forked(format!(
                "epoch {epoch} begins with version {version}, and version {marked} was seen before"
            ));
        }
        if version < marked {
            return Judged::Forked(format!(
                "the store went back from version {marked} to {version}"
            ));
        }
        let forked = || {
            Judged::Forked(format!(
                "version {marked} is not the one that was seen before: the store lost commits and went on"
            ))
        };
        if let Some(heard) = self.heard.as_ref().filter(|heard| heard.epoch == epoch) {
            let is_other = version == heard.version && head.token != heard.token;
            if is_other || version < heard.version {
                let lost = heard.version;
                return Judged::Forked(format!(
                    "version {lost} was heard of before, and the store lost it"
                ));
            }
        }
        if version == marked {
            return if head.token == mark.token {
                Judged::Follows
            } else {
                forked()
            };
        }
        match token {
            Token::Is(token) if *token == mark.token => self.go_on(head),
            // No commit made the version that a store begins with.
            Token::Absent if marked == 0 => self.go_on(head),
            Token::Is(_) | Token::Absent => forked(),
            Token::Untold => {
                self.heard = Some(Commit::of(head));
                Judged::Unproved
            }
        }
    }

    fn go_on(&mut self, head: &Head) -> Judged {
        self.fence = head.epoch;
        self.mark = Some(Commit::of(head));
        Judged::Follows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(lineage: &str, epoch: u64, version: u64, token: &str) -> Head {
        Head {
            format: 1,
            lineage: lineage.into(),
            epoch,
            version,
            token: token.into(),
            whole: 1,
            kills: gatepost::Kills::default(),
        }
    }

    fn is(token: &str) -> Token {
        Token::Is(token.into())
    }

    /// Epoch 1 at version 10, made by the commit `t`.
    fn seen() -> History {
        let mut history = History::default();
        let judged = history.judge(&head("l", 1, 10, "t"), &Token::Absent);
        assert_eq!(judged, Judged::Follows);
        history
    }

    #[test]
    fn only_the_same_history_goes_on() {
        for (head, token, follows) in [
            (head("l", 1, 10, "t"), is("t"), true),
            (head("l", 1, 11, "u"), is("t"), true),
            (head("l", 2, 11, "u"), Token::Absent, true),
            (head("l", 1, 9, "s"), Token::Absent, false),
            (head("l", 1, 9, "s"), is("t"), false),
            (head("l", 1, 10, "x"), is("x"), false),
            (head("l", 1, 11, "u"), is("x"), false),
            (head("l", 1, 12, "u"), Token::Absent, false),
            (head("l", 0, 11, "u"), is("t"), false),
            (head("l", 2, 10, "u"), is("t"), false),
            (head("m", 2, 11, "u"), is("t"), false),
        ] {
            let judged = seen().judge(&head, &token);
            assert_eq!(judged == Judged::Follows, follows, "{head:?} {judged:?}");
        }
        let untold = seen().judge(&head("l", 1, 11, "u"), &Token::Untold);
        assert_eq!(untold, Judged::Unproved);
    }

    #[test]
    fn what_was_only_heard_of_is_not_forgotten() {
        let mut history = seen();
        history.judge(&head("l", 1, 12, "v"), &Token::Untold);
        for (head, follows) in [
            (head("l", 1, 10, "t"), false),
            (head("l", 1, 12, "w"), false),
            (head("l", 1, 12, "v"), true),
        ] {
            let judged = history.judge(&head, &is("t"));
            assert_eq!(judged == Judged::Follows, follows, "{head:?} {judged:?}");
        }
    }

    #[test]
    fn a_store_that_never_had_a_policy_gets_its_first_one() {
        let mut history = History::default();
        history.judge(&head("l", 1, 0, "s"), &Token::Absent);
        let first = history.judge(&head("l", 1, 1, "t"), &Token::Absent);
        assert_eq!(first, Judged::Follows);
    }

    #[test]
    fn an_epoch_that_was_seen_fences_the_older_ones_off() {
        let mut history = seen();
        let early = history.judge(&head("l", 2, 3, "r"), &Token::Absent);
        assert!(matches!(early, Judged::Forked(_)));
        let old = history.judge(&head("l", 1, 11, "u"), &is("t"));
        assert!(matches!(old, Judged::Forked(_)));
        let above = history.judge(&head("l", 2, 11, "s"), &Token::Absent);
        assert_eq!(above, Judged::Follows);
    }

    #[test]
    fn the_same_history_is_taken_up_again_after_another() {
        let mut history = seen();
        let behind = history.judge(&head("l", 1, 8, "q"), &Token::Absent);
        assert!(matches!(behind, Judged::Forked(_)));
        assert_eq!(
            history.judge(&head("l", 1, 10, "t"), &is("t")),
            Judged::Follows
        );
    }
}
