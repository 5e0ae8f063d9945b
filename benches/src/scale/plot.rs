//! The figures as a picture: four panels over the number of memberships, which grows by tens.

use std::fmt::Write;

use super::figures::Figures;
use super::parent::{Size, grouped};

/// One panel: what it shows, in which unit, and its lines.
struct Panel {
    title: &'static str,
    unit: &'static str,
    /// A line's name, whose figure it shows, and which.
    lines: &'static [(&'static str, fn(&Size) -> &Figures, &'static str)],
}

const fn short(size: &Size) -> &Figures {
    &size.short
}

const fn uuid(size: &Size) -> &Figures {
    &size.uuid
}

const fn yardstick(size: &Size) -> &Figures {
    &size.yardstick
}

const PANELS: [Panel; 4] = [
    Panel {
        title: "One decision",
        unit: "nanoseconds",
        lines: &[
            ("hot", short, "hot, allow"),
            ("random", short, "random, allow"),
            ("random, UUIDs", uuid, "random, allow"),
            (
                "random, hand-written store",
                yardstick,
                "random, allow, yardstick",
            ),
        ],
    },
    Panel {
        title: "Memory, ids included",
        unit: "bytes a membership",
        lines: &[
            ("ids of 12 and 13 bytes", short, "memory"),
            ("UUIDs of 36 bytes", uuid, "memory"),
            ("hand-written store", yardstick, "memory, yardstick"),
        ],
    },
    Panel {
        title: "One change, applied and published, p99",
        unit: "microseconds",
        lines: &[
            ("an org's switch", short, "one change, an org's switch, p99"),
            ("the site's kill", short, "one change, the site's kill, p99"),
            ("a membership", short, "one change, a membership, p99"),
            (
                "a suspension",
                short,
                "one change, a subject's suspension, p99",
            ),
        ],
    },
    Panel {
        title: "A reader during 1,000 changes a second",
        unit: "nanoseconds",
        lines: &[
            (
                "p99.9, changes",
                short,
                "a reader during 1,000 changes a second, p99.9",
            ),
            ("p99.9, at rest", short, "a reader at rest, p99.9"),
            (
                "p50, changes",
                short,
                "a reader during 1,000 changes a second, p50",
            ),
            ("p50, at rest", short, "a reader at rest, p50"),
        ],
    },
];

const WIDTH: f64 = 460.0;
const HEIGHT: f64 = 330.0;
/// Around the field in which lines are drawn: left, top, right, bottom.
const LEFT: f64 = 62.0;
const TOP: f64 = 44.0;
const RIGHT: f64 = 20.0;
const BELOW: f64 = 112.0;

