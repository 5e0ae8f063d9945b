//! Whom a change wakes.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Waker;

/// The wakers of whoever is to be woken, which happens when this is dropped, however that comes.
///
/// What they do is not known: they are woken while nothing is locked, and one that panics keeps no other asleep.
#[derive(Default)]
pub(super) struct Woken(Vec<Waker>);

impl Woken {
    pub(super) fn add(&mut self, waker: Option<Waker>) {
        self.0.extend(waker);
    }
}

impl Drop for Woken {
    fn drop(&mut self) {
        for waker in self.0.drain(..) {
            let _ = catch_unwind(AssertUnwindSafe(|| waker.wake()));
        }
    }
}
