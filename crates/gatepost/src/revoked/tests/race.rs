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
