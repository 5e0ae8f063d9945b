//! Changes that are undone.

use gatepost::{OrgSwitch, PolicyDocument, SiteSwitch};
use gatepost_store::{Author, Change, Command, HistoryFilter, PolicyStore, StoreErrorKind, Undo};
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;

use crate::place::{Place, document, ines, on_both, policy};
use crate::texts::{kill, org, site};
use crate::{commands, policies};

on_both!(
    what_a_change_would_do_is_what_it_does_and_its_undo_takes_it_back,
    what_was_set_beside_it_stays,
    what_was_changed_since_is_a_conflict_that_tells_by_what,
    what_is_made_use_of_is_not_taken_away,
    what_was_based_on_an_older_version_is_not_undone,
    an_undo_is_a_change_in_the_log,
    what_replaced_the_policy_and_what_never_was_is_not_undone,
    a_preview_writes_nothing,
    a_version_that_is_still_to_come_is_no_change_in_between,
);

fn undo(version: u64) -> Undo {
    Undo::new(version, ines(), "it was wrong")
}

async fn what_a_change_would_do_is_what_it_does_and_its_undo_takes_it_back(place: Place) {
    let store = place.init().await;
    let mut runner = TestRunner::default();
    let (mut changes, mut refused) = (0, 0);
    for round in 0..4 {
        let policies::Policy(document) =
            policies::policy().new_tree(&mut runner).unwrap().current();
        store.import(&document, ines(), "next", None).await.unwrap();
        let seed = fastrand::u64(..);
        let mut random = fastrand::Rng::with_seed(seed);
        for _ in 0..25 {
            let command = commands::any(&mut random);
            let told = format!("round {round}, seed {seed}: {command}");
            let change = Change::new(command, ines(), "at random");
            let (version, before) = store.export().await.unwrap();
            let preview = store.preview(&change).await;
            let written = store.write(&change).await;
            let (preview, written) = match (preview, written) {
                (Ok(preview), Ok(written)) => (preview, written),
                (Err(preview), Err(written)) => {
                    assert_eq!(preview, written, "{told}");
                    refused += 1;
                    continue;
                }
                other => panic!("{told}: {other:?}"),
            };
            let after = store.export().await.unwrap();
            assert_eq!(preview.version, version, "{told}");
            assert_eq!(preview.changed, written.changed, "{told}");
            assert_eq!(preview.summary, written.summary, "{told}");
            assert_eq!(preview.apply(&before).unwrap(), after.1, "{told}");
            if !written.changed {
                assert_eq!(before, after.1, "{told}");
                continue;
            }
            // What a random document held that nothing defines is given to nobody again, by an undo neither.
            if let Err(error) = store.preview_undo(&undo(written.version)).await {
                let why = error.to_string();
                let names_nothing = why.contains(" is defined") || why.contains("site's floor");
                assert!(
                    error.kind() == StoreErrorKind::Invalid && names_nothing,
                    "{told}: {why}"
                );
                continue;
            }
            changes += 1;
            put_back(&store, &told, written.version, &before).await;
            // And what was undone is undone; half of it stays so.
            put_back(&store, &told, written.version + 1, &after.1).await;
            if random.bool() {
                put_back(&store, &told, written.version + 2, &before).await;
            }
        }
    }
    assert!(changes > 25 && refused > 5, "{changes} {refused}");
}

/// Undoes a change, behind which the policy is what it was.
async fn put_back(store: &PolicyStore, told: &str, version: u64, wanted: &PolicyDocument) {
    let (_, before) = store.export().await.unwrap();
    let preview = store.preview_undo(&undo(version)).await;
    let preview = preview.unwrap_or_else(|error| panic!("{told}: {error}"));
    let undone = store.undo(&undo(version)).await.unwrap();
    assert_eq!(undone.version, version + 1, "{told}");
    assert!(undone.changed && preview.changed, "{told}");
    assert!(!undone.summary.is_empty(), "{told}");
    assert_eq!(preview.summary, undone.summary, "{told}");
    let (_, now) = store.export().await.unwrap();
    assert_eq!(now, *wanted, "{told}");
    assert_eq!(preview.apply(&before).unwrap(), now, "{told}");
}

