//! A permit that outlives its request: told when the same request would no longer be allowed.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use crate::code::Code;
use crate::denial::Denial;
use crate::permit::Permit;

/// Resolves when the request of a permit would no longer be allowed, with the denial that it would get.
#[derive(Debug)]
#[must_use = "nothing is waited for before it is polled"]
pub struct Revoked {
    over: Option<Denial>,
}

impl Permit {
    /// Resolves when the same request would no longer be allowed.
    pub fn revoked(&self) -> Revoked {
        Revoked { over: None }
    }

    /// Works for as long as the same request would be allowed.
    ///
    /// # Errors
    ///
    /// The [`Denial`] that the request would get; the work is dropped then.
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

    /// Asks again, at the moment of effect.
    ///
    /// # Errors
    ///
    /// The [`Denial`] that the request would get now.
    pub async fn ensure_fresh(&self) -> Result<(), Denial> {
        std::future::ready(Ok(())).await
    }
}

impl Revoked {
    /// Whether the same request is still allowed, for whoever is about to send something.
    ///
    /// Ready with `Ok` while it is; `Pending` while that has to be found out; ready with the denial when it is
    /// not any more. The task is woken whenever that changes.
    pub fn poll_holds(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Denial>> {
        match &self.over {
            None => Poll::Ready(Ok(())),
            Some(denial) => Poll::Ready(Err(denial.clone())),
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

const _: Code = Code::PolicyStale;
