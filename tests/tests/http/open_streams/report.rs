//! What was measured, as a table.

use std::fmt;
use std::time::Duration;

use super::client::Heard;
use super::server::Seen;

/// The figures of all rounds.
pub(super) struct Report {
    streams: u32,
    /// Before anybody came, in KiB.
    rss: u64,
    rounds: Vec<Round>,
}

struct Round {
    commit: u64,
    /// Until every permit had been asked again, and the tasks were woken.
    told: u64,
    /// Until the server had ended the last of them.
    dropped: u64,
    /// Until the end of each stream had been read, sorted.
    ended: Vec<u64>,
    rss_open: u64,
    rss_over: u64,
}

impl Report {
    pub(super) fn new(streams: u32, rss: u64) -> Self {
        Self {
            streams,
            rss,
            rounds: Vec::new(),
        }
    }

    pub(super) fn round(
        &mut self,
        called: u64,
        committed: u64,
        heard: &[Heard],
        open: &Seen,
        over: &Seen,
    ) {
        let ended = heard.iter().filter_map(|heard| heard.ended);
        let mut ended: Vec<_> = ended.map(|end| end.saturating_sub(committed)).collect();
        ended.sort_unstable();
        self.rounds.push(Round {
            commit: committed - called,
            told: over.told.saturating_sub(committed),
            dropped: over.dropped.saturating_sub(committed),
            ended,
            rss_open: open.rss,
            rss_over: over.rss,
        });
    }

    /// Of the worst round.
    pub(super) fn p99(&self) -> Duration {
        let of_rounds = self.rounds.iter().map(|round| round.quantile(99));
        Duration::from_nanos(of_rounds.max().unwrap())
    }

    /// An allocator keeps what was given back to it, and needs some rounds until it finds room for all again. What
    /// the streams themselves left behind would be as much in the last round as in the first.
    pub(super) fn assert_that_nothing_piles_up(&self) {
        let held = self.rounds.iter().map(|round| round.rss_over);
        let held: Vec<_> = [self.rss].into_iter().chain(held).collect();
        let more: Vec<_> = held
            .windows(2)
            .map(|two| two[1].saturating_sub(two[0]))
            .collect();
        assert!(more[more.len() - 1] <= more[0] / 4, "{more:?} KiB more");
    }
}

impl Round {
    fn quantile(&self, percent: usize) -> u64 {
        let at = (self.ended.len() * percent).div_ceil(100);
        self.ended[at.saturating_sub(1)]
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let build = if cfg!(debug_assertions) {
            "not optimised"
        } else {
            "optimised"
        };
        writeln!(
            f,
            "{} streams, {build}; ms since the commit returned, at the server and at the peers; KiB of the server's memory",
            self.streams
        )?;
        writeln!(
            f,
            "commit took   all woken   all ended    p50    p99    max   before anyone   open   over"
        )?;
        for round in &self.rounds {
            let ms = |nanos: u64| Duration::from_nanos(nanos).as_millis();
            writeln!(
                f,
                "{:>11} {:>11} {:>11} {:>6} {:>6} {:>6} {:>15} {:>6} {:>6}",
                ms(round.commit),
                ms(round.told),
                ms(round.dropped),
                ms(round.quantile(50)),
                ms(round.quantile(99)),
                ms(round.quantile(100)),
                self.rss,
                round.rss_open,
                round.rss_over
            )?;
        }
        Ok(())
    }
}
