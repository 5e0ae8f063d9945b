//! Wakers are others' code: none is run while something is locked, and none spoils it for another.

use std::sync::mpsc;
use std::time::Duration;

use super::*;

/// A waker that owns another task's waiting, as some executors' do.
struct Owning(Option<Revoked>, mpsc::Sender<()>);
impl Wake for Owning {
    fn wake(self: Arc<Self>) {}
}
impl Drop for Owning {
    fn drop(&mut self) {
        let _ = self.1.send(());
        std::thread::sleep(Duration::from_millis(200));
        drop(self.0.take());
    }
}

#[test]
fn a_waker_is_not_dropped_under_a_lock() {
    let (gate, feed) = Gate::channel();
    feed.publish(policy(&[], 1));
    let mut one = permit(&gate).revoked();
    let two = permit(&gate).revoked();
    let (begun, begins) = mpsc::channel();
    let waker = Waker::from(Arc::new(Owning(Some(two), begun)));
    assert!(
        Pin::new(&mut one)
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
    );
    drop(waker);
    let (done, is_done) = mpsc::channel();
    std::thread::spawn(move || {
        begins.recv().unwrap();
        feed.publish(policy(&[], 2));
    });
    std::thread::spawn(move || {
        let _ = Pin::new(&mut one).poll(&mut Context::from_waker(Waker::noop()));
        done.send(()).unwrap();
    });
    assert!(
        is_done.recv_timeout(Duration::from_secs(5)).is_ok(),
        "deadlock: the publisher and a poll"
    );
}

struct Panics;
impl Wake for Panics {
    fn wake(self: Arc<Self>) {
        panic!("a waker that panics");
    }
}

#[test]
fn one_waker_that_panics_leaves_the_others_woken() {
    let (gate, feed) = Gate::channel();
    feed.publish(policy(&[], 1));
    let mut bad = permit(&gate).revoked();
    assert!(
        Pin::new(&mut bad)
            .poll(&mut Context::from_waker(&Waker::from(Arc::new(Panics))))
            .is_pending()
    );
    let mut good = Waiting::of(&permit(&gate));
    let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        feed.publish(policy(&[("\"opt-in\"", "\"off\"")], 2))
    }));
    let woken = good.woken.0.load(Ordering::SeqCst);
    assert!(good.poll().is_some());
    assert_eq!(woken, 1, "over, and its task is never woken");
}
