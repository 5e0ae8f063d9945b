//! Memberships that the policy has elsewhere: loaded where a decision asks for them, and used for no
//! other policy version than they are right for.

use gatepost::{Denial, Snapshot, SubjectId};

use super::Walk;
use crate::route::Route;
use crate::source::SourceError;

/// How often one request may wait for memberships: of two subjects, each overtaken by a change again and again.
const MOST_LOADS: u8 = 8;

impl Walk {
    /// Takes what is at hand of a subject, where that is right for these facts; false where it has to be awaited.
    pub(super) fn take_memberships(
        &mut self,
        route: &Route,
        subject: &SubjectId,
        facts: &Snapshot,
    ) -> bool {
        let source = route.enforcer().gate().memberships();
        let at_hand = source.and_then(|source| source.at_hand(subject, facts.version()));
        match at_hand {
            Some(loaded) if loaded.subject() == subject => {
                self.evaluation.memberships(loaded);
                true
            }
            _ => false,
        }
    }

    /// Forgets what was loaded and is not right for these facts: it is asked for again.
    pub(super) fn forget_overtaken(&mut self, route: &Route, facts: &Snapshot) {
        self.evaluation
            .forget_overtaken(route.enforcer().gate(), facts);
    }

    pub(super) async fn await_memberships(
        &mut self,
        route: &Route,
        subject: &SubjectId,
    ) -> Result<(), Denial> {
        let Some(source) = route.enforcer().gate().memberships() else {
            return Err(unavailable("the gate has no source of memberships"));
        };
        if self.loads == MOST_LOADS {
            return Err(unavailable(
                "memberships were overtaken by changes too often",
            ));
        }
        self.loads += 1;
        let loaded = source.load(subject).await;
        let loaded = loaded.map_err(|error| SourceError::unavailable(error).into_denial())?;
        if loaded.subject() != subject {
            return Err(unavailable("the memberships loaded are another subject's"));
        }
        self.evaluation.memberships(loaded);
        Ok(())
    }
}

#[cold]
fn unavailable(why: &'static str) -> Denial {
    SourceError::unavailable(why).into_denial()
}
