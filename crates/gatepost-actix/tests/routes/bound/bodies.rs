//! Bodies that are no event stream break off, so that none is taken for a whole one.

use super::{Bed, KILL, chunks, last_event};
use crate::fixture::{head, until};

#[test]
fn a69_a_body_of_another_type_breaks_off() {
    for path in ["/acme/text", "/acme/packed"] {
        let bed = Bed::start();
        let mut wire = bed.stream(path);
        bed.publish(&[KILL]);
        let (body, is_clean) = chunks(&mut wire);
        assert!(!is_clean, "{path}");
        assert!(!body.contains("denied"), "{path}: {body}");
        assert!(wire.rest().is_empty());
        bed.freed();
    }
}

#[test]
fn an_event_stream_promises_neither_a_length_nor_another_answer_behind_it() {
    let bed = Bed::start();
    let (mut wire, reply) = bed.open("/acme/long");
    assert!(!reply.head.contains("content-length"), "{}", reply.head);
    assert!(reply.head.contains("connection: close"), "{}", reply.head);
    bed.publish(&[KILL]);
    let (stream, is_clean) = chunks(&mut wire);
    assert!(is_clean);
    assert_eq!(last_event(&stream)["code"], "site_off");
}

#[test]
fn a_head_request_goes_on_with_nothing_behind_its_revocation() {
    let bed = Bed::start();
    let mut wire = bed.server.connect();
    wire.send(&head("HEAD", "/resource/acme/events", "gina", ""));
    assert_eq!(wire.reply().unwrap().status, 200);
    until("the stream to begin", || bed.work.alive() == 1);
    bed.publish(&[KILL]);
    bed.freed();
    assert!(wire.rest().is_empty());
}

#[test]
fn a_route_that_is_not_bound_is_decided_once() {
    let bed = Bed::start();
    let mut wire = bed.stream("/free/acme/events");
    assert_eq!(bed.gate.waiting(), 0);
    bed.publish(&[KILL]);
    for _ in 0..20 {
        assert_eq!(wire.chunk().as_deref(), Some(&b"data: tick\n\n"[..]));
    }
    assert_eq!(bed.open("/free/acme/events").1.status, 403);
}
