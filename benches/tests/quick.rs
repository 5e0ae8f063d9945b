//! Every bench runs to its end and writes what it says it writes.

use std::path::Path;
use std::process::Command;

#[test]
fn decide_runs_and_writes_its_figures() {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("quick");
    let output = Command::new(env!("CARGO_BIN_EXE_decide"))
        .arg("--quick")
        .env("CARGO_TARGET_DIR", &target)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );

    let text = std::fs::read(target.join("bench/decide.quick.json")).unwrap();
    let rows: Vec<serde_json::Value> = serde_json::from_slice(&text).unwrap();
    assert!(
        rows.iter()
            .any(|row| row["name"] == "hot, allow: yardstick" && row["unit"] == "ns")
    );
}
