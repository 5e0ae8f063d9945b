//! What an asker is answered.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::code::Code;
use crate::decision::{Decision, Reach, Step, decide};
use crate::request::{Input, Request};
use crate::snapshot::Snapshot;

/// What an asker is answered, whosever object it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(
    clippy::exhaustive_enums,
    reason = "objects are one's own or not, and whatever is not allowed has a code"
)]
pub enum MatrixCell {
    /// It may, whosever object it is.
    Allow,
    /// It may with objects that it owns; an agent, with those that the one it acts for owns.
    Own,
    /// It may with the objects of others, but not with its own.
    Others,
    /// It may not.
    No(Code),
}

impl MatrixCell {
    /// Asks twice: with an object of the subject itself, or of the one it acts for, and with one of somebody else.
    ///
    /// Of two denials it has the code of the first.
    pub fn by_owner(facts: &Snapshot, request: &Request<'_>) -> Self {
        let Some(subject) = request.subject else {
            return Self::as_asked(facts, request);
        };
        let owner = subject.beneficiary();
        let own = Self::as_asked(facts, &request.owner(owner));
        let others = Self::as_asked(facts, &request.owner(&owner.somebody_else()));
        match (own, others) {
            (Self::No(code), Self::No(_)) => Self::No(code),
            (Self::No(_), _) => Self::Others,
            (_, Self::No(_)) => Self::Own,
            (_, _) => Self::Allow,
        }
    }

    /// Asks as the request stands. Where the object is the subject's own, grants that reach no further are
    /// [`Own`](Self::Own).
    pub fn as_asked(facts: &Snapshot, request: &Request<'_>) -> Self {
        let is_owned = matches!(request.owner, Input::Known(Some(_)));
        match decide(facts, request) {
            Step::Done(Decision::Allow(allow)) if is_owned && allow.reach == Reach::Own => {
                Self::Own
            }
            Step::Done(Decision::Allow(_)) => Self::Allow,
            Step::Done(Decision::Deny(deny)) => Self::No(deny.code),
            Step::Done(Decision::Error(code)) => Self::No(code),
            // Everything is known; only memberships can be elsewhere.
            Step::Need(_) => Self::No(Code::PolicyUnavailable),
        }
    }

    /// The word for it: `allow`, `own`, `others`, or the code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Own => "own",
            Self::Others => "others",
            Self::No(code) => code.as_str(),
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        let codes = Code::ALL.iter().copied().map(Self::No);
        let mut all = [Self::Allow, Self::Own, Self::Others]
            .into_iter()
            .chain(codes);
        all.find(|cell| cell.as_str() == text)
    }

    /// Whether it lets something through that the other does not.
    pub(crate) fn is_laxer_than(self, other: Self) -> bool {
        let allows = |cell: Self| {
            let own = matches!(cell, Self::Allow | Self::Own);
            (own, matches!(cell, Self::Allow | Self::Others))
        };
        let (own, others) = allows(self);
        let (owned, of_others) = allows(other);
        own && !owned || others && !of_others
    }
}

/// As the word for it.
impl Serialize for MatrixCell {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

impl fmt::Display for MatrixCell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
