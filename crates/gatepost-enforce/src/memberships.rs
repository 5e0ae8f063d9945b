//! Memberships that the policy has elsewhere: loaded where a decision asks for them.

use std::sync::Arc;

use gatepost::{Denial, Gate, LoadedMemberships, SubjectId};

use crate::source::SourceError;

/// How often one request may wait for memberships: of two subjects, each overtaken by a change again and again.
const MOST_LOADS: u8 = 8;

/// What one request has waited for of memberships.
#[derive(Debug, Default)]
pub(crate) struct Loads(u8);

/// What is at hand of a subject, where that is right for facts of this version.
pub(crate) fn at_hand(
    gate: &Gate,
    subject: &SubjectId,
    version: u64,
) -> Option<Arc<LoadedMemberships>> {
    let at_hand = gate.memberships()?.at_hand(subject, version);
    at_hand.filter(|loaded| loaded.subject() == subject)
}

impl Loads {
    /// What is at hand or has to be loaded. Either counts: a source that gives what it calls overtaken ends as an
    /// error, and not never.
    pub(crate) async fn get(
        &mut self,
        gate: &Gate,
        subject: &SubjectId,
        version: u64,
    ) -> Result<Arc<LoadedMemberships>, Denial> {
        match at_hand(gate, subject, version) {
            Some(loaded) => {
                self.count()?;
                Ok(loaded)
            }
            None => self.load(gate, subject).await,
        }
    }

    fn count(&mut self) -> Result<(), Denial> {
        if self.0 == MOST_LOADS {
            return Err(unavailable(
                "memberships were overtaken by changes too often",
            ));
        }
        self.0 += 1;
        Ok(())
    }

    /// Loads what is not at hand.
    pub(crate) async fn load(
        &mut self,
        gate: &Gate,
        subject: &SubjectId,
    ) -> Result<Arc<LoadedMemberships>, Denial> {
        let Some(source) = gate.memberships() else {
            return Err(unavailable("the gate has no source of memberships"));
        };
        self.count()?;
        let loaded = source.load(subject).await;
        let loaded = loaded.map_err(|error| SourceError::unavailable(error).into_denial())?;
        if loaded.subject() != subject {
            return Err(unavailable("the memberships loaded are another subject's"));
        }
        Ok(loaded)
    }
}

#[cold]
fn unavailable(why: &'static str) -> Denial {
    SourceError::unavailable(why).into_denial()
}
