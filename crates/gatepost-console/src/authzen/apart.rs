//! Searches ask about many at once: apart from the threads that serve everybody, few at a time, and not for long.

use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::page::Page;
use super::refusal::Refusal;

/// How many searches run at a time, in the whole process.
pub(super) static TURNS: Semaphore = Semaphore::const_new(MOST);
pub(super) const MOST: usize = 2;

/// How long a search waits for its turn.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long a search waits, all in all, for memberships that are not at hand.
const LONGEST: Duration = Duration::from_secs(10);

/// Has a search run where it holds up nobody, once it is its turn.
///
/// The turn is the search's own, and ends with it: whoever goes away meanwhile does not make room for another.
pub(super) async fn apart<F>(search: F) -> Result<Page, Refusal>
where
    F: Future<Output = Result<Page, Refusal>> + Send + 'static,
{
    let busy = || Refusal::unavailable("there are too many searches at once");
    let turn = timeout(PATIENCE, TURNS.acquire()).await;
    let turn = turn.map_err(|_| busy())?.map_err(|_| busy())?;
    let runtime = Handle::current();
    let search = move || {
        let _turn = turn;
        runtime.block_on(async { timeout(LONGEST, search).await })
    };
    let found = tokio::task::spawn_blocking(search).await;
    let found = found.map_err(|_| Refusal::unavailable("the search was broken off"))?;
    found.unwrap_or_else(|_| Err(Refusal::unavailable("the search takes too long")))
}
