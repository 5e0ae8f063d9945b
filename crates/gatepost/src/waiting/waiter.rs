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

/// What is known of it.
pub(crate) enum State {
    /// It holds, and stands in the list; if nothing changes, until then.
    Holds { key: Key, until: Option<Timestamp> },
    /// That depends on the memberships of this subject, which are to be read.
    Unknown(SubjectId),
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
}

impl Inner {
    /// Has the task woken that polled last.
    pub(super) fn tell(&mut self, state: State, woken: &mut Vec<Waker>) {
        self.state = state;
        woken.extend(self.waker.take());
    }

    /// Has this task woken from now on.
    pub(crate) fn wake_by(&mut self, waker: &Waker) {
        match &mut self.waker {
            Some(known) => known.clone_from(waker),
            unknown => *unknown = Some(waker.clone()),
        }
    }
}
