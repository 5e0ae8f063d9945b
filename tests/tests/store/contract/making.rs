//! Stores that are made, opened, and seeded.

use gatepost_store::{HistoryFilter, PolicyStore, STORE_FORMAT, StoreErrorKind};

use crate::place::{Place, ines, on_both, policy};

on_both!(
    a_store_is_made_once,
    a_store_is_made_once_by_several,
    what_nobody_made_is_missing_and_is_not_made_up_for,
    one_of_several_seeds,
    what_was_emptied_on_purpose_is_not_seeded_again,
    a_newer_store_is_left_alone,
);

async fn a_store_is_made_once(place: Place) {
    let store = place.with(&policy()).await;
    let first = store.head().await.unwrap();
    let again = place.init().await;
    assert_eq!(again.head().await.unwrap(), first);
    assert_eq!(first.format, STORE_FORMAT);
    assert_eq!((first.epoch, first.version), (1, 1));
    assert_eq!(first.lineage.len(), 32);
    assert_eq!(again.export().await.unwrap(), (1, policy()));
}

async fn a_store_is_made_once_by_several(place: Place) {
    let makers: Vec<_> = (0..8)
        .map(|_| {
            let place = place.clone();
            tokio::spawn(async move { place.init().await.head().await.unwrap() })
        })
        .collect();
    let mut heads = Vec::new();
    for maker in makers {
        heads.push(maker.await.unwrap());
    }
    assert!(heads.iter().all(|head| *head == heads[0]), "{heads:?}");
    assert_eq!(heads[0].version, 0);
    assert_eq!(place.sql("SELECT version FROM gatepost_migration").len(), 3);
}

async fn what_nobody_made_is_missing_and_is_not_made_up_for(place: Place) {
    let error = PolicyStore::open(&place.url()).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Missing, "{error}");
    if let Some(file) = place.url().file() {
        assert!(!file.exists());
        // Nor is it made of a database that is there for something else.
        place.sql("CREATE TABLE other (one INTEGER)");
        let before = std::fs::read(file).unwrap();
        let error = PolicyStore::open(&place.url()).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Missing, "{error}");
        assert_eq!(std::fs::read(file).unwrap(), before);
    }
    place.init().await;
    place.sql("DELETE FROM gatepost_head");
    let error = PolicyStore::open(&place.url()).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Missing, "{error}");
}

async fn one_of_several_seeds(place: Place) {
    let seeders: Vec<_> = (0..6)
        .map(|_| {
            let url = place.url();
            tokio::spawn(async move {
                PolicyStore::open_or_seed(&url, &policy(), ines(), "an example").await
            })
        })
        .collect();
    for seeder in seeders {
        let store = seeder.await.unwrap().unwrap();
        assert_eq!(store.export().await.unwrap(), (1, policy()));
    }
}

async fn what_was_emptied_on_purpose_is_not_seeded_again(place: Place) {
    let store = place.with(&policy()).await;
    let empty = crate::place::document(r#"{ "version": 1 }"#);
    store.import(&empty, ines(), "emptied", None).await.unwrap();
    let store = PolicyStore::open_or_seed(&place.url(), &policy(), ines(), "an example")
        .await
        .unwrap();
    assert_eq!(store.export().await.unwrap(), (2, empty));
}

async fn a_newer_store_is_left_alone(place: Place) {
    let store = place.with(&policy()).await;
    place.sql(&format!(
        "UPDATE gatepost_head SET format = {}",
        STORE_FORMAT + 1
    ));
    let url = place.url();
    let kill = crate::texts::kill("chat");
    let errors = [
        PolicyStore::open(&url).await.unwrap_err(),
        PolicyStore::init(&url).await.unwrap_err(),
        // It became newer while it was open.
        store.write(&kill).await.unwrap_err(),
        store.head().await.unwrap_err(),
        store.export().await.unwrap_err(),
        store.replicas().await.unwrap_err(),
        store.memberships_of("olga").await.unwrap_err(),
        store
            .import(&policy(), ines(), "again", None)
            .await
            .unwrap_err(),
        store.recover(ines(), "again").await.unwrap_err(),
        store
            .history(None, 1, &HistoryFilter::default())
            .await
            .unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.kind(), StoreErrorKind::Newer, "{error}");
    }
    assert_eq!(place.sql("SELECT version FROM gatepost_change"), ["1"]);
}
