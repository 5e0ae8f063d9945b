//! How to follow a store.

use std::sync::Arc;
use std::time::Duration;

use gatepost::Gate;
use tokio::sync::oneshot;

use super::follow::{Follower, Following};
use super::report::Reported;
use super::source::Source;
use super::statistics::Counters;
use super::{Replica, reader};
use crate::clock::BootClock;
use crate::error::{StoreError, StoreErrorKind};
use crate::look_through::LookThroughOptions;
use crate::url::{Kind, StoreUrl};

const DEFAULT_LEASE: Duration = Duration::from_secs(2);
const SHORTEST_LEASE: Duration = Duration::from_millis(500);
pub(crate) const LONGEST_LEASE: Duration = Duration::from_mins(1);
const DEFAULT_PATIENCE: Duration = Duration::from_secs(5);
#[cfg(feature = "postgres")]
const POSTGRES_INTERVAL: Duration = Duration::from_millis(250);
#[cfg(feature = "sqlite")]
const SQLITE_INTERVAL: Duration = Duration::from_millis(20);
const SHORTEST_INTERVAL: Duration = Duration::from_millis(1);
/// How long an answer is waited for, where the lease is not shorter.
#[cfg(feature = "postgres")]
const LONGEST_ANSWER: Duration = Duration::from_secs(1);
/// Fits the 15 bytes that Linux keeps of a thread's name.
const THREAD_NAME: &str = "gatepost-follow";

/// How to follow a store.
///
/// ```no_run
/// use std::time::Duration;
/// use gatepost_store::Replica;
///
/// # async fn start() -> Result<(), gatepost_store::StoreError> {
/// let url = "postgres://gatepost@db.internal/policy".parse()?;
/// let replica = Replica::options()
///     .name("web-1")
///     .lease(Duration::from_secs(5))
///     .open(&url)
///     .await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is followed before `open`"]
pub struct ReplicaOptions {
    lease: Duration,
    name: Option<String>,
    interval: Option<Duration>,
    patience: Duration,
    start_closed: bool,
    look_through: Option<LookThroughOptions>,
}

impl ReplicaOptions {
    pub(super) fn new() -> Self {
        Self {
            lease: DEFAULT_LEASE,
            name: None,
            interval: None,
            patience: DEFAULT_PATIENCE,
            start_closed: false,
            look_through: None,
        }
    }

    /// Sets for how long a policy is decided by without word from the store: 2 s unless set, half a
    /// second to a minute.
    ///
    /// A kill is in force within it wherever the store cannot be reached, and a store that is away
    /// for longer is an outage of whatever asks. So is a change that has all facts read again where that takes
    /// longer, as an import or another list of resources has.
    pub fn lease(mut self, lease: Duration) -> Self {
        self.lease = lease.clamp(SHORTEST_LEASE, LONGEST_LEASE);
        self
    }

    /// Sets what the operator calls this replica: the host's name unless set.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets how often the store is asked when no hint comes: 250 ms unless set, 20 ms for SQLite,
    /// which has no hints. At most a quarter of the lease.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = Some(interval.max(SHORTEST_INTERVAL));
        self
    }

    /// Sets how long [`open`](Self::open) waits for the first answer of the store: 5 s unless set.
    ///
    /// A policy that is being read by then is read to its end, which may take some seconds where it has millions of
    /// members, and at most five minutes.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Has [`open`](Self::open) come back at once, with a gate that answers every request with
    /// `policy_unavailable` until the store was read.
    pub fn start_closed(mut self) -> Self {
        self.start_closed = true;
        self
    }

    /// Leaves memberships in the store: those of a subject are read when a decision depends on them, kept as
    /// far as the options say, and read again when they have changed.
    ///
    /// For a policy whose members are too many, or change too often, to be mirrored. What is decided is the
    /// same, under the same lease. A request that depends on memberships that are not at hand waits for the
    /// store, and is answered with `policy_unavailable` where it does not answer in time, or where the memberships
    /// cannot be understood.
    pub fn look_through(mut self, options: LookThroughOptions) -> Self {
        self.look_through = Some(options);
        self
    }

    /// Begins to follow the store, and waits until its policy is live.
    ///
    /// It may be awaited on any runtime.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store could not be read in time, holds none or an unsound policy, or
    /// is of a newer format; nothing runs then. After [`start_closed`](Self::start_closed) only
    /// where no store could ever be followed, such as for an address that is none.
    pub async fn open(self, url: &StoreUrl) -> Result<Replica, StoreError> {
        match url.kind() {
            #[cfg(feature = "sqlite")]
            Kind::Sqlite(path) => {
                let source = || Ok(super::source::sqlite::SqliteSource::new(path));
                self.start(url, source, SQLITE_INTERVAL, false).await
            }
            #[cfg(feature = "postgres")]
            Kind::Postgres { .. } => {
                let config = crate::postgres::config::config(url)?;
                let limit = self.lease.min(LONGEST_ANSWER);
                let source = || super::source::postgres::PostgresSource::new(config.clone(), limit);
                self.start(url, source, POSTGRES_INTERVAL, true).await
            }
            #[cfg(not(all(feature = "sqlite", feature = "postgres")))]
            _ => Err(StoreError::new(
                StoreErrorKind::BadUrl,
                url,
                "this build has no support for stores of this kind",
            )),
        }
    }

    async fn start<S: Source + 'static>(
        self,
        url: &StoreUrl,
        source: impl Fn() -> Result<S, StoreError>,
        interval: Duration,
        hints: bool,
    ) -> Result<Replica, StoreError> {
        let clock = Arc::new(BootClock);
        let (gate, feed) = Gate::leased(Arc::clone(&clock) as _);
        let counters = Arc::new(Counters::default());
        let reported = Arc::new(Reported::default());
        let memberships = match self.look_through {
            None => None,
            Some(options) => Some(reader::start(url, options, &source, &counters)?),
        };
        if let Some((cache, _)) = &memberships {
            feed.look_through(Arc::clone(cache) as _);
        }
        let (memberships, elsewhere) = memberships.unzip();
        let source = source()?;
        let following = Following {
            place: url.to_string(),
            name: self.name.unwrap_or_else(host_name),
            lease: self.lease,
            interval: self.interval.unwrap_or(interval).min(self.lease / 4),
            hints,
            clock,
            feed,
            counters: Arc::clone(&counters),
            reported: Arc::clone(&reported),
            elsewhere: elsewhere.map(|elsewhere| Box::new(elsewhere) as _),
            random: fastrand::Rng::new(),
        };
        let (told, begun) = oneshot::channel();
        let (patience, start_closed) = (self.patience, self.start_closed);
        let follow = move || {
            let mut follower = Follower::new(source, following);
            if !start_closed {
                let begun = follower.begin(patience);
                let failed = begun.is_err();
                if told.send(begun).is_err() || failed {
                    return;
                }
            }
            follower.run();
        };
        std::thread::Builder::new()
            .name(THREAD_NAME.to_owned())
            .spawn(follow)
            .map_err(|why| StoreError::new(StoreErrorKind::Unreachable, url, why))?;
        if !start_closed {
            begun.await.unwrap_or_else(|_| {
                let why = "following it ended without a reason";
                Err(StoreError::new(StoreErrorKind::Unreachable, url, why))
            })?;
        }
        Ok(Replica {
            url: url.clone(),
            gate,
            counters,
            memberships,
            reported,
        })
    }
}

fn host_name() -> String {
    let uname = rustix::system::uname();
    uname.nodename().to_string_lossy().into_owned()
}
