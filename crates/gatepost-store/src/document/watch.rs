//! The thread that looks at a document again and again.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use gatepost::Feed;

use super::file::{Content, DocumentFile, Mark};
use super::stamp::{Stamp, TICK};
use crate::error::StoreError;

pub(super) const DEFAULT_INTERVAL: Duration = Duration::from_millis(100);
/// How many looks in a row may each see something new before that is a fault itself.
const PATIENCE: u32 = 50;
/// Fits the 15 bytes that Linux keeps of a thread's name.
const THREAD_NAME: &str = "gatepost-policy";

/// What a look at the file saw.
type Sight = Result<Mark, StoreError>;

/// Looks at a document, and feeds a gate with what it has become.
pub(super) struct Watcher {
    file: DocumentFile,
    feed: Feed,
    interval: Duration,
    /// The live policy's version.
    version: u64,
    /// The live policy's content.
    live: u64,
    fault: Option<String>,
    judged: Judged,
    unsettled: Option<Unsettled>,
}

/// The last sight that was acted on.
struct Judged {
    sight: Sight,
    since: Instant,
}

/// A sight that differs, and has not been seen twice.
struct Unsettled {
    sight: Sight,
    looks: u32,
}

/// What to tell the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Report {
    Applied,
    Restored,
    Refused,
}

impl Watcher {
    /// Loads the document for the first time, and publishes it.
    pub(super) fn load(
        file: DocumentFile,
        feed: Feed,
        interval: Duration,
    ) -> Result<Self, StoreError> {
        let content = first_look(&file, interval)?;
        let mark = content.mark;
        let version = 1;
        feed.publish(file.compile(content, version)?);
        let watcher = Self {
            file,
            feed,
            interval,
            version,
            live: mark.digest,
            fault: None,
            judged: Judged {
                sight: Ok(mark),
                since: Instant::now(),
            },
            unsettled: None,
        };
        watcher.tell(Report::Applied);
        Ok(watcher)
    }

    /// Starts the thread. It ends by itself, once the gate is abandoned.
    pub(super) fn start(self) -> Result<JoinHandle<()>, StoreError> {
        let name = self.file.name().to_owned();
        thread::Builder::new()
            .name(THREAD_NAME.to_owned())
            .spawn(move || self.run())
            .map_err(|why| StoreError::unwatched(name, why))
    }

    fn run(mut self) {
        loop {
            thread::sleep(self.interval);
            if self.feed.is_abandoned() {
                return;
            }
            if let Some(report) = self.guarded(Self::poll) {
                self.tell(report);
            }
        }
    }

    /// Looks, and goes on after a panic: a watcher that died would freeze the policy in silence.
    fn guarded(&mut self, look: impl FnOnce(&mut Self) -> Option<Report>) -> Option<Report> {
        catch_unwind(AssertUnwindSafe(|| look(self))).unwrap_or_else(|_| {
            let file = self.file.name().display();
            self.refuse(format!(
                "{file}: reading it panicked; please report this document"
            ))
        })
    }

    /// Looks once; acts on what it saw if the look before saw the same.
    fn poll(&mut self) -> Option<Report> {
        let seen = match self.file.open() {
            Ok(opened) if self.is_judged(opened.stamp) => {
                self.unsettled = None;
                return None;
            }
            Ok(opened) => self.file.read(opened),
            Err(error) => Err(error),
        };
        let sight = seen
            .as_ref()
            .map(|content| content.mark)
            .map_err(Clone::clone);
        if sight == self.judged.sight {
            self.unsettled = None;
            return None;
        }
        match &mut self.unsettled {
            Some(before) if before.sight == sight => {
                self.unsettled = None;
                self.judge(sight, seen)
            }
            Some(before) => {
                before.sight = sight;
                before.looks = before.looks.saturating_add(1);
                let patient = before.looks < PATIENCE;
                if patient { None } else { self.give_up() }
            }
            None => {
                self.unsettled = Some(Unsettled { sight, looks: 1 });
                None
            }
        }
    }

    /// Whether the stamp alone tells that there is nothing new.
    ///
    /// It does not for a tick after it was first seen, measured here and by a clock that nobody
    /// sets: until then another write may leave the very same stamp.
    fn is_judged(&self, stamp: Stamp) -> bool {
        let same = matches!(&self.judged.sight, Ok(mark) if mark.stamp == stamp);
        same && self.judged.since.elapsed() >= TICK
    }

    /// Acts on what two looks saw.
    fn judge(&mut self, sight: Sight, seen: Result<Content, StoreError>) -> Option<Report> {
        // First of all, so that content which panics is tried once.
        self.judged = Judged {
            sight,
            since: Instant::now(),
        };
        let content = match seen {
            Ok(content) => content,
            Err(error) => return self.refuse(error.to_string()),
        };
        let digest = content.mark.digest;
        if digest == self.live {
            return self.restore();
        }
        let version = self.version.saturating_add(1);
        match self.file.compile(content, version) {
            Ok(facts) => {
                self.feed.publish(facts);
                self.version = version;
                self.live = digest;
                self.fault = None;
                Some(Report::Applied)
            }
            Err(error) => self.refuse(error.to_string()),
        }
    }

    fn give_up(&mut self) -> Option<Report> {
        let error = self.file.unsettled();
        let fault = error.to_string();
        // So that whatever it settles to, the content before included, is judged anew.
        self.judged.sight = Err(error);
        self.refuse(fault)
    }

    fn refuse(&mut self, fault: String) -> Option<Report> {
        if self.fault.as_ref() == Some(&fault) {
            return None;
        }
        self.feed.fault(fault.clone());
        self.fault = Some(fault);
        Some(Report::Refused)
    }

    fn restore(&mut self) -> Option<Report> {
        self.fault.take()?;
        self.feed.recover();
        Some(Report::Restored)
    }

    /// Logs. What a subscriber does is nothing that may end the watcher.
    fn tell(&self, report: Report) {
        let _ = catch_unwind(AssertUnwindSafe(|| self.log(report)));
    }

    fn log(&self, report: Report) {
        let file = self.file.name().display();
        let version = self.version;
        match report {
            Report::Applied => {
                tracing::info!(target: "gatepost::policy", %file, version, "policy document applied");
            }
            Report::Restored => {
                tracing::info!(target: "gatepost::policy", %file, version, "policy document restored");
            }
            Report::Refused => {
                let fault = self.fault.as_deref().unwrap_or_default();
                tracing::error!(target: "gatepost::policy", %file, version, fault, "policy document refused, this version stays");
            }
        }
    }
}

/// Reads the document as a service starts; one that is being written is waited for.
fn first_look(file: &DocumentFile, interval: Duration) -> Result<Content, StoreError> {
    let look = || file.open().and_then(|opened| file.read(opened));
    let mut content = look()?;
    for _ in 0..PATIENCE {
        if !content.mark.stamp.is_recent() {
            return Ok(content);
        }
        thread::sleep(interval.min(DEFAULT_INTERVAL));
        let again = look()?;
        if again.mark == content.mark {
            return Ok(again);
        }
        content = again;
    }
    Err(file.unsettled())
}

#[cfg(test)]
mod tests;
