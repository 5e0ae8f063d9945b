//! `BENCHMARKS.md`: its words are written by hand, its figures by this alone.
//!
//! Where a table belongs stands a pair of marks, `<!-- bench NAME -->` and `<!-- end -->`; what is between them is
//! made of `target/bench/NAME.json`. `<!-- machine -->` is what it was measured on, `<!-- instructions -->` what
//! `benches/instructions.json` keeps.

mod figures;
mod flat;
mod machine;
mod pivot;
mod versions;

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::Path;

use figures::Figures;

const END: &str = "<!-- end -->";

/// Why the document could not be written.
#[derive(Debug)]
pub struct ReportError(String);

impl fmt::Display for ReportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ReportError {}

/// The document with its tables made anew of the figures in `bench`, of quick runs where `quick`.
///
/// # Errors
///
/// Where a mark has no end, or figures cannot be read. Figures that are not there are no error: what was measured
/// earlier stays, and where nothing was the table says so.
pub fn filled_in(document: &str, bench: &Path, quick: bool) -> Result<String, ReportError> {
    let mut filled = String::new();
    let mut rest = document;
    while let Some((before, mark)) = rest.split_once("<!-- ") {
        let (name, after) = mark
            .split_once(" -->")
            .ok_or_else(|| ReportError(format!("a mark without its end: {before}")))?;
        filled.push_str(before);
        let table = match name.strip_prefix("bench ") {
            Some(bench_name) => of_bench(bench_name, bench, quick)?,
            None if name == "machine" => Some(machine::described()),
            None if name == "instructions" => Some(instructions()),
            // Some other comment, which stays.
            None => {
                filled.push_str("<!-- ");
                rest = mark;
                continue;
            }
        };
        let (earlier, behind) = after
            .split_once(END)
            .ok_or_else(|| ReportError(format!("`{name}` has no `{END}`")))?;
        let table = match (table, earlier.trim()) {
            (Some(table), _) => table,
            (None, "") => format!("\n`scripts/{name}`: not measured yet.\n\n"),
            (None, earlier) => format!("\n{earlier}\n\n"),
        };
        filled.push_str(&["<!-- ", name, " -->\n", &table, END].concat());
        rest = behind;
    }
    filled.push_str(rest);
    Ok(filled)
}

/// The table of one bench, and the command that it is measured by; none where it was not run.
fn of_bench(name: &str, bench: &Path, quick: bool) -> Result<Option<String>, ReportError> {
    let suffix = if quick { ".quick" } else { "" };
    let file = bench.join(format!("{name}{suffix}.json"));
    let figures = match Figures::read(&file) {
        Ok(figures) => figures,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(None);
        }
        Err(error) => return Err(ReportError(format!("{}: {error}", file.display()))),
    };
    let table = match name {
        "peers" => pivot::table(&figures),
        _ => flat::table(&figures),
    };
    let versions = versions::of(name);
    let text = format!("\n`scripts/bench {name}`{versions}\n\n{table}\n");
    Ok(Some(text))
}

/// The instructions of each case that are kept.
fn instructions() -> String {
    let kept: BTreeMap<String, f64> =
        serde_json::from_str(include_str!("../instructions.json")).unwrap_or_default();
    let rows = kept
        .iter()
        .map(|(case, count)| format!("| {case} | {} |\n", figures::short(*count)));
    let rows: String = rows.collect();
    format!("\n`scripts/bench instructions`\n\n| | instructions |\n| --- | ---: |\n{rows}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_between_the_marks_is_replaced_and_nothing_else() {
        let directory = tempfile::tempdir().unwrap();
        let rows = r#"[{ "name": "hot: a", "value": 1.25, "unit": "ns" }]"#;
        std::fs::write(directory.path().join("decide.json"), rows).unwrap();
        let document =
            "words\n<!-- a comment -->\n<!-- bench decide -->\nold\n<!-- end -->\nmore\n";
        let once = filled_in(document, directory.path(), false).unwrap();
        assert!(
            once.starts_with("words\n<!-- a comment -->\n<!-- bench decide -->\n"),
            "{once}"
        );
        assert!(
            once.contains("`scripts/bench decide`") && once.contains("1.25 ns"),
            "{once}"
        );
        assert!(
            once.ends_with("<!-- end -->\nmore\n") && !once.contains("old"),
            "{once}"
        );
        assert_eq!(filled_in(&once, directory.path(), false).unwrap(), once);
    }

    #[test]
    fn what_was_not_measured_is_said_and_quick_figures_are_not_taken_for_others() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("decide.quick.json"), "[]").unwrap();
        let document = "<!-- bench decide --><!-- end -->";
        let filled = filled_in(document, directory.path(), false).unwrap();
        assert!(filled.contains("not measured yet"), "{filled}");
        // What was measured earlier is not lost.
        let document = "<!-- bench decide -->\n\nearlier\n\n<!-- end -->";
        let filled = filled_in(document, directory.path(), false).unwrap();
        assert_eq!(filled, document);
    }

    #[test]
    fn a_mark_without_an_end_is_refused() {
        let error = filled_in("<!-- bench decide -->", Path::new("."), false).unwrap_err();
        assert!(error.to_string().contains("`bench decide`"), "{error}");
    }
}
