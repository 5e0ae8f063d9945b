//! The same decisions by Gatepost, a hand-written store, gatehouse, casbin, cedar-policy and regorus.
//!
//! Each engine runs in a process of its own, beside the yardstick and Gatepost, so that what one holds in memory
//! is not in the way of another. An engine that takes more than [`PATIENCE`] or [`ROOM`] to load is not raced at
//! that size; of one that is not done with its races after [`RACES`] there is what it was until then. The table says
//! so. With `--up-to` a number, no population has more memberships.

use std::error::Error;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use gatepost_benches::options::{Options, take_up_to};
use gatepost_benches::population::Population;
use gatepost_benches::table::{Row, Table};
use gatepost_peers::contest::Failure;
use gatepost_peers::duel::{Duel, Event, Figure, KINDS};
use gatepost_peers::engines::FromText;
use gatepost_peers::engines::casbin::{Cached, Uncached};
use gatepost_peers::engines::cedar::Cedar;
use gatepost_peers::engines::gatehouse::Gatehouse;
use gatepost_peers::engines::gatepost::Gatepost;
use gatepost_peers::engines::regorus::Regorus;
use serde_json::{Value, json};

/// How long an engine may take to load.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long its races may take, all of them.
const RACES: Duration = Duration::from_secs(180);
/// How much memory its process may have meanwhile, in bytes.
const ROOM: u64 = 6 << 30;

/// The engines, and the packages that they are of.
const ENGINES: [(&str, &str); 9] = [
    ("gatepost", "gatepost"),
    ("gatehouse", "gatehouse"),
    ("gatehouse, a veto each", "gatehouse"),
    ("casbin, cached", "casbin"),
    ("casbin", "casbin"),
    ("cedar-policy", "cedar-policy"),
    ("cedar-policy, request at hand", "cedar-policy"),
    ("regorus", "regorus"),
    ("regorus, input at hand", "regorus"),
];

/// How much quicker than each of them Gatepost is to be.
const GOALS: [(&str, f64); 7] = [
    ("gatehouse", 10.0),
    ("casbin, cached", 10.0),
    ("regorus", 75.0),
    ("regorus, input at hand", 75.0),
    ("cedar-policy", 250.0),
    ("cedar-policy, request at hand", 250.0),
    ("casbin", 250.0),
];

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments: Vec<_> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|first| first == "--engine") {
        let rest = arguments.split_off(arguments.len().min(3));
        let options = Options::asked_by_env().parse(rest.into_iter())?;
        let [_, engine, size] = arguments.as_slice() else {
            return Err("`--engine` takes a name and a size".into());
        };
        return child(engine, size.parse()?, options);
    }
    let up_to = take_up_to(&mut arguments)?;
    let options = Options::asked_by_env().parse(arguments.into_iter())?;
    let mut table = Table::new("peers", options);
    let mut rows = Vec::new();
    for size in options.pick([1_000, 100_000, 1_000_000], [500, 1_000, 2_000]) {
        if up_to.is_some_and(|up_to| size > up_to) {
            continue;
        }
        for (engine, _) in ENGINES {
            eprintln!("{engine} with {size} memberships");
            rows.extend(of_engine(engine, size, options)?);
        }
    }
    for row in &rows {
        table.push(row.clone());
    }
    table.finish()?;
    for (engine, package) in ENGINES.iter().skip(1) {
        println!("version: {engine}: {package} {}", version(package));
    }
    for goal in goals(&rows) {
        println!("{goal}");
    }
    Ok(())
}

/// Beside an engine that is asked from text.
type OfText = FromText<Gatepost>;

