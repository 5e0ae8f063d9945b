use super::*;
use crate::head::RawHead;
use crate::replica::history::Commit;
use crate::replica::news::News;
use crate::replica::source::Answer;

fn alice() -> SubjectId {
    SubjectId::new("alice").unwrap()
}

/// Epoch 1 at version 10, made by the commit `t`.
fn followed() -> Point {
    Point {
        lineage: "l".into(),
        commit: Commit {
            epoch: 1,
            version: 10,
            token: "t".into(),
        },
    }
}

/// What the store holds at version 12, to which the history that is followed leads.
fn held() -> Held {
    Held {
        answer: Answer {
            head: Ok(RawHead {
                format: 1,
                lineage: "l".into(),
                epoch: 1,
                version: 12,
                token: "v".into(),
                whole: 3,
                killed: String::new(),
            }),
            standby: false,
            registered: false,
            token: Token::Is("t".into()),
            awaited: false,
            news: News::Unread,
        },
        changed: Some(7),
        rows: Ok(vec![("acme".into(), r#"{"roles":["dev"]}"#.into())]),
    }
}

#[test]
fn memberships_are_right_since_they_last_changed() {
    let mut read = held();
    let loaded = judge(&alice(), &followed(), read.clone()).unwrap();
    assert_eq!((loaded.since(), loaded.version()), (7, 12));
    assert_eq!(loaded.iter().count(), 1);
    // An import changes everything, and one who never was a member has been none since.
    read.changed = None;
    let loaded = judge(&alice(), &followed(), read).unwrap();
    assert_eq!(loaded.since(), 3);
}

#[test]
fn what_is_not_of_the_history_that_is_followed_is_not_used() {
    type Change = fn(&mut Answer, &mut RawHead);
    for (what, change) in [
        ("a standby", (|answer, _| answer.standby = true) as Change),
        ("another store", |_, head| head.lineage = "m".into()),
        ("the epoch before", |_, head| head.epoch = 0),
        ("a later epoch", |_, head| head.epoch = 2),
        ("a lost commit", |answer, _| answer.token = Token::Absent),
        ("another commit", |answer, _| {
            answer.token = Token::Is("u".into());
        }),
        ("untold", |answer, _| answer.token = Token::Untold),
        ("behind", |_, head| head.version = 9),
        ("another commit at the head", |_, head| head.version = 10),
        ("a newer format", |_, head| head.format = 2),
        ("an ill-formed kill", |_, head| {
            head.killed = "chat#nothing".into();
        }),
        ("a negative version", |_, head| head.version = -1),
    ] {
        let mut read = held();
        let mut head = read.answer.head.unwrap();
        read.answer.head = Ok(head.clone());
        change(&mut read.answer, &mut head);
        read.answer.head = Ok(head);
        assert!(judge(&alice(), &followed(), read).is_err(), "{what}");
    }
    let mut same = held();
    let mut head = same.answer.head.unwrap();
    (head.version, head.token) = (10, "t".into());
    same.answer.head = Ok(head);
    same.answer.token = Token::Untold;
    assert!(judge(&alice(), &followed(), same).is_ok());
}

#[test]
fn a_membership_that_is_not_understood_is_an_error_and_not_left_out() {
    for (org, body) in [
        ("acme", "[]"),
        ("acme", r#"["dev"]"#),
        ("acme", r#"{"roles":["dev"],"unheard":1}"#),
        ("", r#"{"roles":[]}"#),
    ] {
        let mut read = held();
        read.rows = Ok(vec![
            ("other".into(), r#"{"roles":[]}"#.into()),
            (org.into(), body.into()),
        ]);
        let fault = judge(&alice(), &followed(), read).unwrap_err();
        assert_eq!(fault.kind, StoreErrorKind::Unsound, "{org} {body}");
    }
}
