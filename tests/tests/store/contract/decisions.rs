//! Decisions that are written beside the policy, to be looked for.

use std::time::Duration;

use gatepost::Timestamp;
use gatepost_store::{
    DecisionFilter, DecisionNote, DecisionRetention, PolicyStore, StoreErrorKind,
};

use crate::place::{Place, on_both, policy};

on_both!(
    decisions_are_found_by_what_they_are_about,
    a80_as_many_decisions_are_kept_as_is_said_and_no_older_ones,
    a81_a_decision_is_cut_and_a_long_record_refused,
    a90_a_store_without_the_table_of_decisions_says_so,
);

fn keep() -> DecisionRetention {
    // The moments of these tests are made up.
    DecisionRetention::default().age(Duration::MAX)
}

fn note(id: &str, at: &str, outcome: &str) -> DecisionNote {
    let at: Timestamp = at.parse().unwrap();
    let mut note = DecisionNote::new(id, at, outcome, format!("{{\"id\":\"{id}\"}}"));
    note.resource = "chat".into();
    note.action = "create".into();
    note
}

async fn numbers(store: &PolicyStore, filter: &DecisionFilter) -> Vec<u64> {
    let found = store.decisions(filter).await.unwrap();
    found.iter().map(|note| note.number).collect()
}

async fn decisions_are_found_by_what_they_are_about(place: Place) {
    let store = place.with(&policy()).await;
    let mut full = note("D1", "2027-01-01T12:00:00.123Z", "deny");
    full.code = Some("org_off".into());
    full.subject = Some("olga".into());
    full.org = Some("acme".into());
    let mut other = note("D2", "2027-01-01T12:00:01Z", "allow");
    other.subject = Some("tom".into());
    other.org = Some("acme".into());
    other.action = "read".into();
    store
        .note_decisions(&[full.clone(), other], &keep())
        .await
        .unwrap();
    store.note_decisions(&[], &keep()).await.unwrap();
    let mut last = note("D3", "2027-01-01T12:00:02Z", "error");
    last.resource = "agent".into();
    store.note_decisions(&[last], &keep()).await.unwrap();
    full.number = 1;
    let any = DecisionFilter::default;
    assert_eq!(
        store.decisions(&any().decision("D1")).await.unwrap(),
        [full]
    );
    let then = || "2027-01-01T12:00:01Z".parse::<Timestamp>().unwrap();
    for (filter, wanted) in [
        (any(), &[3, 2, 1][..]),
        (any().subject("olga"), &[1]),
        (any().org("acme"), &[2, 1]),
        (any().org("acme").action("read"), &[2]),
        (any().code("org_off"), &[1]),
        (any().outcome("error"), &[3]),
        (any().resource("agent"), &[3]),
        (any().since(then()), &[3, 2]),
        (any().until(then()), &[1]),
        (any().since(then()).until(then()), &[]),
        (any().before(3).limit(1), &[2]),
        (any().limit(0), &[]),
        (any().subject("' OR 1=1 --"), &[]),
        (any().subject("a\0b"), &[]),
    ] {
        assert_eq!(numbers(&store, &filter).await, wanted, "{filter:?}");
    }
    // Nothing of it is a change of the policy.
    assert_eq!(store.head().await.unwrap().version, 1);
}

async fn a80_as_many_decisions_are_kept_as_is_said_and_no_older_ones(place: Place) {
    let store = place.with(&policy()).await;
    let kept = || place.sql("SELECT count(*) FROM gatepost_decision");
    let many = vec![note("D", "2027-01-01T12:00:00Z", "deny"); 500];
    let hundred = keep().newest(100);
    store.note_decisions(&many, &hundred).await.unwrap();
    assert_eq!(kept(), ["100"]);
    store.note_decisions(&many[..7], &hundred).await.unwrap();
    assert_eq!(kept(), ["100"]);
    let newest = numbers(&store, &DecisionFilter::default().limit(1)).await;
    assert_eq!(newest, [507]);

    let an_hour = DecisionRetention::default().age(Duration::from_hours(1));
    let old = Timestamp::from_millis(Timestamp::now().as_millis() - 7_200_000).unwrap();
    let of_now = note("NOW", &Timestamp::now().to_string(), "deny");
    let of_then = note("THEN", &old.to_string(), "deny");
    let found = DecisionFilter::default().decision("THEN");
    store.note_decisions(&[of_then], &keep()).await.unwrap();
    assert_eq!(numbers(&store, &found).await.len(), 1);
    store.note_decisions(&[of_now], &an_hour).await.unwrap();
    assert_eq!(numbers(&store, &found).await, [0; 0]);
    let found = DecisionFilter::default().decision("NOW");
    assert_eq!(numbers(&store, &found).await.len(), 1);
}

async fn a81_a_decision_is_cut_and_a_long_record_refused(place: Place) {
    let store = place.with(&policy()).await;
    let huge = "x".repeat(1 << 20);
    let mut long = note(&huge, "2027-01-01T12:00:00Z", &huge);
    long.subject = Some(format!("{}\u{1f512}", "y".repeat(254)));
    long.org = Some("a\r\n\u{1b}[2J\0".into());
    long.record = "{\"a\":\"\u{1f512}\0\"}".into();
    store
        .note_decisions(&[long.clone()], &keep())
        .await
        .unwrap();
    let found = store.decisions(&DecisionFilter::default()).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].decision, huge[..256]);
    assert_eq!(found[0].subject.as_deref(), Some(&*"y".repeat(254)));
    assert_eq!(found[0].org.as_deref(), Some("a\r\n\u{1b}[2J?"));
    assert_eq!(found[0].record, "{\"a\":\"\u{1f512}?\"}");
    long.record = huge;
    let error = store.note_decisions(&[long], &keep()).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::TooLarge, "{error}");
}

async fn a90_a_store_without_the_table_of_decisions_says_so(place: Place) {
    let seeded = place.with(&policy()).await;
    place.sql("DROP TABLE gatepost_decision");
    place.sql("DELETE FROM gatepost_migration WHERE version = 3");
    let store = PolicyStore::open(&place.url()).await.unwrap();
    let some = [note("D", "2027-01-01T12:00:00Z", "deny")];
    for store in [&store, &seeded] {
        for error in [
            store.note_decisions(&some, &keep()).await.unwrap_err(),
            store
                .decisions(&DecisionFilter::default())
                .await
                .unwrap_err(),
        ] {
            assert_eq!(error.kind(), StoreErrorKind::Missing, "{error}");
            let said = error.to_string();
            assert!(said.contains("`gatepost store init`"), "{said}");
        }
        store
            .denials(&gatepost_store::DenialFilter::default())
            .await
            .unwrap();
    }
    PolicyStore::init(&place.url()).await.unwrap();
    store.note_decisions(&some, &keep()).await.unwrap();
}
