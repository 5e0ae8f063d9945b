//! The engines of `scripts/bench peers`: a table for each size of the population, with a row for each engine.

use std::fmt::Write as _;

use super::figures::{Figure, Figures, short};

const CASES: [&str; 6] = [
    "hot, allow",
    "hot, deny by site",
    "hot, deny by org",
    "random, allow",
    "random, deny by site",
    "random, deny by org",
];

pub(super) fn table(figures: &Figures) -> String {
    let mut sizes = Vec::new();
    let mut engines = Vec::new();
    for figure in &figures.0 {
        let Some((size, rest)) = figure.name.split_once(", ") else {
            continue;
        };
        if !sizes.contains(&size) {
            sizes.push(size);
        }
        if let Some(engine) = rest.strip_prefix("load: ")
            && !engines.contains(&engine)
        {
            engines.push(engine);
        }
    }
    sizes
        .iter()
        .map(|size| of_size(figures, size, &engines))
        .collect()
}

fn of_size(figures: &Figures, size: &str, engines: &[&str]) -> String {
    let size_in_figures = size
        .split_once(' ')
        .and_then(|(number, _)| number.parse().ok());
    let title = size_in_figures.map_or_else(
        || size.to_owned(),
        |number: f64| format!("{} memberships", short(number)),
    );
    let head = CASES.join(" | ");
    let mut table = format!(
        "{title}\n\n| | {head} | allocations | load | bytes a membership |\n| --- |{} ---: | ---: | ---: |\n",
        " ---: |".repeat(CASES.len()),
    );
    for engine in engines {
        let cells = CASES.map(|case| of_case(figures, size, case, engine));
        let find = |what: &str| figures.find(&format!("{size}, {what}"));
        let value =
            |what: &str| find(what).map_or_else(|| "-".to_owned(), |found| short(found.value));
        let load = find(&format!("load: {engine}")).map_or_else(|| "-".to_owned(), Figure::written);
        let row = format!(
            "| {engine} | {} | {} | {load} | {} |\n",
            cells.join(" | "),
            value(&format!("hot, allow: {engine}, allocations")),
            value(&format!("memory: {engine}")),
        );
        let given_up = figures.0.iter().find_map(|figure| {
            let start = format!("{size}, not held: {engine}, ");
            Some((figure, figure.name.strip_prefix(&start)?))
        });
        match given_up {
            Some((figure, why)) => {
                let last = " |".repeat(CASES.len() + 2);
                // Written to a string: nothing can fail.
                let _ = writeln!(table, "| {engine} | {why}: {}{last}", figure.written());
            }
            None => table.push_str(&row),
        }
    }
    table.push('\n');
    table
}

/// The time, times the yardstick's, and times Gatepost's where it is another's.
fn of_case(figures: &Figures, size: &str, case: &str, engine: &str) -> String {
    let name = format!("{size}, {case}: {engine}");
    let Some(time) = figures.find(&name) else {
        return "-".to_owned();
    };
    let beside = figures.find(&format!("{name} beside gatepost"));
    let beside = beside.map(|beside| format!(", {} × Gatepost", short(beside.value)));
    let ratio = time.ratio.map(|ratio| format!(", {} ×", short(ratio)));
    format!(
        "{} ns{}{}",
        short(time.value),
        ratio.unwrap_or_default(),
        beside.unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(name: &str, value: f64, unit: &str, ratio: Option<f64>) -> Figure {
        Figure {
            name: name.to_owned(),
            value,
            unit: unit.to_owned(),
            ratio,
        }
    }

    #[test]
    fn an_engine_that_was_given_up_has_a_row_that_says_why() {
        let figures = Figures(vec![
            figure("1000 memberships, load: slow", 5.0, "ms", None),
            figure(
                "1000 memberships, hot, allow: slow",
                500.0,
                "ns",
                Some(10.0),
            ),
            figure(
                "1000 memberships, hot, allow: slow beside gatepost",
                12.0,
                "times gatepost",
                None,
            ),
            figure(
                "1000000 memberships, not held: slow, given up while loading after 40 s",
                6.01,
                "GiB",
                None,
            ),
        ]);
        let table = table(&figures);
        assert!(
            table.contains("| slow | 500 ns, 10.0 ×, 12.0 × Gatepost |"),
            "{table}"
        );
        assert!(table.contains("1,000,000 memberships"), "{table}");
        assert!(
            table.contains("| slow | given up while loading after 40 s: 6.01 GiB |"),
            "{table}"
        );
    }
}
