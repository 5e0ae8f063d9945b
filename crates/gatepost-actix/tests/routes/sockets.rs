//! Real servers of several workers: what a service over `actix_web::test` does not have.

mod h2c;

use std::net::Shutdown;
use std::thread;

use actix_web::HttpResponse;
use actix_web::web::{ServiceConfig, resource};
use gatepost_actix::{Gated, Permit};

use crate::fixture::{
    BY_BODY, Canary, Chats, READ, READ_LOADED, Server, UPDATE, changing, gated, head, killed_facts,
    open_facts, until,
};

const PATH: &str = "/orgs/acme/chats";

async fn panics(_: Permit) -> HttpResponse {
    panic!("the handler panics")
}

fn routes(
    gate: &Gated,
    canary: &Canary,
    chats: &Chats,
) -> impl FnOnce(&mut ServiceConfig) + Clone + Send + 'static {
    let (canary, chats) = (canary.clone(), chats.clone());
    let routes = gate
        .clone()
        .loader("chat", chats)
        .routes(move |app, gate| {
            let list = resource("/orgs/{org}/chats")
                .route(gate.get(READ, canary.handler("list")))
                .route(gate.post(UPDATE, canary.reader("create")));
            let chat = resource("/orgs/{org}/chats/{id}")
                .route(gate.get(READ_LOADED, canary.handler("chat")));
            app.service(list)
                .service(chat)
                .service(resource("/orgs/{org}/panics").route(gate.get(READ, panics)))
                .service(resource("/chats").route(gate.post(BY_BODY, canary.reader("by-body"))));
        })
        .unwrap();
    (*routes).clone()
}

fn start(canary: &Canary, chats: &Chats) -> Server {
    Server::start(routes(&gated(), canary, chats))
}

#[test]
fn a11_an_upgrade_is_refused_like_any_request_and_before_101() {
    let canary = Canary::default();
    let server = start(&canary, &Chats::default());
    for upgrade in ["websocket", "h2c", "tls/1.2"] {
        let headers = format!(
            "connection: upgrade\r\nupgrade: {upgrade}\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        );
        for (who, status) in [("", 401), ("mallory", 403)] {
            let mut wire = server.connect();
            wire.send(&head("GET", PATH, who, &headers));
            let reply = wire.reply().unwrap();
            assert_eq!(reply.status, status, "{upgrade}");
            assert!(!reply.head.contains("upgrade:"), "{}", reply.head);
            // A12: what follows as if it had worked is a request of its own, or the end.
            wire.send(&head("GET", PATH, "", ""));
            assert!(wire.reply().is_none_or(|reply| reply.status == 401));
        }
    }
    canary.assert_silent();
}

#[test]
fn a24_requests_of_one_connection_have_each_its_own_identity() {
    let canary = Canary::default();
    let server = start(&canary, &Chats::default());
    let mut wire = server.connect();
    let rows = [
        ("gina", 200),
        ("", 401),
        ("mallory", 403),
        ("gina", 200),
        ("", 401),
    ];
    for (who, status) in rows {
        assert_eq!(wire.ask("GET", PATH, who).status, status, "{who}");
    }
    // And in one packet.
    let all: String = rows
        .iter()
        .map(|(who, _)| head("GET", PATH, who, ""))
        .collect();
    wire.send(&all);
    for (who, status) in rows {
        assert_eq!(wire.reply().unwrap().status, status, "{who}");
    }
    assert_eq!(canary.ran().len(), 4);
}

#[test]
fn every_worker_decides_by_the_policy_of_the_moment() {
    let canary = Canary::default();
    let (gate, feed) = changing();
    let server = Server::start(routes(&gate, &canary, &Chats::default()));
    for version in 1..4 {
        feed.publish(open_facts(version));
        // Each connection is another worker's.
        let mut wires: Vec<_> = (0..8).map(|_| server.connect()).collect();
        for wire in &mut wires {
            assert_eq!(wire.ask("GET", PATH, "gina").status, 200);
        }
        feed.publish(killed_facts(version));
        canary.reset();
        for wire in &mut wires {
            let reply = wire.ask("GET", PATH, "gina");
            assert_eq!(reply.status, 403);
            assert!(reply.body.contains("site_off"), "{}", reply.body);
        }
        canary.assert_silent();
    }
}

#[test]
fn a_policy_that_changes_under_load_is_the_old_one_or_the_new_one_for_each_request() {
    let canary = Canary::default();
    let (gate, feed) = changing();
    let server = Server::start(routes(&gate, &canary, &Chats::default()));
    let admitted: usize = thread::scope(|scope| {
        let clients: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    let mut wire = server.connect();
                    let mut admitted = 0;
                    for _ in 0..200 {
                        let reply = wire.ask("GET", PATH, "gina");
                        match reply.status {
                            200 => admitted += 1,
                            403 => assert!(reply.body.contains("site_off"), "{}", reply.body),
                            status => panic!("{status}"),
                        }
                        let reply = wire.ask("GET", PATH, "mallory");
                        assert_eq!(reply.status, 403);
                    }
                    admitted
                })
            })
            .collect();
        for version in 0..200 {
            feed.publish(if version % 2 == 0 {
                killed_facts(version)
            } else {
                open_facts(version)
            });
            thread::yield_now();
        }
        clients
            .into_iter()
            .map(|client| client.join().unwrap())
            .sum()
    });
    assert_eq!(canary.ran().len(), admitted);
}

