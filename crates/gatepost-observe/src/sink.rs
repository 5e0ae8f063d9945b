//! Where the lines of a log go.

mod file;
#[cfg(feature = "store")]
mod store;
#[cfg(test)]
mod tests;

use std::fmt;
use std::io;

pub use file::JsonLines;
pub(crate) use file::numbered;
#[cfg(feature = "store")]
pub use store::StoreSink;

use crate::record::LogRecord;

/// A line of the log, to be written somewhere.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LogLine {
    /// What it tells.
    pub record: LogRecord,
    /// The same as JSON in one line, without its end.
    pub text: String,
}

/// Where the lines of a [`DecisionLog`](crate::DecisionLog) go.
///
/// It has a thread of its own, so it may block; meanwhile lines wait up to the bounds of the log, and are dropped and
/// counted behind them. Where it panics, the lines that it was given are counted as lost, and it is given the next.
pub trait Sink: fmt::Debug + Send + 'static {
    /// Writes some lines, in their order.
    ///
    /// # Errors
    ///
    /// Where not all of them were written; they are counted as lost, and not given again.
    fn write(&mut self, lines: &[LogLine]) -> io::Result<()>;

    /// Makes sure that what was written outlasts this process and its machine's power: it is called where a request
    /// waits for its line.
    ///
    /// # Errors
    ///
    /// Where that is not known; none of the requests that wait is let through.
    fn sync(&mut self) -> io::Result<()>;
}
