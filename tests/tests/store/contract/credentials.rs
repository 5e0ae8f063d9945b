//! Login links, sessions and tokens.

use std::collections::BTreeSet;
use std::time::Duration;

use gatepost::{Subject, SubjectId};
use gatepost_store::{
    Author, Credential, CredentialKind, NewCredential, PolicyStore, StoreErrorKind,
};

use crate::place::{Place, ines, on_both, policy};

on_both!(
    a_link_begins_one_session_with_a_secret_of_its_own,
    of_several_who_use_a_link_at_once_one_is_let_in,
    what_is_over_is_over_by_the_stores_clock,
    a_session_that_is_used_goes_on_for_eight_hours_at_most,
    a_token_is_limited_to_its_scopes_and_taken_back,
    a92_no_secret_is_in_the_store_or_told,
    only_the_operator_issues_and_not_for_too_long,
    what_is_over_is_taken_away,
    a_new_login_ends_the_session_that_was_there,
    all_that_a_subject_has_is_taken_back_and_nothing_of_others,
    no_version_and_no_hint_comes_of_a_credential,
);

const HOUR: i64 = 3_600_000;
const MINUTE: i64 = 60_000;

fn alice() -> SubjectId {
    SubjectId::new("alice").unwrap()
}

fn link() -> NewCredential {
    NewCredential::login(alice(), ines())
}

fn token(label: &str) -> NewCredential {
    NewCredential::token(alice(), ines(), label)
}

async fn found(store: &PolicyStore, kind: CredentialKind, secret: &str) -> Option<Credential> {
    store.credential(kind, secret).await.unwrap()
}

/// So much time passes for whoever is in the table.
fn pass(place: &Place, millis: i64) {
    place.sql(&format!(
        "UPDATE gatepost_credential SET created_ms = created_ms - {millis},
             expires_ms = expires_ms - {millis}, used_ms = used_ms - {millis}"
    ));
}

fn lasts(credential: &Credential) -> i64 {
    credential.expires.as_millis() - credential.created.as_millis()
}

async fn a_link_begins_one_session_with_a_secret_of_its_own(place: Place) {
    let store = place.with(&policy()).await;
    let issued = store.issue(&link().scopes(["chat:read"])).await.unwrap();
    assert_eq!(issued.credential.kind, CredentialKind::Login);
    assert_eq!(issued.credential.author, "ines");
    assert_eq!(lasts(&issued.credential), 10 * MINUTE);
    let age = gatepost::Timestamp::now().as_millis() - issued.credential.created.as_millis();
    assert!((-2000..60_000).contains(&age), "{age}");
    // To look at a link uses nothing up, and a link is no session.
    for _ in 0..2 {
        let seen = found(&store, CredentialKind::Login, &issued.secret).await;
        assert_eq!(seen, Some(issued.credential.clone()));
    }
    for kind in [CredentialKind::Session, CredentialKind::Token] {
        assert_eq!(found(&store, kind, &issued.secret).await, None);
    }
    let session = store.log_in(&issued.secret).await.unwrap().unwrap();
    assert_eq!(session.credential.kind, CredentialKind::Session);
    assert_eq!(session.credential.subject, alice());
    assert_eq!(
        session.credential.scopes,
        Some(vec!["chat:read".to_owned()])
    );
    assert_eq!(lasts(&session.credential), 8 * HOUR);
    assert_ne!(session.secret, issued.secret);
    assert_ne!(session.credential.id, issued.credential.id);
    let seen = found(&store, CredentialKind::Session, &session.secret).await;
    assert_eq!(seen, Some(session.credential));
    assert_eq!(store.log_in(&issued.secret).await.unwrap(), None);
    assert_eq!(store.log_in(&session.secret).await.unwrap(), None);
    let longest = "x".repeat(100_000);
    for none in ["", "x", "a\0b", "' OR 1 = 1", &longest] {
        assert_eq!(store.log_in(none).await.unwrap(), None);
        assert_eq!(found(&store, CredentialKind::Session, none).await, None);
    }
}

