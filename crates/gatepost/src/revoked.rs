//! A permit that outlives its request: told when the same request would no longer be allowed.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use crate::again::{Again, MOST_LOADS};
use crate::code::Code;
use crate::denial::Denial;
use crate::gate::Gate;
use crate::id::SubjectId;
use crate::membership::LoadedMemberships;
use crate::permit::Permit;
use crate::time::Timestamp;
use crate::waiting::{Key, State, Waiter, Waiting};

/// Resolves when the request of a permit would no longer be allowed, with the denial that it would get.
///
/// One task at a time waits for it: the one that polled last is woken. Dropped, it is forgotten.
#[must_use = "nobody is told who does not wait"]
pub struct Revoked {
    waiter: Arc<Waiter>,
    /// Where it is entered; none where the permit's gate is gone, and the permit is over with it.
    gate: Option<Gate>,
    /// Memberships that are being read, to ask again with. The lock is never taken.
    load: Mutex<Option<Load>>,
    loads: u8,
}

/// Memberships that are being read.
struct Load {
    subject: SubjectId,
    loaded: Pin<Box<dyn Future<Output = Result<Arc<LoadedMemberships>, Code>> + Send>>,
}

impl Permit {
    /// Resolves when the same request would no longer be allowed, whatever the cause: a switch, a role, a
    /// floor, a suspension, the end of a membership at its moment, a policy that has become stale or cannot be
    /// read. It is the same request that is asked: of this subject and whomever it acts for, with these scopes,
    /// in this org and mode, on an object of this owner.
    ///
    /// It has begun when this returns, and what was switched off by the site since the permit was given counts,
    /// be it on again. A permit for any object is over as well when it would be one for the subject's own alone.
    ///
    /// While nothing changes it costs nothing but its memory. A change asks anew for the permits that may
    /// depend on it, and for no others.
    ///
    /// ```
    /// use std::future::Future;
    /// use std::pin::pin;
    /// use std::task::{Context, Poll, Waker};
    ///
    /// use gatepost::{Code, Evaluation, Gate, Next, Org, PolicyText, Requirement, Subject, SubjectId};
    ///
    /// const READ: Requirement = Requirement::new("chat", "read").org(Org::none());
    ///
    /// let policy = |switch| {
    ///     PolicyText::toml(format!(
    ///         "version = 1\n[resources]\nchat = [\"read\"]\n[site.gates.chat]\nswitch = \"{switch}\"\naccess = \"everyone\"\n"
    ///     ))
    /// };
    /// let (gate, feed) = Gate::channel();
    /// feed.publish(policy("on").compile(1)?);
    /// let alice = Subject::new(SubjectId::new("alice")?);
    /// let next = gate.read(|facts| Evaluation::new(&READ, "chat", Some(alice)).next(facts));
    /// let Ok(Next::Admit(permit)) = next else { panic!("everyone has access") };
    ///
    /// let mut revoked = pin!(permit.revoked());
    /// let mut context = Context::from_waker(Waker::noop());
    /// assert!(revoked.as_mut().poll(&mut context).is_pending());
    /// feed.publish(policy("off").compile(2)?);
    /// let Poll::Ready(denial) = revoked.poll(&mut context) else { panic!("it was switched off") };
    /// assert_eq!(denial.code(), Code::SiteOff);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn revoked(&self) -> Revoked {
        let gate = self.gate();
        let waiter = Arc::new(Waiter::new(Again::of(self)));
        if let Some(gate) = &gate {
            Waiting::enter(gate, &waiter);
        }
        Revoked {
            waiter,
            gate,
            load: Mutex::default(),
            loads: 0,
        }
    }

    /// Works for as long as the same request would be allowed.
    ///
    /// # Errors
    ///
    /// The [`Denial`] that the request would get now; the work has been dropped where it was.
    pub async fn until_revoked<F: Future>(&self, work: F) -> Result<F::Output, Denial> {
        let mut revoked = self.revoked();
        let mut work = pin!(work);
        poll_fn(|context| match revoked.poll_holds(context) {
            Poll::Ready(Ok(())) => work.as_mut().poll(context).map(Ok),
            Poll::Ready(Err(denial)) => Poll::Ready(Err(denial)),
            Poll::Pending => Poll::Pending,
        })
        .await
    }

    /// Asks again, at the moment of effect: after an upload, before a commit, between two steps.
    ///
    /// It is the same question that [`revoked`](Self::revoked) waits for, asked once.
    ///
    /// # Errors
    ///
    /// The [`Denial`] that the request would get now.
    pub async fn ensure_fresh(&self) -> Result<(), Denial> {
        let mut again = Again::of(self);
        match self.gate() {
            Some(gate) => again.settle(&gate).await,
            None => Err(again.error(Code::PolicyUnavailable)),
        }
    }
}

