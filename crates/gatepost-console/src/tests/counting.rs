//! Counting: by one policy at a time, and by the version that is asked for.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use gatepost::OrgSwitch;
use gatepost_store::{Change, Command};

use super::rig::{Rig, operator};
use crate::ops::{Counting, Uncounted};

#[tokio::test(flavor = "multi_thread")]
async fn it_is_counted_by_the_version_that_is_asked_for_alone() {
    let rig = Rig::new().await;
    let counting = Counting::default();
    let by = async |version| {
        let count = |whole: &crate::ops::Whole| (whole.version, whole.facts.version());
        counting.by(&rig.store, version, 1_000, count).await
    };
    assert_eq!(by(1).await, Ok((1, 1)));
    let off = Command::OrgSwitch {
        org: "acme".into(),
        resource: "chat".into(),
        mode: None,
        to: Some(OrgSwitch::Off),
    };
    let change = Change::new(off, operator(), "a test");
    rig.store.write(&change).await.unwrap();
    assert_eq!(by(2).await, Ok((2, 2)));
    assert_eq!(by(2).await, Ok((2, 2)));
    assert_eq!(by(1).await, Err(Uncounted::Changed), "that is over");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_drops_a_request_has_nothing_counted_beside_what_was_begun() {
    let rig = Rig::new().await;
    let counting = Counting::default();
    let (running, most, done) = <(Arc<AtomicUsize>, Arc<AtomicUsize>, Arc<AtomicUsize>)>::default();
    let mut busy = 0;
    for _ in 0..8 {
        let (running, most, done) = (running.clone(), most.clone(), done.clone());
        let count = counting.by(&rig.store, 1, 1_000, move |_| {
            let now = running.fetch_add(1, Ordering::SeqCst) + 1;
            most.fetch_max(now, Ordering::SeqCst);
            std::thread::sleep(Duration::from_millis(60));
            running.fetch_sub(1, Ordering::SeqCst);
            done.fetch_add(1, Ordering::SeqCst);
        });
        let given_up = tokio::time::timeout(Duration::from_millis(5), count).await;
        busy += usize::from(given_up == Ok(Err(Uncounted::Busy)));
    }
    assert!(busy >= 1, "the places are taken until it is counted");
    let counted = 8 - busy;
    for _ in 0..200 {
        if done.load(Ordering::SeqCst) == counted {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(done.load(Ordering::SeqCst), counted);
    assert_eq!(most.load(Ordering::SeqCst), 1, "one at a time");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_is_too_large_is_not_compiled() {
    let rig = Rig::new().await;
    let counting = Counting::default();
    let counted = counting.by(&rig.store, 1, 10, |_| ()).await;
    assert_eq!(counted, Err(Uncounted::TooLarge));
}