async fn of_several_who_use_a_link_at_once_one_is_let_in(place: Place) {
    let first = place.with(&policy()).await;
    let mut stores = vec![first.clone()];
    for _ in 0..3 {
        stores.push(PolicyStore::open(&place.url()).await.unwrap());
    }
    for _ in 0..10 {
        let link = first.issue(&link()).await.unwrap().secret;
        let tries: Vec<_> = (0..8)
            .map(|at| {
                let (store, link) = (stores[at % stores.len()].clone(), link.clone());
                tokio::spawn(async move { store.log_in(&link).await.unwrap() })
            })
            .collect();
        let mut sessions = Vec::new();
        for one in tries {
            sessions.extend(one.await.unwrap());
        }
        assert_eq!(sessions.len(), 1);
    }
    let all = first.credentials(CredentialKind::Session).await.unwrap();
    assert_eq!(all.len(), 10);
    assert_eq!(first.credentials(CredentialKind::Login).await.unwrap(), []);
}

async fn what_is_over_is_over_by_the_stores_clock(place: Place) {
    let store = place.with(&policy()).await;
    let link = store.issue(&link()).await.unwrap();
    let token = store.issue(&token("export")).await.unwrap();
    assert_eq!(lasts(&token.credential), 90 * 24 * HOUR);
    pass(&place, 10 * MINUTE - 5000);
    assert!(
        found(&store, CredentialKind::Login, &link.secret)
            .await
            .is_some()
    );
    pass(&place, 5000);
    assert_eq!(
        found(&store, CredentialKind::Login, &link.secret).await,
        None
    );
    assert_eq!(store.credentials(CredentialKind::Login).await.unwrap(), []);
    assert_eq!(store.log_in(&link.secret).await.unwrap(), None);
    // It is used up by the try as well.
    pass(&place, -HOUR);
    assert_eq!(store.log_in(&link.secret).await.unwrap(), None);
    pass(&place, 90 * 24 * HOUR);
    assert!(
        found(&store, CredentialKind::Token, &token.secret)
            .await
            .is_some()
    );
    pass(&place, HOUR);
    assert_eq!(
        found(&store, CredentialKind::Token, &token.secret).await,
        None
    );
}

async fn a_session_that_is_used_goes_on_for_eight_hours_at_most(place: Place) {
    let store = place.with(&policy()).await;
    let session = async || {
        let link = store.issue(&link()).await.unwrap();
        store.log_in(&link.secret).await.unwrap().unwrap()
    };
    let idle = session().await;
    let used =
        || place.sql("SELECT used_ms - created_ms FROM gatepost_credential WHERE kind = 'session'");
    // It is not written down at each request.
    pass(&place, MINUTE - 5000);
    let seen = async |secret: &str| found(&store, CredentialKind::Session, secret).await;
    assert!(seen(&idle.secret).await.is_some());
    assert_eq!(used(), ["0"]);
    pass(&place, 5000);
    assert!(seen(&idle.secret).await.is_some());
    let renewed: i64 = used()[0].parse().unwrap();
    assert!((MINUTE..2 * MINUTE).contains(&renewed), "{renewed}");
    pass(&place, HOUR);
    assert_eq!(seen(&idle.secret).await, None);
    assert_eq!(
        store.credentials(CredentialKind::Session).await.unwrap(),
        []
    );

    let busy = session().await;
    for _ in 0..10 {
        pass(&place, 45 * MINUTE);
        assert!(seen(&busy.secret).await.is_some());
    }
    pass(&place, 30 * MINUTE);
    assert_eq!(seen(&busy.secret).await, None);
}

