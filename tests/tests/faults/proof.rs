//! The proof that a kill is in force everywhere.

use std::time::{Duration, Instant};

use gatepost_store::Author;
use gatepost_tests::faults::policy::Toggle;

use crate::{cluster, rig};

#[test]
fn a_proof_names_the_replica_that_was_killed_and_waits_for_its_lease() {
    let cluster = cluster(&[]);
    let mut rig = rig("SIGKILL of a replica during a kill", &cluster);
    rig.begin(rig.scale.either(3, 16));
    rig.calm();
    rig.write_no_more();
    rig.book.turn(Toggle::SiteSwitch, true).unwrap();
    rig.await_newest(Duration::from_secs(2));
    let gone = rig.replicas[0].name().to_owned();
    rig.give_up(&gone);
    rig.broken_for(&gone);
    rig.replicas[0].signal("KILL");
    let asked = Instant::now();
    let (runtime, store) = rig.book.store().parts();
    let ines = Author::Operator {
        name: "ines".to_owned(),
    };
    let kill = store.kill("chat", None, ines, "runs do not end");
    let (committed, proof) = runtime.block_on(kill).unwrap();
    let took = asked.elapsed();
    rig.book.settle().unwrap();
    assert_eq!(
        (committed.version, proof.version),
        (rig.book.last(), rig.book.last())
    );
    assert_eq!(proof.replicas.len(), rig.replicas.len(), "{proof}");
    for replica in &proof.replicas {
        let expected = if replica.name == gone {
            "LeaseRanOut"
        } else {
            "Acknowledged"
        };
        assert_eq!(format!("{:?}", replica.outcome), expected, "{proof}");
    }
    let lease = rig.scale.lease();
    assert!(took > lease, "{took:?}: {proof}");
    assert!(
        took < lease + Duration::from_millis(500),
        "{took:?}: {proof}"
    );
    assert!(proof.to_string().contains(&gone), "{proof}");
    let denied = rig.replicas[1..].iter().all(|replica| {
        let chat = replica.latest(Toggle::ALL.len())[0].clone();
        chat.is_some_and(|chat| !chat.allows())
    });
    assert!(denied, "a replica allows what is proved to be off");
    rig.finish();
}
