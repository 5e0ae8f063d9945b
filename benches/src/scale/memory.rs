//! What the process has of memory, by the allocator's count and by the system's.

use std::fs;

use allocation_counter::measure;

/// What a piece of work left in memory, and the most that it had there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held {
    /// Bytes that were asked for and not given back; less than none where more was given back.
    pub(super) live: i64,
    /// The most of them at any moment.
    pub(super) most: u64,
}

/// Runs work, and counts what this thread asks of the allocator meanwhile.
pub(super) fn held<T>(work: impl FnOnce() -> T) -> (Option<T>, Held) {
    let mut done = None;
    let info = measure(|| done = Some(work()));
    let held = Held {
        live: info.bytes_current,
        most: info.bytes_max,
    };
    (done, held)
}

/// Bytes that are resident now; none where the system does not tell.
pub(super) fn resident() -> Option<f64> {
    status("VmRSS:")
}

/// The most bytes that were resident since [`forget_peak`].
pub(super) fn peak() -> Option<f64> {
    status("VmHWM:")
}

/// Begins to look for the most anew. Where the system refuses that, the peak is that of all the run.
pub(super) fn forget_peak() {
    let _ = fs::write("/proc/self/clear_refs", "5");
}

fn status(key: &str) -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(key))?;
    let kilobytes: u32 = line.split_whitespace().next()?.parse().ok()?;
    Some(f64::from(kilobytes) * 1024.0)
}
