//! A WebSocket, of a route that is bound and of one that is not.

use std::net::Shutdown;
use std::thread;
use std::time::{Duration, Instant};

use actix_web::web::{Payload, ServiceConfig};
use actix_web::{Error, Handler, HttpRequest, HttpResponse, rt};
use futures_util::StreamExt;
use gatepost_actix::{Gated, Permit, ws};
use gatepost_enforce::GRACE;

use super::work::Work;
use super::{BOUND, Bed, HIDDEN, KILL, leased};
use crate::fixture::{READ, Wire, head, until};

const UPGRADE: &str = "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
/// `hi`, as a client sends it: masked, with a mask of zeros.
const HI: &[u8] = b"\x81\x82\0\0\0\0hi";

pub(super) fn mount(app: &mut ServiceConfig, gate: &Gated, work: &Work) {
    app.service(gate.resource("/bound/{org}/socket").get(BOUND, echo(work)))
        .service(gate.resource("/free/{org}/socket").get(READ, echo(work)))
        .service(
            gate.resource("/hidden/{org}/socket")
                .get(HIDDEN, echo(work)),
        )
        .service(gate.resource("/{org}/raw").get(BOUND, raw(work)))
        .service(gate.resource("/{org}/late").get(READ, late(work)))
        .service(gate.resource("/{org}/gush").get(READ, gush(work)));
}

type Answered = Result<HttpResponse, Error>;

/// Sends back what it receives, and tells whether it broke off.
fn echo(work: &Work) -> impl Handler<(Permit, HttpRequest, Payload), Output = Answered> + use<> {
    let work = work.clone();
    move |permit: Permit, request: HttpRequest, body: Payload| {
        let work = work.clone();
        async move {
            let (response, session, messages) = ws::handle(&permit, &request, body)?;
            rt::spawn(async move {
                let echoed = messages.then(move |message| {
                    let mut session = session.clone();
                    async move {
                        let message = message.map_err(drop)?;
                        if let ws::Message::Text(text) = message {
                            session.text(text).await.map_err(drop)?;
                        }
                        Ok::<_, ()>(())
                    }
                });
                work.drain(Box::pin(echoed)).await;
            });
            Ok(response)
        }
    }
}

/// A socket that only its route binds.
fn raw(work: &Work) -> impl Handler<(HttpRequest, Payload), Output = Answered> + use<> {
    let work = work.clone();
    move |request: HttpRequest, body: Payload| {
        let work = work.clone();
        async move {
            let (response, session, messages) = actix_ws::handle(&request, body)?;
            rt::spawn(async move {
                work.drain(messages).await;
                drop(session);
            });
            Ok(response)
        }
    }
}

/// Receives nothing before it is too late.
fn late(work: &Work) -> impl Handler<(Permit, HttpRequest, Payload), Output = Answered> + use<> {
    let work = work.clone();
    move |permit: Permit, request: HttpRequest, body: Payload| {
        let work = work.clone();
        async move {
            let (response, session, messages) = ws::handle(&permit, &request, body)?;
            rt::spawn(async move {
                let (_alive, revoked) = (work.begin(), permit.revoked());
                revoked.await;
                work.drain(messages).await;
                drop(session);
            });
            Ok(response)
        }
    }
}

/// Sends more than anybody reads.
fn gush(work: &Work) -> impl Handler<(Permit, HttpRequest, Payload), Output = Answered> + use<> {
    let work = work.clone();
    move |permit: Permit, request: HttpRequest, body: Payload| {
        let work = work.clone();
        async move {
            let (response, mut session, messages) = ws::handle(&permit, &request, body)?;
            rt::spawn(async move {
                let _alive = (work.begin(), messages);
                while session.binary(vec![0; 16 * 1024]).await.is_ok() {}
            });
            Ok(response)
        }
    }
}

fn open(bed: &Bed, path: &str) -> Wire {
    let mut wire = bed.server.connect();
    wire.send(&head("GET", path, "gina", UPGRADE));
    assert_eq!(wire.reply().unwrap().status, 101);
    wire
}

/// A close frame (RFC 6455, 5.5.1).
fn close(code: u16, reason: &str) -> Vec<u8> {
    let length = u8::try_from(2 + reason.len()).unwrap();
    let mut frame = vec![0x88, length];
    frame.extend_from_slice(&code.to_be_bytes());
    frame.extend_from_slice(reason.as_bytes());
    frame
}

#[test]
fn a69_a_websocket_ends_with_a_close_frame_and_nothing_behind_it_either_way() {
    for (path, reason) in [
        ("/bound/acme/socket", "site_off"),
        ("/free/acme/socket", "site_off"),
        ("/hidden/acme/socket", "not_found"),
    ] {
        let bed = Bed::start();
        let mut wire = open(&bed, path);
        wire.write(HI);
        assert_eq!(wire.bytes(4).unwrap(), b"\x81\x02hi", "{path}");
        bed.publish(&[KILL]);
        let frame = close(1008, reason);
        assert_eq!(wire.bytes(frame.len()).unwrap(), frame, "{path}");
        wire.write(HI);
        bed.freed();
        assert_eq!(
            (bed.work.received(), bed.work.ends()),
            (1, (1, 0)),
            "{path}"
        );
        wire.shutdown(Shutdown::Write);
        assert!(wire.rest().is_empty(), "{path}");
    }
}

#[test]
fn a_websocket_of_a_stale_policy_may_be_asked_for_again() {
    let (bed, clock) = leased();
    let mut wire = open(&bed, "/free/acme/socket");
    clock.run_out();
    let frame = close(1013, "policy_stale");
    assert_eq!(wire.bytes(frame.len()).unwrap(), frame);
    bed.freed();
}

#[test]
fn a69_a_websocket_that_only_its_route_binds_is_closed_as_well() {
    let bed = Bed::start();
    let mut wire = open(&bed, "/acme/raw");
    wire.write(HI);
    until("a message to come", || bed.work.received() == 1);
    bed.publish(&[KILL]);
    let frame = close(1008, "site_off");
    assert_eq!(wire.bytes(frame.len()).unwrap(), frame);
    wire.write(HI);
    bed.freed();
    assert_eq!(bed.work.received(), 1);
}

#[test]
fn a69_messages_that_nobody_had_received_yet_are_not_received_any_more() {
    let bed = Bed::start();
    let mut wire = open(&bed, "/acme/late");
    wire.write(&[HI, HI].concat());
    thread::sleep(Duration::from_millis(100));
    bed.publish(&[KILL]);
    bed.freed();
    assert_eq!((bed.work.received(), bed.work.ends()), (0, (1, 0)));
}

#[test]
fn a70_a_websocket_that_does_not_read_is_cut_all_the_same() {
    let bed = Bed::start();
    let wire = open(&bed, "/acme/gush");
    until("it to begin", || bed.work.alive() == 1);
    thread::sleep(Duration::from_millis(500));
    bed.publish(&[KILL]);
    let begun = Instant::now();
    bed.freed();
    until("the connection to be cut", || wire.is_cut());
    let took = begun.elapsed();
    assert!(took < 2 * GRACE, "{took:?}");
}

#[test]
fn a_websocket_that_the_client_closes_leaves_nothing_behind() {
    let bed = Bed::start();
    let wires: Vec<_> = (0..20).map(|_| open(&bed, "/free/acme/socket")).collect();
    until("all to begin", || bed.work.alive() == 20);
    drop(wires);
    bed.freed();
}
