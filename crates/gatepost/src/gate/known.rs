//! Every gate of the process by its number.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock, Weak};

use super::{Gate, Live};

/// The number of a gate. None is given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct GateId(u64);

static GATES: RwLock<BTreeMap<u64, Weak<Live>>> = RwLock::new(BTreeMap::new());

impl GateId {
    /// That of facts which no gate has published.
    pub(crate) const NONE: Self = Self(0);

    pub(super) fn next() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }

    pub(super) fn know(self, live: Weak<Live>) {
        let mut gates = GATES.write().unwrap_or_else(PoisonError::into_inner);
        gates.insert(self.0, live);
    }

    pub(super) fn forget(self) {
        let mut gates = GATES.write().unwrap_or_else(PoisonError::into_inner);
        gates.remove(&self.0);
    }

    /// The gate, where any clone of it is left.
    pub(crate) fn find(self) -> Option<Gate> {
        let gates = GATES.read().unwrap_or_else(PoisonError::into_inner);
        gates.get(&self.0)?.upgrade().map(Gate)
    }
}