#[test]
fn a83_a_handler_that_panics_ends_its_connection_and_no_other() {
    let canary = Canary::default();
    let server = start(&canary, &Chats::default());
    let mut others: Vec<_> = (0..8).map(|_| server.connect()).collect();
    for _ in 0..8 {
        let mut wire = server.connect();
        wire.send(&head("GET", "/orgs/acme/panics", "gina", ""));
        assert!(wire.reply().is_none());
        assert_eq!(server.status("GET", "/orgs/acme/panics", "mallory"), 403);
    }
    for wire in &mut others {
        assert_eq!(wire.ask("GET", PATH, "mallory").status, 403);
        assert_eq!(wire.ask("GET", PATH, "gina").status, 200);
    }
}

#[test]
fn a88_a_client_that_leaves_while_its_object_is_loaded_has_nothing_run() {
    let (canary, chats) = (Canary::default(), Chats::default());
    let server = start(&canary, &chats);
    let mut wires: Vec<_> = (0..20).map(|_| server.connect()).collect();
    for wire in &mut wires {
        wire.send(&head("GET", "/orgs/acme/chats/stuck", "gina", ""));
    }
    until("every load to begin", || chats.in_flight() == 20);
    drop(wires);
    until("every load to be given up", || chats.in_flight() == 0);
    canary.assert_silent();
    assert_eq!(server.status("GET", "/orgs/acme/chats/alices", "gina"), 200);
    assert_eq!(chats.loads(), 21);
}

#[test]
fn a_body_comes_to_the_handler_as_it_was_sent() {
    let canary = Canary::default();
    let server = start(&canary, &Chats::default());
    let json = r#"{"org":"acme"}"#;
    let whole = format!("content-length: {}\r\n", json.len());
    let chunked = "transfer-encoding: chunked\r\n";
    let in_chunks: Vec<_> = json.chars().map(|one| format!("1\r\n{one}\r\n")).collect();
    let in_chunks = in_chunks.concat();
    for path in ["/chats", PATH] {
        for (headers, body) in [
            (&*whole, json.to_owned()),
            (chunked, format!("{in_chunks}0\r\n\r\n")),
        ] {
            let mut wire = server.connect();
            wire.send(&head("POST", path, "alice", headers));
            wire.send(&body);
            assert_eq!(wire.reply().unwrap().status, 200, "{path} {headers}");
            assert_eq!(canary.only().body.as_deref(), Some(json.as_bytes()));
            // What comes next on the connection is a request, and no rest of that body.
            assert_eq!(wire.ask("GET", PATH, "").status, 401);
        }
    }
    canary.assert_silent();
}

#[test]
fn a_body_that_breaks_off_or_is_longer_than_declared_runs_nothing() {
    let canary = Canary::default();
    let server = start(&canary, &Chats::default());
    let json = r#"{"org":"acme"}"#;
    for (headers, body) in [
        ("content-length: 99\r\n", json),
        (
            "transfer-encoding: chunked\r\n",
            "e\r\n{\"org\":\"acme\"}\r\n",
        ),
        ("transfer-encoding: chunked\r\n", "zz\r\n"),
    ] {
        let mut wire = server.connect();
        wire.send(&head("POST", "/chats", "alice", headers));
        wire.send(body);
        wire.shutdown(Shutdown::Write);
        if let Some(reply) = wire.reply() {
            assert!(reply.status >= 400, "{headers}: {}", reply.status);
        }
    }
    canary.assert_silent();
    // Of a longer one the handler gets what was declared; the rest is a request, and none that is one.
    let mut wire = server.connect();
    wire.send(&head("POST", "/chats", "alice", "content-length: 14\r\n"));
    wire.send(&format!("{json}GET {PATH} HTTP/1.1\r\nhost: chats\r\n\r\n"));
    assert_eq!(wire.reply().unwrap().status, 200);
    assert_eq!(wire.reply().unwrap().status, 401);
    assert_eq!(canary.only().body.as_deref(), Some(json.as_bytes()));
}

#[test]
fn a82_a_refusal_waits_for_no_body() {
    let canary = Canary::default();
    let server = start(&canary, &Chats::default());
    for (path, who, headers, status) in [
        (PATH, "mallory", "content-length: 1073741824\r\n", 403),
        (PATH, "", "transfer-encoding: chunked\r\n", 401),
        ("/chats", "alice", "content-length: 1073741824\r\n", 413),
        ("/chats", "", "content-length: 1073741824\r\n", 401),
    ] {
        let mut wire = server.connect();
        wire.send(&head("POST", path, who, headers));
        assert_eq!(wire.reply().unwrap().status, status, "{path}");
    }
    canary.assert_silent();
}

#[test]
fn a12_a_body_that_a_refusal_left_unread_is_no_request() {
    let canary = Canary::default();
    let server = start(&canary, &Chats::default());
    let smuggled = head("GET", PATH, "gina", "");
    let length = format!("content-length: {}\r\n", smuggled.len());
    let chunk = format!("{:x}\r\n{smuggled}\r\n0\r\n\r\n", smuggled.len());
    for (headers, body) in [
        (&*length, &smuggled),
        ("transfer-encoding: chunked\r\n", &chunk),
    ] {
        for (path, who, status) in [(PATH, "mallory", 403), (PATH, "", 401), ("/chats", "", 401)] {
            for together in [true, false] {
                let mut wire = server.connect();
                let asked = head("POST", path, who, headers);
                if together {
                    wire.send(&format!("{asked}{body}"));
                } else {
                    wire.send(&asked);
                    wire.try_send(body);
                }
                assert_eq!(wire.reply().unwrap().status, status);
                wire.try_send(&head("GET", PATH, "", ""));
                // The next request is decided for itself, or the connection is at its end.
                assert!(wire.reply().is_none_or(|reply| reply.status == 401));
            }
        }
    }
    canary.assert_silent();
}
