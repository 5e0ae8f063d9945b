//! Which cache lines a deciding thread writes, and whether another one touches any of them.
//!
//! Counters of the processor would show a line that goes to and fro between cores; most virtual machines have
//! none. Valgrind's `lackey` tells of each address that is read or written, on any machine: two threads decide
//! one after the other, each while the other one lives, and a line that both use, and one of them writes, would
//! go to and fro if they did so at once. It says nothing of time. A control, which counts its decisions in one
//! place, shows that such a line is found.

use std::collections::HashSet;
use std::error::Error;
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::channel;
use std::thread;

use gatepost::{Gate, Mode, OrgId, PolicyText, Request, Subject, SubjectId, Target, decide};

/// What a process is started with that is looked at.
pub(super) const PART: &str = "--part-lines";
/// What it is started with as well, for a line that is shared.
pub(super) const CONTROL: &str = "--control";

const DECISIONS: u32 = 1000;

/// Written where a phase begins and ends, so that the trace tells of it.
#[repr(align(128))]
struct Mark(AtomicU64);

static MARK: Mark = Mark(AtomicU64::new(0));
/// What the control counts in.
static SHARED: Mark = Mark(AtomicU64::new(0));

/// The process that is looked at: two threads, of which one decides and then the other.
pub(super) fn run(control: bool) -> Result<(), Box<dyn Error>> {
    println!("{:p}", &raw const MARK);
    let gate = Gate::fixed(PolicyText::toml(POLICY).compile(1)?);
    let subject = Subject::new(SubjectId::new("alice")?);
    let org = OrgId::new("acme")?;
    let target = Target::new("chat", "create");
    let target = gate
        .read(|facts| facts.resolve(target))
        .map_err(gatepost::Code::as_str)?;
    let request = Request::of(target)
        .subject(&subject)
        .org(&org)
        .mode(Mode::Foreground);
    let decide_some = |number| {
        for round in 0..=DECISIONS {
            if round == 1 {
                // What a thread does once, such as taking its place at the gate, is over.
                MARK.0.store(number, Ordering::Relaxed);
            }
            let decided = gate.read(|facts| {
                std::hint::black_box(decide(facts, &request));
            });
            debug_assert_eq!(decided, Ok(()), "the gate has facts");
            if control {
                SHARED.0.fetch_add(1, Ordering::Relaxed);
            }
        }
        MARK.0.store(number + 1, Ordering::Relaxed);
    };
    thread::scope(|scope| {
        let (done, first_is_done) = channel();
        let (over, both_are_done) = channel::<()>();
        scope.spawn(move || {
            decide_some(1);
            let _ = done.send(());
            // It lives on, so that the other one is not given its memory.
            let _ = both_are_done.recv();
        });
        let _ = first_is_done.recv();
        let second = scope.spawn(move || decide_some(3));
        let _ = second.join();
        drop(over);
    });
    Ok(())
}

const POLICY: &str = r#"
version = 1
resources.chat = ["create"]
site.gates.chat = { switch = "opt-in", access = "granted", foreground.floor = "guest" }
site.roles.member.grants = ["chat:create"]
org_roles.guest = { level = 10, grants = ["chat:create"] }
orgs.holding = {}
orgs.acme.parent = "holding"
orgs.acme.gates.chat.switch = "on"
orgs.acme.members.alice = { roles = ["guest"], expires = "2100-01-01T00:00:00Z" }
subjects.alice = { site_roles = ["member"] }
"#;

/// What two threads have touched while they decided.
#[derive(Debug, Default)]
struct Touched {
    read: HashSet<u64>,
    written: HashSet<u64>,
    stores: u32,
}

/// What was found of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    /// Lines that one of them writes and the other reads or writes.
    pub(super) shared: f64,
    /// Stores of one decision, to wherever.
    pub(super) stores: f64,
}

/// Looks at a process; none where there is no valgrind.
pub(super) fn look(control: bool) -> Result<Option<Found>, Box<dyn Error>> {
    let mut command = Command::new("valgrind");
    command
        .args(["--tool=lackey", "--trace-mem=yes", "--basic-counts=no"])
        .arg(std::env::current_exe()?)
        .arg(PART)
        .args(control.then_some(CONTROL))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let Ok(mut child) = command.spawn() else {
        return Ok(None);
    };
    let told = child.stdout.take().ok_or("no output")?;
    let trace = child.stderr.take().ok_or("no trace")?;
    let mark = OnceLock::new();
    let touched = thread::scope(|scope| {
        scope.spawn(|| {
            let mut line = String::new();
            let _ = BufReader::new(told).read_line(&mut line);
            let _ = mark.set(address(line.trim().trim_start_matches("0x")));
        });
        follow(trace, &mark)
    })?;
    if !child.wait()?.success() {
        return Err("valgrind has failed".into());
    }
    let [one, other] = touched;
    let meets = |one: &Touched, other: &Touched| {
        let is_met = |line: &&u64| other.read.contains(line) || other.written.contains(line);
        one.written
            .iter()
            .filter(is_met)
            .copied()
            .collect::<HashSet<_>>()
    };
    let shared: HashSet<_> = meets(&one, &other)
        .union(&meets(&other, &one))
        .copied()
        .collect();
    if one.stores == 0 || other.stores == 0 {
        return Err("the trace tells of no decision".into());
    }
    let shared = u32::try_from(shared.len())?;
    Ok(Some(Found {
        shared: f64::from(shared),
        stores: f64::from(one.stores) / f64::from(DECISIONS),
    }))
}

/// Reads the trace: ` L address,size` is a load, ` S` a store, ` M` both.
fn follow(trace: impl Read, mark: &OnceLock<Option<u64>>) -> std::io::Result<[Touched; 2]> {
    let [mut one, mut other] = [Touched::default(), Touched::default()];
    let mut phase = 0;
    let mut trace = BufReader::with_capacity(1 << 20, trace);
    let mut line = String::new();
    loop {
        line.clear();
        if trace.read_line(&mut line)? == 0 {
            return Ok([one, other]);
        }
        let mut characters = line.trim_end().chars();
        let (Some(' '), Some(kind @ ('L' | 'S' | 'M'))) = (characters.next(), characters.next())
        else {
            continue;
        };
        let text = characters.as_str().trim_start();
        let Some(at) = text.split(',').next().and_then(address) else {
            continue;
        };
        if kind == 'S' && mark.get() == Some(&Some(at)) {
            phase += 1;
            continue;
        }
        let touched = match phase {
            1 => &mut one,
            3 => &mut other,
            _ => continue,
        };
        if kind != 'S' {
            touched.read.insert(at / 64);
        }
        if kind != 'L' {
            touched.written.insert(at / 64);
            touched.stores += 1;
        }
    }
}

fn address(text: &str) -> Option<u64> {
    u64::from_str_radix(text, 16).ok()
}
