//! The figures of this bench: printed for people, written as JSON for scripts, as the other benches do.

use std::fs;
use std::path::PathBuf;

use serde::Serialize;

use crate::contest::Failure;

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Options {
    quick: bool,
}

impl Options {
    pub(super) fn of(arguments: impl Iterator<Item = String>) -> Result<Self, Failure> {
        let mut quick =
            std::env::var_os("GATEPOST_BENCH_QUICK").is_some_and(|it| !it.is_empty() && it != "0");
        for argument in arguments {
            if argument != "--quick" {
                return Err(
                    format!("unknown argument `{argument}`; there is only `--quick`").into(),
                );
            }
            quick = true;
        }
        Ok(Self { quick })
    }

    /// `full`, or in a quick run `quick`.
    pub(super) fn pick<T>(self, full: T, quick: T) -> T {
        if self.quick { quick } else { full }
    }
}

/// One figure.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) value: f64,
    pub(super) unit: &'static str,
    /// Times what it is measured beside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ratio: Option<f64>,
    /// Between what half of the rounds lie; printed only.
    #[serde(skip)]
    pub(super) range: Option<(f64, f64)>,
}

/// All figures.
#[derive(Debug, Default)]
pub(super) struct Table(Vec<Row>);

impl Table {
    pub(super) fn row(&mut self, name: impl Into<String>, value: f64, unit: &'static str) {
        let name = name.into();
        self.push(Row {
            name,
            value,
            unit,
            ratio: None,
            range: None,
        });
    }

    pub(super) fn push(&mut self, row: Row) {
        self.0.push(row);
    }

    /// Prints them and writes them to `bench/http.json` in the target directory.
    pub(super) fn finish(&self, options: Options) -> Result<(), Failure> {
        let width = self
            .0
            .iter()
            .map(|row| row.name.len())
            .max()
            .unwrap_or_default();
        for Row {
            name,
            value,
            unit,
            ratio,
            range,
        } in &self.0
        {
            let ratio = ratio
                .map(|ratio| format!("x {ratio:.3}"))
                .unwrap_or_default();
            let range = range
                .map(|(low, high)| format!("({low:.2} to {high:.2})"))
                .unwrap_or_default();
            let line = format!("{name:width$}  {value:>10.2} {unit}  {ratio}  {range}");
            println!("{}", line.trim_end());
        }
        let target = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
        let folder = PathBuf::from(target).join("bench");
        fs::create_dir_all(&folder)?;
        let path = folder.join(options.pick("http.json", "http.quick.json"));
        fs::write(&path, serde_json::to_string_pretty(&self.0)? + "\n")?;
        println!("written to {}", path.display());
        Ok(())
    }
}
