//! What a gate answers as its lease runs, and which facts it takes.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::*;
use crate::policy::PolicyText;

/// A clock whose hand is moved by the test.
#[derive(Default)]
struct Hand(AtomicU64);

impl Hand {
    fn set(&self, seconds: u64) {
        self.0.store(seconds, Ordering::Relaxed);
    }
}

impl Clock for Hand {
    fn now(&self) -> Duration {
        Duration::from_secs(self.0.load(Ordering::Relaxed))
    }
}

fn facts(version: u64) -> Snapshot {
    PolicyText::toml("version = 1").compile(version).unwrap()
}

fn answers(gate: &Gate) -> [Result<u64, Code>; 2] {
    [
        gate.read(Snapshot::version),
        gate.snapshot().map(|facts| facts.version()),
    ]
}

#[test]
fn past_its_lease_a_gate_is_stale_until_it_is_renewed() {
    let hand = Arc::new(Hand::default());
    let (gate, feed) = Gate::leased(hand.clone());
    feed.renew(Duration::from_secs(5));
    assert_eq!(answers(&gate), [Err(Code::PolicyUnavailable); 2]);
    feed.publish(facts(1));
    assert_eq!(answers(&gate), [Ok(1); 2]);
    hand.set(4);
    assert_eq!(answers(&gate), [Ok(1); 2]);
    hand.set(5);
    assert_eq!(answers(&gate), [Err(Code::PolicyStale); 2]);
    let stale = Health::Stale {
        version: 1,
        fault: None,
    };
    assert_eq!(gate.health(), stale);
    feed.renew(Duration::from_secs(7));
    assert_eq!(answers(&gate), [Ok(1); 2]);
    feed.renew(Duration::from_secs(6));
    hand.set(6);
    assert_eq!(answers(&gate), [Ok(1); 2], "it was shortened");
}

#[test]
fn a_revoked_lease_is_over_at_once_and_says_why() {
    let (gate, feed) = Gate::leased(Arc::new(Hand::default()));
    feed.publish(facts(1));
    feed.renew(Duration::from_secs(5));
    feed.revoke("another history");
    assert_eq!(answers(&gate), [Err(Code::PolicyStale); 2]);
    let why = Some(Arc::new("another history".to_owned()));
    let stale = Health::Stale {
        version: 1,
        fault: why,
    };
    assert_eq!(gate.health(), stale);
    feed.renew(Duration::from_secs(5));
    assert_eq!(answers(&gate), [Ok(1); 2]);
}

#[test]
fn facts_of_an_older_version_are_not_taken() {
    let (gate, feed) = Gate::channel();
    assert!(feed.publish(facts(7)));
    assert!(!feed.publish(facts(6)));
    assert_eq!(answers(&gate), [Ok(7); 2]);
    assert!(feed.publish(facts(7)), "a kill is laid over the same ones");
    assert!(feed.publish(facts(8)));
    assert_eq!(answers(&gate), [Ok(8); 2]);
}
