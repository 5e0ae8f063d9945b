//! Whatever ends a permit ends what is bound to it (A69, A74): with the answer that the request would get now.

use std::time::Duration;

use super::client::{Answer, Client, asked};
use super::grpc::{Call, Ended};
use super::rig::{POLICY, Rig};

/// Something that takes a permit away, and the code by which it does.
type Cause = (&'static str, fn(&Rig));

const CAUSES: &[Cause] = &[
    ("site_off", Rig::switch_off),
    ("org_off", |rig| {
        rig.publish(&format!(
            "{POLICY}[orgs.acme.gates.chat]\nswitch = \"off\"\n"
        ));
    }),
    ("org_grant_missing", |rig| rig.change("[\"guest\"]", "[]")),
    ("org_suspended", |rig| {
        rig.publish(&format!("{POLICY}[orgs.acme]\nstatus = \"suspended\"\n"));
    }),
    ("not_a_member", |rig| {
        rig.change("members.alice", "members.bob");
    }),
    ("subject_suspended", |rig| {
        rig.publish(&format!(
            "{POLICY}[subjects.alice]\nstatus = \"suspended\"\n"
        ));
    }),
    ("policy_stale", Rig::expire_lease),
];

/// Another policy, by which every request is as allowed as before.
fn change_nothing(rig: &Rig) {
    rig.publish(&format!("{POLICY}[site.gates.other]\nswitch = \"on\"\n"));
}

async fn a_while() {
    tokio::time::sleep(Duration::from_millis(50)).await;
}

#[tokio::test]
async fn a69_a_stream_of_events_ends_with_the_denial_of_the_moment() {
    for path in ["/orgs/acme/events", "/orgs/acme/quiet"] {
        for (code, cause) in CAUSES {
            let rig = Rig::axum().await;
            let mut client = Client::ask(&rig, path).await;
            client.until("tick").await;
            change_nothing(&rig);
            a_while().await;
            assert_eq!(rig.notes.alive(), 1, "{code}");
            cause(&rig);
            let word = client.answer().await.last_word();
            assert_eq!(word["code"], **code);
            let now = Client::ask(&rig, path).await.answer().await;
            assert_eq!(word, now.problem(), "{code}");
            rig.until_free().await;
        }
    }
}

#[tokio::test]
async fn a69_a_stream_of_messages_ends_with_the_status_of_the_moment() {
    for (code, cause) in CAUSES {
        let rig = Rig::tonic().await;
        let stream = Call::one(&rig, "Watch").await.stream().await;
        change_nothing(&rig);
        a_while().await;
        assert_eq!(rig.notes.alive(), 1, "{code}");
        cause(&rig);
        let word = Ended::of(&http::HeaderMap::new(), stream).await;
        assert_eq!(word.reason(), *code);
        let now = Call::one(&rig, "Watch").await.end().await;
        assert_eq!(word.told(), now.told());
        rig.until_free().await;
    }
}

#[tokio::test]
async fn a69_a_membership_is_over_at_its_moment() {
    let rig = Rig::axum().await;
    let calls = Rig::tonic().await;
    let end = jiff::Timestamp::now() + Duration::from_millis(1_200);
    let policy = POLICY.replace("[\"guest\"]", &format!("[\"guest\"]\nexpires = \"{end}\""));
    rig.publish(&policy);
    calls.publish(&policy);
    let mut client = Client::ask(&rig, "/orgs/acme/quiet").await;
    client.until("tick").await;
    let stream = Call::one(&calls, "Watch").await.stream().await;
    let word = tokio::spawn(async { Ended::of(&http::HeaderMap::new(), stream).await });
    assert!(jiff::Timestamp::now() < end);
    assert_eq!(client.answer().await.last_word()["code"], "not_a_member");
    assert_eq!(word.await.unwrap().reason(), "not_a_member");
    let late = jiff::Timestamp::now().duration_since(end);
    assert!((0..500).contains(&late.as_millis()), "{late:?}");
}

#[tokio::test]
async fn a69_a_hidden_denial_has_a_hidden_last_word() {
    let rig = Rig::axum().await;
    let mut client = Client::ask(&rig, "/orgs/acme/hidden").await;
    client.until("tick").await;
    rig.switch_off();
    let word = client.answer().await.last_word();
    let now = Client::ask(&rig, "/orgs/acme/hidden").await.answer().await;
    assert_eq!((now.status, now.problem()), (404, word.clone()));
    assert!(!word.contains_key("code"));

    let rig = Rig::tonic().await;
    let stream = Call::one(&rig, "Hidden").await.stream().await;
    rig.switch_off();
    let word = Ended::of(&http::HeaderMap::new(), stream).await;
    let now = Call::one(&rig, "Hidden").await.end().await;
    assert_eq!((word.reason(), word.told()), (String::new(), now.told()));
    assert_eq!(word.told().0, tonic::Code::NotFound);
}

#[tokio::test]
async fn a69_what_has_not_been_answered_yet_is_answered_with_the_denial() {
    let rig = Rig::axum().await;
    let client = Client::ask(&rig, "/orgs/acme/wait").await;
    crate::service::until("the handler runs", || rig.notes.alive() == 1).await;
    rig.switch_off();
    let answer = client.answer().await;
    assert_eq!(
        (answer.status, &answer.problem()["code"]),
        (403, &"site_off".into())
    );
    rig.until_free().await;

    let rig = Rig::tonic().await;
    let call = Call::one(&rig, "Wait").await;
    crate::service::until("the method runs", || rig.notes.alive() == 1).await;
    rig.switch_off();
    let ended = call.end().await;
    assert_eq!((ended.reason().as_str(), ended.data), ("site_off", 0));
    rig.until_free().await;
}

#[tokio::test]
async fn a69_a_denial_is_in_the_language_that_was_asked_for() {
    let rig = Rig::axum().await;
    let german = "Accept-Language: de\r\nConnection: close\r\n";
    let german = asked("GET", "/orgs/acme/quiet", german, "");
    let mut client = Client::say(&rig, &german).await;
    client.until("tick").await;
    rig.switch_off();
    let word = client.answer().await.last_word();
    let now = Client::say(&rig, &german).await.answer().await.problem();
    assert_eq!(word, now);
    assert_ne!(
        word,
        Client::ask(&rig, "/orgs/acme/quiet")
            .await
            .answer()
            .await
            .problem()
    );
}

/// What a client gets of an answer that is broken off.
fn assert_broken_off(answer: &Answer) {
    assert_eq!(answer.status, 200);
    assert!(!answer.is_whole, "{answer:?}");
    assert_eq!(answer.body.replace("tick", ""), "");
}

#[tokio::test]
async fn a69_what_has_no_last_word_is_broken_off() {
    for path in ["/orgs/acme/text", "/orgs/acme/sized"] {
        let rig = Rig::axum().await;
        let mut client = Client::ask(&rig, path).await;
        client.until("tick").await;
        rig.switch_off();
        assert_broken_off(&client.answer().await);
        rig.until_free().await;
    }
}

#[tokio::test]
async fn a69_what_nobody_bound_goes_on() {
    let rig = Rig::axum().await;
    let mut client = Client::ask(&rig, "/orgs/acme/free").await;
    client.until("tick").await;
    assert_eq!(rig.gate.waiting(), 0);
    rig.switch_off();
    let before = rig.notes.sent();
    a_while().await;
    assert!(rig.notes.sent() > before);
    drop(client);

    let rig = Rig::tonic().await;
    let mut stream = Call::one(&rig, "Free").await.stream().await;
    assert_eq!(rig.gate.waiting(), 0);
    rig.switch_off();
    for _ in 0..10 {
        assert!(stream.data().await.unwrap().is_ok());
    }
}

#[tokio::test]
async fn a74_a_stream_that_was_open_before_a_kill_is_cut_though_it_is_taken_back_at_once() {
    let rig = Rig::axum().await;
    let mut client = Client::ask(&rig, "/orgs/acme/quiet").await;
    client.until("tick").await;
    rig.switch_off();
    rig.publish(POLICY);
    assert_eq!(client.answer().await.last_word()["code"], "site_off");
    let mut client = Client::ask(&rig, "/orgs/acme/quiet").await;
    client.until("tick").await;

    let rig = Rig::tonic().await;
    let stream = Call::one(&rig, "Watch").await.stream().await;
    rig.switch_off();
    rig.publish(POLICY);
    let word = Ended::of(&http::HeaderMap::new(), stream).await;
    assert_eq!(word.reason(), "site_off");
    drop(Call::one(&rig, "Watch").await.stream().await);
}
