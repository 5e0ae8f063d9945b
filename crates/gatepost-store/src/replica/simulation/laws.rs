//! What holds at every moment, and after every answer.

use std::time::Duration;

use gatepost::{Decision, OrgRule, Request, Snapshot, Step, Subject, SubjectId, decide};

use super::LEASE;
use super::world::Shared;
use crate::replica::heartbeat::State;

impl Shared {
    /// What holds at every moment, whatever happens.
    pub(super) fn laws(&self) {
        let Some(gate) = self.world().gate.clone() else {
            return;
        };
        let decided = gate.read(|facts| (facts.version(), allows_chat(facts)));
        let mut world = self.world();
        let now = world.now;
        let Ok((version, allowed)) = decided else {
            return;
        };
        assert!(version >= world.seen_version, "the version went back");
        world.seen_version = version;
        let since = now.saturating_sub(LEASE);
        let mut ends = world.newest.iter().skip(1).map(|(from, _)| *from);
        let within = world.newest.iter().any(|(_, commit)| {
            let until = ends.next().unwrap_or(Duration::MAX);
            until >= since
                && commit.version.unsigned_abs() == version
                && !commit.poison
                && (!allowed || commit.chat)
        });
        assert!(
            within,
            "at {now:?} version {version} (chat: {allowed}) is decided by, which was not the newest within the lease: {:?}",
            world.newest
        );
        assert!(
            world.row_was_there + LEASE >= now,
            "a lease runs, and nobody could know of the replica"
        );
    }

    /// What holds when an answer was acted on.
    pub(super) fn laws_after_an_answer(&self) {
        let world = self.world();
        let (Some(gate), Some(told)) = (world.gate.clone(), world.told.clone()) else {
            return;
        };
        let wrong = world.told_wrong;
        let row = world.row.clone();
        drop(world);
        let allowed = gate.read(allows_chat);
        if !told.chat {
            assert_ne!(allowed, Ok(true), "a kill that was read is not in force");
        }
        if wrong {
            assert!(allowed.is_err(), "a store that went back is believed");
        }
        if let (Some(row), Ok(facts)) = (row, gate.snapshot())
            && row.state == State::Live
        {
            let version = row.version.unsigned_abs();
            assert!(
                facts.version() >= version,
                "acknowledged and not decided by"
            );
        }
    }
}

fn allows_chat(facts: &Snapshot) -> bool {
    let alice = Subject::new(SubjectId::new("alice").unwrap());
    let request = Request::new("chat", "read")
        .subject(&alice)
        .org_rule(OrgRule::None);
    matches!(decide(facts, &request), Step::Done(Decision::Allow(_)))
}
