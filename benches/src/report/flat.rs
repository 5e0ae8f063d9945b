//! A table with a row for each figure.

use std::fmt::Write as _;

use super::figures::{Figures, short};

pub(super) fn table(figures: &Figures) -> String {
    let mut table = "| | figure | times its base |\n| --- | ---: | ---: |\n".to_owned();
    for figure in &figures.0 {
        let ratio = figure.ratio.map(short).unwrap_or_default();
        let value = short(figure.value);
        // Written to a string: nothing can fail.
        let _ = writeln!(
            table,
            "| {} | {value} {} | {ratio} |",
            figure.name, figure.unit
        );
    }
    table
}
