//! Clients that do not read, and clients that go away.

use std::thread;
use std::time::{Duration, Instant};

use gatepost_enforce::GRACE;

use super::{Bed, KILL, chunks, last_event};
use crate::fixture::{head, until};

#[test]
fn a70_a_client_that_does_not_read_is_cut_all_the_same() {
    let bed = Bed::start();
    let mut wire = bed.server.connect();
    wire.send(&head("GET", "/acme/flood", "gina", ""));
    until("the stream to begin", || bed.work.alive() == 1);
    thread::sleep(2 * GRACE);
    assert_eq!(bed.work.alive(), 1);
    bed.publish(&[KILL]);
    let begun = Instant::now();
    bed.freed();
    until("the connection to be cut", || wire.is_cut());
    let took = begun.elapsed();
    assert!(took < 2 * GRACE, "{took:?}");
    // What had not reached it is gone.
    let rest = wire.rest();
    assert!(!String::from_utf8_lossy(&rest).contains("denied"));
}

#[test]
fn a_client_that_reads_again_in_time_gets_the_last_word() {
    let bed = Bed::start();
    let mut wire = bed.server.connect();
    wire.send(&head("GET", "/acme/flood", "gina", ""));
    thread::sleep(Duration::from_millis(200));
    bed.publish(&[KILL]);
    assert_eq!(wire.reply().unwrap().status, 200);
    let (stream, is_clean) = chunks(&mut wire);
    assert!(is_clean);
    assert_eq!(last_event(&stream)["code"], "site_off");
    bed.freed();
}

#[test]
fn a_client_that_hangs_up_leaves_nothing_behind() {
    let bed = Bed::start();
    let streams: Vec<_> = (0..20)
        .map(|_| bed.stream("/resource/acme/events"))
        .collect();
    let mut polls: Vec<_> = (0..20).map(|_| bed.server.connect()).collect();
    for wire in &mut polls {
        wire.send(&head("GET", "/resource/acme/waits", "gina", ""));
    }
    until("all to begin", || bed.work.alive() == 40);
    assert!(bed.gate.waiting() >= 40);
    drop((streams, polls));
    bed.freed();
}

#[test]
fn a88_a_client_that_leaves_while_a_bound_request_is_decided_leaves_nothing_behind() {
    let bed = Bed::start();
    let mut wires: Vec<_> = (0..20).map(|_| bed.server.connect()).collect();
    for wire in &mut wires {
        wire.send(&head("GET", "/loaded/acme/of/stuck", "gina", ""));
    }
    until("every load to begin", || bed.chats.in_flight() == 20);
    assert_eq!((bed.work.alive(), bed.gate.waiting()), (0, 0));
    drop(wires);
    until("every load to be given up", || bed.chats.in_flight() == 0);
    bed.freed();
}
