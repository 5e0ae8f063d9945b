//! A change and its entry in the log are one.

use gatepost::SiteSwitch;
use gatepost_store::{HistoryFilter, StoreErrorKind, Undo};

use crate::place::{Place, ines, on_both, policy};
use crate::texts::{kill, site};

on_both!(
    a42_of_two_who_toggle_at_once_one_wins_and_the_other_is_told,
    a84_what_cannot_be_written_to_the_log_is_not_done,
);

async fn a42_of_two_who_toggle_at_once_one_wins_and_the_other_is_told(place: Place) {
    let store = place.with(&policy()).await;
    let mut wins = [0, 0];
    for round in 0..20 {
        let version = store.head().await.unwrap().version;
        let [on, off] = if round % 2 == 0 {
            [SiteSwitch::OptIn, SiteSwitch::Off]
        } else {
            [SiteSwitch::On, SiteSwitch::OptOut]
        };
        let changes = [on, off].map(|to| site("chat", to).based_on(version));
        let two = changes.clone().map(|change| {
            let store = store.clone();
            tokio::spawn(async move { store.write(&change).await })
        });
        let mut answers = Vec::new();
        for one in two {
            answers.push(one.await.unwrap());
        }
        let winner = answers.iter().position(Result::is_ok).unwrap();
        wins[winner] += 1;
        assert_eq!(answers[winner].as_ref().unwrap().version, version + 1);
        let error = answers[1 - winner].as_ref().unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Conflict, "{error}");
        assert_eq!(error.conflicting()[0].version, version + 1, "{error}");
        let (last, now) = store.export().await.unwrap();
        assert_eq!(last, version + 1);
        let switch = now.site.gates["chat"].switch;
        assert_eq!(switch, Some([on, off][winner]));
    }
    assert_eq!(wins.iter().sum::<i32>(), 20);
}

async fn a84_what_cannot_be_written_to_the_log_is_not_done(place: Place) {
    let store = place.with(&policy()).await;
    store.write(&kill("chat")).await.unwrap();
    let before = store.export().await.unwrap();
    let head = store.head().await.unwrap();
    for table in ["gatepost_change", "gatepost_effect"] {
        let (make, unmake) = match &place {
            Place::Sqlite(_) => (
                format!(
                    "CREATE TRIGGER full BEFORE INSERT ON {table}
                     BEGIN SELECT raise(ABORT, 'the log is full'); END"
                ),
                "DROP TRIGGER full".to_owned(),
            ),
            Place::Postgres(..) => (
                format!(
                    "CREATE FUNCTION is_full() RETURNS trigger LANGUAGE plpgsql AS
                       $$BEGIN RAISE 'the log is full'; END$$;
                     CREATE TRIGGER log_is_full BEFORE INSERT ON {table}
                       EXECUTE FUNCTION is_full()"
                ),
                format!("DROP TRIGGER log_is_full ON {table}; DROP FUNCTION is_full()"),
            ),
        };
        place.sql(&make);
        let undo = Undo::new(2, ines(), "it was wrong");
        let mut errors = vec![
            store.write(&kill("agent")).await.unwrap_err(),
            store.undo(&undo).await.unwrap_err(),
        ];
        if table == "gatepost_change" {
            let import = store.import(&policy(), ines(), "all anew", None).await;
            errors.push(import.unwrap_err());
            errors.push(store.recover(ines(), "looked at").await.unwrap_err());
        }
        for error in errors {
            assert_eq!(error.kind(), StoreErrorKind::Unreachable, "{error}");
            assert!(error.to_string().contains("the log is full"), "{error}");
        }
        assert_eq!(store.export().await.unwrap(), before);
        assert_eq!(store.head().await.unwrap(), head);
        place.sql(&unmake);
    }
    let all = HistoryFilter::default();
    assert_eq!(store.history(None, 99, &all).await.unwrap().len(), 2);
    assert_eq!(store.write(&kill("agent")).await.unwrap().version, 3);
}
