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