async fn a_token_is_limited_to_its_scopes_and_taken_back(place: Place) {
    let store = place.with(&policy()).await;
    let one = token("export").scopes(["gatepost-site:read", "chat:*"]);
    let one = store.issue(&one).await.unwrap();
    let another = store.issue(&token("all of it")).await.unwrap();
    let none = store
        .issue(&token("nothing").scopes([""; 0]))
        .await
        .unwrap();
    assert!(one.secret.starts_with("gatepost_") && one.secret.len() == 9 + 43);
    let seen = async |secret: &str| found(&store, CredentialKind::Token, secret).await;
    let limited = seen(&one.secret).await.unwrap();
    let subject = Subject::new(alice()).expires(limited.expires);
    let scopes = ["gatepost-site:read", "chat:*"];
    assert_eq!(limited.subject(), subject.clone().scopes(scopes));
    assert_eq!(limited.label, "export");
    let unlimited = seen(&another.secret).await.unwrap().subject();
    assert!(unlimited.scope_list().is_none());
    let nothing = seen(&none.secret).await.unwrap().subject();
    assert_eq!(nothing.scope_list().unwrap().iter().count(), 0);
    // What is not understood is not taken for a token without limits.
    place.sql("UPDATE gatepost_credential SET scopes = 'chat:read' WHERE label = 'export'");
    let error = store.credential(CredentialKind::Token, &one.secret).await;
    assert_eq!(error.unwrap_err().kind(), StoreErrorKind::Unsound);
    place.sql("UPDATE gatepost_credential SET scopes = '[\"chat:read\"]' WHERE label = 'export'");

    let labels: BTreeSet<String> = store
        .credentials(CredentialKind::Token)
        .await
        .unwrap()
        .into_iter()
        .map(|token| token.label)
        .collect();
    assert_eq!(
        labels.into_iter().collect::<Vec<_>>(),
        ["all of it", "export", "nothing"]
    );
    assert!(store.revoke(&one.credential.id).await.unwrap());
    assert!(!store.revoke(&one.credential.id).await.unwrap());
    for nobody in ["", "a\0b", "%", "' OR 1 = 1"] {
        assert!(!store.revoke(nobody).await.unwrap());
    }
    assert_eq!(seen(&one.secret).await, None);
    assert!(seen(&another.secret).await.is_some());
}

async fn a92_no_secret_is_in_the_store_or_told(place: Place) {
    let store = place.with(&policy()).await;
    let link = store.issue(&link()).await.unwrap();
    let session = store.log_in(&link.secret).await.unwrap().unwrap();
    let other = store.issue(&link_again()).await.unwrap();
    let token = store.issue(&token("export")).await.unwrap();
    let rows = place.sql("SELECT * FROM gatepost_credential").join("\n");
    let told = format!(
        "{link:?} {session:?} {other:?} {token:?} {:?} {store:?}",
        link_again()
    );
    for secret in [&link.secret, &session.secret, &other.secret, &token.secret] {
        let inner = secret.trim_start_matches("gatepost_");
        assert!(inner.len() == 43, "{}", inner.len());
        assert!(!rows.contains(inner) && !told.contains(inner));
    }
    place.sql("UPDATE gatepost_credential SET subject = ''");
    let error = store.credential(CredentialKind::Token, &token.secret).await;
    let error = error.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unsound, "{error}");
    assert!(!format!("{error} {error:?}").contains(token.secret.trim_start_matches("gatepost_")));
}

fn link_again() -> NewCredential {
    NewCredential::login(SubjectId::new("bob").unwrap(), ines())
}

async fn only_the_operator_issues_and_not_for_too_long(place: Place) {
    let store = place.with(&policy()).await;
    let own = Author::Subject(Subject::new(alice()));
    for new in [
        NewCredential::login(alice(), own.clone()),
        NewCredential::token(alice(), own, "mine"),
    ] {
        let error = store.issue(&new).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Denied, "{error}");
    }
    let day = Duration::from_hours(24);
    let nobody = Author::Operator { name: " ".into() };
    let long = "x".repeat(256);
    for (new, wanted) in [
        (token("a").lasting(day * 367), "up to 366 days"),
        (token("a").lasting(Duration::MAX), "up to 366 days"),
        (token("a").lasting(Duration::ZERO), "up to 366 days"),
        (
            link().lasting(Duration::from_secs(601)),
            "up to ten minutes",
        ),
        (token(" "), "the label is missing"),
        (token(&long), "longer than 255 bytes"),
        (token("a\u{1b}[2J"), "control character"),
        (token("a").scopes(["chat"]), "`chat` is no grant"),
        (token("a").scopes(["!chat:read"]), "is no grant"),
        (
            token("a").scopes(vec!["chat:read"; 101]),
            "more than 100 scopes",
        ),
        (NewCredential::login(alice(), nobody), "name is missing"),
    ] {
        let error = store.issue(&new).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Invalid, "{error}");
        assert!(error.to_string().contains(wanted), "{error}");
    }
    assert!(place.sql("SELECT id FROM gatepost_credential").is_empty());
    let year = store.issue(&token("a").lasting(day * 366)).await.unwrap();
    assert_eq!(lasts(&year.credential), 366 * 24 * HOUR);
    let brief = link().lasting(Duration::from_mins(1));
    assert_eq!(
        lasts(&store.issue(&brief).await.unwrap().credential),
        MINUTE
    );
}

