//! A `PostgreSQL` of a test's own, thrown away behind it.
//!
//! The server runs on loopback on a port that was free, with its data in a
//! temporary folder, under an account without privileges where the test is root.
//! `initdb` takes seconds, so it runs once: what it made is copied.

#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a test cannot go on without its server; what failed is told"
)]

use std::fmt::Write as _;
use std::fs;
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// The account of the server's own databases, which needs no password.
pub const ACCOUNT: &str = "gatepost";

/// How a server is told to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stop {
    /// It ends connections and shuts down cleanly.
    Fast,
    /// It stops without a checkpoint, and recovers at its next start.
    Immediate,
    /// Every process of it is killed at once.
    Kill,
}

/// A `PostgreSQL` server, stopped and removed when it is dropped.
#[derive(Debug)]
pub struct Cluster {
    folder: PathBuf,
    port: u16,
    databases: AtomicU32,
}

impl Cluster {
    /// A server with its defaults, but for no `fsync`: what a test writes need not outlive the machine.
    pub fn start() -> Self {
        Self::start_with(&[("fsync", "off")])
    }

    /// A server with these settings, each a line of `postgresql.conf`.
    pub fn start_with(settings: &[(&str, &str)]) -> Self {
        let folder = scratch("gatepost-pg");
        fs::create_dir(&folder).unwrap();
        own(&folder);
        let cluster = Self {
            folder,
            port: free_port(),
            databases: AtomicU32::new(0),
        };
        let data = cluster.data();
        ran(Command::new("cp").arg("-a").arg(template()).arg(&data));
        let socket = cluster.folder.display().to_string();
        let mut conf = format!(
            "listen_addresses = '127.0.0.1'\nport = {}\nunix_socket_directories = '{socket}'\n\
             shared_buffers = '32MB'\nlogging_collector = off\n",
            cluster.port
        );
        for (name, value) in settings {
            let _ = writeln!(conf, "{name} = '{value}'");
        }
        fs::write(data.join("conf.d/test.conf"), conf).unwrap();
        cluster.begin();
        cluster
    }

    /// Where its data is.
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// The port on loopback.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// A new, empty database, as the URL of a store.
    pub fn url(&self) -> String {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{}_{number}", std::process::id());
        self.sql("postgres", &format!("CREATE DATABASE {name}"));
        self.url_of(&name)
    }

    /// The URL of a database of this server.
    pub fn url_of(&self, database: &str) -> String {
        format!("postgres://{ACCOUNT}@127.0.0.1:{}/{database}", self.port)
    }

    /// Runs SQL in a database, and gives back what `psql` printed: unaligned, without headings.
    pub fn sql(&self, database: &str, sql: &str) -> String {
        let ran = self.try_sql(database, sql);
        ran.unwrap_or_else(|why| panic!("{sql}: {why}"))
    }

