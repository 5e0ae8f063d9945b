//! Rows that somebody else wrote.

use gatepost::SiteSwitch;
use gatepost_store::{HistoryFilter, StoreErrorKind};

use crate::place::{Place, ines, on_both, policy};
use crate::texts::{kill, org, site};

on_both!(
    a_row_that_is_not_understood_is_named_and_hides_no_kill,
    a_kill_of_what_is_not_understood_itself,
    an_import_puts_right_what_is_not_understood,
    words_that_are_not_understood_are_written_anew,
    a_number_that_cannot_be_is_an_error,
    a_replica_is_told_as_it_said,
    a_recovered_store_is_ahead_of_all_that_saw_it,
);

async fn a_row_that_is_not_understood_is_named_and_hides_no_kill(place: Place) {
    let rows = [
        (
            "member",
            "acme",
            "eve",
            r#"{"roles":[],"since":1}"#,
            "`member acme eve`",
        ),
        (
            "member",
            "nowhere",
            "eve",
            r#"{"roles":[]}"#,
            "`member nowhere eve`",
        ),
        ("member", "acme", "", "{}", "`member acme`"),
        ("member", "acme", "eve", "[[]]", "`member acme eve`"),
        ("site_role", "boss", "", "{", "`site_role boss`"),
        ("site_role", "boss", "b", "{}", "`site_role boss b`"),
        ("org_role", "boss", "", "null", "`org_role boss`"),
        ("resource", "doc", "", r#"{"a":1}"#, "`resource doc`"),
        ("site_gate", "doc", "", "NaN", "`site_gate doc`"),
        ("org", "new", "", r#"{"members":{"eve":{}}}"#, "`org new`"),
        ("future", "x", "y", "{}", "`future x y`"),
        ("", "", "", "", "``"),
        ("fu\u{1b}ture", "x", "y", "{}", r"`fu\u{1b}ture x y`"),
    ];
    let store = place.with(&policy()).await;
    let mut version = 1;
    for (kind, a, b, body, named) in rows {
        place.sql(&format!(
            "INSERT INTO gatepost_fact VALUES ('{kind}', '{a}', '{b}', '{body}', 1)"
        ));
        let error = store.export().await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Unsound, "{error}");
        let named = named.trim_matches('`').trim();
        assert!(error.to_string().contains(named), "{named}: {error}");
        assert!(!error.to_string().contains('\u{1b}'), "{error:?}");

        let committed = store.write(&kill("chat")).await.unwrap();
        version += 1;
        assert_eq!(committed.version, version, "{kind} {a} {b}");
        assert_eq!(
            place.sql("SELECT killed FROM gatepost_head")[0]
                .split(' ')
                .find(|word| *word == "chat"),
            Some("chat")
        );
        place.sql(&format!(
            "DELETE FROM gatepost_fact WHERE kind = '{kind}' AND a = '{a}' AND b = '{b}'"
        ));
        store.write(&site("chat", SiteSwitch::On)).await.unwrap();
        version += 1;
        let (_, document) = store.export().await.unwrap();
        assert_eq!(document, policy());
    }
    // What is no kill is not decided by half of the vocabulary.
    place.sql("INSERT INTO gatepost_fact VALUES ('site_role', 'boss', '', '{', 1)");
    for change in [site("chat", SiteSwitch::OptIn), org("acme", "chat", None)] {
        let error = store.write(&change).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Unsound, "{error}");
        assert!(error.to_string().contains("`site_role boss`"), "{error}");
    }
}

async fn a_kill_of_what_is_not_understood_itself(place: Place) {
    for kind in ["resource", "site_gate"] {
        let store = place.with(&policy()).await;
        store.write(&kill("agent")).await.unwrap();
        place.sql(&format!(
            "UPDATE gatepost_fact SET body = '{{' WHERE kind = '{kind}' AND a = 'chat'"
        ));
        let committed = store.write(&kill("chat")).await.unwrap();
        assert!(committed.changed, "{kind}");
        let head = store.head().await.unwrap();
        assert_eq!(head.kills, "chat agent".parse().unwrap(), "{kind}");
        let history = store.history(None, 1, &HistoryFilter::default()).await;
        let effects = &history.unwrap()[0].effects;
        assert_eq!(effects[0].key.to_string(), "site_gate chat");
        if kind == "site_gate" {
            assert_eq!(effects[0].before.as_deref(), Some("{"));
        }
        store
            .import(&policy(), ines(), "whole", None)
            .await
            .unwrap();
    }
}