async fn what_was_set_beside_it_stays(place: Place) {
    let store = place.with(&policy()).await;
    let floor = Command::OrgFloor {
        org: "acme".into(),
        resource: "agent".into(),
        mode: gatepost::Mode::Background,
        role: Some("owner".into()),
    };
    let off = org("acme", "agent", Some(OrgSwitch::Off));
    store.write(&off).await.unwrap();
    let floor = Change::new(floor, ines(), "careful");
    store.write(&floor).await.unwrap();
    let undone = store.undo(&undo(2)).await.unwrap();
    assert_eq!(
        undone.summary,
        ["gate of agent in acme: switch: off -> unset"]
    );
    let gate = store.export().await.unwrap().1.orgs["acme"].gates["agent"].clone();
    assert_eq!(gate.switch, None);
    let background = gate.background.unwrap();
    assert_eq!(background.min_role.as_deref(), Some("owner"));
    // With the last that is said there, the gate goes as well.
    store.undo(&undo(3)).await.unwrap();
    let (_, now) = store.export().await.unwrap();
    assert_eq!(now, policy());
    // A gate that is gone comes back beside what is said there meanwhile.
    store.write(&off).await.unwrap();
    store.write(&org("acme", "agent", None)).await.unwrap();
    store.write(&floor).await.unwrap();
    let undone = store.undo(&undo(7)).await.unwrap();
    assert_eq!(
        undone.summary,
        ["gate of agent in acme: switch: unset -> off"]
    );
    let gate = store.export().await.unwrap().1.orgs["acme"].gates["agent"].clone();
    assert!(gate.switch.is_some() && gate.background.is_some());
}

async fn what_was_changed_since_is_a_conflict_that_tells_by_what(place: Place) {
    let store = place.with(&policy()).await;
    store.write(&kill("chat")).await.unwrap();
    store.write(&kill("agent")).await.unwrap();
    store.write(&site("chat", SiteSwitch::OptIn)).await.unwrap();
    for error in [
        store.undo(&undo(2)).await.unwrap_err(),
        store.preview_undo(&undo(2)).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), StoreErrorKind::Conflict, "{error}");
        let [change] = error.conflicting() else {
            panic!("{error}");
        };
        assert_eq!((change.version, &*change.author), (4, "ines"));
        assert!(
            error.to_string().contains("chat switched opt-in"),
            "{error}"
        );
    }
    // Not twice, and not what was undone meanwhile.
    store.undo(&undo(3)).await.unwrap();
    let error = store.undo(&undo(3)).await.unwrap_err();
    assert_eq!(error.conflicting()[0].version, 5, "{error}");
    // What has become again what the change made of it can be undone.
    store.write(&kill("chat")).await.unwrap();
    store.undo(&undo(2)).await.unwrap();
    assert_eq!(store.export().await.unwrap().1, policy());
    // What replaced the policy as a whole may have changed it too.
    store.write(&kill("agent")).await.unwrap();
    let empty = document(r#"{ "version": 1 }"#);
    store.import(&empty, ines(), "emptied", None).await.unwrap();
    let error = store.undo(&undo(8)).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Conflict, "{error}");
    assert_eq!(error.conflicting()[0].version, 9, "{error}");
    assert_eq!(store.head().await.unwrap().version, 9);
}

