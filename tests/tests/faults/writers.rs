//! Many writers at once: versions are counted in the order in which changes become true, and none is left out.

use std::time::{Duration, Instant};

use gatepost_store::StoreErrorKind;
use gatepost_tests::faults::policy::Toggle;
use gatepost_tests::faults::rig::Rig;

use crate::{cluster, start};

/// Turns toggles from many stores at once; the versions that were told to be made, in order.
fn written(rig: &Rig, writers: usize, lasts: Duration) -> Vec<u64> {
    let stores: Vec<_> = (0..writers)
        .map(|_| rig.book.store().open(rig.url()).unwrap())
        .collect();
    let began = Instant::now();
    std::thread::scope(|scope| {
        let writers = stores.iter().enumerate().map(|(number, store)| {
            scope.spawn(move || {
                let toggle = Toggle::ALL[number % Toggle::ALL.len()];
                let (mut made, mut on) = (Vec::new(), number % 2 == 0);
                while began.elapsed() < lasts {
                    match store.write(&toggle.command(on)) {
                        Ok(committed) => {
                            on = !on;
                            made.extend(committed.changed.then_some(committed.version));
                        }
                        // It may wait its turn; nothing else may happen to it.
                        Err(why) => assert_eq!(why.kind(), StoreErrorKind::Busy, "{why}"),
                    }
                }
                made
            })
        });
        let writers: Vec<_> = writers.collect();
        let made = writers
            .into_iter()
            .flat_map(|writer| writer.join().unwrap());
        let mut made: Vec<u64> = made.collect();
        made.sort_unstable();
        made
    })
}

/// Everything that was told to be made was made, by a version of its own, and nothing else was.
fn gapless(mut rig: Rig, writers: usize) {
    rig.begin(rig.scale.either(3, 16));
    rig.write_no_more();
    let first = rig.book.last();
    let lasts = Duration::from_millis(rig.scale.either(800, 10_000));
    let made = written(&rig, writers, lasts);
    let last = rig.book.settle().unwrap();
    let all: Vec<u64> = (first + 1..=last).collect();
    assert_eq!(made, all, "versions are left out or given twice");
    assert!(
        all.len() > writers,
        "{} versions by {writers} writers",
        all.len()
    );
    rig.await_newest(Duration::from_secs(2));
    let summary = rig.finish();
    eprintln!("{writers} writers made {} versions; {summary}", all.len());
}

#[test]
fn versions_of_many_writers_are_gapless_in_the_order_of_their_commits() {
    let cluster = cluster(&[]);
    let url = cluster.url();
    let rig = Rig::new("many writers", &url, start(&url));
    let writers = rig.scale.either(16, 64);
    gapless(rig, writers);
}

#[test]
fn versions_of_many_writers_to_one_file_are_gapless_too() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("policy.db").display());
    let rig = Rig::new("SQLite, many writers", &url, start(&url));
    gapless(rig, 6);
}
