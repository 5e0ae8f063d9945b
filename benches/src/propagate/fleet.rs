//! The replica processes of a bench, and what they say.

use std::io::{self, BufRead, BufReader};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

/// How long anything may take at most before the bench gives up.
const PATIENCE: Duration = Duration::from_mins(1);

/// What a replica process said.
#[derive(Clone, Debug)]
struct Said {
    replica: usize,
    what: String,
    number: u64,
    moment: u64,
}

/// Replica processes that end with this.
#[derive(Debug)]
pub struct Fleet {
    children: Vec<(Child, ChildStdin)>,
    said: Receiver<Said>,
}

impl Fleet {
    /// Starts replica processes on a store, and waits until each has the policy.
    ///
    /// # Errors
    ///
    /// When a process cannot be started or does not come up.
    pub fn start(url: &str, replicas: usize) -> io::Result<Self> {
        let (to, said) = channel();
        let mut fleet = Self {
            children: Vec::new(),
            said,
        };
        for replica in 0..replicas {
            let mut child = Command::new(std::env::current_exe()?)
                .args(["--replica", url, &format!("replica-{replica}")])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()?;
            let missing = || io::Error::other("a replica process without pipes");
            let out = child.stdout.take().ok_or_else(missing)?;
            let input = child.stdin.take().ok_or_else(missing)?;
            let to = to.clone();
            std::thread::spawn(move || listen(replica, out, &to));
            fleet.children.push((child, input));
        }
        fleet.wait(|said| said.what == "ready")?;
        Ok(fleet)
    }

    /// Waits until every process has said something that fits, and gives the moment of the last of them.
    ///
    /// # Errors
    ///
    /// When one does not say it in time.
    pub fn last(&self, what: &str, number: u64) -> io::Result<u64> {
        self.wait(|said| said.what == what && said.number >= number)
    }

    fn wait(&self, fits: impl Fn(&Said) -> bool) -> io::Result<u64> {
        let begun = Instant::now();
        let mut heard = vec![false; self.children.len()];
        let mut last = 0;
        while heard.iter().any(|heard| !heard) {
            let left = PATIENCE.saturating_sub(begun.elapsed());
            let said = self.said.recv_timeout(left);
            let said = said.map_err(|_| io::Error::other("a replica process said nothing"))?;
            let Some(heard) = heard.get_mut(said.replica) else {
                continue;
            };
            if fits(&said) && !*heard {
                *heard = true;
                last = last.max(said.moment);
            }
        }
        Ok(last)
    }
}

fn listen(replica: usize, out: impl io::Read, to: &Sender<Said>) {
    for line in BufReader::new(out).lines().map_while(Result::ok) {
        let mut words = line.split(' ');
        let mut word = || words.next().unwrap_or_default();
        let said = Said {
            replica,
            what: word().to_owned(),
            number: word().parse().unwrap_or(0),
            moment: word().parse().unwrap_or(0),
        };
        if to.send(said).is_err() {
            return;
        }
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        for (mut child, input) in self.children.drain(..) {
            drop(input);
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
