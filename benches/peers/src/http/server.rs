//! One server in a process of its own, pinned to a core.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};

use serde::{Deserialize, Serialize};

use super::contestants::Contestant;
use super::machine::SERVER_CORE;
use super::{on_actix, on_axum};
use crate::contest::Failure;

/// What a process is started with that serves.
pub(super) const SERVE: &str = "--serve";

/// What a server answers that is told what to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Answer {
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
}

/// Serves until its input ends.
pub(super) fn run(name: &str, answer: Option<String>) -> Result<(), Failure> {
    let answer: Option<Answer> = answer.as_deref().map(serde_json::from_str).transpose()?;
    std::thread::spawn(|| {
        let _ = io::stdin().read_to_end(&mut Vec::new());
        // A clean end, at which whoever counts what it did writes that down.
        std::process::exit(0);
    });
    if name.starts_with("axum") {
        on_axum::serve(name, answer.as_ref())
    } else {
        on_actix::serve(name, answer.as_ref())
    }
}

/// Says where it listens.
pub(super) fn tell(port: u16) -> io::Result<()> {
    println!("{port}");
    io::stdout().flush()
}

/// A server that runs; it ends with this.
#[derive(Debug)]
pub(super) struct Server {
    child: Child,
    /// Its input, which keeps it running.
    input: Option<ChildStdin>,
    pub(super) port: u16,
}

impl Server {
    pub(super) fn start(
        contestant: Contestant,
        answer: Option<&Answer>,
        under: &[String],
    ) -> Result<Self, Failure> {
        let own = std::env::current_exe()?;
        let core = SERVER_CORE.to_string();
        let mut command = Command::new("taskset");
        command.args(["-c", &core]).args(under).arg(own);
        command.args([SERVE, contestant.name]);
        if let Some(answer) = answer {
            command.arg(serde_json::to_string(answer)?);
        }
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut line = String::new();
        if let Some(output) = child.stdout.take() {
            BufReader::new(output).read_line(&mut line)?;
        }
        let port = line
            .trim()
            .parse()
            .map_err(|_| format!("{}: the server has not started", contestant.name))?;
        let input = child.stdin.take();
        Ok(Self { child, input, port })
    }

    /// `taskset` becomes what it starts, so this is the server's own.
    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it, and waits until it has.
    pub(super) fn stop(mut self) -> io::Result<()> {
        self.input.take();
        self.child.wait().map(drop)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.input.take();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
