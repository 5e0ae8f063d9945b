//! Every bench runs to its end and writes what it says it writes.

use std::error::Error;
use std::path::Path;
use std::process::Command;

use serde::Deserialize;

/// The rows of a quick run, each with its unit.
fn rows(bench: &str, executable: &str) -> Result<Vec<(String, String)>, Box<dyn Error>> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("quick");
    let mut command = Command::new(executable);
    let output = command
        .arg("--quick")
        .env("CARGO_TARGET_DIR", &target)
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let text = std::fs::read(target.join(format!("bench/{bench}.quick.json")))?;
    let rows: Vec<Row> = serde_json::from_slice(&text)?;
    Ok(rows.into_iter().map(|row| (row.name, row.unit)).collect())
}

#[derive(Deserialize)]
struct Row {
    name: String,
    unit: String,
}

fn assert_has(rows: &[(String, String)], name: &str, unit: &str) {
    let row = (name.to_owned(), unit.to_owned());
    assert!(rows.contains(&row), "{row:?} in {rows:?}");
}

#[test]
fn decide_runs_and_writes_its_figures() {
    let rows = rows("decide", env!("CARGO_BIN_EXE_decide")).unwrap();
    assert_has(&rows, "hot, allow: yardstick", "ns");
}

#[test]
fn permits_runs_and_writes_its_figures() {
    let rows = rows("permits", env!("CARGO_BIN_EXE_permits")).unwrap();
    assert_has(&rows, "memory: each of 100 permits waited for", "bytes");
    assert_has(&rows, "one permit: `poll_holds`", "ns");
    assert_has(
        &rows,
        "a change of the site's switch, and all end: all wait",
        "us",
    );
    assert_has(&rows, "a decision: changes, all wait", "a second");
}

#[test]
fn capabilities_runs_and_writes_its_figures() {
    let rows = rows("capabilities", env!("CARGO_BIN_EXE_capabilities")).unwrap();
    assert_has(&rows, "an answer about 20 routes: all are denied", "ns");
}

#[test]
fn observe_runs_and_writes_its_figures() {
    let rows = rows("observe", env!("CARGO_BIN_EXE_observe")).unwrap();
    assert_has(&rows, "a denial: none", "ns");
    assert_has(&rows, "an allow: metrics", "ns");
    assert_has(&rows, "a denial: log, every line, to a file", "ns");
    assert_has(&rows, "lines to SQLite", "a second");
    assert_has(&rows, "no line, no allow: a line to a file", "us");
}

#[test]
fn reload_runs_and_writes_its_figures() {
    let rows = rows("reload", env!("CARGO_BIN_EXE_reload")).unwrap();
    assert_has(&rows, "one of them", "bytes");
    for store in ["SQLite", "PostgreSQL"] {
        assert_has(&rows, &format!("{store}: a replica opens"), "ms");
        assert_has(&rows, &format!("{store}: all of it is read again"), "ms");
        let peak = format!("{store}: read again beside the old one, peak, times the facts");
        assert_has(&rows, &peak, "MB");
        assert_has(
            &rows,
            &format!("{store}: a membership, since the call"),
            "ms",
        );
    }
}

#[test]
fn scale_runs_and_writes_its_figures_and_its_plot() {
    let rows = rows("scale", env!("CARGO_BIN_EXE_scale")).unwrap();
    assert_has(&rows, "1 k, short ids: memory", "bytes a membership");
    assert_has(&rows, "2 k, UUIDs: random, allow", "ns");
    assert_has(
        &rows,
        "2 k, the yardstick's population: load, gatepost",
        "s",
    );
    let drawn = Path::new(env!("CARGO_TARGET_TMPDIR")).join("quick/bench/scale.quick.svg");
    assert!(
        std::fs::read_to_string(drawn)
            .unwrap()
            .contains("prefers-color-scheme: dark")
    );
}

#[test]
fn the_tables_are_written_of_the_figures_that_there_are() {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tables");
    let bench = target.join("bench");
    std::fs::create_dir_all(&bench).unwrap();
    let rows =
        r#"[{ "name": "hot, allow: gatepost", "value": 27.4, "unit": "ns", "ratio": 0.97 }]"#;
    std::fs::write(bench.join("decide.quick.json"), rows).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_table"));
    let output = command.arg("--quick").env("CARGO_TARGET_DIR", &target);
    let document = String::from_utf8(output.output().unwrap().stdout).unwrap();
    assert!(
        document.contains("| hot, allow: gatepost | 27.4 ns | 0.97 |"),
        "{document}"
    );
    // What was measured earlier stays where a bench was not run.
    assert!(
        document.contains("| PostgreSQL, 64 replicas: since the commit, p50 |"),
        "{document}"
    );
}
