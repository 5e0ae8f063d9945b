//! Changes and requests at random, all at once; each decision is compared with the policy of its version.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use gatepost::{Gate, Next, OrgSwitch, PolicyDocument, SiteSwitch, Snapshot, Status};
use gatepost_store::{Command, PolicyStore, Replica};

use super::ask::{decide, evaluation};
use super::{add, remove, write};
use crate::rig::ines;

const SUBJECTS: [&str; 12] = [
    "alice", "bob", "carol", "gus", "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7",
];
const ORGS: [&str; 2] = ["acme", "globex"];
const ROLES: [&str; 2] = ["reader", "guest"];
const CHANGES: usize = 150;

/// Who asked for what, and what came of it.
type Seen = (u64, &'static str, &'static str, String);
type Policies = BTreeMap<u64, PolicyDocument>;

pub(super) async fn run(replica: &Replica, store: &PolicyStore) {
    let asked = Arc::new(Asked::default());
    let asking: Vec<_> = (0..4)
        .map(|_| tokio::spawn(ask(replica.gate(), asked.clone())))
        .collect();
    let policies = change(store, &asked).await;
    asked.is_over.store(true, Ordering::Relaxed);
    let (mut seen, mut failed) = (Vec::new(), 0);
    for asking in asking {
        let (more, errors) = asking.await.unwrap();
        seen.extend(more);
        failed += errors;
    }
    let compiled = policies.iter().map(|(version, policy)| {
        let mirrored = Snapshot::compile(policy, *version).unwrap();
        (*version, mirrored)
    });
    let compiled: BTreeMap<u64, Snapshot> = compiled.collect();
    let mut ends: BTreeMap<&str, usize> = BTreeMap::new();
    for (version, subject, org, code) in &seen {
        let expected = mirrored(&compiled[version], subject, org);
        // What is killed is laid over the facts as soon as a head was read that says so.
        let mut next = compiled.range(version..).map(|(_, facts)| facts).take(20);
        let killed = code == "site_off" && next.any(|facts| mirrored(facts, "s0", "acme") == *code);
        assert!(
            *code == expected || killed,
            "{subject} in {org} at version {version}: {code} and not {expected}"
        );
        *ends.entry(code).or_default() += 1;
    }
    // Nothing is decided while a store that was recovered or imported is read anew, and the faster the changes in
    // between, the more of the time that is.
    assert!(failed * 10 < seen.len(), "{failed} of {}", seen.len());
    for code in ["allow", "not_a_member", "org_grant_missing", "site_off"] {
        assert!(ends.get(code).is_some_and(|times| *times > 10), "{ends:?}");
    }
    let statistics = replica.statistics();
    assert!(statistics.subjects_held <= 6);
    let reads = usize::try_from(statistics.membership_reads).unwrap();
    assert!(reads < seen.len(), "{reads} reads for {}", seen.len());
}

/// What a gate says that has the memberships among its facts.
fn mirrored(facts: &Snapshot, subject: &str, org: &str) -> String {
    match evaluation(subject, org).next(facts) {
        Next::Admit(_) => "allow".into(),
        Next::Reject(denial) => denial.code().as_str().into(),
        next => panic!("{next:?}"),
    }
}

/// What those who ask and the one who changes know of each other.
#[derive(Default)]
struct Asked {
    is_over: AtomicBool,
    /// How many were told that the site is off.
    off: AtomicUsize,
}

async fn ask(gate: Gate, asked: Arc<Asked>) -> (Vec<Seen>, usize) {
    let (mut seen, mut failed) = (Vec::new(), 0);
    while !asked.is_over.load(Ordering::Relaxed) {
        let subject = SUBJECTS[fastrand::usize(..SUBJECTS.len())];
        let org = ORGS[fastrand::usize(..ORGS.len())];
        match decide(&gate, subject, org).await {
            Ok((version, code)) => {
                asked
                    .off
                    .fetch_add(usize::from(code == "site_off"), Ordering::Relaxed);
                seen.push((version, subject, org, code));
            }
            Err(_) => failed += 1,
        }
        tokio::time::sleep(Duration::from_micros(fastrand::u64(..500))).await;
    }
    (seen, failed)
}

/// Every version that there was, as a whole.
async fn change(store: &PolicyStore, asked: &Asked) -> Policies {
    let mut policies = Policies::from([store.export().await.unwrap()]);
    for number in 0..CHANGES {
        if number % 60 == 29 {
            store.recover(ines(), "at random").await.unwrap();
        } else if number % 60 == 59 {
            let (_, mut policy) = store.export().await.unwrap();
            let subject = SUBJECTS[fastrand::usize(..SUBJECTS.len())];
            for org in policy.orgs.values_mut() {
                org.members.remove(subject);
            }
            store.import(&policy, ines(), "anew", None).await.unwrap();
        } else {
            let command = command(number);
            let is_off = matches!(
                command,
                Command::SiteSwitch {
                    to: SiteSwitch::Off,
                    ..
                }
            );
            let change = gatepost_store::Change::new(command, ines(), "at random");
            let before = asked.off.load(Ordering::Relaxed);
            // What is not there cannot be taken.
            let _ = store.write(&change).await;
            // However busy the machine is, some are told before it is on again.
            let end = Instant::now() + Duration::from_secs(20);
            while is_off && asked.off.load(Ordering::Relaxed) < before + 5 && Instant::now() < end {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
        let (version, policy) = store.export().await.unwrap();
        policies.insert(version, policy);
        tokio::time::sleep(Duration::from_millis(fastrand::u64(..12))).await;
    }
    write(store, add("acme", "alice", "reader")).await;
    let (version, policy) = store.export().await.unwrap();
    policies.insert(version, policy);
    policies
}

fn command(number: usize) -> Command {
    let subject = SUBJECTS[fastrand::usize(..SUBJECTS.len())];
    let org = ORGS[fastrand::usize(..ORGS.len())];
    let role = ROLES[fastrand::usize(..ROLES.len())];
    // What was switched off is on again soon, so that most of the time memberships matter.
    match number % 40 {
        10 | 11 => Command::SiteSwitch {
            resource: "chat".into(),
            mode: None,
            to: if number % 40 == 10 {
                SiteSwitch::Off
            } else {
                SiteSwitch::On
            },
        },
        20 | 21 => Command::OrgSwitch {
            org: "acme".into(),
            resource: "chat".into(),
            mode: None,
            to: Some(if number % 40 == 20 {
                OrgSwitch::Off
            } else {
                OrgSwitch::On
            }),
        },
        30 | 31 => Command::SubjectStatus {
            subject: "bob".into(),
            status: if number % 40 == 30 {
                Status::Suspended
            } else {
                Status::Active
            },
        },
        _ if fastrand::bool() => add(org, subject, role),
        _ => remove(org, subject, role),
    }
}
