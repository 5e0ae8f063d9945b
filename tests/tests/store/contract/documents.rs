//! Documents that go in and come out.

use gatepost::PolicyDocument;
use gatepost_store::{Author, HistoryFilter, StoreErrorKind};
use gatepost_tests::data;
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;

use crate::place::{Place, document, ines, on_both, policy};
use crate::policies;

on_both!(
    every_document_comes_back_as_it_was,
    any_document_comes_back_as_it_was,
    a_document_that_is_not_sound_changes_nothing,
    an_import_says_what_it_changed,
    an_import_that_changes_nothing_is_not_written,
    an_import_is_refused_where_anything_changed,
    only_the_operator_imports,
    a_large_document_is_replaced_as_a_whole,
    the_memberships_of_one_subject,
);

fn documents() -> Vec<PolicyDocument> {
    let mut all = Vec::new();
    for name in data::files_in("conformance") {
        let file = data::json(&name);
        let own = file["cases"].as_array().unwrap().iter();
        let own = own.map(|case| case["policy"].clone());
        for policy in std::iter::once(file["policy"].clone()).chain(own) {
            if !policy.is_null() {
                all.push(serde_json::from_value(policy).unwrap());
            }
        }
    }
    assert!(all.len() > 50, "{}", all.len());
    all
}

/// Each over the one before, so that what is gone must be gone.
async fn every_document_comes_back_as_it_was(place: Place) {
    let store = place.init().await;
    for document in documents() {
        let committed = store.import(&document, ines(), "next", None).await.unwrap();
        assert_eq!(store.export().await.unwrap(), (committed.version, document));
    }
}

async fn any_document_comes_back_as_it_was(place: Place) {
    let store = place.init().await;
    let mut runner = TestRunner::default();
    for _ in 0..64 {
        let policies::Policy(document) =
            policies::policy().new_tree(&mut runner).unwrap().current();
        let committed = store.import(&document, ines(), "next", None).await.unwrap();
        assert_eq!(store.export().await.unwrap(), (committed.version, document));
    }
}

async fn a_document_that_is_not_sound_changes_nothing(place: Place) {
    let store = place.with(&policy()).await;
    let bad = document(r#"{ "version": 1, "site": { "gates": { "chat": { "switch": "on" } } } }"#);
    let error = store.import(&bad, ines(), "oops", None).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Refused);
    assert_eq!(error.problems().len(), 1);
    assert_eq!(store.export().await.unwrap(), (1, policy()));
    assert_eq!(place.sql("SELECT version FROM gatepost_change"), ["1"]);
}

async fn an_import_says_what_it_changed(place: Place) {
    let store = place.with(&policy()).await;
    let mut next = policy();
    next.orgs.remove("zeta");
    next.orgs.get_mut("acme").unwrap().members.clear();
    store.import(&next, ines(), "smaller", None).await.unwrap();
    let history = store
        .history(None, 10, &HistoryFilter::default())
        .await
        .unwrap();
    let [seed, smaller] = &history[..] else {
        panic!("{history:?}");
    };
    // An empty store is filled as a whole.
    assert!(seed.effects.is_empty());
    let gone: Vec<String> = smaller
        .effects
        .iter()
        .map(|effect| {
            assert!(effect.before.is_some() && effect.after.is_none());
            effect.key.to_string()
        })
        .collect();
    // What stands below an org goes before it.
    assert_eq!(gone, ["member zeta olga", "member acme olga", "org zeta"]);
    assert_eq!(store.head().await.unwrap().whole, 1);
    assert_eq!(smaller.sentence, "the whole policy imported");
}

async fn an_import_that_changes_nothing_is_not_written(place: Place) {
    let store = place.with(&policy()).await;
    let committed = store
        .import(&policy(), ines(), "again", None)
        .await
        .unwrap();
    assert!(!committed.changed);
    assert_eq!(committed.version, 1);
    assert_eq!(place.sql("SELECT version FROM gatepost_change"), ["1"]);
}

async fn an_import_is_refused_where_anything_changed(place: Place) {
    let store = place.with(&policy()).await;
    store.write(&crate::texts::kill("agent")).await.unwrap();
    let error = store
        .import(&policy(), ines(), "as it was", Some(1))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Conflict, "{error}");
    assert_eq!(error.conflicting().len(), 1);
    assert_eq!(error.conflicting()[0].sentence, "site: agent switched off");
    let error = store
        .import(&policy(), ines(), "as it was", Some(9))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Conflict, "{error}");
    let done = store.import(&policy(), ines(), "as it was", Some(2)).await;
    assert_eq!(done.unwrap().version, 3);
}

async fn only_the_operator_imports(place: Place) {
    let store = place.with(&policy()).await;
    let olga = gatepost::Subject::new("olga".parse().unwrap());
    let error = store
        .import(&policy(), Author::Subject(olga.clone()), "mine", None)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Denied, "{error}");
    let error = store
        .recover(Author::Subject(olga), "mine")
        .await
        .unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Denied, "{error}");
}

async fn a_large_document_is_replaced_as_a_whole(place: Place) {
    let mut large = policy();
    let member = large.orgs["acme"].members["olga"].clone();
    let members = (0..25_000).map(|number| (format!("u{number}"), member.clone()));
    large.orgs.get_mut("acme").unwrap().members.extend(members);
    let store = place.with(&policy()).await;
    store.import(&large, ines(), "grown", None).await.unwrap();
    assert_eq!(store.export().await.unwrap(), (2, large));
    assert_eq!(store.head().await.unwrap().whole, 2);
    store
        .import(&policy(), ines(), "shrunk", None)
        .await
        .unwrap();
    assert_eq!(store.export().await.unwrap(), (3, policy()));
    assert_eq!(
        place.sql("SELECT version FROM gatepost_effect"),
        Vec::<String>::new()
    );
}

async fn the_memberships_of_one_subject(place: Place) {
    let store = place.with(&policy()).await;
    let (version, members) = store.memberships_of("olga").await.unwrap();
    assert_eq!(version, 1);
    let acme = policy().orgs["acme"].members["olga"].clone();
    assert_eq!(
        members,
        [("acme".to_owned(), acme.clone()), ("zeta".to_owned(), acme)]
    );
    assert_eq!(store.memberships_of("nobody").await.unwrap().1, []);
    for body in [
        "[[\"owner\"]]",
        "{\"roles\":[\"owner\"],\"since\":1}",
        "{",
        "",
    ] {
        place.sql(&format!(
            "UPDATE gatepost_fact SET body = '{body}' WHERE kind = 'member' AND a = 'acme'"
        ));
        let error = store.memberships_of("olga").await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Unsound, "{body}");
        assert!(error.to_string().contains("`member acme olga`"), "{error}");
    }
}
