//! The clock that leases are measured by.

use std::time::Duration;

use gatepost::Clock;
use rustix::time::{ClockId, clock_gettime};

/// The time since the machine started, with the time for which it was suspended.
///
/// `CLOCK_BOOTTIME`, where there is one: nobody can set it. Elsewhere it is the
/// monotonic clock, which counts suspend on macOS too.
///
/// ```
/// use gatepost::Clock;
/// use gatepost_store::BootClock;
///
/// let before = BootClock.now();
/// assert!(BootClock.now() >= before);
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[allow(
    clippy::exhaustive_structs,
    reason = "there is one such clock, and nothing to say of it"
)]
pub struct BootClock;

#[cfg(any(target_os = "linux", target_os = "android", target_os = "fuchsia"))]
const CLOCK: ClockId = ClockId::Boottime;
#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "fuchsia")))]
const CLOCK: ClockId = ClockId::Monotonic;

impl Clock for BootClock {
    fn now(&self) -> Duration {
        let now = clock_gettime(CLOCK);
        let seconds = u64::try_from(now.tv_sec).unwrap_or(0);
        let nanos = u32::try_from(now.tv_nsec).unwrap_or(0);
        Duration::new(seconds, nanos)
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn a63_it_is_the_time_since_the_machine_started_with_its_sleep() {
        let uptime = fs::read_to_string("/proc/uptime").unwrap();
        let seconds: f64 = uptime.split(' ').next().unwrap().parse().unwrap();
        let apart = (BootClock.now().as_secs_f64() - seconds).abs();
        assert!(apart < 2.0, "{apart} s");
    }

    /// The wall clock may be set, and others do not count suspend.
    #[test]
    fn a63_no_lease_is_counted_on_another_clock() {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let core = source.join("../../gatepost/src");
        let mut read = 0;
        let mut folders = vec![source.join("replica")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                looked_at(&path);
                read += 1;
            }
        }
        for file in ["replica.rs", "kill.rs"] {
            looked_at(&source.join(file));
        }
        for file in ["lease.rs", "gate.rs"] {
            looked_at(&core.join(file));
        }
        assert!(read > 12, "{read} files");
    }

    fn looked_at(path: &Path) {
        let text = fs::read_to_string(path).unwrap();
        let code = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        let code: String = code.collect();
        for clock in ["SystemTime", "Instant", "Timestamp::now", "Zoned"] {
            assert!(!code.contains(clock), "{} asks {clock}", path.display());
        }
    }
}
