//! The figures of one bench: printed for people, written as JSON for scripts.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::options::Options;
use crate::race::Outcome;

/// One figure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// What was measured.
    pub name: String,
    /// How much of `unit`.
    pub value: f64,
    /// What `value` counts, such as `ns`.
    pub unit: &'static str,
    /// Times the bench's baseline, where there is one to compare with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ratio: Option<f64>,
    /// Between what `value` moved, such as the smallest and largest of the rounds; printed only.
    #[serde(skip)]
    pub range: Option<(f64, f64)>,
}

/// The rows of one bench.
#[derive(Debug, Clone)]
pub struct Table {
    file: String,
    rows: Vec<Row>,
}

impl Table {
    /// An empty table of the bench `name`. A quick run writes to a file of its
    /// own, so that its figures are never taken for measurements.
    pub fn new(name: &str, options: Options) -> Self {
        Self {
            file: format!("{name}{}.json", options.pick("", ".quick")),
            rows: Vec::new(),
        }
    }

    /// Adds one figure.
    pub fn row(&mut self, name: impl Into<String>, value: f64, unit: &'static str) {
        self.rows.push(Row {
            name: name.into(),
            value,
            unit,
            ratio: None,
            range: None,
        });
    }

    /// Adds one figure with all that is known of it.
    pub fn push(&mut self, row: Row) {
        self.rows.push(row);
    }

    /// Adds the time and the allocations of every column of a race over `case`, whose columns decide.
    pub fn race(&mut self, case: &str, outcomes: Vec<Outcome>) {
        self.outcomes(case, outcomes, "per decision");
    }

    /// The same of columns that do something else.
    pub fn operations(&mut self, case: &str, outcomes: Vec<Outcome>) {
        self.outcomes(case, outcomes, "per operation");
    }

    fn outcomes(&mut self, case: &str, outcomes: Vec<Outcome>, per: &'static str) {
        for Outcome {
            name,
            min,
            median,
            max,
            ratio,
            allocations,
            ..
        } in outcomes
        {
            let range = Some((min, max));
            self.rows.push(Row {
                name: format!("{case}: {name}"),
                value: median,
                unit: "ns",
                ratio,
                range,
            });
            self.row(format!("{case}: {name}, allocations"), allocations, per);
        }
    }

    /// Prints the table and writes it to `bench/NAME.json` in the target
    /// directory, which is `target` below the working directory unless
    /// `CARGO_TARGET_DIR` says otherwise. Returns the file's path.
    ///
    /// # Errors
    ///
    /// Where the file cannot be written.
    pub fn finish(&self) -> io::Result<PathBuf> {
        println!("{self}");
        let target = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
        let path = self.write(&Path::new(&target).join("bench"))?;
        println!("written to {}", path.display());
        Ok(path)
    }

    fn write(&self, directory: &Path) -> io::Result<PathBuf> {
        fs::create_dir_all(directory)?;
        let path = directory.join(&self.file);
        let mut text = serde_json::to_string_pretty(&self.rows)?;
        text.push('\n');
        fs::write(&path, text)?;
        Ok(path)
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self
            .rows
            .iter()
            .map(|row| row.name.len())
            .max()
            .unwrap_or_default();
        let unit = self
            .rows
            .iter()
            .map(|row| row.unit.len())
            .max()
            .unwrap_or_default();
        for row in &self.rows {
            let ratio = row
                .ratio
                .map(|ratio| format!("x {ratio:.2}"))
                .unwrap_or_default();
            let range = row
                .range
                .map(|(min, max)| format!("({min:.1} to {max:.1})"))
                .unwrap_or_default();
            let line = format!(
                "{:name$}  {:>10.1} {:unit$}  {ratio:>8}  {range}",
                row.name, row.value, row.unit
            );
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new("sample", Options { quick: true });
        let outcome = Outcome {
            name: "b",
            min: 1.0,
            median: 2.5,
            max: 4.0,
            ratio: Some(1.25),
            allocations: 3.0,
            rounds: vec![1.0, 2.5, 4.0],
        };
        table.race("hot", vec![outcome]);
        table
    }

    #[test]
    fn printed_rows_are_aligned() {
        assert_eq!(
            table().to_string(),
            "hot: b                      2.5 ns              x 1.25  (1.0 to 4.0)\n\
             hot: b, allocations         3.0 per decision\n"
        );
    }

    #[test]
    fn the_file_is_an_array_and_a_quick_run_has_its_own() {
        let directory = std::env::temp_dir().join(format!("gatepost-table-{}", std::process::id()));
        let path = table().write(&directory).unwrap();
        let rows: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        fs::remove_dir_all(&directory).unwrap();
        assert!(path.ends_with("sample.quick.json"));
        assert_eq!(
            rows,
            serde_json::json!([
                { "name": "hot: b", "value": 2.5, "unit": "ns", "ratio": 1.25 },
                { "name": "hot: b, allocations", "value": 3.0, "unit": "per decision" },
            ])
        );
    }
}
