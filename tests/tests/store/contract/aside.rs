//! What stands beside the policy: denials, routes, and a store that does not have them yet.

use gatepost::{Code, Inventory, InventoryRoute, Org, Requirement, SubjectId};
use gatepost_store::{
    CredentialKind, DenialFilter, DenialNote, NewCredential, PolicyStore, Replica, StoreErrorKind,
};

use crate::place::{Place, ines, on_both, policy};
use crate::texts::kill;

on_both!(
    denials_are_read_the_newest_first,
    a80_the_newest_ten_thousand_denials_are_kept,
    a81_a_denial_is_cut_and_cuts_no_character,
    routes_are_reported_beside_the_replica_and_go_with_it,
    routes_that_are_too_long_are_not_reported,
    a90_a_store_of_an_older_release_has_its_policy_and_says_what_is_missing,
);

fn note(code: Code, org: &str, subject: &str) -> DenialNote {
    let mut note = DenialNote::new(code);
    note.org = Some(org.into());
    note.subject = Some(subject.into());
    note
}

async fn denials_are_read_the_newest_first(place: Place) {
    let store = place.with(&policy()).await;
    let mut full = note(Code::OrgOff, "acme", "olga");
    full.acting_for = Some("tom".into());
    full.resource = Some("chat".into());
    full.action = Some("read".into());
    full.mode = Some("background".into());
    full.route = Some("POST /orgs/{org}/chats".into());
    full.replica = Some("web-1".into());
    full.decision = Some("0123".into());
    full.times = 7;
    full.at = "2027-01-01T12:00:00.123Z".parse().unwrap();
    let empty = DenialNote::new(Code::SiteOff);
    store.note_denials(&[full.clone(), empty]).await.unwrap();
    store.note_denials(&[]).await.unwrap();
    store
        .note_denials(&[
            note(Code::OrgOff, "zeta", "olga"),
            note(Code::NotAMember, "acme", "tom"),
        ])
        .await
        .unwrap();
    let all = store.denials(&DenialFilter::default()).await.unwrap();
    let numbers: Vec<u64> = all.iter().map(|note| note.number).collect();
    assert_eq!(numbers, [4, 3, 2, 1]);
    full.number = 1;
    assert_eq!(all[3], full);
    assert_eq!(
        (all[2].org.as_ref(), &*all[2].code, all[2].times),
        (None, "site_off", 1)
    );
    let any = DenialFilter::default;
    for (filter, wanted) in [
        (any().org("acme"), &[4, 1][..]),
        (any().subject("olga"), &[3, 1]),
        (any().code("org_off"), &[3, 1]),
        (any().org("acme").code("org_off").subject("olga"), &[1]),
        (any().before(3), &[2, 1]),
        (any().before(u64::MAX).limit(2), &[4, 3]),
        (any().before(0), &[]),
        (any().limit(0), &[]),
        (any().org("nobody"), &[]),
        (any().org("a\0b"), &[]),
    ] {
        let found = store.denials(&filter).await.unwrap();
        let numbers: Vec<u64> = found.iter().map(|note| note.number).collect();
        assert_eq!(numbers, wanted, "{filter:?}");
    }
}

async fn a80_the_newest_ten_thousand_denials_are_kept(place: Place) {
    let store = place.with(&policy()).await;
    let many = vec![note(Code::OrgOff, "acme", "olga"); 12_500];
    store.note_denials(&many).await.unwrap();
    let kept = || place.sql("SELECT count(*) FROM gatepost_denial");
    assert_eq!(kept(), ["10000"]);
    store.note_denials(&many[..300]).await.unwrap();
    assert_eq!(kept(), ["10000"]);
    let newest = store.denials(&DenialFilter::default().limit(1)).await;
    assert_eq!(newest.unwrap()[0].number, 10_300);
}

async fn a81_a_denial_is_cut_and_cuts_no_character(place: Place) {
    let store = place.with(&policy()).await;
    let huge = "x".repeat(1 << 20);
    let wide = format!("{}\u{1f512}", "y".repeat(254));
    let mut long = note(Code::OrgOff, &huge, &wide);
    long.route = Some("GET /a\r\n\u{1b}[2J\0".into());
    long.code = huge.clone();
    store.note_denials(&[long]).await.unwrap();
    let found = store.denials(&DenialFilter::default()).await.unwrap();
    assert_eq!(found[0].org.as_deref(), Some(&huge[..256]));
    assert_eq!(found[0].code, huge[..256]);
    assert_eq!(found[0].subject.as_deref(), Some(&wide[..254]));
    assert_eq!(found[0].route.as_deref(), Some("GET /a\r\n\u{1b}[2J?"));
}

const READ: Requirement = Requirement::new("chat", "read").org(Org::path("org"));

fn routes(paths: &[&str]) -> Inventory {
    Inventory::new(
        paths
            .iter()
            .map(|path| InventoryRoute::requiring("GET", *path, &READ)),
    )
}

