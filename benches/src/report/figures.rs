//! The figures of a bench, as its table wrote them.

use std::fs;
use std::io;
use std::path::Path;

use serde::Deserialize;

/// One figure.
#[derive(Debug, Deserialize)]
pub(super) struct Figure {
    pub(super) name: String,
    pub(super) value: f64,
    pub(super) unit: String,
    pub(super) ratio: Option<f64>,
}

/// All of a bench.
#[derive(Debug)]
pub(super) struct Figures(pub(super) Vec<Figure>);

impl Figures {
    pub(super) fn read(file: &Path) -> io::Result<Self> {
        Ok(Self(serde_json::from_slice(&fs::read(file)?)?))
    }

    pub(super) fn find(&self, name: &str) -> Option<&Figure> {
        self.0.iter().find(|figure| figure.name == name)
    }
}

impl Figure {
    /// Three figures that count, with the unit, and times the base where there is one.
    pub(super) fn written(&self) -> String {
        let ratio = self.ratio.map(|ratio| format!(" ({} times)", short(ratio)));
        format!(
            "{} {}{}",
            short(self.value),
            self.unit,
            ratio.unwrap_or_default()
        )
    }
}

/// Three figures that count; more where the number has more before its point.
pub(super) fn short(value: f64) -> String {
    let digits = match value.abs() {
        size if size >= 100.0 || size == 0.0 => 0,
        size if size >= 10.0 => 1,
        _ => 2,
    };
    let text = format!("{value:.digits$}");
    let (sign, text) = text
        .strip_prefix('-')
        .map_or(("", text.as_str()), |rest| ("-", rest));
    let (whole, part) = text
        .split_once('.')
        .map_or((text, ""), |(whole, part)| (whole, part));
    let mut grouped = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if part.is_empty() {
        format!("{sign}{grouped}")
    } else {
        format!("{sign}{grouped}.{part}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_long_as_they_are_worth() {
        let written = [0.0, 1.25, 41.26, 412.6, 1_234_567.0, -12_345.0].map(short);
        assert_eq!(
            written,
            ["0", "1.25", "41.3", "413", "1,234,567", "-12,345"]
        );
    }
}
