//! What time ends: a membership at its moment, and the lease.

use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use super::*;
use crate::lease::Clock;

fn in_a_moment(after: Duration) -> String {
    let end = jiff::Timestamp::now() + jiff::SignedDuration::try_from(after).unwrap();
    format!("alice = {{ roles = [\"developer\"], expires = \"{end}\" }}")
}

fn wait_for(waiting: &mut Waiting) -> Code {
    let begun = Instant::now();
    loop {
        if waiting.wakes() > 0
            && let Some(code) = waiting.poll()
        {
            return code;
        }
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "nobody was woken"
        );
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn a_membership_ends_at_its_moment_and_whoever_waits_is_woken() {
    const MEMBER: &str = "alice = { roles = [\"developer\"] }";
    let (gate, feed) = channel();
    let publish = |after, version, changed| {
        let text = ALLOWING.replacen(MEMBER, &in_a_moment(after), 1);
        let facts = PolicyText::toml(text).compile(version).unwrap();
        feed.publish_changes(facts, &Changes::of([changed]));
    };
    // Known from the beginning, and made known to one who waits already.
    publish(Duration::from_millis(600), 2, Changed::Everything);
    let mut early = Waiting::of(&permit(&gate));
    assert_eq!(wait_for(&mut early), Code::NotAMember);

    feed.publish(policy(&[], 3));
    let mut late = Waiting::of(&permit(&gate));
    publish(Duration::from_millis(50), 4, of_subject("alice"));
    assert_eq!(wait_for(&mut late), Code::NotAMember);
    assert_eq!(gate.waiting(), 0);
}

#[test]
fn an_identity_that_is_over_ends_what_goes_on_under_it() {
    let (gate, _feed) = channel();
    let end = crate::time::Timestamp::now().as_millis() + 500;
    let end = crate::time::Timestamp::from_millis(end).unwrap();
    let permit = permit_of(&gate, &RUN, subject("alice").expires(end));
    let mut waiting = Waiting::of(&permit);
    assert_eq!(wait_for(&mut waiting), Code::Unauthenticated);
    assert!(crate::time::Timestamp::now() >= end);
    let mut late = pin!(permit.ensure_fresh());
    let late = late.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert!(matches!(late, Poll::Ready(Err(denial)) if denial.code() == Code::Unauthenticated));
}

/// A clock whose hand is moved by the test.
#[derive(Default)]
struct Hand(AtomicU64);

impl Clock for Hand {
    fn now(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::SeqCst))
    }
}

#[test]
fn a_policy_that_becomes_stale_ends_every_permit() {
    let hand = Arc::new(Hand::default());
    let (gate, feed) = Gate::leased(hand.clone());
    feed.publish(policy(&[], 1));
    feed.renew(Duration::from_millis(500));
    let mut idle = Waiting::of(&permit(&gate));
    let mut busy = Waiting::of(&permit(&gate));
    hand.0.store(499, Ordering::SeqCst);
    assert_eq!(busy.poll(), None);
    hand.0.store(500, Ordering::SeqCst);
    // Who asks is told at once, whoever does not is woken.
    assert_eq!(busy.poll(), Some(Code::PolicyStale));
    assert_eq!(wait_for(&mut idle), Code::PolicyStale);

    feed.renew(Duration::from_secs(5));
    let mut waiting = Waiting::of(&permit(&gate));
    feed.revoke("the store is another one");
    assert_eq!(waiting.wakes(), 1);
    assert_eq!(waiting.poll(), Some(Code::PolicyStale));
}
