//! Instructions of a decision, counted by valgrind's callgrind, beside those of `benches/instructions.json`.
//!
//! Each case runs in a process of its own, and nothing is counted but its loop. A change of more than three parts in
//! a hundred is marked; compilers differ, so it is told and nothing fails. It fails where a case of the file is no
//! more, or where nothing can be counted. `--update` writes the file.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::thread;

use gatepost_decision_bench::cases::{Ask, CASES, Case};

type Failure = Box<dyn Error + Send + Sync>;

/// How often a case is asked; each of its ids equally often.
const TIMES: u32 = 4 * 1024;
/// The same in a quick run.
const QUICK: u32 = 1024;
/// Beyond this a change is marked.
const MARKED: f64 = 0.03;

/// Instructions of each case, by its name.
type Counts = BTreeMap<String, f64>;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        ["--case", name, times] => run(name, times).map(|()| true),
        [] => compare(TIMES),
        ["--quick"] => compare(QUICK),
        ["--update"] => update(),
        _ => Err("there are only `--quick` and `--update`".into()),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Asks a case so many times, below valgrind.
fn run(name: &str, times: &str) -> Result<(), Failure> {
    let case = CASES.iter().find(|case| case.name == name);
    let case = case.ok_or_else(|| format!("no case `{name}`"))?;
    let mut ask = case.ready().map_err(|error| error.to_string())?;
    let times = times.parse()?;
    // What is looked up once a policy version has been.
    if !ask() {
        return Err(format!("`{name}` is answered otherwise than it should be").into());
    }
    let right = counted_loop(&mut ask, times);
    if right != times {
        return Err(format!("`{name}`: {right} of {times} answers are right").into());
    }
    Ok(())
}

/// What is counted: callgrind begins and ends where it enters and leaves this function.
#[inline(never)]
fn counted_loop(ask: &mut Ask, times: u32) -> u32 {
    let mut right = 0;
    for _ in 0..times {
        right += u32::from(ask());
    }
    right
}

fn compare(times: u32) -> Result<bool, Failure> {
    let counts = counted(times)?;
    let kept = kept()?;
    let width = CASES.iter().map(|case| case.name.len()).max().unwrap_or(0);
    let mut marked = 0;
    for Case { name, .. } in CASES {
        let Some(count) = counts.get(*name) else {
            continue;
        };
        let Some(before) = kept.get(*name) else {
            println!("{name:width$}  {count:>8.1}  new");
            continue;
        };
        let change = count / before - 1.0;
        let mark = if change.abs() > MARKED {
            marked += 1;
            "  <-- CHANGED"
        } else {
            ""
        };
        println!(
            "{name:width$}  {count:>8.1}  {:+.1} %{mark}",
            change * 100.0
        );
    }
    if marked > 0 {
        println!(
            "{marked} cases take over {:.0} % more or fewer instructions than {} says, which a compiler may do.",
            MARKED * 100.0,
            file().display()
        );
        println!("Where it is meant: scripts/bench instructions --update");
    }
    let vanished = kept.keys().filter(|name| !counts.contains_key(*name));
    let vanished: Vec<_> = vanished.collect();
    if !vanished.is_empty() {
        println!("cases that are no more: {vanished:?}");
    }
    Ok(vanished.is_empty())
}

fn update() -> Result<bool, Failure> {
    let counts = counted(TIMES)?;
    let rounded = |count: &f64| (count * 10.0).round() / 10.0;
    let counts: Counts = counts
        .iter()
        .map(|(name, count)| (name.clone(), rounded(count)))
        .collect();
    let mut text = serde_json::to_string_pretty(&counts)?;
    text.push('\n');
    fs::write(file(), text)?;
    println!("written to {}", file().display());
    Ok(true)
}

/// Where the counts are kept.
fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../instructions.json")
}

fn kept() -> Result<Counts, Failure> {
    match fs::read(file()) {
        Ok(text) => Ok(serde_json::from_slice(&text)?),
        Err(error) => Err(format!("{}: {error}", file().display()).into()),
    }
}

/// Counts all cases, as many at once as there are processors.
fn counted(times: u32) -> Result<Counts, Failure> {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let mut counts = Counts::new();
    for some in CASES.chunks(processors) {
        let found: Result<Vec<_>, Failure> = thread::scope(|scope| {
            let begun: Vec<_> = some
                .iter()
                .map(|case| scope.spawn(move || count(case, times)))
                .collect();
            let ended = begun.into_iter().map(|one| {
                one.join()
                    .unwrap_or_else(|_| Err("a thread that counts has panicked".into()))
            });
            ended.collect()
        });
        let names = some.iter().map(|case| case.name.to_owned());
        counts.extend(names.zip(found?));
    }
    Ok(counts)
}

/// The instructions of one pass through a case.
fn count(case: &Case, times: u32) -> Result<f64, Failure> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--toggle-collect=*counted_loop*"])
        .arg("--callgrind-out-file=/dev/null")
        .arg(std::env::current_exe()?)
        .args(["--case", case.name, &times.to_string()])
        .output()
        .map_err(|error| format!("valgrind: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    let collected = said
        .lines()
        .find_map(|line| line.split_once("Collected : "));
    let collected = collected.and_then(|(_, number)| number.trim().parse::<f64>().ok());
    match collected {
        Some(collected) if output.status.success() && collected > 0.0 => {
            Ok(collected / f64::from(times))
        }
        _ => Err(format!("`{}` was not counted:\n{said}", case.name).into()),
    }
}
