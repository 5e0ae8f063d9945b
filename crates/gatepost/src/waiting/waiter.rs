//! One permit that is waited for.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use super::list::Key;
use crate::again::Again;
use crate::code::Code;
use crate::denial::Denial;
use crate::id::SubjectId;
use crate::time::Timestamp;

/// A permit that is waited for: shared by the list and by whoever waits.
pub(crate) struct Waiter(Mutex<Inner>);

pub(crate) struct Inner {
    pub(crate) again: Again,
    pub(crate) state: State,
    pub(crate) waker: Option<Waker>,
}

/// What is known of it. What is not over stands in the list, at the same place from when it is entered until it
/// is taken out.
pub(crate) enum State {
    /// It holds; if nothing changes, until then.
    Holds { key: Key, until: Option<Timestamp> },
    /// That depends on the memberships of this subject, which are to be read.
    Unknown { key: Key, subject: SubjectId },
    /// It is over.
    Over(Box<Denial>),
}

impl Waiter {
    /// One that is over, until it is entered.
    pub(crate) fn new(again: Again) -> Self {
        let error = again.error(Code::PolicyUnavailable);
        Self(Mutex::new(Inner {
            state: State::Over(Box::new(error)),
            again,
            waker: None,
        }))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has this task woken from now on.
    ///
    /// To clone a waker and to drop one is to run what others have written: never under a lock.
    pub(crate) fn wake_by(&self, waker: &Waker) {
        let is_known = |known: &Waker| known.will_wake(waker);
        if self.lock().waker.as_ref().is_some_and(is_known) {
            return;
        }
        let new = waker.clone();
        let old = self.lock().waker.replace(new);
        drop(old);
    }
}

impl State {
    /// Where it stands in the list.
    pub(crate) fn key(&self) -> Option<Key> {
        match self {
            Self::Holds { key, .. } | Self::Unknown { key, .. } => Some(*key),
            Self::Over(_) => None,
        }
    }
}
