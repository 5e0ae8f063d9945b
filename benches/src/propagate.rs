//! A change on its way to every replica, timed in other processes by one clock.

pub mod child;
pub mod fleet;
pub mod parent;

use gatepost::Clock;
use gatepost_store::BootClock;

/// The policy that is toggled.
pub const POLICY: &str = r#"
version = 1
[resources]
chat = ["create"]
[site.gates.chat]
switch = "on"
access = "everyone"
[org_roles.guest]
level = 10
grants = ["chat:create"]
[orgs.acme.members.alice]
roles = ["guest"]
"#;

/// The channel of the bare notifications.
pub const BARE_CHANNEL: &str = "bare_fan_out";

/// Nanoseconds since the machine started: one clock for all processes.
pub fn now() -> u64 {
    u64::try_from(BootClock.now().as_nanos()).unwrap_or(u64::MAX)
}