impl Revoked {
    /// Whether the same request is still allowed, for whoever is about to do or send something.
    ///
    /// Ready with `Ok` while it is; pending while that has to be found out, and nothing is to be done meanwhile;
    /// ready with the denial from when it is not any more. The task is woken whenever that changes.
    pub fn poll_holds(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Denial>> {
        // Before the look, so that whoever changes what is seen there wakes this task.
        self.waiter.wake_by(context.waker());
        loop {
            let inner = self.waiter.lock();
            match &inner.state {
                State::Over(denial) => return Poll::Ready(Err((**denial).clone())),
                // Nothing is done past an end or past the lease, however late the keeper is.
                State::Holds { key, until } if self.is_out_of_time(*until) => {
                    let key = *key;
                    drop(inner);
                    self.ask_anew(key);
                }
                State::Unknown { key, .. } if self.is_out_of_time(None) => {
                    let key = *key;
                    drop(inner);
                    self.ask_anew(key);
                }
                State::Holds { .. } => {
                    drop(inner);
                    *self.load() = None;
                    self.loads = 0;
                    return Poll::Ready(Ok(()));
                }
                State::Unknown { key, subject } => {
                    let (key, subject) = (*key, subject.clone());
                    drop(inner);
                    let loaded = ready!(self.poll_load(subject, context));
                    self.ask_with(key, loaded);
                }
            }
        }
    }

    fn is_out_of_time(&self, until: Option<Timestamp>) -> bool {
        let is_fresh = self.gate.as_ref().is_some_and(Gate::is_fresh);
        !is_fresh || until.is_some_and(|end| end <= Timestamp::now())
    }

    /// Asks by what time has become of it, unless whoever publishes has just told something else.
    fn ask_anew(&self, key: Key) {
        if let Some(gate) = &self.gate
            && gate.waiters().leave(key, &self.waiter)
        {
            Waiting::enter(gate, &self.waiter);
        }
    }

    fn load(&mut self) -> &mut Option<Load> {
        self.load.get_mut().unwrap_or_else(PoisonError::into_inner)
    }

    fn poll_load(
        &mut self,
        subject: SubjectId,
        context: &mut Context<'_>,
    ) -> Poll<Result<Arc<LoadedMemberships>, Code>> {
        let is_other = |load: &mut Load| load.subject != subject;
        if self.load().as_mut().is_none_or(is_other) {
            let gate = self.gate.clone().filter(|_| self.loads < MOST_LOADS);
            self.loads = self.loads.saturating_add(1);
            let whose = subject.clone();
            let loaded = Box::pin(async move {
                let gate = gate.ok_or(Code::PolicyUnavailable)?;
                gate.load_memberships(&whose).await
            });
            *self.load() = Some(Load { subject, loaded });
        }
        let Some(load) = self.load() else {
            return Poll::Ready(Err(Code::PolicyUnavailable));
        };
        let loaded = ready!(load.loaded.as_mut().poll(context));
        *self.load() = None;
        Poll::Ready(loaded)
    }

    /// Asks with what was read, unless whoever publishes has just told something else.
    fn ask_with(&self, key: Key, loaded: Result<Arc<LoadedMemberships>, Code>) {
        let Some(gate) = &self.gate else { return };
        if !gate.waiters().leave(key, &self.waiter) {
            return;
        }
        let mut inner = self.waiter.lock();
        match loaded {
            Ok(loaded) => {
                inner.again.take(loaded);
                drop(inner);
                Waiting::enter(gate, &self.waiter);
            }
            Err(code) => inner.state = State::Over(Box::new(inner.again.error(code))),
        }
    }
}

impl Future for Revoked {
    type Output = Denial;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Denial> {
        match self.poll_holds(context) {
            Poll::Ready(Err(denial)) => Poll::Ready(denial),
            Poll::Ready(Ok(())) | Poll::Pending => Poll::Pending,
        }
    }
}

impl Drop for Revoked {
    fn drop(&mut self) {
        let key = self.waiter.lock().state.key();
        if let (Some(key), Some(gate)) = (key, &self.gate) {
            gate.waiters().leave(key, &self.waiter);
        }
    }
}

impl fmt::Debug for Revoked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_over = matches!(self.waiter.lock().state, State::Over(_));
        f.debug_struct("Revoked")
            .field("is_over", &is_over)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
