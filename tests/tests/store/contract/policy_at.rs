//! The policy of an earlier version.

use gatepost::OrgSwitch;
use gatepost_store::{Change, Preview, StoreErrorKind, Undo};
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;

use crate::place::{Place, ines, on_both, policy};
use crate::texts::{kill, org};
use crate::{commands, policies};

on_both!(
    every_version_since_the_import_is_told_as_it_was,
    what_cannot_be_told_says_why,
    a_log_that_lost_a_change_tells_nothing_before_it,
    a_log_that_is_not_about_what_is_stored_is_not_believed,
    an_import_that_was_written_down_is_gone_behind,
    commands_on_a_document_do_what_a_store_does,
);

async fn every_version_since_the_import_is_told_as_it_was(place: Place) {
    let store = place.init().await;
    let policies::Policy(document) = policies::policy()
        .new_tree(&mut TestRunner::default())
        .unwrap()
        .current();
    store.import(&document, ines(), "seed", None).await.unwrap();
    let mut known = vec![store.export().await.unwrap()];
    let seed = fastrand::u64(..);
    let mut random = fastrand::Rng::with_seed(seed);
    while known.len() < 40 {
        let undone = Undo::new(random.u64(2..9), ines(), "at random");
        let written = if random.u8(..5) == 0 {
            store.undo(&undone).await
        } else {
            let change = Change::new(commands::any(&mut random), ines(), "at random");
            store.write(&change).await
        };
        if written.is_ok_and(|written| written.changed) {
            known.push(store.export().await.unwrap());
        }
    }
    for (version, document) in &known {
        let told = store.policy_at(*version).await;
        assert_eq!(
            told.as_ref(),
            Ok(document),
            "seed {seed}, version {version}"
        );
    }
}

async fn what_cannot_be_told_says_why(place: Place) {
    let store = place.with(&policy()).await;
    store.write(&kill("chat")).await.unwrap();
    let refused = async |version, why: &str| {
        let error = store.policy_at(version).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Gone, "{error}");
        assert!(error.to_string().contains(why), "{error}");
    };
    refused(0, "without a policy").await;
    refused(3, "still to come: the store is at version 2").await;
    refused(u64::MAX, "still to come").await;

    store.recover(ines(), "a drill").await.unwrap();
    refused(2, "change 3 recovered the store").await;
    assert!(store.policy_at(3).await.is_ok());

    // With a row of a kind that is not known an import is not written down fact by fact.
    place.sql("UPDATE gatepost_fact SET kind = 'wish' WHERE kind = 'subject'");
    store.import(&policy(), ines(), "anew", None).await.unwrap();
    refused(3, "change 4 replaced the policy as a whole").await;
    assert_eq!(store.policy_at(4).await, Ok(policy()));
}

async fn a_log_that_lost_a_change_tells_nothing_before_it(place: Place) {
    let store = place.with(&policy()).await;
    for switch in [OrgSwitch::On, OrgSwitch::Off, OrgSwitch::On] {
        let change = org("acme", "chat", Some(switch));
        store.write(&change).await.unwrap();
    }
    let known = store.policy_at(3).await.unwrap();
    place.sql("DELETE FROM gatepost_effect WHERE version = 3");
    place.sql("DELETE FROM gatepost_change WHERE version = 3");
    for version in [1, 2] {
        let error = store.policy_at(version).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Gone);
        let why = "change 3 is no longer in the log";
        assert!(error.to_string().contains(why), "{error}");
    }
    assert_eq!(store.policy_at(3).await, Ok(known));
}

async fn a_log_that_is_not_about_what_is_stored_is_not_believed(place: Place) {
    let gate = "kind = 'org_gate' AND a = 'acme'";
    for (bent, why) in [
        // The facts are others than the newest change left.
        (
            "UPDATE gatepost_fact SET body = '{}' WHERE ",
            "`org_gate acme chat` is not what the log says",
        ),
        (
            "DELETE FROM gatepost_fact WHERE ",
            "`org_gate acme chat` is not what the log says",
        ),
        // One change is not what the next one found.
        (
            "UPDATE gatepost_effect SET after = '{}' WHERE version = 2 AND ",
            "is not what a later one found",
        ),
    ] {
        let place = if matches!(place, Place::Sqlite(_)) {
            Place::sqlite()
        } else {
            Place::postgres()
        };
        let store = place.with(&policy()).await;
        for switch in [OrgSwitch::On, OrgSwitch::Off] {
            let change = org("acme", "chat", Some(switch));
            store.write(&change).await.unwrap();
        }
        place.sql(&format!("{bent}{gate}"));
        let error = store.policy_at(1).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Unsound, "{bent}");
        assert!(error.to_string().contains(why), "{error}");
    }
}

async fn an_import_that_was_written_down_is_gone_behind(place: Place) {
    let store = place.with(&policy()).await;
    let mut other = policy();
    other.subjects.clear();
    other.orgs.remove("acme");
    other.orgs.remove("zeta");
    store.import(&other, ines(), "fewer", None).await.unwrap();
    store.write(&kill("chat")).await.unwrap();
    assert_eq!(store.policy_at(2).await, Ok(other));
    assert_eq!(store.policy_at(1).await, Ok(policy()));
}

async fn commands_on_a_document_do_what_a_store_does(place: Place) {
    let store = place.with(&policy()).await;
    let changes = [
        kill("agent"),
        org("acme", "chat", Some(OrgSwitch::Off)),
        org("zeta", "chat", Some(OrgSwitch::On)),
        org("acme", "chat", None),
    ];
    let asked: Vec<_> = changes
        .iter()
        .map(|change| change.command().clone())
        .collect();
    let preview = Preview::of_commands(&asked, &policy(), 1).unwrap();
    for change in &changes {
        store.write(change).await.unwrap();
    }
    let (_, after) = store.export().await.unwrap();
    assert_eq!(preview.apply(&policy()), Ok(after));

    let nowhere = org("nowhere", "chat", None);
    let refused = Preview::of_commands(&[nowhere.command().clone()], &policy(), 1);
    assert_eq!(refused.unwrap_err().kind(), StoreErrorKind::Invalid);
}
