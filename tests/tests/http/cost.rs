//! What a refused request costs (A31, A82): nothing is read and nothing loaded for it.

use std::time::Duration;

use crate::served::Adapter;
use crate::service::{Service, request};

crate::service::on_each_adapter!(
    a31_where_the_site_refuses_no_org_body_or_object_is_read,
    a31_an_object_is_not_loaded_before_the_org_lets_its_asker_in,
    a82_of_a_gibibyte_on_a_refused_route_nothing_is_read,
    a82_of_an_endless_body_no_more_is_read_than_the_route_declares,
    the_limit_is_exact_on_the_wire_declared_or_chunked,
    no_body_is_asked_for_that_is_not_read,
);

const GIB: u64 = 1 << 30;

/// The head of a request with a body of this declared length.
fn declaring(method: &str, path: &str, who: &str, length: u64, more: &str) -> String {
    let identity = if who.is_empty() {
        String::new()
    } else {
        format!("Authorization: Bearer {who}\r\n")
    };
    format!(
        "{method} {path} HTTP/1.1\r\nHost: chats\r\n{identity}Content-Length: {length}\r\n{more}\r\n"
    )
}

/// The memory that this process, servers and all, has resident.
fn resident() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    pages.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

async fn a31_where_the_site_refuses_no_org_body_or_object_is_read(service: Service) {
    for (path, who, body, code) in [
        ("/orgs/acme/killed/alices", "alice", "x", "site_off"),
        ("/orgs/nowhere/killed/alices", "alice", "x", "site_off"),
        ("/orgs/%00/killed/alices", "alice", "x", "site_off"),
        ("/orgs/acme/killed/broken", "alice", "x", "site_off"),
        ("/killed", "alice", r#"{"org":"acme"}"#, "site_off"),
        ("/killed", "alice", "no JSON", "site_off"),
        ("/killed", "", r#"{"org":"acme"}"#, "unauthenticated"),
        ("/killed", "sam", r#"{"org":"acme"}"#, "subject_suspended"),
    ] {
        let reply = service.ask("POST", path, who, body).await;
        reply.assert_refused(code);
        assert!(!reply.problem().contains_key("org"), "{path}");
        assert_eq!(
            (service.polls.count(), service.chats.loads()),
            (0, 0),
            "{path}"
        );
        service.canary.assert_silent();
    }
}

async fn a31_an_object_is_not_loaded_before_the_org_lets_its_asker_in(service: Service) {
    for (path, who, code) in [
        ("/orgs/acme/shown/alices", "", "unauthenticated"),
        ("/orgs/acme/shown/alices", "mallory", "not_a_member"),
        ("/orgs/nowhere/shown/alices", "alice", "not_a_member"),
        ("/orgs/gone/shown/alices", "bob", "org_suspended"),
    ] {
        service.ask("GET", path, who, "").await.assert_refused(code);
        assert_eq!(service.chats.loads(), 0, "{path}");
    }
    service
        .ask("GET", "/orgs/acme/shown/alices", "otto", "")
        .await
        .assert_refused("org_grant_missing");
    assert_eq!(service.chats.loads(), 1);
    service
        .ask("GET", "/orgs/acme/shown/broken", "alice", "")
        .await
        .assert_refused("policy_unavailable");
    assert_eq!(service.chats.loads(), 2);
    service.canary.assert_silent();
}

async fn a82_of_a_gibibyte_on_a_refused_route_nothing_is_read(service: Service) {
    let flood = vec![b'x'; 64 << 20];
    for (path, who, code) in [
        ("/orgs/acme/chats", "", "unauthenticated"),
        ("/orgs/acme/chats", "mallory", "not_a_member"),
        ("/orgs/globex/chats", "alice", "org_grant_missing"),
        ("/orgs/acme/killed/1", "alice", "site_off"),
        ("/killed", "alice", "site_off"),
        ("/orgs/acme/runs", "mallory", "not_a_member"),
        // Where the org is in it, its declared length is answer enough.
        ("/chats", "alice", "body_too_large"),
        ("/orgs/acme/runs", "gina", "body_too_large"),
    ] {
        let mut wire = service.connect().await;
        wire.send(declaring("POST", path, who, GIB, "")).await;
        // The answer is there before a byte of the body is.
        wire.reply().await.assert_refused(code);
        assert_eq!(service.polls.count(), 0, "{path}");
        let before = resident();
        // What is sent all the same goes nowhere: the connection is not kept for it.
        let sent = wire.push(&flood, Duration::from_secs(2)).await;
        // actix takes and forgets what comes in the seconds that it lingers.
        assert!(
            sent < 64 << 20 || service.adapter == Adapter::Actix,
            "{path}"
        );
        assert!(resident() < before + (24 << 20), "{path}");
        assert_eq!(service.polls.count(), 0, "{path}");
        service.canary.assert_silent();
    }
}

async fn a82_of_an_endless_body_no_more_is_read_than_the_route_declares(service: Service) {
    let mut wire = service.connect().await;
    let head = "POST /chats HTTP/1.1\r\nHost: chats\r\nAuthorization: Bearer alice\r\nTransfer-Encoding: chunked\r\n\r\n";
    wire.send(head).await;
    let chunk = format!("{:x}\r\n{}\r\n", 100, " ".repeat(100));
    wire.send(chunk.repeat(3)).await;
    wire.reply().await.assert_refused("body_too_large");
    // Two chunks are within the limit of 256 bytes, the third is not, and a fourth is never asked for.
    assert!(service.polls.bytes() <= 300, "{}", service.polls.bytes());
    wire.push(chunk.repeat(200_000).as_bytes(), Duration::from_secs(2))
        .await;
    assert!(service.polls.bytes() <= 300, "{}", service.polls.bytes());
    service.canary.assert_silent();
}

async fn the_limit_is_exact_on_the_wire_declared_or_chunked(service: Service) {
    let body = |length: usize| format!("{:<length$}", r#"{"org":"acme"}"#);
    for (length, status) in [(256, 200), (257, 413)] {
        let body = body(length);
        let declared = request("POST", "/chats", "alice", "", &body);
        let chunks = body.as_bytes().chunks(50).map(|chunk| {
            let text = String::from_utf8_lossy(chunk);
            format!("{:x}\r\n{text}\r\n", chunk.len())
        });
        let chunks = chunks.collect::<Vec<_>>().concat();
        let chunked = format!(
            "POST /chats HTTP/1.1\r\nHost: chats\r\nAuthorization: Bearer alice\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}0\r\n\r\n"
        );
        for sent in [declared, chunked] {
            let mut wire = service.connect().await;
            wire.send(sent).await;
            let reply = wire.reply().await;
            assert_eq!(reply.status, status);
            if status == 200 {
                assert_eq!(service.canary.only().body, body.as_bytes());
            } else {
                reply.assert_refused("body_too_large");
                service.canary.assert_silent();
            }
        }
    }
}

async fn no_body_is_asked_for_that_is_not_read(service: Service) {
    let expect = "Expect: 100-continue\r\n";
    for (path, who, code) in [
        ("/orgs/acme/chats", "mallory", "not_a_member"),
        ("/killed", "alice", "site_off"),
        ("/chats", "", "unauthenticated"),
    ] {
        let mut wire = service.connect().await;
        wire.send(declaring("POST", path, who, 14, expect)).await;
        // Not 100: the refusal. actix says 100 to every request, before there is a route.
        if service.adapter == Adapter::Actix {
            assert_eq!(wire.reply().await.status, 100);
        }
        wire.reply().await.assert_refused(code);
        assert_eq!(service.polls.count(), 0);
        service.canary.assert_silent();
    }
    let mut wire = service.connect().await;
    wire.send(declaring("POST", "/chats", "alice", 14, expect))
        .await;
    assert_eq!(wire.reply().await.status, 100);
    wire.send(r#"{"org":"acme"}"#).await;
    assert_eq!(wire.reply().await.status, 200);
    assert_eq!(service.canary.only().org.as_deref(), Some("acme"));
}
