//! An older and a newer release on one store, while one takes the place of the other (A90).

use gatepost::{Health, SiteSwitch};
use gatepost_store::{HistoryFilter, PolicyStore, Replica, StoreErrorKind, StoreUrl};

use crate::place::{Place, ines, on_both, policy};
use crate::texts::{kill, site};

on_both!(
    a90_what_a_newer_release_adds_beside_is_no_matter_to_an_older_one,
    a90_what_an_older_release_does_not_understand_closes_it,
    a90_a_store_is_brought_up_while_a_replica_waits_for_it,
);

async fn follow(url: &StoreUrl) -> Replica {
    Replica::options().start_closed().open(url).await.unwrap()
}

async fn until(what: &str, replica: &Replica, holds: impl Fn(&Health) -> bool) {
    for _ in 0..1000 {
        if holds(&replica.health()) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    panic!("{what}: {:?}", replica.health());
}

async fn live(what: &str, replica: &Replica, version: u64) {
    until(what, replica, |health| *health == Health::Ready { version }).await;
}

async fn a90_what_a_newer_release_adds_beside_is_no_matter_to_an_older_one(place: Place) {
    let store = place.with(&policy()).await;
    let replica = follow(&place.url()).await;
    live("at first", &replica, 1).await;
    // What a migration of a newer release may do without another format, while both run.
    for addition in [
        "ALTER TABLE gatepost_fact ADD COLUMN note TEXT",
        "ALTER TABLE gatepost_change ADD COLUMN ticket TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE gatepost_effect ADD COLUMN note TEXT",
        "ALTER TABLE gatepost_replica ADD COLUMN region TEXT NOT NULL DEFAULT 'here'",
        "CREATE TABLE gatepost_region (name TEXT PRIMARY KEY)",
        "CREATE INDEX gatepost_change_by_author ON gatepost_change (author)",
        "INSERT INTO gatepost_migration (version, name, applied_on, checksum)
         VALUES (4, 'regions', '2027-01-01T00:00:00Z', '4711')",
    ] {
        place.sql(addition);
    }
    let mut version = 1;
    // One that was open before, and two that come now; `init` leaves what is newer as it is.
    let opened = PolicyStore::open(&place.url()).await.unwrap();
    let made = PolicyStore::init(&place.url()).await.unwrap();
    for store in [&store, &opened, &made] {
        for change in [kill("chat"), site("chat", SiteSwitch::On)] {
            version += 1;
            assert_eq!(store.write(&change).await.unwrap().version, version);
            live("a change", &replica, version).await;
        }
        assert_eq!(store.export().await.unwrap(), (version, policy()));
        let all = HistoryFilter::default();
        let history = store.history(None, usize::MAX, &all).await.unwrap();
        assert_eq!(u64::try_from(history.len()).unwrap(), version);
        assert_eq!(store.replicas().await.unwrap().len(), 1);
    }
    live("another one", &follow(&place.url()).await, version).await;
    assert_eq!(
        place.sql("SELECT name FROM gatepost_migration WHERE version = 4"),
        ["regions"]
    );
}

async fn a90_what_an_older_release_does_not_understand_closes_it(place: Place) {
    let store = place.with(&policy()).await;
    let replica = follow(&place.url()).await;
    live("at first", &replica, 1).await;
    // A fact with a field, and one of a kind, that only a newer release knows.
    for (does, named) in [
        (
            "UPDATE gatepost_fact SET body = '{\"switch\":\"on\",\"weekdays\":true}'
             WHERE kind = 'site_gate' AND a = 'chat'",
            "weekdays",
        ),
        (
            "INSERT INTO gatepost_fact VALUES ('clearance', 'x', '', '{}', 1)",
            "clearance",
        ),
    ] {
        place.sql(does);
        let late = follow(&place.url()).await;
        place.sql(COMMIT);
        until(named, &replica, |health| told(health, named)).await;
        assert_eq!(late.health(), Health::Unavailable, "{named}");
        let error = store.export().await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Unsound, "{error}");
        assert!(error.to_string().contains(named), "{error}");
        let mended = store.import(&policy(), ines(), "back", None).await.unwrap();
        live(named, &replica, mended.version).await;
    }
    // The number that has to be understood: nothing of it is decided by or written any more.
    let before = store.head().await.unwrap().version;
    place.sql("UPDATE gatepost_head SET format = 2, version = version + 1, token = 'newer'");
    until("closed", &replica, |health| {
        matches!(health, Health::Stale { .. })
    })
    .await;
    let late = follow(&place.url()).await;
    let error = store.write(&kill("chat")).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Newer, "{error}");
    let error = PolicyStore::open(&place.url()).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Newer, "{error}");
    let error = Replica::open(&place.url()).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Newer, "{error}");
    assert_eq!(late.health(), Health::Unavailable);
    assert_eq!(
        place.sql("SELECT version FROM gatepost_head"),
        [(before + 1).to_string()]
    );
}

/// A commit by a newer release, which has written what is there now.
const COMMIT: &str = "BEGIN;
    UPDATE gatepost_head SET version = version + 1, whole = version + 1, token = 'newer';
    INSERT INTO gatepost_change (version, token, at, author, authority, reason, command, whole, awaited)
      SELECT h.version, h.token, c.at, c.author, c.authority, c.reason, c.command, c.whole, c.awaited
      FROM gatepost_head h, gatepost_change c WHERE c.version = 1;
    COMMIT";

fn told(health: &Health, what: &str) -> bool {
    match health {
        Health::Degraded { fault, .. }
        | Health::Stale {
            fault: Some(fault), ..
        } => fault.contains(what),
        _ => false,
    }
}

async fn a90_a_store_is_brought_up_while_a_replica_waits_for_it(place: Place) {
    if matches!(place, Place::Sqlite(_)) {
        // An empty database is what a release before the first one has left.
        drop(place.connection());
    }
    let replica = follow(&place.url()).await;
    let error = PolicyStore::open(&place.url()).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Missing, "{error}");
    // Several services of the new release start at once.
    let (one, another) = (place.url(), place.url());
    let (one, another) = tokio::join!(PolicyStore::init(&one), PolicyStore::init(&another));
    another.unwrap();
    let store = one.unwrap();
    store
        .import(&policy(), ines(), "the first", None)
        .await
        .unwrap();
    live("the first", &replica, 1).await;
    // And again, with nothing to bring up: nobody notices.
    PolicyStore::init(&place.url()).await.unwrap();
    assert_eq!(replica.health(), Health::Ready { version: 1 });
    store.write(&kill("chat")).await.unwrap();
    live("a change", &replica, 2).await;
}
