//! Cuts a connection whose peer does not take the last word.

use std::future::poll_fn;
use std::task::{Poll, ready};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::AbortHandle;

use crate::bond::Bond;

/// For how long a peer may take to take the last word.
pub const GRACE: Duration = Duration::from_secs(1);

/// Waits for a permit to be revoked, and for [`GRACE`] behind that; then it cuts the connection.
///
/// A server asks a body for what comes next when there is room for it. Of a peer that does not read there is
/// none, and the body is never asked: what would end it, and all that it holds, would wait for as long as the
/// peer likes. Dropped, it cuts nothing: the last word has been taken.
#[derive(Debug)]
#[must_use = "dropped, it cuts nothing"]
pub struct Severing(AbortHandle);

impl Severing {
    /// Watches over a connection, on the runtime of whoever asks; where there is none, nobody does.
    pub fn new(mut bond: Bond, sever: impl FnOnce() + Send + 'static) -> Option<Self> {
        let runtime = Handle::try_current().ok()?;
        let watching = runtime.spawn(async move {
            poll_fn(|context| match ready!(bond.poll_holds(context)) {
                Ok(()) => Poll::Pending,
                Err(_) => Poll::Ready(()),
            })
            .await;
            tokio::time::sleep(GRACE).await;
            sever();
        });
        Some(Self(watching.abort_handle()))
    }
}

impl Drop for Severing {
    fn drop(&mut self) {
        self.0.abort();
    }
}