    /// As [`sql`](Self::sql), where it may fail.
    ///
    /// # Errors
    ///
    /// What `psql` said.
    pub fn try_sql(&self, database: &str, sql: &str) -> Result<String, String> {
        let mut psql = tool("psql");
        psql.args([
            "-X",
            "-q",
            "-A",
            "-t",
            "-v",
            "ON_ERROR_STOP=1",
            "-h",
            "127.0.0.1",
            "-U",
            ACCOUNT,
        ]);
        psql.args(["-p", &self.port.to_string(), "-d", database, "-c", sql]);
        let Output {
            status,
            stdout,
            stderr,
        } = psql.output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).trim().to_owned();
        if status.success() {
            return Ok(text(stdout));
        }
        Err(text(stderr))
    }

    /// The name of the database in a URL that [`url`](Self::url) gave.
    pub fn database_of(url: &str) -> &str {
        url.rsplit('/').next().unwrap_or_default()
    }

    /// Stops the server, if it runs.
    pub fn stop(&self, how: Stop) {
        match how {
            Stop::Fast => drop(self.ctl(&["stop", "-m", "fast"])),
            Stop::Immediate => drop(self.ctl(&["stop", "-m", "immediate"])),
            Stop::Kill => {
                let all = self.processes();
                self.signal("KILL");
                let gone = |pid: &u32| !Path::new(&format!("/proc/{pid}/cmdline")).exists();
                let ended = wait_for(Duration::from_secs(10), || {
                    all.iter().all(gone) || self.processes().is_empty()
                });
                assert!(ended, "the server outlived SIGKILL");
            }
        }
    }

    /// Starts the server again.
    pub fn begin(&self) {
        let _ = fs::remove_file(self.data().join("postmaster.pid"));
        let log = self.folder.join("log");
        let said = self.ctl(&["start", "-l", &log.display().to_string(), "-t", "30"]);
        if !said.status.success() {
            let log = fs::read_to_string(log).unwrap_or_default();
            panic!(
                "the server did not start: {}\n{log}",
                String::from_utf8_lossy(&said.stderr)
            );
        }
    }

    /// Stops and starts the server.
    pub fn restart(&self, how: Stop) {
        self.stop(how);
        self.begin();
    }

    /// Has it read its settings again, with this line added to them.
    pub fn set(&self, name: &str, value: &str) {
        self.sql("postgres", &format!("ALTER SYSTEM SET {name} = '{value}'"));
        self.sql("postgres", "SELECT pg_reload_conf()");
    }

    /// Sends a signal to every process of the server: `STOP`, `CONT`, `KILL`.
    pub fn signal(&self, signal: &str) {
        let pids: Vec<String> = self.processes().iter().map(u32::to_string).collect();
        if !pids.is_empty() {
            // One that has ended in between is not told, which is no matter.
            let _ = Command::new("kill")
                .arg(format!("-{signal}"))
                .args(pids)
                .stderr(Stdio::null())
                .status();
        }
    }

    /// The server's processes, the postmaster first.
    pub fn processes(&self) -> Vec<u32> {
        let pid = fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
        let Some(postmaster) = pid
            .lines()
            .next()
            .and_then(|pid| pid.trim().parse::<u32>().ok())
        else {
            return Vec::new();
        };
        let mut all = vec![postmaster];
        for entry in fs::read_dir("/proc").unwrap().flatten() {
            let Some(pid) = entry
                .file_name()
                .to_str()
                .and_then(|name| name.parse().ok())
            else {
                continue;
            };
            let stat = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
            // `pid (name) state parent`; the name may hold anything.
            let parent = stat
                .rsplit(") ")
                .next()
                .and_then(|rest| rest.split(' ').nth(1));
            if parent.and_then(|parent| parent.parse().ok()) == Some(postmaster) {
                all.push(pid);
            }
        }
        all
    }

    fn ctl(&self, arguments: &[&str]) -> Output {
        let mut ctl = tool("pg_ctl");
        ctl.arg("-D")
            .arg(self.data())
            .args(arguments)
            .args(["-s", "-w"]);
        ctl.stdin(Stdio::null()).current_dir(&self.folder);
        // The server inherits its output: a pipe would never end.
        let errors = self.folder.join("ctl");
        ctl.stdout(Stdio::null())
            .stderr(fs::File::create(&errors).unwrap());
        let status = ctl.status().unwrap();
        Output {
            status,
            stdout: Vec::new(),
            stderr: fs::read(errors).unwrap_or_default(),
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.signal("CONT");
        drop(self.ctl(&["stop", "-m", "immediate"]));
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// What `initdb` makes, made once for all tests of this machine.
fn template() -> PathBuf {
    let made = std::env::temp_dir().join(format!(
        "gatepost-pg-template-{}",
        account().map_or(0, |(uid, _)| uid)
    ));
    if made.join("data/conf.d").exists() {
        return made.join("data");
    }
    let making = scratch("gatepost-pg-initdb");
    fs::create_dir(&making).unwrap();
    own(&making);
    let data = making.join("data");
    let mut initdb = tool("initdb");
    initdb
        .args([
            "-U",
            ACCOUNT,
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
            "-D",
        ])
        .arg(&data);
    ran(initdb.current_dir(&making));
    let conf = data.join("postgresql.conf");
    let text = fs::read_to_string(&conf).unwrap();
    fs::write(&conf, format!("{text}\ninclude_dir = 'conf.d'\n")).unwrap();
    fs::create_dir(data.join("conf.d")).unwrap();
    own(&data.join("conf.d"));
    // Another test may have been first; then its template serves as well.
    if fs::rename(&making, &made).is_err() {
        let _ = fs::remove_dir_all(&making);
    }
    made.join("data")
}

/// A command of `PostgreSQL`'s, of the newest version that is installed; it runs without privileges.
pub fn tool(name: &str) -> Command {
    let mut found: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|version| version.path().join("bin").join(name))
        .filter(|path| path.exists())
        .collect();
    found.sort();
    let mut command = Command::new(found.pop().unwrap_or_else(|| name.into()));
    if let Some((uid, gid)) = account() {
        command.uid(uid).gid(gid);
    }
    command
}

/// The account that a server runs under where the test is root, which `PostgreSQL` refuses.
fn account() -> Option<(u32, u32)> {
    let root = fs::metadata("/proc/self").ok()?;
    if std::os::unix::fs::MetadataExt::uid(&root) != 0 {
        return None;
    }
    let accounts = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let of = |name: &str| {
        let line = accounts
            .lines()
            .find(|line| line.split(':').next() == Some(name))?;
        let mut numbers = line.split(':').skip(2).map(|number| number.parse().ok());
        Some((numbers.next()??, numbers.next()??))
    };
    of("postgres").or_else(|| of("nobody"))
}

/// Gives a folder to the server's account.
fn own(folder: &Path) {
    if let Some((uid, gid)) = account() {
        std::os::unix::fs::chown(folder, Some(uid), Some(gid)).unwrap();
    }
}

fn scratch(prefix: &str) -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    std::env::temp_dir().join(format!("{prefix}-{}-{number}", std::process::id()))
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

fn ran(command: &mut Command) {
    let output = command
        .output()
        .unwrap_or_else(|why| panic!("{command:?}: {why}"));
    assert!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Waits until something holds; whether it did in time.
pub fn wait_for(limit: Duration, mut holds: impl FnMut() -> bool) -> bool {
    let end = Instant::now() + limit;
    loop {
        if holds() {
            return true;
        }
        if Instant::now() >= end {
            return false;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_keeps_what_was_committed_however_it_is_stopped() {
        let cluster = Cluster::start();
        let url = cluster.url();
        let database = Cluster::database_of(&url);
        cluster.sql(database, "CREATE TABLE t (n int)");
        for stop in [Stop::Fast, Stop::Immediate, Stop::Kill] {
            cluster.sql(database, "INSERT INTO t VALUES (1)");
            cluster.restart(stop);
        }
        assert_eq!(cluster.sql(database, "SELECT count(*) FROM t"), "3");
        assert!(cluster.processes().len() > 1);
    }
}
