//! The proof that a change is in force wherever it has to be.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use gatepost::{Clock, Mode, SiteSwitch};

use crate::change::{Author, Change, Committed};
use crate::clock::BootClock;
use crate::command::Command;
use crate::error::StoreError;
use crate::store::{PolicyStore, ReplicaRow};

/// What a lease is taken to be longer by: clocks run at different rates, and the replica's row is
/// rounded to milliseconds.
const SLACK_PERCENT: u32 = 1;
const SLACK: Duration = Duration::from_millis(20);
/// How often the rows are read at first, and then.
const SOON: Duration = Duration::from_millis(10);
const LATER: Duration = Duration::from_millis(25);
const SOON_READS: u32 = 20;
/// How long the store may be away before anybody was read.
const UNREAD: Duration = Duration::from_secs(5);

/// That no replica decides by anything older than a version any more.
///
/// # Why it is one
///
/// 1. A replica renews its lease only by an answer that shows its own row in the same snapshot of
///    the store as the head. So whoever has a lease that an answer from before the commit gave him
///    had a row before the commit, and the rows are read after it.
/// 2. A lease counts from before the question was sent, so one that was given by an answer from
///    before the commit is over one lease after the commit, whatever became of the replica: it may
///    be stopped, cut off, or gone.
/// 3. The lease is looked at for each request, on a clock that nobody sets and that goes on while
///    the machine sleeps. The replica's clock and this one are taken to differ by less than 1 %.
/// 4. Who says that it decides by the version, or a newer one of the same history, does.
///
/// So each replica has either said so, or is past its lease, counted here from after the commit.
///
/// # What it does not cover
///
/// - A primary that lost a failover and can still be reached by a replica: what is committed to the
///   new one is unknown to the old one. The failover has to fence the old one off.
/// - A store that was restored from a backup: it does not know of replicas that are younger than that. They
///   hold what the store said before, for a lease at most: a minute after it was
///   [recovered](PolicyStore::recover), no such replica decides by it any more.
/// - Requests that were let through before, and what they have begun.
/// - Gates that follow no store: a fixed one, or a watched document.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Proof {
    /// The version, or a newer one, that is decided by.
    pub version: u64,
    /// Each replica that there was, by name.
    pub replicas: Vec<ReplicaProof>,
}

/// How one replica is known to decide by nothing older.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReplicaProof {
    /// The random name that it gave itself.
    pub id: String,
    /// What its operator calls it.
    pub name: String,
    /// How it is known.
    pub outcome: ProofOutcome,
    /// How long after the commit.
    pub after: Duration,
}

/// How a replica is known to decide by nothing older than a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProofOutcome {
    /// It has said that it decides by it.
    Acknowledged,
    /// It has not, and every lease that it can have had is over.
    LeaseRanOut,
}

impl Proof {
    /// How long after the commit the last one was.
    pub fn after(&self) -> Duration {
        let all = self.replicas.iter().map(|replica| replica.after);
        all.max().unwrap_or_default()
    }
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { version, replicas } = self;
        let after = self.after().as_millis();
        write!(f, "version {version} is in force everywhere")?;
        if replicas.is_empty() {
            return f.write_str(": no replica follows this store");
        }
        write!(f, ", {after} ms after the commit")?;
        for replica in replicas {
            let outcome = match replica.outcome {
                ProofOutcome::Acknowledged => "acknowledged after",
                ProofOutcome::LeaseRanOut => "said nothing, and its lease was over after",
            };
            let (name, id) = (replica.name.escape_debug(), replica.id.escape_debug());
            write!(
                f,
                "\n  {name} ({id}): {outcome} {} ms",
                replica.after.as_millis()
            )?;
        }
        Ok(())
    }
}

impl PolicyStore {
    /// Switches a resource, or one mode of it, off on the site, and waits until that is in force in
    /// every replica.
    ///
    /// # Errors
    ///
    /// [`StoreError`] as [`PolicyStore::write`] and [`PolicyStore::await_replicas`] give it. Where it
    /// is of the latter the kill **is written**: [`StoreErrorKind::Unreachable`](crate::StoreErrorKind::Unreachable)
    /// says that the proof is missing, and `await_replicas` may be called again.
    pub async fn kill(
        &self,
        resource: impl Into<String>,
        mode: Option<Mode>,
        author: Author,
        reason: impl Into<String>,
    ) -> Result<(Committed, Proof), StoreError> {
        let command = Command::SiteSwitch {
            resource: resource.into(),
            mode,
            to: SiteSwitch::Off,
        };
        let change = Change::new(command, author, reason).awaited();
        let committed = self.write(&change).await?;
        let proof = self.await_replicas(committed.version).await?;
        Ok((committed, proof))
    }