/// Runs one engine, and writes what it finds a line each.
fn child(engine: &str, size: u32, options: Options) -> Result<(), Failure> {
    let population = Population::generate(size);
    let mut out = std::io::stdout();
    let mut tell = |event| {
        let line = match event {
            Event::Figure(Figure {
                case,
                value,
                unit,
                ratio,
            }) => json!({ "case": case, "value": value, "unit": unit, "ratio": ratio }),
            Event::Loading => json!("loading"),
            _ => json!("loaded"),
        };
        // Nobody listens any more: there is nobody to tell.
        let _ = writeln!(out, "{line}").and_then(|()| out.flush());
    };
    let duel = Duel::new(&population, options, &mut tell);
    match engine {
        "gatepost" => duel.gatepost(),
        "gatehouse" => duel.peer::<OfText, Gatehouse<false>>("gatehouse"),
        "gatehouse, a veto each" => duel.peer::<OfText, Gatehouse<true>>("gatehouse, a veto each"),
        "casbin, cached" => duel.peer::<OfText, Cached>("casbin, cached"),
        "casbin" => duel.peer::<OfText, Uncached>("casbin"),
        "cedar-policy" => duel.peer::<OfText, FromText<Cedar>>("cedar-policy"),
        "cedar-policy, request at hand" => {
            duel.peer::<Gatepost, Cedar>("cedar-policy, request at hand")
        }
        "regorus" => duel.peer::<OfText, FromText<Regorus>>("regorus"),
        "regorus, input at hand" => duel.peer::<Gatepost, Regorus>("regorus, input at hand"),
        _ => Err(format!("no engine `{engine}`").into()),
    }
}

/// The rows of one engine, measured in a process of its own.
fn of_engine(engine: &str, size: u32, options: Options) -> Result<Vec<Row>, Box<dyn Error>> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--engine", engine, &size.to_string()]);
    if options.quick {
        command.arg("--quick");
    }
    let mut process = command.stdout(Stdio::piped()).spawn()?;
    let lines = lines(&mut process)?;
    let rows = follow(&lines, process.id(), engine, size);
    if rows.as_ref().is_none_or(|rows| rows.too_much.is_some()) {
        process.kill()?;
    }
    let status = process.wait()?;
    match rows {
        Some(Followed {
            mut rows,
            too_much: Some(row),
        }) => {
            rows.push(row);
            Ok(rows)
        }
        Some(followed) if status.success() => Ok(followed.rows),
        _ => Err(format!("{engine} with {size} memberships: {status}").into()),
    }
}

/// What a process told.
#[derive(Default)]
struct Followed {
    rows: Vec<Row>,
    /// What it took too much of, and how much.
    too_much: Option<Row>,
}

/// Follows a process to its end, or to where it takes too much.
fn follow(lines: &Receiver<Value>, process: u32, engine: &str, size: u32) -> Option<Followed> {
    let mut followed = Followed::default();
    let (mut loading, mut asked) = (None::<Instant>, None::<Instant>);
    loop {
        match lines.recv_timeout(Duration::from_millis(50)) {
            Ok(line) if line == "loading" => loading = Some(Instant::now()),
            Ok(line) if line == "loaded" => (loading, asked) = (None, Some(Instant::now())),
            Ok(line) => followed.rows.push(row(&line, size)?),
            Err(RecvTimeoutError::Disconnected) => return Some(followed),
            Err(RecvTimeoutError::Timeout) => {}
        }
        let (begun, doing, patience) = match (loading, asked) {
            (Some(begun), _) => (begun, "loading", PATIENCE),
            (None, Some(begun)) => (begun, "asked", RACES),
            (None, None) => continue,
        };
        let (took, resident) = (begun.elapsed(), resident(process));
        if took > patience || resident > ROOM {
            #[expect(clippy::cast_precision_loss, reason = "a few GiB")]
            let (value, unit) = if resident > ROOM {
                (resident as f64 / f64::from(1 << 30), "GiB")
            } else {
                (took.as_secs_f64(), "s")
            };
            let name = format!(
                "{}not held: {engine}, given up while {doing} after {} s",
                of_size(size),
                took.as_secs()
            );
            followed.too_much = Some(Row {
                name,
                value,
                unit,
                ratio: None,
                range: None,
            });
            return Some(followed);
        }
    }
}

/// Bytes that a process has in memory; 0 where that is not told.
fn resident(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = line.and_then(|line| line.split_whitespace().next());
    kibibytes
        .and_then(|number| number.parse::<u64>().ok())
        .map_or(0, |number| number << 10)
}

