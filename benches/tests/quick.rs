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
