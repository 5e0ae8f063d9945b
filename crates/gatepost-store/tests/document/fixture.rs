//! A folder with a document, waiting with a deadline, and what was logged.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{
    Mutex, MutexGuard, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
};
use std::thread;
use std::time::{Duration, Instant};

use gatepost::Gate;
use gatepost_store::WatchedDocument;
use tempfile::TempDir;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

/// The interval of a watcher in a test.
pub(crate) const FAST: Duration = Duration::from_millis(10);
const DEADLINE: Duration = Duration::from_secs(10);

/// Held by every test, for itself by one that looks at the whole process.
static PROCESS: RwLock<()> = RwLock::new(());

/// A folder of one test's own.
pub(crate) struct Place {
    folder: TempDir,
    name: &'static str,
    _hold: Option<Hold>,
}

enum Hold {
    Shared {
        _guard: RwLockReadGuard<'static, ()>,
    },
    Alone {
        _guard: RwLockWriteGuard<'static, ()>,
    },
}

impl Place {
    pub(crate) fn new() -> Self {
        Self::named("policy.toml")
    }

    pub(crate) fn named(name: &'static str) -> Self {
        let guard = PROCESS.read().unwrap_or_else(PoisonError::into_inner);
        Self::with(name, Some(Hold::Shared { _guard: guard }))
    }

    /// For a test beside which no other runs.
    pub(crate) fn alone() -> Self {
        let guard = PROCESS.write().unwrap_or_else(PoisonError::into_inner);
        Self::with("policy.toml", Some(Hold::Alone { _guard: guard }))
    }

    /// A second place of the same test.
    pub(crate) fn within() -> Self {
        Self::with("policy.toml", None)
    }

    fn with(name: &'static str, hold: Option<Hold>) -> Self {
        drop(lines());
        Self {
            folder: tempfile::tempdir().unwrap(),
            name,
            _hold: hold,
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder().join(self.name)
    }

    /// Writes the document in place: for a moment it is empty, and a slow machine lets that be seen.
    pub(crate) fn write(&self, text: impl AsRef<[u8]>) -> PathBuf {
        fs::write(self.path(), text).unwrap();
        self.path()
    }

    /// Writes the document beside its place, and renames it over: seen whole or not at all.
    pub(crate) fn replace(&self, text: impl AsRef<[u8]>) {
        let beside = self.folder().join("beside");
        fs::write(&beside, text).unwrap();
        fs::rename(beside, self.path()).unwrap();
    }

    /// Watches the document that is there.
    pub(crate) fn watch(&self) -> Gate {
        WatchedDocument::options()
            .interval(FAST)
            .open(self.path())
            .unwrap()
            .gate()
    }

    /// Writes the document and watches it.
    pub(crate) fn open(&self, text: &str) -> Gate {
        self.write(text);
        self.watch()
    }
}

/// Waits until it holds.
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < DEADLINE, "not in time: {what}");
        thread::sleep(Duration::from_millis(1));
    }
}

/// How many threads of this process watch a document.
#[cfg(target_os = "linux")]
pub(crate) fn threads() -> usize {
    let name = |task: PathBuf| fs::read_to_string(task.join("comm")).unwrap_or_default();
    fs::read_dir("/proc/self/task")
        .unwrap()
        .filter(|task| name(task.as_ref().unwrap().path()).trim() == "gatepost-policy")
        .count()
}

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Log {
    level: Level,
    version: u64,
    fault: String,
    message: String,
}

impl Log {
    pub(crate) fn info(version: u64, message: &str) -> Self {
        Self {
            level: Level::INFO,
            version,
            fault: String::new(),
            message: message.to_owned(),
        }
    }

    pub(crate) fn error(version: u64, fault: &str, message: &str) -> Self {
        Self {
            level: Level::ERROR,
            version,
            fault: fault.to_owned(),
            message: message.to_owned(),
        }
    }
}

/// What was logged of this file.
pub(crate) fn logged(file: &str) -> Vec<Log> {
    lines()
        .iter()
        .filter(|line| line.0 == file)
        .map(|line| line.1.clone())
        .collect()
}

/// All that was logged, by file; the first call begins to listen.
fn lines() -> MutexGuard<'static, Vec<(String, Log)>> {
    static LINES: OnceLock<Mutex<Vec<(String, Log)>>> = OnceLock::new();
    let lines = LINES.get_or_init(|| {
        let listening = tracing_subscriber::registry().with(Listener);
        tracing::subscriber::set_global_default(listening).unwrap();
        Mutex::default()
    });
    lines.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Listener;

impl<S: Subscriber> Layer<S> for Listener {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        assert_eq!(event.metadata().target(), "gatepost::policy");
        let mut line = Line {
            file: String::new(),
            log: Log {
                level: *event.metadata().level(),
                version: 0,
                fault: String::new(),
                message: String::new(),
            },
        };
        event.record(&mut line);
        assert!(
            !line
                .file
                .contains(&format!("panics-when-told-of-version-{}", line.log.version)),
            "as it is told to"
        );
        lines().push((line.file, line.log));
    }
}

struct Line {
    file: String,
    log: Log,
}

impl Visit for Line {
    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "version" {
            self.log.version = value;
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let value = format!("{value:?}");
        match field.name() {
            "file" => self.file = value,
            "fault" => self.log.fault = value,
            "message" => self.log.message = value,
            other => panic!("a field `{other}`"),
        }
    }
}
