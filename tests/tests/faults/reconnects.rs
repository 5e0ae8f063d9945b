//! A thousand replicas that come back at once.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use gatepost_tests::faults::history::Decision;
use gatepost_tests::faults::policy::{policy, requests};
use gatepost_tests::faults::replicas::ReplicaProcess;
use gatepost_tests::faults::rig::memory;
use gatepost_tests::faults::scale::Scale;
use gatepost_tests::faults::store::Store;
use gatepost_tests::faults::writer::now;
use gatepost_tests::postgres::{Cluster, Stop, wait_for};

use crate::others::Other;
use crate::{cluster, start};

/// How often it is looked who is back; what is looked at is written by all of them.
const LOOK: Duration = Duration::from_millis(400);

/// The last answer of each replica since a moment.
fn latest(process: &ReplicaProcess, since: u64) -> BTreeMap<String, Decision> {
    let decisions = process.decisions().into_iter();
    decisions
        .filter(|decision| decision.begun >= since)
        .map(|decision| (decision.replica.clone(), decision))
        .collect()
}

#[test]
fn a_thousand_replicas_are_back_within_ten_seconds_and_the_store_answers_meanwhile() {
    let scale = Scale::of_this_run();
    let (processes, handles) = scale.either((2, 50), (4, 250));
    let cluster = cluster(&[("max_connections", "1200")]);
    let url = cluster.url();
    let store = Store::make(&url, &policy());
    let folder = memory();
    let mut replicas = start(&url);
    (replicas.handles, replicas.every) = (handles, Duration::from_millis(100));
    // So many of them would keep the machine busy with writing down what does not change.
    replicas.changes = true;
    // At its full length it is a thousand clients and their server on one small machine, which is not
    // to measure how many questions a second that can do.
    (replicas.lease, replicas.interval) = scale.either(
        (Duration::from_secs(2), None),
        (Duration::from_secs(5), Some(Duration::from_secs(1))),
    );
    replicas.requests = requests()[..1].to_vec();
    let replicas: Vec<ReplicaProcess> = (0..processes)
        .map(|number| ReplicaProcess::start(&replicas, &format!("p{number}"), folder.path()))
        .collect();
    let all = processes * handles;
    let well = |since: u64, version: u64| {
        let latest = replicas.iter().flat_map(|process| latest(process, since));
        let well = latest.filter(|(_, answer)| answer.version >= Some(version));
        well.count()
    };
    let began = wait_for(Duration::from_mins(1), || {
        std::thread::sleep(LOOK);
        well(0, 1) == all
    });
    assert!(
        began,
        "{} of {all} began: {}",
        well(0, 1),
        replicas[0].said()
    );

    cluster.stop(Stop::Fast);
    std::thread::sleep(Duration::from_secs(3));
    cluster.begin();
    let (healed, back) = (now(), Instant::now());
    let kill = gatepost_tests::faults::policy::Toggle::SiteSwitch.command(false);
    let version = store.write(&kill).unwrap().version;
    let database = Cluster::database_of(&url).to_owned();
    let mut answers = Vec::new();
    let other = Other::connect(&cluster, &database).unwrap();
    let mut checked = Instant::now();
    let took = loop {
        let asked = Instant::now();
        other.run("SELECT version FROM gatepost_head");
        answers.push(asked.elapsed());
        std::thread::sleep(Duration::from_millis(5));
        if checked.elapsed() > LOOK {
            if well(healed, version) == all {
                break back.elapsed();
            }
            assert!(
                back.elapsed() < Duration::from_secs(14),
                "{} of {all} are back: {}",
                well(healed, version),
                replicas[0].said()
            );
            checked = Instant::now();
        }
    };
    answers.sort();
    let p99 = answers[(answers.len() * 99).div_ceil(100) - 1];
    let slowest = replicas.iter().filter_map(|process| {
        let mut first = BTreeMap::new();
        for answer in process.decisions() {
            if answer.begun >= healed && answer.version >= Some(version) {
                first.entry(answer.replica).or_insert(answer.begun);
            }
        }
        first.into_values().max()
    });
    let slowest = Duration::from_nanos(slowest.max().unwrap() - healed);
    eprintln!(
        "{all} reconnects: the last is back after {slowest:?} (seen after {took:?}), p99 of the store {p99:?} over {} answers",
        answers.len()
    );
    assert!(
        slowest <= Duration::from_secs(10),
        "the last was back after {slowest:?}"
    );
    assert!(
        p99 < Duration::from_secs(1),
        "the store answered in {p99:?}"
    );
}
