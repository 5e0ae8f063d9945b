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
        // All of it: behind a comma the name of another engine may go on.
        let given_up = format!("{size}, not held: {engine}, given up ");
        let given_up = figures.0.iter().find_map(|figure| {
            let why = figure.name.strip_prefix(&given_up)?;
            Some(format!("{engine}, given up {why}: {}", figure.written()))
        });
        let name = given_up.unwrap_or_else(|| (*engine).to_owned());
        // Written to a string: nothing can fail.
        let _ = writeln!(
            table,
            "| {name} | {} | {} | {load} | {} |",
            cells.join(" | "),
            value(&format!("hot, allow: {engine}, allocations")),
            value(&format!("memory: {engine}")),
        );
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
    fn an_engine_that_was_given_up_says_why_beside_what_it_was_asked_until_then() {
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
            figure("1000000 memberships, load: slow, cached", 7.0, "ms", None),
            figure(
                "1000000 memberships, hot, allow: slow, cached",
                700.0,
                "ns",
                Some(20.0),
            ),
            figure(
                "1000000 memberships, not held: slow, cached, given up while asked after 180 s",
                180.0,
                "s",
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
            table.contains("| slow, given up while loading after 40 s: 6.01 GiB | - | - |"),
            "{table}"
        );
        // What it was asked until then stands there, and nothing of it with an engine whose name is the beginning.
        assert!(
            table.contains(
                "| slow, cached, given up while asked after 180 s: 180 s | 700 ns, 20.0 × | - |"
            ),
            "{table}"
        );
    }
}