async fn what_is_made_use_of_is_not_taken_away(place: Place) {
    let made_and_used = [
        (
            r#"{"command":"org_create","org":"new"}"#,
            &[
                r#"{"command":"org_create","org":"below","parent":"new"}"#,
                r#"{"command":"org_switch","org":"new","resource":"chat","to":"on"}"#,
                r#"{"command":"member_add","org":"new","subject":"tom","role":"owner"}"#,
                r#"{"command":"role_define","org":"new","name":"clerk","level":3}"#,
                r#"{"command":"subject_default_org","subject":"tom","org":"new"}"#,
                r#"{"command":"org_visibility","org":"new","visibility":"public"}"#,
            ][..],
        ),
        (
            r#"{"command":"role_define","name":"clerk","level":3}"#,
            &[
                r#"{"command":"member_add","org":"acme","subject":"tom","role":"clerk"}"#,
                r#"{"command":"role_define","org":"acme","name":"lead","level":3,"include":["clerk"]}"#,
                r#"{"command":"site_floor","resource":"agent","mode":"background","role":"clerk"}"#,
            ],
        ),
        (
            r#"{"command":"role_define","org":"root","name":"clerk","level":3}"#,
            &[
                r#"{"command":"member_add","org":"acme","subject":"tom","role":"clerk"}"#,
                r#"{"command":"role_define","org":"zeta","name":"lead","level":3,"include":["clerk"]}"#,
            ],
        ),
        (
            r#"{"command":"site_role_define","name":"staff","grants":["chat:read"]}"#,
            &[r#"{"command":"site_role_add","subject":"olga","role":"staff"}"#],
        ),
        (
            r#"{"command":"resource_define","resource":"note","actions":["read"]}"#,
            &[
                r#"{"command":"site_switch","resource":"note","to":"on"}"#,
                r#"{"command":"role_define","org":"zeta","name":"lead","level":3,"grants":["note:read"]}"#,
            ],
        ),
    ];
    let store = place.with(&policy()).await;
    let write = async |json: &str| {
        let command: Command = serde_json::from_str(json).unwrap();
        let change = Change::new(command, ines(), "as asked");
        store.write(&change).await.unwrap().version
    };
    for (makes, users) in made_and_used {
        let (_, before) = store.export().await.unwrap();
        let made = write(makes).await;
        for user in users {
            let used = write(user).await;
            let (_, kept) = store.export().await.unwrap();
            let error = store.undo(&undo(made)).await.unwrap_err();
            match error.kind() {
                StoreErrorKind::Conflict => {
                    assert_eq!(error.conflicting()[0].version, used, "{user}: {error}");
                }
                // Where the policy would be no policy any more, the place is told.
                StoreErrorKind::Invalid => assert!(error.to_string().contains('`'), "{error}"),
                _ => panic!("{user}: {error}"),
            }
            assert_eq!(store.export().await.unwrap().1, kept, "{user}");
            store.undo(&undo(used)).await.unwrap();
        }
        store.undo(&undo(made)).await.unwrap();
        assert_eq!(store.export().await.unwrap().1, before, "{makes}");
    }
}

async fn what_was_based_on_an_older_version_is_not_undone(place: Place) {
    let store = place.with(&policy()).await;
    store.write(&kill("chat")).await.unwrap();
    store.undo(&undo(2)).await.unwrap();
    store.write(&kill("chat")).await.unwrap();
    // By itself it could be undone again; the author has not seen what happened.
    let error = store.undo(&undo(2).based_on(2)).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Conflict, "{error}");
    let versions: Vec<u64> = error.conflicting().iter().map(|it| it.version).collect();
    assert_eq!(versions, [3, 4]);
    let error = store.undo(&undo(2).based_on(9)).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Conflict, "{error}");
    store.undo(&undo(2).based_on(4).awaited()).await.unwrap();
    let awaited = place.sql("SELECT version FROM gatepost_change WHERE awaited");
    assert_eq!(awaited, ["5"]);
}

