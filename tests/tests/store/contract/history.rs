//! The audit log.

use gatepost::OrgSwitch;
use gatepost_store::{
    Author, Authority, Change, ChangeRecord, HistoryFilter, StoreErrorKind, Undo,
};

use crate::place::{Place, ines, on_both, policy};
use crate::texts::{kill, org};

on_both!(
    every_change_says_who_why_and_what,
    what_is_so_already_is_not_written,
    a_reason_and_a_name_are_asked_for,
    whoever_only_looks_is_asked_for_no_reason,
    controls_reach_no_terminal,
    a_history_is_read_in_parts,
    a_command_of_a_newer_release_is_told_as_it_is,
);

async fn every_change_says_who_why_and_what(place: Place) {
    let store = place.with(&policy()).await;
    let committed = store.write(&kill("chat")).await.unwrap();
    assert!(committed.changed);
    assert_eq!(committed.version, 2);
    let history = all(&store).await;
    let record = &history[1];
    assert_eq!(record.version, 2);
    assert_eq!(
        (&*record.author, record.authority),
        ("ines", Authority::Operator)
    );
    assert_eq!((&*record.reason, &record.acting_for), ("a drill", &None));
    let command: serde_json::Value = serde_json::from_str(&record.command).unwrap();
    assert_eq!(command["command"], "site_switch");
    assert_eq!(record.sentence, "site: chat switched off");
    assert_eq!(record.effects.len(), 1);
    let effect = &record.effects[0];
    assert_eq!(effect.key.to_string(), "site_gate chat");
    assert!(effect.before.as_ref().unwrap().contains(r#""switch":"on""#));
    assert!(effect.after.as_ref().unwrap().contains(r#""switch":"off""#));
    let age = gatepost::Timestamp::now().as_millis() - record.at.as_millis();
    assert!((-1000..60_000).contains(&age), "{age}");

    let head = store.head().await.unwrap();
    assert_eq!(head.version, 2);
    assert_eq!(head.kills, "chat".parse().unwrap());
    assert_eq!(
        place.sql("SELECT token FROM gatepost_change WHERE version = 2"),
        [head.token]
    );
}

async fn what_is_so_already_is_not_written(place: Place) {
    let store = place.with(&policy()).await;
    store.write(&kill("chat")).await.unwrap();
    let committed = store.write(&kill("chat")).await.unwrap();
    assert!(!committed.changed);
    assert_eq!(committed.version, 2);
    assert_eq!(all(&store).await.len(), 2);
}

async fn a_reason_and_a_name_are_asked_for(place: Place) {
    let store = place.with(&policy()).await;
    let (long, longer) = ("x".repeat(1000), "x".repeat(1001));
    for (author, reason, wanted) in [
        ("ines", "", "the reason is missing"),
        ("ines", " \t\n", "the reason is missing"),
        (
            "ines",
            longer.as_str(),
            "the reason is longer than 1000 bytes",
        ),
        ("ines", "a\0b", "the reason has a zero byte in it"),
        (" ", "why", "the author's name is missing"),
        (
            &long[..256],
            "why",
            "the author's name is longer than 255 bytes",
        ),
    ] {
        let author = Author::Operator {
            name: author.into(),
        };
        let change = Change::new(kill("chat").command().clone(), author.clone(), reason);
        let errors = [
            store.write(&change).await.unwrap_err(),
            store
                .import(&policy(), author.clone(), reason, None)
                .await
                .unwrap_err(),
            store.recover(author, reason).await.unwrap_err(),
        ];
        for error in errors {
            assert_eq!(error.kind(), StoreErrorKind::Invalid);
            assert!(error.to_string().ends_with(wanted), "{error}");
        }
    }
    assert_eq!(all(&store).await.len(), 1);
    let author = Author::Operator {
        name: long[..255].into(),
    };
    let change = Change::new(kill("chat").command().clone(), author, &*long);
    assert!(store.write(&change).await.unwrap().changed);
}

async fn controls_reach_no_terminal(place: Place) {
    let store = place.with(&policy()).await;
    let reason = "\u{1b}[31mred\r\n2 \u{202e}forged";
    let author = Author::Operator {
        name: "in\nes\u{1b}[2J".into(),
    };
    let change = Change::new(kill("chat").command().clone(), author, reason);
    store.write(&change).await.unwrap();
    let history = all(&store).await;
    let record = &history[1];
    // It is kept as it was said, and shown harmlessly.
    assert_eq!(record.reason, reason);
    let shown = record.to_string();
    assert!(
        !shown.contains(|c: char| c.is_control() || c == '\u{202e}'),
        "{shown:?}"
    );
}

async fn a_history_is_read_in_parts(place: Place) {
    let store = place.with(&policy()).await;
    for switch in [OrgSwitch::On, OrgSwitch::Off] {
        for id in ["acme", "zeta"] {
            store.write(&org(id, "chat", Some(switch))).await.unwrap();
        }
    }
    let tom = Author::Operator { name: "tom".into() };
    let change = Change::new(kill("chat").command().clone(), tom, "why not");
    store.write(&change).await.unwrap();
    let none = HistoryFilter::default();
    let of = |filter| HistoryFilter::org(filter, "acme");
    for (after, limit, filter, wanted) in [
        (None, 100, none.clone(), &[1, 2, 3, 4, 5, 6][..]),
        (None, 2, none.clone(), &[5, 6]),
        (Some(0), 2, none.clone(), &[1, 2]),
        (Some(2), 2, none.clone(), &[3, 4]),
        (Some(6), 2, none.clone(), &[]),
        (Some(u64::MAX), 2, none.clone(), &[]),
        (None, 0, none.clone(), &[]),
        // What replaced the whole policy is of every org.
        (None, 9, of(none.clone()), &[1, 2, 4]),
        (Some(2), 9, of(none.clone()), &[4]),
        (None, 9, none.clone().author("tom"), &[6]),
        (None, 9, of(none.clone()).author("tom"), &[]),
    ] {
        let found = store.history(after, limit, &filter).await.unwrap();
        let versions: Vec<u64> = found.iter().map(|record| record.version).collect();
        assert_eq!(versions, wanted, "{after:?} {limit} {filter:?}");
    }
}

async fn a_command_of_a_newer_release_is_told_as_it_is(place: Place) {
    let store = place.with(&policy()).await;
    store.write(&kill("chat")).await.unwrap();
    place.sql(r#"UPDATE gatepost_change SET command = '{"command":"later"}' WHERE version = 2"#);
    let history = all(&store).await;
    assert_eq!(history[1].sentence, r#"{\"command\":\"later\"}"#);
}

async fn all(store: &gatepost_store::PolicyStore) -> Vec<ChangeRecord> {
    store
        .history(None, 1000, &HistoryFilter::default())
        .await
        .unwrap()
}

async fn whoever_only_looks_is_asked_for_no_reason(place: Place) {
    let store = place.with(&policy()).await;
    store.write(&kill("chat")).await.unwrap();
    let command = kill("agent").command().clone();
    for (reason, refused) in [
        ("", false),
        (" \n", false),
        ("a drill", false),
        ("a\0b", true),
        (&*"x".repeat(1001), true),
    ] {
        let change = Change::new(command.clone(), ines(), reason);
        let undo = Undo::new(2, ines(), reason);
        for looked in [
            store.preview(&change).await,
            store.preview_undo(&undo).await,
        ] {
            assert_eq!(looked.is_err(), refused, "{reason:?}: {looked:?}");
        }
    }
    let nobody = Author::Operator { name: " ".into() };
    let change = Change::new(command, nobody, "");
    let error = store.preview(&change).await.unwrap_err();
    assert!(error.to_string().contains("name is missing"), "{error}");
    let error = store.undo(&Undo::new(2, ines(), "")).await.unwrap_err();
    assert!(error.to_string().contains("reason is missing"), "{error}");
}