async fn reported(store: &PolicyStore, wanted: &[(&str, Inventory)]) {
    for _ in 0..400 {
        let found = store.inventories().await.unwrap().into_iter();
        let found: Vec<_> = found.map(|found| (found.name, found.inventory)).collect();
        let is = found.len() == wanted.len()
            && found
                .iter()
                .zip(wanted)
                .all(|(one, other)| (&*one.0, &one.1) == (other.0, &other.1));
        if is {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("{wanted:?}: {:?}", store.inventories().await);
}

async fn routes_are_reported_beside_the_replica_and_go_with_it(place: Place) {
    let store = place.with(&policy()).await;
    let follow = async |name: &str| {
        let options = Replica::options().name(name);
        options.open(&place.url()).await.unwrap()
    };
    let (one, two, silent) = (follow("a").await, follow("b").await, follow("c").await);
    let (chats, more) = (
        routes(&["/orgs/{org}/chats"]),
        routes(&["/{org}/a", "/{org}/b"]),
    );
    one.report_routes(&chats).unwrap();
    two.report_routes(&chats).unwrap();
    reported(&store, &[("a", chats.clone()), ("b", chats.clone())]).await;
    one.report_routes(&more).unwrap();
    reported(&store, &[("a", more.clone()), ("b", chats.clone())]).await;
    // What nobody understands is left out, and so is who was not heard of for long.
    place.sql("INSERT INTO gatepost_routes VALUES ('nobody', '{}')");
    let id = store.replicas().await.unwrap().remove(2).id;
    place.sql(&format!(
        "INSERT INTO gatepost_routes VALUES ('{id}', '{{\"version\":9}}')"
    ));
    reported(&store, &[("a", more.clone()), ("b", chats.clone())]).await;
    drop(two);
    reported(&store, &[("a", more)]).await;
    assert_eq!(place.sql("SELECT count(*) FROM gatepost_routes"), ["3"]);
    drop(one);
    reported(&store, &[]).await;
    drop(silent);
}

async fn routes_that_are_too_long_are_not_reported(place: Place) {
    let store = place.with(&policy()).await;
    let replica = Replica::open(&place.url()).await.unwrap();
    let few = routes(&["/a"]);
    replica.report_routes(&few).unwrap();
    let paths: Vec<String> = (0..12_000)
        .map(|at| format!("/orgs/{{org}}/chats/{at}"))
        .collect();
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let error = replica.report_routes(&routes(&paths)).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::TooLarge, "{error}");
    let name = store.replicas().await.unwrap().remove(0).name;
    reported(&store, &[(name.as_str(), few)]).await;
}

/// What a release without a console has made.
fn as_before(place: &Place) {
    let tables = [
        "gatepost_credential",
        "gatepost_decision",
        "gatepost_denial",
        "gatepost_routes",
    ];
    for table in tables {
        place.sql(&format!("DROP TABLE {table}"));
    }
    place.sql("DELETE FROM gatepost_migration WHERE version >= 2");
}

async fn a90_a_store_of_an_older_release_has_its_policy_and_says_what_is_missing(place: Place) {
    let seeded = place.with(&policy()).await;
    as_before(&place);
    // It is opened, followed, read and written as ever.
    let store = PolicyStore::open(&place.url()).await.unwrap();
    let replica = Replica::open(&place.url()).await.unwrap();
    replica.report_routes(&routes(&["/a"])).unwrap();
    let change = kill("chat").awaited();
    let committed = store.write(&change).await.unwrap();
    let proof = store.await_replicas(committed.version).await.unwrap();
    assert_eq!(proof.replicas.len(), 1);
    store.site().await.unwrap();
    store.org("acme").await.unwrap().unwrap();
    store.members("acme", None, 9).await.unwrap();
    store.subject("olga").await.unwrap();
    let undo = gatepost_store::Undo::new(2, ines(), "not so");
    store.preview_undo(&undo).await.unwrap();
    store.undo(&undo).await.unwrap();

    let alice = || SubjectId::new("alice").unwrap();
    let token = NewCredential::token(alice(), ines(), "export");
    for store in [&store, &seeded] {
        let errors = [
            store.issue(&token).await.unwrap_err(),
            store.log_in("code").await.unwrap_err(),
            store
                .credential(CredentialKind::Session, "id")
                .await
                .unwrap_err(),
            store.credentials(CredentialKind::Token).await.unwrap_err(),
            store.revoke("id").await.unwrap_err(),
            store
                .note_denials(&[DenialNote::new(Code::OrgOff)])
                .await
                .unwrap_err(),
            store.denials(&DenialFilter::default()).await.unwrap_err(),
            store.inventories().await.unwrap_err(),
        ];
        for error in errors {
            assert_eq!(error.kind(), StoreErrorKind::Missing, "{error}");
            assert!(
                error.to_string().contains("`gatepost store init`"),
                "{error}"
            );
        }
    }
    // Brought up while it is in use.
    PolicyStore::init(&place.url()).await.unwrap();
    store.issue(&token).await.unwrap();
    store
        .note_denials(&[DenialNote::new(Code::OrgOff)])
        .await
        .unwrap();
    assert_eq!(store.inventories().await.unwrap(), []);
    let committed = store.write(&change).await.unwrap();
    store.await_replicas(committed.version).await.unwrap();
    assert_eq!(replica.health(), gatepost::Health::Ready { version: 4 });
}
