//! The protocol in a world where all goes wrong, by a schedule, on one thread.

mod event;
mod laws;
mod policy;
mod source;
mod world;

use std::sync::Arc;
use std::time::Duration;

use gatepost::{Gate, Health};
use proptest::prelude::*;

use super::follow::{Follower, Following};
use super::statistics::Counters;
use event::Event;
use world::Shared;

const LEASE: Duration = Duration::from_secs(2);

fn follower(
    world: &Shared,
    interval: Duration,
    lease: Duration,
    seed: u64,
) -> (Gate, Follower<Shared>) {
    let clock: Arc<dyn gatepost::Clock> = Arc::new(world.clone());
    let (gate, feed) = Gate::leased(Arc::clone(&clock));
    let following = Following {
        reported: Arc::default(),
        place: "simulated".into(),
        name: "replica".into(),
        lease,
        interval,
        hints: true,
        clock,
        feed,
        counters: Arc::new(Counters::default()),
        elsewhere: None,
        random: fastrand::Rng::with_seed(seed),
    };
    (gate, Follower::new(world.clone(), following))
}

fn follow(world: &Shared, follower: &mut Follower<Shared>, time: Duration) {
    let end = world.world().now + time;
    while world.world().now < end {
        world.world().told = None;
        let _ = follower.turn(Duration::from_secs(5));
        world.laws_after_an_answer();
        follower.rest();
    }
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        6 => Just(Event::Toggle),
        2 => Just(Event::Poison),
        3 => Just(Event::Role),
        1 => Just(Event::Import),
        1 => any::<u8>().prop_map(Event::Spoof),
        2 => any::<bool>().prop_map(Event::LoseHints),
        2 => any::<bool>().prop_map(Event::Down),
        2 => (0..3000_u16, 0..3000_u16).prop_map(|(before, after)| Event::Slow(before, after)),
        2 => (0..4_u16, 0..4_u16).prop_map(|(before, after)| Event::Slow(before, after)),
        2 => Just(Event::Break),
        2 => (0..4_u8).prop_map(Event::Failover),
        2 => Just(Event::FailBack),
        2 => Just(Event::Recover),
        1 => any::<bool>().prop_map(Event::Full),
        1 => Just(Event::Forget),
        1 => any::<bool>().prop_map(Event::Damage),
        1 => any::<bool>().prop_map(Event::Standby),
        1 => any::<bool>().prop_map(Event::Format),
        1 => any::<bool>().prop_map(Event::Scribble),
        1 => (0..5000_u16).prop_map(Event::Suspend),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever happens: versions never go back, nothing is decided by that was not the newest
    /// within the lease, and a kill that was read is in force. And all is well once all is well.
    #[test]
    fn the_laws_hold_whatever_happens(
        events in proptest::collection::vec((0..700_u64, event()), 1..40),
        seed: u64,
    ) {
        let mut at = Duration::from_millis(1_000_500);
        let schedule: Vec<_> = events
            .into_iter()
            .map(|(after, event)| {
                at += Duration::from_millis(after);
                (at, event)
            })
            .collect();
        let time = at.saturating_sub(Duration::from_secs(1000));
        let world = Shared::new(schedule);
        let (gate, mut follower) = follower(&world, Duration::from_millis(250), LEASE, seed);
        world.world().gate = Some(gate.clone());
        follow(&world, &mut follower, time + Duration::from_millis(500));

        world.world().forget_the_rest();
        for healed in [
            Event::Down(false), Event::Slow(1, 1), Event::Full(false), Event::Damage(false),
            Event::Standby(false), Event::Format(false), Event::Scribble(false),
            Event::LoseHints(false), Event::Recover,
        ] {
            world.world().happen(&healed);
        }
        // The longest is the row that could not be written.
        follow(&world, &mut follower, Duration::from_secs(5));
        let version = world.world().row.as_ref().map(|row| row.version.unsigned_abs());
        let health = version.map(|version| Health::Ready { version });
        prop_assert_eq!(Some(gate.health()), health);
    }
}

fn at(millis: u64) -> Duration {
    Duration::from_millis(1_000_000 + millis)
}

fn version(gate: &Gate) -> Option<u64> {
    gate.read(gatepost::Snapshot::version).ok()
}

#[test]
fn what_is_committed_while_the_replica_connects_is_not_missed() {
    for moment in 0..12 {
        let world = Shared::new(vec![(at(moment), Event::Toggle)]);
        let (gate, mut follower) =
            follower(&world, Duration::from_secs(10), Duration::from_mins(1), 1);
        follow(&world, &mut follower, Duration::from_millis(300));
        assert_eq!(
            version(&gate),
            Some(2),
            "committed {moment} ms after the start"
        );
    }
}

#[test]
fn what_is_committed_while_it_reconnects_is_not_missed() {
    for moment in 0..40 {
        let schedule = vec![(at(300), Event::Break), (at(300 + moment), Event::Toggle)];
        let world = Shared::new(schedule);
        let (gate, mut follower) =
            follower(&world, Duration::from_secs(10), Duration::from_mins(1), 1);
        follow(&world, &mut follower, Duration::from_millis(900));
        assert_eq!(
            version(&gate),
            Some(2),
            "committed {moment} ms after the break"
        );
    }
}

#[test]
fn it_is_back_within_a_second_of_its_store() {
    for seed in 0..100 {
        let schedule = vec![(at(300), Event::Down(true)), (at(8000), Event::Down(false))];
        let world = Shared::new(schedule);
        let (gate, mut follower) = follower(&world, Duration::from_millis(250), LEASE, seed);
        follow(&world, &mut follower, Duration::from_millis(7900));
        assert!(matches!(
            gate.health(),
            Health::Stale { fault: Some(_), .. }
        ));
        follow(&world, &mut follower, Duration::from_millis(600));
        assert_eq!(version(&gate), Some(1));
    }
}

#[test]
fn a_flood_of_hints_is_answered_twenty_times_a_second() {
    let flood = (0..40).map(|part| (at(1000 + part * 250), Event::Spoof(250)));
    let world = Shared::new(flood.collect());
    let (_gate, mut follower) = follower(&world, Duration::from_millis(250), LEASE, 1);
    follow(&world, &mut follower, Duration::from_secs(1));
    let quiet = world.world().asks;
    follow(&world, &mut follower, Duration::from_secs(10));
    let flooded = world.world().asks - quiet;
    assert!(
        (150..=20 * 10 + 10).contains(&flooded),
        "{flooded} in ten seconds"
    );
}