fn row(line: &Value, size: u32) -> Option<Row> {
    let unit = line.get("unit")?.as_str()?;
    // The units that a duel has.
    let units = [
        "ns",
        "ms",
        "per decision",
        "bytes per membership",
        "times gatepost",
    ];
    Some(Row {
        name: format!("{}{}", of_size(size), line.get("case")?.as_str()?),
        value: line.get("value")?.as_f64()?,
        unit: units.into_iter().find(|one| *one == unit)?,
        ratio: line.get("ratio").and_then(Value::as_f64),
        range: None,
    })
}

fn of_size(size: u32) -> String {
    format!("{size} memberships, ")
}

fn lines(process: &mut Child) -> Result<Receiver<Value>, Box<dyn Error>> {
    let out = process.stdout.take().ok_or("a process without output")?;
    let (to, lines) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(out).lines().map_while(Result::ok) {
            if serde_json::from_str(&line).is_ok_and(|line| to.send(line).is_err()) {
                return;
            }
        }
    });
    Ok(lines)
}

/// The version of a package that was resolved; Gatepost's own is the one of this tree.
fn version(package: &str) -> &'static str {
    let lock = include_str!("../../Cargo.lock");
    let head = format!("name = \"{package}\"\nversion = \"");
    let rest = lock.split_once(&head).map(|(_, rest)| rest);
    rest.and_then(|rest| rest.split('"').next()).unwrap_or("?")
}

/// What Gatepost is held to, and what it does.
fn goals(rows: &[Row]) -> Vec<String> {
    let mut sizes: Vec<_> = rows
        .iter()
        .filter_map(|row| row.name.split_once(", "))
        .map(|(size, _)| size)
        .collect();
    sizes.dedup();
    let Some(largest) = sizes.last().copied() else {
        return Vec::new();
    };
    let mut goals = Vec::new();
    let worst_of = |cases: Vec<String>, of: fn(&Row) -> Option<f64>, most: bool| {
        let found = cases.iter().filter_map(|case| {
            let row = rows.iter().find(|row| row.name == *case)?;
            Some((of(row)?, case.clone()))
        });
        let order = |one: &(f64, String), other: &(f64, String)| one.0.total_cmp(&other.0);
        if most {
            found.max_by(order)
        } else {
            found.min_by(order)
        }
    };
    let mut goal = |what: String, worst: Option<(f64, String)>, bound: f64, most: bool| {
        let said = worst.map_or_else(
            || "not measured".to_owned(),
            |(value, case)| {
                let holds = if most { value <= bound } else { value >= bound };
                let verdict = if holds { "held" } else { "NOT HELD" };
                format!("{value:.2} ({case}), {verdict}")
            },
        );
        goals.push(format!("goal: {what}: {said}"));
    };
    let each = |place: &str, sizes: &[&str], tail: &str| {
        let cases = sizes
            .iter()
            .flat_map(|size| KINDS.map(|kind| format!("{size}, {place}, {kind}: {tail}")));
        cases.collect::<Vec<_>>()
    };
    let ratio = |row: &Row| row.ratio;
    let value = |row: &Row| Some(row.value);
    goal(
        "hot at most 1.0 times the yardstick".to_owned(),
        worst_of(each("hot", &sizes, "gatepost"), ratio, true),
        1.0,
        true,
    );
    goal(
        format!("random at {largest} at most 1.0 times the yardstick"),
        worst_of(each("random", &[largest], "gatepost"), ratio, true),
        1.0,
        true,
    );
    for (engine, times) in GOALS {
        let tail = format!("{engine} beside gatepost");
        goal(
            format!("hot at least {times:.0} times faster than {engine}"),
            worst_of(each("hot", &sizes, &tail), value, false),
            times,
            false,
        );
    }
    let loads = ["gatepost", "yardstick"].map(|engine| {
        let name = format!("{largest}, load: {engine}");
        rows.iter()
            .find(|row| row.name == name)
            .map(|row| row.value)
    });
    let load = match loads {
        [Some(own), Some(base)] => Some((own / base, format!("{own:.0} ms beside {base:.0} ms"))),
        _ => None,
    };
    goal(
        format!("{largest} loaded in at most 2 times the yardstick's time"),
        load,
        2.0,
        true,
    );
    let memory = worst_of(vec![format!("{largest}, memory: gatepost")], value, true);
    goal(
        format!("{largest} in at most 48 bytes a membership"),
        memory,
        48.0,
        true,
    );
    goals
}
