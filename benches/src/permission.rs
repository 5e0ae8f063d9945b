//! The vocabulary of the benches: eight resources with six actions each.

/// The resources' names.
pub const RESOURCES: [&str; 8] = [
    "agent", "billing", "chat", "dataset", "document", "pipeline", "report", "secret",
];

/// The actions' names; every resource has all of them.
pub const ACTIONS: [&str; 6] = ["create", "delete", "execute", "read", "share", "update"];

/// One action on one resource, as the number of a bit in a `u64`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permission(u8);

impl Permission {
    /// The permission for the `action`th of [`ACTIONS`] on the `resource`th of
    /// [`RESOURCES`]. Higher bits of either number are ignored.
    pub const fn new(resource: u8, action: u8) -> Self {
        Self((resource & 7) << 3 | (action & 7))
    }

    /// Every permission there is.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..8).flat_map(|resource| (0..6).map(move |action| Self::new(resource, action)))
    }

    /// Which bit of a set of grants this is, below 64.
    pub const fn number(self) -> usize {
        self.0 as usize
    }

    /// The set of grants that holds this permission alone.
    pub const fn bit(self) -> u64 {
        1 << self.0
    }

    /// Which of [`RESOURCES`] it is on.
    pub const fn resource(self) -> usize {
        (self.0 >> 3) as usize
    }

    /// The resource's name.
    pub fn resource_name(self) -> &'static str {
        RESOURCES.get(self.resource()).copied().unwrap_or_default()
    }

    /// The action's name.
    pub fn action_name(self) -> &'static str {
        ACTIONS
            .get(usize::from(self.0 & 7))
            .copied()
            .unwrap_or_default()
    }
}

/// How the work runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mode {
    /// The caller waits.
    Foreground,
    /// Queued or detached.
    Background,
}

impl Mode {
    /// Both of them, in the order of `floors`.
    pub const ALL: [Self; 2] = [Self::Foreground, Self::Background];

    /// The name in a policy document.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Foreground => "foreground",
            Self::Background => "background",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_permission_has_its_own_bit_and_name() {
        let bits = Permission::all().fold(0_u64, |bits, one| bits | one.bit());
        assert_eq!(bits.count_ones(), 48);
        let last = Permission::all().last().unwrap();
        assert_eq!(
            (last.resource_name(), last.action_name()),
            ("secret", "update")
        );
    }
}