async fn an_import_puts_right_what_is_not_understood(place: Place) {
    let store = place.with(&policy()).await;
    place.sql("INSERT INTO gatepost_fact VALUES ('future', 'x', 'y', '{}', 1)");
    place.sql("UPDATE gatepost_fact SET body = '{' WHERE a = 'acme'");
    let whole = store.import(&policy(), ines(), "whole", None).await;
    assert_eq!(whole.unwrap().version, 2);
    assert_eq!(store.export().await.unwrap(), (2, policy()));
    // A fact of no name is put right as well, however sound it looks.
    for (kind, version) in [("site_gate", 3), ("org", 4), ("subject", 5)] {
        place.sql(&format!(
            "INSERT INTO gatepost_fact VALUES ('{kind}', '', '', '{{}}', 1)"
        ));
        let whole = store.import(&policy(), ines(), "whole", None).await;
        assert_eq!(whole.unwrap().version, version, "{kind}");
        assert_eq!(
            place.sql("SELECT kind FROM gatepost_fact WHERE a = ''"),
            Vec::<String>::new()
        );
        assert_eq!(store.export().await.unwrap(), (version, policy()));
    }
}

async fn words_that_are_not_understood_are_written_anew(place: Place) {
    let store = place.with(&policy()).await;
    place.sql("UPDATE gatepost_head SET killed = 'no#such#word'");
    let error = store.head().await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unsound, "{error}");
    store.write(&kill("chat")).await.unwrap();
    let head = store.head().await.unwrap();
    assert_eq!(head.kills, "chat".parse().unwrap());
}

async fn a_number_that_cannot_be_is_an_error(place: Place) {
    let store = place.with(&policy()).await;
    for column in ["version", "epoch", "whole"] {
        for value in [-1, i64::MIN, i64::MAX] {
            let before = place.sql(&format!("SELECT {column} FROM gatepost_head"));
            place.sql(&format!("UPDATE gatepost_head SET {column} = {value}"));
            let errors = [
                store.head().await.unwrap_err(),
                store.export().await.unwrap_err(),
                store.write(&kill("chat")).await.unwrap_err(),
                store.recover(ines(), "again").await.unwrap_err(),
            ];
            for error in errors {
                assert_eq!(
                    error.kind(),
                    StoreErrorKind::Unsound,
                    "{column} {value}: {error}"
                );
            }
            place.sql(&format!(
                "UPDATE gatepost_head SET {column} = {}",
                before[0]
            ));
        }
    }
    // The last version that there is, is the last.
    let last = i64::MAX - 2;
    place.sql(&format!("UPDATE gatepost_head SET version = {last}"));
    let committed = store.write(&kill("chat")).await.unwrap();
    assert_eq!(committed.version, u64::try_from(i64::MAX - 1).unwrap());
    let error = store.write(&kill("agent")).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unsound, "{error}");
}

const REPLICA: &str = "INSERT INTO gatepost_replica VALUES
    ('r1', 'web', '2026-01-01T00:00:00Z', '2026-01-01T00:00:05Z', 5000, 1, 41, 'ready', '0.1.0')";

async fn a_replica_is_told_as_it_said(place: Place) {
    let store = place.with(&policy()).await;
    assert_eq!(store.replicas().await.unwrap(), []);
    place.sql(REPLICA);
    let replicas = store.replicas().await.unwrap();
    let [replica] = &replicas[..] else {
        panic!("{replicas:?}");
    };
    assert_eq!((&*replica.id, &*replica.name), ("r1", "web"));
    assert_eq!((replica.epoch, replica.version), (1, 41));
    assert_eq!(replica.lease.as_secs(), 5);
    assert_eq!(replica.at.as_millis() - replica.started.as_millis(), 5000);
    assert!(replica.age.as_secs() > 3600);
    // What no replica wrote holds up neither a proof nor who looks, and its lease is none that there is.
    place.sql("UPDATE gatepost_replica SET version = -1, lease_ms = 9223372036854775807");
    let replicas = store.replicas().await.unwrap();
    assert_eq!(replicas[0].state, "unreadable");
    assert_eq!(replicas[0].lease.as_secs(), 60);
    // And it takes no version.
    for absurd in [
        "version = 9223372036854775805, epoch = 1",
        "version = 1, epoch = 9223372036854775805",
    ] {
        place.sql(&format!("UPDATE gatepost_replica SET {absurd}"));
        let error = store.recover(ines(), "restored").await.unwrap_err();
        assert!(error.to_string().contains("`r1`"), "{error}");
    }
}

async fn a_recovered_store_is_ahead_of_all_that_saw_it(place: Place) {
    let store = place.with(&policy()).await;
    store.write(&kill("chat")).await.unwrap();
    let before = store.head().await.unwrap();
    place.sql(REPLICA);
    let committed = store.recover(ines(), "restored").await.unwrap();
    assert_eq!(committed.version, 42);
    let head = store.head().await.unwrap();
    assert_eq!((head.epoch, head.version, head.whole), (2, 42, 42));
    assert_eq!(
        (&head.lineage, &head.kills),
        (&before.lineage, &before.kills)
    );
    assert_ne!(head.token, before.token);
    let history = store.history(None, 1, &HistoryFilter::default()).await;
    assert_eq!(history.unwrap()[0].sentence, "the store recovered");
    // What was based on what came before is not written over what came with it.
    let error = store.write(&site("chat", SiteSwitch::On).based_on(2)).await;
    assert_eq!(error.unwrap_err().kind(), StoreErrorKind::Conflict);
}
