//! What has not been answered yet is answered with the denial, and its handler is dropped.

use std::thread;
use std::time::Duration;

use actix_web::App;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::test::init_service;
use futures_util::FutureExt;
use gatepost_actix::{Gate, Gated};
use serde_json::json;

use super::work::Work;
use super::{Bed, FORMS, KILL, document, policy, routes};
use crate::fixture::{Answer, Chats, Reply, assert_refused, head, request, until, who};

/// The lines of a head, but for the moment.
fn lines(reply: &Reply) -> Vec<&str> {
    let lines = reply.head.lines();
    lines.filter(|line| !line.starts_with("date:")).collect()
}

#[test]
fn a69_a_handler_that_waits_is_dropped_and_the_answer_is_the_refusal() {
    for form in FORMS.into_iter().chain(["hidden"]) {
        let bed = Bed::start();
        let path = format!("/{form}/acme/waits");
        let mut wire = bed.server.connect();
        wire.send(&head("GET", &path, "gina", ""));
        until("the handler to run", || bed.work.alive() == 1);
        bed.publish(&[KILL]);
        let reply = wire.reply().unwrap();
        let refusal = wire.ask("GET", &path, "gina");
        assert_eq!(reply.status, if form == "hidden" { 404 } else { 403 });
        assert_eq!(lines(&reply), lines(&refusal), "{form}");
        assert_eq!(document(&reply.body), document(&refusal.body), "{form}");
        bed.freed();
    }
}

#[actix_web::test]
async fn what_cuts_a_handler_short_is_for_whatever_is_around_a_refusal_like_any() {
    for form in FORMS {
        let (gate, feed) = Gate::channel();
        feed.publish(policy(&[], 1));
        let work = Work::default();
        let gated = Gated::new(gate.clone(), who).loader("chat", Chats::default());
        let app = init_service(App::new().configure(routes(&gated, &work))).await;
        let asked = request("GET", &format!("/{form}/acme/waits"), "gina");
        let mut answering = Box::pin(app.call(asked.to_request()));
        while work.alive() == 0 {
            assert!(answering.as_mut().now_or_never().is_none());
            tokio::task::yield_now().await;
        }
        feed.publish(policy(&[KILL], 2));
        let answer = match answering.await {
            Ok(response) => Answer::of(response).await,
            // Around routes it is an error, as of any middleware.
            Err(error) => {
                assert_eq!(form, "scope");
                let asked = request("GET", "/", "").to_http_request();
                Answer::of(ServiceResponse::new(asked, error.error_response())).await
            }
        };
        let members = json!({ "resource": "chat", "action": "read" });
        assert_refused(&answer, "site_off", members);
        assert_eq!((work.alive(), gate.waiting()), (0, 0), "{form}");
    }
}

#[test]
fn a71_an_upload_that_is_cut_half_way_is_answered_with_the_refusal() {
    for (headers, half) in [
        ("content-length: 1048576\r\n", "some of it"),
        ("transfer-encoding: chunked\r\n", "4\r\nsome\r\n"),
    ] {
        let bed = Bed::start();
        let mut wire = bed.server.connect();
        wire.send(&head("POST", "/acme/upload", "gina", headers));
        wire.send(half);
        until("some of it to come", || bed.work.received() == 1);
        bed.publish(&[KILL]);
        let reply = wire.reply().unwrap();
        assert_eq!(reply.status, 403, "{headers}");
        assert_eq!(document(&reply.body)["code"], "site_off");
        bed.freed();
        // What comes behind it is neither read nor taken for a request.
        wire.try_send("4\r\nmore\r\n0\r\n\r\n");
        wire.try_send(&head("GET", "/acme/short", "", ""));
        assert!(wire.reply().is_none_or(|reply| reply.status == 401));
        assert_eq!((bed.work.received(), bed.work.ends()), (1, (0, 0)));
    }
}

#[test]
fn a71_a_payload_that_is_read_beside_the_handler_breaks_off_at_once() {
    let bed = Bed::start();
    let mut wire = bed.server.connect();
    let headers = "content-length: 1048576\r\n";
    wire.send(&format!(
        "{}some",
        head("POST", "/acme/aside", "gina", headers)
    ));
    until("the handler to run", || bed.work.alive() == 1);
    thread::sleep(Duration::from_millis(50));
    bed.publish(&[KILL]);
    assert_eq!(wire.reply().unwrap().status, 403);
    bed.freed();
    assert_eq!((bed.work.received(), bed.work.ends()), (0, (1, 0)));
}

#[test]
fn a_bound_request_that_nobody_revokes_comes_to_its_end() {
    let bed = Bed::start();
    let mut wire = bed.server.connect();
    wire.send(&head(
        "POST",
        "/acme/upload",
        "gina",
        "content-length: 4\r\n",
    ));
    wire.send("some");
    assert_eq!(wire.reply().unwrap().body, "whole");
    assert_eq!(bed.work.ends(), (0, 1));
    assert_eq!(wire.ask("GET", "/acme/short", "gina").body, "short");
    bed.freed();
}
