//! What one process has measured, told to the one that started it.

use std::io;

use serde::{Deserialize, Serialize};

/// One figure of one site.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Figure {
    pub(super) what: String,
    pub(super) value: f64,
    pub(super) unit: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) ratio: Option<f64>,
}

/// The figures of one site.
#[derive(Debug, Clone, Default)]
pub(super) struct Figures(Vec<Figure>);

impl Figures {
    pub(super) fn add(&mut self, what: impl Into<String>, value: f64, unit: Unit) {
        // Nothing divided by nothing, such as the processor time of a quick run, is no figure.
        if !value.is_finite() {
            return;
        }
        self.0.push(Figure {
            what: what.into(),
            value,
            unit: unit.as_str().to_owned(),
            ratio: None,
        });
    }

    /// One that is told as times another as well.
    pub(super) fn compared(
        &mut self,
        what: impl Into<String>,
        value: f64,
        unit: Unit,
        ratio: Option<f64>,
    ) {
        self.add(what, value, unit);
        if let Some(last) = self.0.last_mut().filter(|_| value.is_finite()) {
            last.ratio = ratio.filter(|ratio| ratio.is_finite());
        }
    }

    /// Writes them to the output, for [`read`](Self::read).
    pub(super) fn tell(&self) -> io::Result<()> {
        println!("{}", serde_json::to_string(&self.0)?);
        Ok(())
    }

    /// Reads what another process told.
    pub(super) fn read(told: &[u8]) -> serde_json::Result<Self> {
        serde_json::from_slice(told).map(Self)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Figure> {
        self.0.iter()
    }

    pub(super) fn find(&self, what: &str) -> Option<&Figure> {
        self.0.iter().find(|figure| figure.what == what)
    }
}

macro_rules! units {
    ($($name:ident = $text:literal,)+) => {
        /// What a figure counts.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Unit {
            $($name,)+
        }

        impl Unit {
            pub(super) const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }

            /// The unit that another process has told of.
            pub(super) fn of(text: &str) -> &'static str {
                $(if text == $text { return $text; })+
                "?"
            }
        }
    };
}

units! {
    Nanoseconds = "ns",
    Microseconds = "us",
    Seconds = "s",
    BytesAMembership = "bytes a membership",
    Bytes = "bytes",
    Snapshots = "times one snapshot",
    Percent = "% of a snapshot",
    PerDecision = "a decision",
    Millions = "million a second",
    Times = "times",
    Lines = "cache lines",
    Changes = "changes",
}
