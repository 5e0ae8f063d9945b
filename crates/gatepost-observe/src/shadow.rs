//! A candidate policy beside the live one: what it would have answered, and where that is another answer.

#[cfg(feature = "store")]
mod follow;
mod report;
mod rows;
mod sketch;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwapOption;
use gatepost::{
    Code, Decision, Evaluation, PolicyDocument, PolicyError, Snapshot, Step, Timestamp,
};
use gatepost_enforce::{Decided, Observer};

#[cfg(feature = "store")]
pub use follow::ShadowError;
pub use report::{ShadowExample, ShadowReport, ShadowRow};
use rows::{Key, Rows};

/// How many rows are kept apart, unless told otherwise.
const ROWS: usize = 1_000;

/// A candidate policy that is tried out on what the live one decides.
///
/// Each request that a gate decides is decided by the candidate as well: as it was asked, with what had been read of
/// it, and with none of it acted upon. Only where the two disagree is anything kept, and no more than so many
/// [rows](Self::at_most). It is compared with what policy said: a request that went on, since its requirement only
/// reports, was denied. An error is nobody's answer, and compared with none.
///
/// It changes no answer. It may be cloned freely: all clones are one.
///
/// ```
/// use gatepost::{Evaluation, Next, Org, PolicyText, Requirement, Subject, SubjectId};
/// use gatepost_enforce::{Decided, Observer, Verdict};
/// use gatepost_observe::Shadow;
///
/// const READ: Requirement = Requirement::new("news", "read").org(Org::none());
///
/// let policy = |switch: &str| PolicyText::toml(format!(
///     "version = 1\nresources.news = [\"read\"]\nsite.gates.news = {{ switch = \"{switch}\", access = \"everyone\" }}"
/// ));
/// let (live, shadow) = (policy("on").compile(7)?, Shadow::of_document(&policy("off").parse()?)?);
///
/// // What an adapter does with each request that it decides.
/// let mut asked = Evaluation::new(&READ, "news", Some(Subject::new(SubjectId::new("alice")?)));
/// let kept = asked.clone();
/// let Next::Admit(permit) = asked.next(&live) else { panic!("it is on") };
/// shadow.decided(&Decided::new(Verdict::Allow(&permit), Some(&kept), &READ));
///
/// let report = shadow.report();
/// assert_eq!((report.compared, report.newly_denied), (1, 1));
/// assert_eq!(report.denied[0].code, gatepost::Code::SiteOff);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Shadow(Arc<Inner>);

struct Inner {
    /// The candidate, and the version of the live policy that it stands beside; a document stands beside each.
    beside: ArcSwapOption<Beside>,
    since: Timestamp,
    compared: AtomicU64,
    undecided: AtomicU64,
    skipped: AtomicU64,
    errors: AtomicU64,
    rows: Mutex<Rows>,
    /// What it is made of, as a person reads it.
    changes: Vec<String>,
    /// Why it could not be made of the newest version.
    failed: ArcSwapOption<String>,
    #[cfg(feature = "store")]
    wanted: tokio::sync::Notify,
}

struct Beside {
    facts: Snapshot,
    version: Option<u64>,
}

/// What a policy says of a request, where it says anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    Allow,
    Deny(Code),
}

/// Which way two answers differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Flip {
    Denied,
    Allowed,
}

impl Shadow {
    /// A document in the place of the whole policy, whatever version the live one is of.
    ///
    /// # Errors
    ///
    /// [`PolicyError`] where it is no sound policy.
    pub fn of_document(document: &PolicyDocument) -> Result<Self, PolicyError> {
        let facts = Snapshot::compile(document, 0)?;
        let beside = Beside {
            facts,
            version: None,
        };
        Ok(Self::new(beside, Vec::new()))
    }

    fn new(beside: Beside, changes: Vec<String>) -> Self {
        Self(Arc::new(Inner {
            beside: ArcSwapOption::from_pointee(beside),
            since: Timestamp::now(),
            compared: AtomicU64::new(0),
            undecided: AtomicU64::new(0),
            skipped: AtomicU64::new(0),
            errors: AtomicU64::new(0),
            rows: Mutex::new(Rows::new(ROWS)),
            changes,
            failed: ArcSwapOption::empty(),
            #[cfg(feature = "store")]
            wanted: tokio::sync::Notify::new(),
        }))
    }

    /// Keeps at most so many rows apart, of both sides together; 1000, unless said. What else disagrees is counted
    /// in all.
    #[must_use]
    pub fn at_most(self, rows: usize) -> Self {
        self.0.rows().limit(rows);
        self
    }

    /// What has come of it so far.
    pub fn report(&self) -> ShadowReport {
        self.0.report()
    }
}

impl Observer for Shadow {
    fn decided(&self, decided: &Decided<'_>) {
        self.0.compare(decided, Timestamp::now());
    }
}

impl Inner {
    fn compare(&self, decided: &Decided<'_>, at: Timestamp) {
        let live = match decided.verdict.denial() {
            None => Said::Allow,
            Some(denial) if denial.is_error() => return more(&self.errors),
            Some(denial) => Said::Deny(denial.code()),
        };
        let beside = self.beside.load();
        let Some((beside, asked)) = beside.as_deref().zip(decided.asked) else {
            return more(&self.skipped);
        };
        if beside.version.is_some() && beside.version != decided.version {
            #[cfg(feature = "store")]
            if decided.version > beside.version {
                self.wanted.notify_one();
            }
            return more(&self.skipped);
        }
        let Some(said) = said(asked, &beside.facts, at) else {
            return more(&self.undecided);
        };
        more(&self.compared);
        let (flip, code) = match (live, said) {
            (Said::Allow, Said::Allow) | (Said::Deny(_), Said::Deny(_)) => return,
            (Said::Allow, Said::Deny(code)) => (Flip::Denied, code),
            (Said::Deny(code), Said::Allow) => (Flip::Allowed, code),
        };
        let key = Key::of(flip, code, decided);
        self.rows().add(key, decided, at);
    }

    fn rows(&self) -> std::sync::MutexGuard<'_, Rows> {
        // Rows are counts: half of one is no harm.
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn report(&self) -> ShadowReport {
        let count = |of: &AtomicU64| of.load(Ordering::Relaxed);
        let mut report = ShadowReport {
            changes: self.changes.clone(),
            version: self.beside.load().as_ref().and_then(|it| it.version),
            since: self.since,
            at: Timestamp::now(),
            compared: count(&self.compared),
            undecided: count(&self.undecided),
            skipped: count(&self.skipped),
            errors: count(&self.errors),
            failed: self.failed.load().as_deref().cloned(),
            ..ShadowReport::default()
        };
        self.rows().tell(&mut report);
        report
    }
}

/// What the candidate says to what was asked, if it can say so by what has been read: strictly, as its checks have it.
fn said(asked: &Evaluation, candidate: &Snapshot, at: Timestamp) -> Option<Said> {
    match asked.preview_enforced(candidate, at) {
        Step::Done(Decision::Allow(_)) => Some(Said::Allow),
        Step::Done(Decision::Deny(deny)) => Some(Said::Deny(deny.code)),
        Step::Done(Decision::Error(_)) | Step::Need(_) => None,
    }
}

fn more(count: &AtomicU64) {
    count.fetch_add(1, Ordering::Relaxed);
}

impl fmt::Debug for Shadow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shadow").finish_non_exhaustive()
    }
}
