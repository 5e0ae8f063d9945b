//! Whoever begins to wait while something changes misses none of it.

use std::sync::Barrier;
use std::sync::atomic::AtomicBool;

use super::*;

const ROUNDS: u64 = 300;

#[test]
fn whoever_begins_to_wait_while_it_is_switched_off_is_told() {
    let (on, off) = (policy(&[], 1), policy(&[("\"opt-in\"", "\"off\"")], 1));
    let (gate, feed) = Gate::channel();
    let publish = |facts: &Snapshot, version| {
        let told = Changes::of([Changed::Resource("agent".to_owned())]);
        feed.publish_changes(facts.at_version(version), &told);
    };
    let (is_on, begins, is_done) = (Barrier::new(2), Barrier::new(2), Barrier::new(2));
    let (is_off, missed) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut context = Context::from_waker(Waker::noop());
            for _ in 0..ROUNDS {
                is_on.wait();
                let permit = permit(&gate);
                let mut begun = Vec::new();
                begins.wait();
                while !is_off.load(Ordering::SeqCst) {
                    begun.push(permit.revoked());
                }
                for mut revoked in begun {
                    let polled = Pin::new(&mut revoked).poll(&mut context);
                    missed.fetch_add(usize::from(polled.is_pending()), Ordering::SeqCst);
                }
                is_done.wait();
            }
        });
        for round in 0..ROUNDS {
            publish(&on, 2 * round + 1);
            is_off.store(false, Ordering::SeqCst);
            is_on.wait();
            begins.wait();
            // At some moment of its beginning, and not at the same one each time.
            for _ in 0..fastrand::u32(500..5000) {
                std::hint::spin_loop();
            }
            publish(&off, 2 * round + 2);
            is_off.store(true, Ordering::SeqCst);
            is_done.wait();
        }
    });
    assert_eq!(missed.into_inner(), 0, "they go on");
    assert_eq!(gate.waiting(), 0);
}

#[test]
fn a_kill_that_is_over_counts_for_whoever_begins_at_that_moment() {
    let (on, off) = (policy(&[], 1), policy(&[("\"opt-in\"", "\"off\"")], 1));
    let (gate, feed) = Gate::channel();
    let publish = |facts: &Snapshot, version| {
        let told = Changes::of([Changed::Resource("agent".to_owned())]);
        feed.publish_changes(facts.at_version(version), &told);
    };
    let (fresh, begun) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let go = Barrier::new(2);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut context = Context::from_waker(Waker::noop());
            for round in 0..ROUNDS * 5 {
                go.wait();
                let permit = permit(&gate);
                assert_eq!(permit.version(), 3 * round + 1);
                go.wait();
                // It was killed, and is on again.
                while gate.read(Snapshot::version).unwrap() < 3 * round + 3 {}
                if round % 2 == 0 {
                    let mut asked = pin!(permit.ensure_fresh());
                    if matches!(asked.as_mut().poll(&mut context), Poll::Ready(Ok(()))) {
                        fresh.fetch_add(1, Ordering::SeqCst);
                    }
                    go.wait();
                } else {
                    let mut revoked = permit.revoked();
                    go.wait();
                    if Pin::new(&mut revoked).poll(&mut context).is_pending() {
                        begun.fetch_add(1, Ordering::SeqCst);
                    }
                }
                go.wait();
            }
        });
        for round in 0..ROUNDS * 5 {
            publish(&on, 3 * round + 1);
            go.wait();
            go.wait();
            publish(&off, 3 * round + 2);
            for _ in 0..fastrand::u32(500..5000) {
                std::hint::spin_loop();
            }
            publish(&on, 3 * round + 3);
            go.wait();
            go.wait();
        }
    });
    assert_eq!(
        (fresh.into_inner(), begun.into_inner()),
        (0, 0),
        "(ensure_fresh, revoked) went on"
    );
}

#[test]
fn nothing_is_left_of_one_that_is_dropped_while_its_tags_change() {
    let (gate, feed) = Gate::channel();
    let below = policy(&[], 1);
    let alone = policy(&[("parent = \"holding\"\n", "")], 1);
    let acme = Changes::of([org("acme")]);
    let go = Barrier::new(2);
    feed.publish(below.clone());
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0..ROUNDS {
                go.wait();
                let facts = if round % 2 == 0 { &alone } else { &below };
                feed.publish_changes(facts.at_version(round + 2), &acme);
                go.wait();
            }
        });
        for _ in 0..ROUNDS {
            let before = permit(&gate).revoked();
            let dropped = permit(&gate).revoked();
            drop(before);
            go.wait();
            for _ in 0..fastrand::u32(0..3000) {
                std::hint::spin_loop();
            }
            drop(dropped);
            go.wait();
        }
    });
    assert_eq!(gate.waiting(), 0);
}

#[test]
fn nothing_is_left_of_one_that_stands_elsewhere_than_at_the_beginning() {
    let (gate, feed) = Gate::channel();
    feed.publish(policy(&[], 1));
    let acme = Changes::of([org("acme")]);
    let dummy = permit(&gate).revoked();
    let real = permit(&gate).revoked();
    drop(dummy);
    feed.publish_changes(policy(&[("parent = \"holding\"\n", "")], 2), &acme);
    drop(real);
    assert_eq!(gate.waiting(), 0);
}
