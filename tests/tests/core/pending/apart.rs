//! The same requests, where the memberships are elsewhere and one more input to be asked for.

use gatepost::PolicyDocument;
use gatepost_tests::apart::Apart;
use gatepost_tests::twin::Twin;

use super::table::{askers, policies};
use super::world::{Owner, World};
use super::{Case, drive, owned_in};

#[test]
fn memberships_that_are_elsewhere_are_asked_for_beside_what_else_is_pending() {
    let askers = askers();
    for policy in policies() {
        let twin = Twin::of(&policy);
        let apart = Apart::of(&PolicyDocument::from_json_value(&policy).unwrap());
        for asker in &askers {
            let mut case = Case::new(&twin, asker);
            case.facts = &apart.snapshot;
            case.members = Some(&apart);
            for world in World::all() {
                let found =
                    world.owner == Owner::Nobody || owned_in(world.place, world.at, asker.ends);
                if world.mode.is_some() && found {
                    drive(&case, world);
                }
            }
        }
    }
}
