//! Several who write at once.

use std::collections::BTreeMap;

use gatepost::{OrgDocument, OrgSwitch, SiteSwitch};
use gatepost_store::{HistoryFilter, PolicyStore, StoreErrorKind};

use crate::place::{Place, on_both, policy};
use crate::texts::{kill, org, site};

on_both!(
    the_loser_of_two_is_told_what_changed,
    what_is_about_something_else_does_not_conflict,
    nothing_is_based_on_what_is_still_to_come,
    writers_take_turns,
    a_call_that_nobody_waits_for_is_ended,
);

async fn the_loser_of_two_is_told_what_changed(place: Place) {
    let store = place.with(&policy()).await;
    store.write(&kill("chat").based_on(1)).await.unwrap();
    let late = site("chat", SiteSwitch::OptIn).based_on(1);
    let error = store.write(&late).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Conflict, "{error}");
    let [change] = error.conflicting() else {
        panic!("{error}");
    };
    assert_eq!((change.version, &*change.author), (2, "ines"));
    assert!(
        error.to_string().contains("site: chat switched off"),
        "{error}"
    );
    // A replay of what was already done is no way back either.
    store.write(&site("chat", SiteSwitch::On)).await.unwrap();
    let error = store.write(&kill("chat").based_on(1)).await.unwrap_err();
    assert_eq!(error.conflicting().len(), 2, "{error}");
    let head = store.head().await.unwrap();
    assert_eq!(head.version, 3);
    store.write(&kill("chat").based_on(3)).await.unwrap();
}

async fn what_is_about_something_else_does_not_conflict(place: Place) {
    let store = place.with(&policy()).await;
    store.write(&kill("chat")).await.unwrap();
    store.write(&kill("agent").based_on(1)).await.unwrap();
    let acme = org("acme", "chat", Some(OrgSwitch::Off)).based_on(1);
    store.write(&acme).await.unwrap();
    let zeta = org("zeta", "chat", Some(OrgSwitch::Off)).based_on(1);
    assert_eq!(store.write(&zeta).await.unwrap().version, 5);
}

async fn nothing_is_based_on_what_is_still_to_come(place: Place) {
    let store = place.with(&policy()).await;
    for version in [2, u64::MAX] {
        let error = store.write(&kill("chat").based_on(version)).await;
        let error = error.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Conflict, "{error}");
    }
    assert_eq!(store.head().await.unwrap().version, 1);
}

async fn writers_take_turns(place: Place) {
    const WRITERS: usize = 64;
    const EACH: usize = 6;
    let mut document = policy();
    for writer in 0..WRITERS {
        document
            .orgs
            .insert(format!("o{writer}"), OrgDocument::default());
    }
    let first = place.with(&document).await;
    let mut rows = facts(&place);
    let stores: Vec<PolicyStore> = {
        let mut stores = vec![first.clone()];
        for _ in 0..7 {
            stores.push(PolicyStore::open(&place.url()).await.unwrap());
        }
        stores
    };
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let store = stores[writer % stores.len()].clone();
            tokio::spawn(async move {
                let mut written = Vec::new();
                for turn in 0..EACH {
                    // Half of them fight over one gate.
                    let switch = if turn % 2 == 0 {
                        OrgSwitch::Off
                    } else {
                        OrgSwitch::On
                    };
                    let id = if writer % 2 == 0 {
                        "acme".to_owned()
                    } else {
                        format!("o{writer}")
                    };
                    let committed = store.write(&org(&id, "chat", Some(switch))).await.unwrap();
                    if committed.changed {
                        written.push(committed.version);
                    }
                }
                written
            })
        })
        .collect();
    let mut versions = vec![1];
    for writer in writers {
        let written = writer.await.unwrap();
        assert!(written.is_sorted());
        versions.extend(written);
    }
    versions.sort_unstable();
    let last = first.head().await.unwrap().version;
    assert_eq!(versions, (1..=last).collect::<Vec<u64>>());

    // The history is all that happened, in the order in which it happened.
    let all = HistoryFilter::default();
    let history = first.history(Some(1), usize::MAX, &all);
    for record in history.await.unwrap() {
        for effect in record.effects {
            let key = effect.key.to_string();
            assert_eq!(
                rows.get(&key),
                effect.before.as_ref(),
                "{key} {}",
                record.version
            );
            match effect.after {
                Some(body) => rows.insert(key, body),
                None => rows.remove(&key),
            };
        }
    }
    assert_eq!(rows, facts(&place));
}

async fn a_call_that_nobody_waits_for_is_ended(place: Place) {
    let store = place.with(&policy()).await;
    for turn in 0..40 {
        let switch = if turn % 2 == 0 {
            SiteSwitch::Off
        } else {
            SiteSwitch::On
        };
        let write = site("chat", switch);
        let limit = std::time::Duration::from_micros(turn * 50);
        let _ = tokio::time::timeout(limit, store.write(&write)).await;
    }
    store.write(&kill("agent")).await.unwrap();
    let last = store.head().await.unwrap().version;
    let all = HistoryFilter::default();
    let records = store.history(None, usize::MAX, &all).await.unwrap();
    assert_eq!(u64::try_from(records.len()).unwrap(), last);
    assert!(records[1..].iter().all(|record| record.effects.len() == 1));
}

/// Every fact as it is stored.
fn facts(place: &Place) -> BTreeMap<String, String> {
    let rows = place.sql("SELECT kind, a, b, body FROM gatepost_fact");
    let rows = rows.iter().map(|row| {
        let columns: Vec<&str> = row.splitn(4, '|').collect();
        let key = format!("{} {} {}", columns[0], columns[1], columns[2]);
        (key.trim_end().to_owned(), columns[3].to_owned())
    });
    rows.collect()
}
