//! What the figures should be, and whether they are.

use super::changes::TOO_FAR;
use super::figures::Figures;
use super::lines::Found;
use super::parent::{Size, grouped};

/// A figure and the most that it may be.
struct Goal {
    /// The size at which it is meant; it is told at the largest that was measured where there is none as large.
    at: u32,
    of: fn(&Size) -> &Figures,
    what: &'static str,
    most: f64,
    /// Whether the figure is told as times another, and that is what is bounded.
    ratio: bool,
}

const M: u32 = 1_000_000;

const GOALS: [Goal; 11] = [
    at_most(10 * M, short, "memory", 48.0),
    at_most(10 * M, short, "reload beside the old one", 10.0),
    at_most(
        10 * M,
        short,
        "reload beside the old one, memory in all at its peak",
        2.2,
    ),
    at_most(
        10 * M,
        short,
        "reload beside the old one, resident at its peak",
        2.2,
    ),
    at_most(10 * M, short, "one change, the slowest kind, p99", 1000.0),
    at_most(
        10 * M,
        short,
        "10,000 changes, memory at its peak above that before",
        5.0,
    ),
    at_most_times(M, yardstick, "load, gatepost", 2.0),
    at_most_times(M, yardstick, "hot, allow, gatepost", 1.0),
    at_most_times(M, yardstick, "random, allow, gatepost", 1.0),
    at_most_times(M, yardstick, "hot, deny by org, gatepost", 1.0),
    at_most_times(M, yardstick, "random, deny by org, gatepost", 1.0),
];

const fn at_most(at: u32, of: fn(&Size) -> &Figures, what: &'static str, most: f64) -> Goal {
    Goal {
        at,
        of,
        what,
        most,
        ratio: false,
    }
}

const fn at_most_times(at: u32, of: fn(&Size) -> &Figures, what: &'static str, most: f64) -> Goal {
    Goal {
        at,
        of,
        what,
        most,
        ratio: true,
    }
}

const fn short(size: &Size) -> &Figures {
    &size.short
}

const fn yardstick(size: &Size) -> &Figures {
    &size.yardstick
}

/// Each goal in a line, with what was measured.
pub(super) fn all(sizes: &[Size], found: Option<(Found, Found)>) -> Vec<String> {
    let mut told: Vec<_> = GOALS.iter().map(|goal| goal.told(sizes)).collect();
    if sizes.iter().any(|size| size.short.find(TOO_FAR).is_some()) {
        told.push("goal: a change takes no reload: not held".to_owned());
    }
    if let Some(size) = sizes.last() {
        for place in ["hot", "random"] {
            let what = format!("two threads beside one, {place}");
            let ratio = size.short.find(&what).map_or(0.0, |figure| figure.value);
            told.push(format!(
                "goal: {what}: at least 1.90 times: {ratio:.2}, {}",
                verdict(ratio >= 1.9)
            ));
        }
    }
    told.push(match found {
        Some((found, control)) => format!(
            "goal: no cache line is written by one deciding thread and touched by another: {:.0}, {} (a shared counter shows as {:.0})",
            found.shared,
            verdict(found.shared < 0.5 && control.shared > 0.5),
            control.shared,
        ),
        None => "goal: no cache line is shared: not measured".to_owned(),
    });
    told
}

impl Goal {
    fn told(&self, sizes: &[Size]) -> String {
        let Self { what, most, .. } = self;
        let fits = sizes.iter().rev().find(|size| size.memberships <= self.at);
        let found = fits.and_then(|size| {
            let figure = (self.of)(size).find(what)?;
            Some((size, figure))
        });
        let Some((size, figure)) = found else {
            return format!("goal: {what}: not measured");
        };
        let (value, unit) = if self.ratio {
            (figure.ratio.unwrap_or(f64::INFINITY), "times the yardstick")
        } else {
            (figure.value, figure.unit.as_str())
        };
        let elsewhere = if size.memberships == self.at {
            String::new()
        } else {
            format!(", which is meant at {}", grouped(self.at))
        };
        format!(
            "goal: {what} at {}: at most {most} {unit}: {value:.2}, {}{elsewhere}",
            grouped(size.memberships),
            verdict(value <= *most),
        )
    }
}

const fn verdict(holds: bool) -> &'static str {
    if holds { "held" } else { "NOT HELD" }
}