async fn what_is_over_is_taken_away(place: Place) {
    let store = place.with(&policy()).await;
    for _ in 0..3 {
        store.issue(&link()).await.unwrap();
        let link = store.issue(&link()).await.unwrap();
        store.log_in(&link.secret).await.unwrap().unwrap();
    }
    let kept = store.issue(&token("export")).await.unwrap();
    let kinds = || place.sql("SELECT kind FROM gatepost_credential ORDER BY kind");
    assert_eq!(kinds().len(), 7);
    pass(&place, HOUR);
    store.issue(&link()).await.unwrap();
    assert_eq!(kinds(), ["login", "token"]);
    assert!(
        found(&store, CredentialKind::Token, &kept.secret)
            .await
            .is_some()
    );
}

async fn no_version_and_no_hint_comes_of_a_credential(place: Place) {
    let store = place.with(&policy()).await;
    let before = (store.head().await.unwrap(), store.export().await.unwrap());
    let replica = gatepost_store::Replica::open(&place.url()).await.unwrap();
    // Its own connection is settled, and what was committed before is heard of.
    tokio::time::sleep(Duration::from_millis(600)).await;
    let hinted = replica.statistics().hinted_asks;
    let link = store.issue(&link()).await.unwrap();
    let session = store.log_in(&link.secret).await.unwrap().unwrap();
    store.revoke(&session.credential.id).await.unwrap();
    assert_eq!(
        (store.head().await.unwrap(), store.export().await.unwrap()),
        before
    );
    assert_eq!(place.sql("SELECT version FROM gatepost_change"), ["1"]);
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(replica.statistics().hinted_asks, hinted);
    assert_eq!(replica.health(), gatepost::Health::Ready { version: 1 });
}

async fn a_new_login_ends_the_session_that_was_there(place: Place) {
    let store = place.with(&policy()).await;
    let link = async || store.issue(&link()).await.unwrap().secret;
    let seen = async |secret: &str| found(&store, CredentialKind::Session, secret).await;
    let old = store.log_in(&link().await).await.unwrap().unwrap();
    let other = store.log_in(&link().await).await.unwrap().unwrap();
    // A link that is no good ends nothing.
    let none = store.log_in_instead("nonsense", &old.secret).await.unwrap();
    assert_eq!(none, None);
    assert!(seen(&old.secret).await.is_some());
    let again = link().await;
    let new = store.log_in_instead(&again, &old.secret).await.unwrap();
    let new = new.unwrap();
    assert_eq!(seen(&old.secret).await, None);
    assert_eq!(seen(&new.secret).await, Some(new.credential));
    assert!(seen(&other.secret).await.is_some());
    // Nor does what is no session keep anybody out, and a token is none.
    let token = store.issue(&token("export")).await.unwrap();
    let longest = "x".repeat(100_000);
    for presented in ["", "a\0b", &token.secret, &longest] {
        let session = store.log_in_instead(&link().await, presented).await;
        assert!(session.unwrap().is_some());
    }
    let kept = found(&store, CredentialKind::Token, &token.secret).await;
    assert!(kept.is_some());
}

async fn all_that_a_subject_has_is_taken_back_and_nothing_of_others(place: Place) {
    use CredentialKind::{Login, Session, Token};
    let store = place.with(&policy()).await;
    for new in [link, link_again] {
        let link = store.issue(&new()).await.unwrap();
        store.log_in(&link.secret).await.unwrap().unwrap();
        store.issue(&new()).await.unwrap();
    }
    store.issue(&token("export")).await.unwrap();
    let rows = || place.sql("SELECT subject, kind FROM gatepost_credential ORDER BY subject, kind");
    let all = async |kinds: &[CredentialKind]| store.revoke_all(&alice(), kinds).await.unwrap();
    assert_eq!(rows().len(), 5);
    assert_eq!(all(&[]).await, 0);
    assert_eq!(all(&[Session, Login]).await, 2);
    assert_eq!(rows(), ["alice|token", "bob|login", "bob|session"]);
    assert_eq!(all(&[Session, Login]).await, 0);
    assert_eq!(all(&[Token]).await, 1);
    assert_eq!(rows(), ["bob|login", "bob|session"]);
}