async fn an_undo_is_a_change_in_the_log(place: Place) {
    let store = place.with(&policy()).await;
    store.write(&kill("chat")).await.unwrap();
    let undone = store.undo(&undo(2)).await.unwrap();
    assert_eq!(undone.summary, ["gate of chat: switch: off -> on"]);
    assert_eq!(
        store.head().await.unwrap().kills,
        gatepost::Kills::default()
    );
    for version in 3..7 {
        store.undo(&undo(version)).await.unwrap();
    }
    let history = store.history(None, 99, &HistoryFilter::default()).await;
    let history = history.unwrap();
    let record = &history[2];
    assert_eq!(record.command, r#"{"command":"undo","version":2}"#);
    assert_eq!(record.sentence, "change 2 undone: site: chat switched off");
    assert_eq!((&*record.author, &*record.reason), ("ines", "it was wrong"));
    assert_eq!(record.effects.len(), 1);
    let alone = store.change(7).await.unwrap().unwrap();
    assert_eq!(
        alone.sentence,
        "change 6 undone: change 5 undone: change 4 undone: change 3 undone"
    );
    assert_eq!(history[6], alone);
    let site = store.site().await.unwrap();
    assert!(
        site.last_changes
            .values()
            .any(|last| last.sentence == alone.sentence)
    );
}

async fn what_replaced_the_policy_and_what_never_was_is_not_undone(place: Place) {
    let store = place.with(&policy()).await;
    let mut next = policy();
    next.orgs.remove("zeta");
    store.import(&next, ines(), "smaller", None).await.unwrap();
    store.recover(ines(), "looked at").await.unwrap();
    for (version, why) in [
        (0, "there is no change 0"),
        (1, "imported a whole policy"),
        (2, "imported a whole policy"),
        (3, "recovered the store"),
        (4, "there is no change 4"),
        (u64::MAX, "there is no change"),
    ] {
        for error in [
            store.undo(&undo(version)).await.unwrap_err(),
            store.preview_undo(&undo(version)).await.unwrap_err(),
        ] {
            assert_eq!(error.kind(), StoreErrorKind::Invalid, "{version}: {error}");
            assert!(error.to_string().contains(why), "{error}");
        }
    }
    let nobody = Author::Operator { name: " ".into() };
    let unsaid = Undo::new(3, nobody, "why");
    let error = store.undo(&unsaid).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Invalid, "{error}");
    assert_eq!(store.head().await.unwrap().version, 3);
}

async fn a_preview_writes_nothing(place: Place) {
    let store = place.with(&policy()).await;
    store.write(&kill("chat")).await.unwrap();
    let all = |place: &Place| {
        ["head", "fact", "change", "effect"]
            .map(|table| place.sql(&format!("SELECT * FROM gatepost_{table}")))
    };
    let before = all(&place);
    let preview = store.preview(&kill("agent")).await.unwrap();
    assert_eq!((preview.version, preview.changed), (2, true));
    assert_eq!(preview.effects.len(), 1);
    let preview = store.preview(&kill("chat")).await.unwrap();
    assert_eq!((preview.changed, preview.summary.len()), (false, 0));
    store.preview_undo(&undo(2)).await.unwrap();
    let error = store.preview(&kill("chat").based_on(1)).await;
    // Nothing would change, as with a write.
    assert!(!error.unwrap().changed);
    let error = store
        .preview(&site("chat", SiteSwitch::On).based_on(1))
        .await;
    assert_eq!(error.unwrap_err().kind(), StoreErrorKind::Conflict);
    assert_eq!(all(&place), before);
}

async fn a_version_that_is_still_to_come_is_no_change_in_between(place: Place) {
    let store = place.with(&policy()).await;
    store.write(&kill("chat")).await.unwrap();
    let ahead = kill("agent").based_on(3);
    let imported = store.import(&policy(), ines(), "next", Some(999)).await;
    for error in [
        store.write(&ahead).await.unwrap_err(),
        store.preview(&ahead).await.unwrap_err(),
        store.undo(&undo(2).based_on(3)).await.unwrap_err(),
        imported.unwrap_err(),
    ] {
        assert_eq!(error.kind(), StoreErrorKind::Conflict, "{error}");
        assert_eq!(error.newest_version(), Some(2), "{error}");
        assert!(error.conflicting().is_empty(), "{error}");
        assert!(error.to_string().contains("is at version 2"), "{error}");
    }
    let behind = kill("chat").based_on(1);
    store.write(&site("chat", SiteSwitch::On)).await.unwrap();
    let error = store.write(&behind).await.unwrap_err();
    assert_eq!(error.newest_version(), None, "{error}");
    assert_eq!(error.conflicting().len(), 2, "{error}");
}
