//! What became of the decisions that a log was told of.

/// What became of the decisions that a log was told of.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogStatistics {
    /// How many have no line of their own: sampled out, or too many of their code. Another line stands for them.
    pub passed_over: u64,
    /// What became of the lines, for each sink.
    pub sinks: Vec<SinkStatistics>,
}

/// What became of the lines that one sink was to write.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SinkStatistics {
    /// The sink's name.
    pub name: &'static str,
    /// How many it has written.
    pub written: u64,
    /// How many bytes of lines wait for it, about.
    pub waiting_bytes: usize,
    /// How many it has not.
    pub drops: SinkDrops,
}

/// How many lines a sink has not written, and why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SinkDrops {
    /// Too many waited, or too many bytes.
    pub full: u64,
    /// It failed.
    pub failed: u64,
    /// It panicked.
    pub panicked: u64,
    /// Its thread has ended.
    pub ended: u64,
}

impl SinkDrops {
    /// Each reason in a word, with its number.
    pub fn by_reason(&self) -> [(&'static str, u64); 4] {
        let Self {
            full,
            failed,
            panicked,
            ended,
        } = *self;
        [
            ("full", full),
            ("failed", failed),
            ("panicked", panicked),
            ("ended", ended),
        ]
    }
}