/// Colours that are told apart on white and on black, also by those who see red and green alike.
const STYLE: &str = "
text { font: 12px system-ui, sans-serif; fill: #24292f }
.title { font-size: 14px; font-weight: 600 }
.paper { fill: #ffffff }
.grid { stroke: #d0d7de; stroke-width: 1 }
.line { fill: none; stroke-width: 2 }
.s0 { stroke: #0969da; fill: #0969da } .s1 { stroke: #bc4c00; fill: #bc4c00 }
.s2 { stroke: #8250df; fill: #8250df } .s3 { stroke: #57606a; fill: #57606a }
.line { fill: none }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 }
.paper { fill: #0d1117 }
.grid { stroke: #30363d }
.s0 { stroke: #58a6ff; fill: #58a6ff } .s1 { stroke: #f0883e; fill: #f0883e }
.s2 { stroke: #bc8cff; fill: #bc8cff } .s3 { stroke: #8b949e; fill: #8b949e }
.line { fill: none }
}";

/// Draws all panels, two beside each other.
pub(super) fn draw(sizes: &[Size]) -> String {
    let (width, height) = (WIDTH * 2.0, HEIGHT * 2.0);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\" \
         aria-label=\"Decisions, memory, changes and readers by the number of memberships\">\n\
         <style>{STYLE}\n</style>\n<rect class=\"paper\" width=\"{width}\" height=\"{height}\"/>\n"
    );
    for (place, panel) in (0_u8..).zip(&PANELS) {
        let (x, y) = (f64::from(place % 2) * WIDTH, f64::from(place / 2) * HEIGHT);
        let _ = writeln!(out, "<g transform=\"translate({x} {y})\">");
        panel.draw(sizes, &mut out);
        out.push_str("</g>\n");
    }
    out.push_str("</svg>\n");
    out
}

impl Panel {
    fn draw(&self, sizes: &[Size], out: &mut String) {
        let Self { title, unit, .. } = self;
        let _ = writeln!(
            out,
            "<text class=\"title\" x=\"{LEFT}\" y=\"18\">{title}</text>\n<text x=\"{LEFT}\" y=\"36\">{unit}</text>"
        );
        let lines: Vec<_> = self
            .lines
            .iter()
            .map(|(_, of, what)| {
                let points = sizes.iter().filter_map(|size| {
                    let figure = of(size).find(what)?;
                    Some((f64::from(size.memberships).log10(), figure.value))
                });
                points.collect::<Vec<_>>()
            })
            .collect();
        let most = lines
            .iter()
            .flatten()
            .map(|(_, value)| *value)
            .fold(0.0, f64::max);
        if most <= 0.0 {
            let _ = writeln!(
                out,
                "<text x=\"{LEFT}\" y=\"{}\">not measured</text>",
                HEIGHT / 2.0
            );
            return;
        }
        let field = Field::over(sizes, most);
        field.draw(sizes, out);
        for (place, ((name, _, _), points)) in self.lines.iter().zip(&lines).enumerate() {
            let joined: Vec<_> = points
                .iter()
                .map(|(x, y)| format!("{:.1},{:.1}", field.x(*x), field.y(*y)))
                .collect();
            let _ = writeln!(
                out,
                "<polyline class=\"line s{place}\" points=\"{}\"/>",
                joined.join(" ")
            );
            for (x, y) in points {
                let _ = writeln!(
                    out,
                    "<circle class=\"s{place}\" r=\"3\" cx=\"{:.1}\" cy=\"{:.1}\"><title>{name}: {y:.1} {unit}</title></circle>",
                    field.x(*x),
                    field.y(*y)
                );
            }
            legend(place, name, out);
        }
    }
}

/// Two names beside each other, below the field.
fn legend(place: usize, name: &str, out: &mut String) {
    let (column, row) = (place % 2, place / 2);
    let x = if column == 0 { LEFT } else { LEFT + 185.0 };
    let y = if row == 0 {
        HEIGHT - 50.0
    } else {
        HEIGHT - 30.0
    };
    let _ = writeln!(
        out,
        "<rect class=\"s{place}\" x=\"{x}\" y=\"{}\" width=\"14\" height=\"4\"/><text x=\"{}\" y=\"{y}\">{name}</text>",
        y - 6.0,
        x + 20.0
    );
}

/// Where values lie in a panel.
struct Field {
    first: f64,
    last: f64,
    step: f64,
    steps: u8,
}

impl Field {
    /// From no memberships' logarithm to another, and from 0 to what is round above the most.
    fn over(sizes: &[Size], most: f64) -> Self {
        let of = |size: Option<&Size>| size.map_or(0.0, |size| f64::from(size.memberships).log10());
        let tens = 10_f64.powf((most / 5.0).log10().floor());
        let steps_of = [1.0, 2.0, 5.0, 10.0].map(|times| times * tens);
        let step = steps_of
            .into_iter()
            .find(|step| step * 5.0 >= most)
            .unwrap_or(most);
        let steps = (1..=5)
            .find(|steps| f64::from(*steps) * step >= most)
            .unwrap_or(5);
        Self {
            first: of(sizes.first()),
            last: of(sizes.last()),
            step,
            steps,
        }
    }

    fn x(&self, logarithm: f64) -> f64 {
        let width = WIDTH - LEFT - RIGHT;
        let span = self.last - self.first;
        if span <= 0.0 {
            return LEFT + width / 2.0;
        }
        LEFT + width * (logarithm - self.first) / span
    }

    fn y(&self, value: f64) -> f64 {
        let height = HEIGHT - TOP - BELOW;
        TOP + height * (1.0 - value / (self.step * f64::from(self.steps)))
    }

    fn draw(&self, sizes: &[Size], out: &mut String) {
        for number in 0..=self.steps {
            let value = self.step * f64::from(number);
            let y = self.y(value);
            let _ = writeln!(
                out,
                "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\
                 <text text-anchor=\"end\" x=\"{}\" y=\"{:.1}\">{value}</text>",
                WIDTH - RIGHT,
                LEFT - 8.0,
                y + 4.0
            );
        }
        let below = HEIGHT - BELOW;
        for size in sizes {
            let x = self.x(f64::from(size.memberships).log10());
            let _ = writeln!(
                out,
                "<text text-anchor=\"middle\" x=\"{x:.1}\" y=\"{}\">{}</text>",
                below + 18.0,
                grouped(size.memberships)
            );
        }
        let _ = writeln!(
            out,
            "<text text-anchor=\"middle\" x=\"{}\" y=\"{}\">memberships</text>",
            LEFT + (WIDTH - LEFT - RIGHT) / 2.0,
            below + 36.0
        );
    }
}
