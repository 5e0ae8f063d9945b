//! Telling the operator: each fault once, and that it is over.

use std::collections::BTreeSet;

/// How many faults are remembered as told; one that alternates with many others is told again.
const REMEMBERED: usize = 32;
/// How many changes in a row that no hint told of make one wonder.
const UNTOLD: u32 = 3;

/// What was told of a store.
#[derive(Debug)]
pub(super) struct Alarm {
    place: String,
    told: BTreeSet<String>,
    untold: u32,
    warned: bool,
}

impl Alarm {
    pub(super) fn new(place: String) -> Self {
        Self {
            place,
            told: BTreeSet::new(),
            untold: 0,
            warned: false,
        }
    }

    /// Tells a fault, unless it was told since all was well.
    pub(super) fn fault(&mut self, fault: &str, version: Option<u64>) {
        if self.told.contains(fault) {
            return;
        }
        if self.told.len() >= REMEMBERED {
            self.told.clear();
        }
        self.told.insert(fault.to_owned());
        let store = &self.place;
        tracing::error!(target: "gatepost::policy", %store, version, fault, "policy store fault: this version stays until its lease runs out");
    }

    /// All is well.
    pub(super) fn over(&mut self, version: Option<u64>) {
        if self.told.is_empty() {
            return;
        }
        self.told.clear();
        let store = &self.place;
        tracing::info!(target: "gatepost::policy", %store, version, "policy store is followed again");
    }

    pub(super) fn applied(&self, version: Option<u64>) {
        let store = &self.place;
        tracing::info!(target: "gatepost::policy", %store, version, "policy applied");
    }

    /// A change was found; whether a hint told of it.
    pub(super) fn found(&mut self, hinted: bool) {
        self.untold = if hinted {
            0
        } else {
            self.untold.saturating_add(1)
        };
        if self.untold < UNTOLD || std::mem::replace(&mut self.warned, true) {
            return;
        }
        let store = &self.place;
        tracing::warn!(target: "gatepost::policy", %store, "hints do not arrive; is there a pooler in transaction mode? changes are found by polling");
    }

    /// A hint came.
    pub(super) fn hinted(&mut self) {
        self.untold = 0;
    }
}