    /// Waits until every replica decides by that version or a newer one, or by nothing any more.
    ///
    /// It is called after the change was committed, and comes back within the longest lease of a
    /// replica and a little.
    ///
    /// Once it has read who there is, the store may go away: time alone is proof then.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the store could not be read for five seconds; nothing is proved then.
    pub async fn await_replicas(&self, version: u64) -> Result<Proof, StoreError> {
        let clock = BootClock;
        let committed = clock.now();
        let mut waiting: Option<Waiting> = None;
        let mut reads = 0_u32;
        loop {
            let read = self.who_follows(waiting.is_some()).await;
            let now = clock.now().saturating_sub(committed);
            let rows = match (read, &mut waiting) {
                (Ok((epoch, rows)), None) => {
                    waiting = Some(Waiting::new(version, epoch));
                    rows
                }
                (Ok((_, rows)), Some(_)) => rows,
                (Err(error), None) if now >= UNREAD => return Err(error),
                (Err(_), _) => Vec::new(),
            };
            if let Some(waiting) = &mut waiting
                && waiting.look(rows, now)
            {
                return Ok(waiting.proof());
            }
            reads = reads.saturating_add(1);
            tokio::time::sleep(if reads < SOON_READS { SOON } else { LATER }).await;
        }
    }

    /// The epoch, unless it is known, and every replica.
    async fn who_follows(&self, known: bool) -> Result<(u64, Vec<ReplicaRow>), StoreError> {
        let epoch = if known { 0 } else { self.head().await?.epoch };
        Ok((epoch, self.replicas().await?))
    }
}

/// Who is waited for.
#[derive(Debug)]
struct Waiting {
    version: u64,
    epoch: u64,
    known: BTreeMap<String, Known>,
}

#[derive(Debug)]
struct Known {
    name: String,
    lease: Duration,
    proof: Option<(ProofOutcome, Duration)>,
}

impl Waiting {
    fn new(version: u64, epoch: u64) -> Self {
        Self {
            version,
            epoch,
            known: BTreeMap::new(),
        }
    }

    /// Takes the rows as they were `now` after the commit; whether nobody is waited for any more.
    fn look(&mut self, rows: Vec<ReplicaRow>, now: Duration) -> bool {
        for row in rows {
            let decides = row.decides_by(self.epoch, self.version);
            let known = self.known.entry(row.id).or_insert(Known {
                name: row.name,
                lease: row.lease,
                proof: None,
            });
            // Nobody shortens his lease; who seems to is waited for as before.
            known.lease = known.lease.max(row.lease);
            if decides && known.proof.is_none() {
                known.proof = Some((ProofOutcome::Acknowledged, now));
            }
        }
        // One whose row is gone is waited for all the same.
        for known in self.known.values_mut() {
            if known.proof.is_none() && now > over(known.lease) {
                known.proof = Some((ProofOutcome::LeaseRanOut, now));
            }
        }
        self.known.values().all(|known| known.proof.is_some())
    }

    fn proof(&self) -> Proof {
        let replicas = self.known.iter().filter_map(|(id, known)| {
            let (outcome, after) = known.proof?;
            Some(ReplicaProof {
                id: id.clone(),
                name: known.name.clone(),
                outcome,
                after,
            })
        });
        let mut replicas: Vec<_> = replicas.collect();
        replicas.sort_by(|one, other| (&one.name, &one.id).cmp(&(&other.name, &other.id)));
        Proof {
            version: self.version,
            replicas,
        }
    }
}

/// When a lease is over for sure.
fn over(lease: Duration) -> Duration {
    let slack = lease.saturating_mul(SLACK_PERCENT) / 100;
    lease.saturating_add(slack).saturating_add(SLACK)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replica::State;

    fn row(id: &str, epoch: u64, version: u64, state: State) -> ReplicaRow {
        let noon = "2027-01-01T12:00:00Z".parse().unwrap();
        ReplicaRow {
            id: id.into(),
            name: id.into(),
            started: noon,
            at: noon,
            age: Duration::ZERO,
            lease: Duration::from_secs(2),
            epoch,
            version,
            state: state.as_str().into(),
            library: "0.1.0".into(),
        }
    }

    #[test]
    fn only_who_decides_by_the_version_or_a_newer_one_of_its_history_has_acknowledged_it() {
        for (epoch, version, state, acknowledged) in [
            (1, 7, State::Live, true),
            (1, 8, State::Live, true),
            (2, 8, State::Live, true),
            (1, 6, State::Live, false),
            (0, 9, State::Live, false),
            (2, 6, State::Live, false),
            (1, 7, State::Behind, false),
            (1, 7, State::Closed, false),
        ] {
            let mut waiting = Waiting::new(7, 1);
            let said = row("r", epoch, version, state);
            assert_eq!(
                said.decides_by(1, 7),
                acknowledged,
                "{epoch} {version} {state:?}"
            );
            let rows = vec![said];
            let done = waiting.look(rows, Duration::from_millis(5));
            assert_eq!(done, acknowledged, "{epoch} {version} {state:?}");
        }
    }

    #[test]
    fn who_is_silent_is_waited_for_as_long_as_a_lease_even_when_the_row_is_gone() {
        let mut waiting = Waiting::new(7, 1);
        assert!(!waiting.look(vec![row("r", 1, 6, State::Live)], Duration::ZERO));
        assert!(!waiting.look(vec![], Duration::from_millis(2040)));
        assert!(waiting.look(vec![], Duration::from_millis(2041)));
        let proof = waiting.proof();
        assert_eq!(proof.replicas[0].outcome, ProofOutcome::LeaseRanOut);
        assert!(
            proof
                .to_string()
                .contains("its lease was over after 2041 ms"),
            "{proof}"
        );
        assert!(
            Waiting::new(7, 1).look(vec![], Duration::ZERO),
            "nobody follows"
        );
    }
}
