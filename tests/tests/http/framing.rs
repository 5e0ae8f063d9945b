//! Message framing (A09, A12): what could be read as two requests is never a second one that nobody decided.

use crate::served::Adapter;
use crate::service::{Service, request};

crate::service::on_each_adapter!(
    a09_a_head_that_can_be_read_in_two_ways_is_400_and_the_end,
    a09_a_body_that_can_be_read_in_two_ways_ends_the_connection_behind_the_refusal,
    a12_behind_a_refusal_the_next_request_is_decided_for_itself,
    a12_a_refusal_whose_body_never_came_whole_ends_the_connection,
);

/// The request that must not be smuggled in: were it served, the canary would tell.
const HIDDEN: &str =
    "GET /orgs/acme/chats HTTP/1.1\r\nHost: chats\r\nAuthorization: Bearer alice\r\n\r\n";

/// A request by nobody, with these lines in its head, and behind its body the hidden one.
fn framed(lines: &str, body: &str) -> String {
    format!("POST /orgs/acme/chats HTTP/1.1\r\nHost: chats\r\n{lines}\r\n{body}{HIDDEN}")
}

async fn a09_a_head_that_can_be_read_in_two_ways_is_400_and_the_end(service: Service) {
    for lines in [
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: 5, 5\r\n",
        "Content-Length: 5, 6\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: -5\r\n",
        "Content-Length: 0x5\r\n",
        "Content-Length: 5 5\r\n",
        "Content-Length: 99999999999999999999999\r\n",
        "Content-Length: \r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding : chunked\r\n",
        "Transfer-Encoding\r\n : chunked\r\n",
        "X: a\r\n folded: b\r\n",
        "X: a\r\n\tContent-Length: 0\r\n",
        " Content-Length: 5\r\n",
        "X: a\0b\r\n",
        "X\0: a\r\n",
        "X Y: a\r\n",
        ": a\r\n",
        "X: a\rContent-Length: 5\r\n",
    ] {
        let mut wire = service.connect().await;
        wire.send(framed(lines, "0\r\n\r\n")).await;
        let reply = wire.reply_or_end().await;
        assert_eq!(reply.map(|reply| reply.status), Some(400), "{lines:?}");
        wire.assert_closed().await;
        service.canary.assert_silent();
    }
}

async fn a09_a_body_that_can_be_read_in_two_ways_ends_the_connection_behind_the_refusal(
    service: Service,
) {
    let chunked = "Transfer-Encoding: chunked\r\n";
    for (lines, body) in [
        (
            "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
            "0\r\n\r\n",
        ),
        (
            "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
            "0\r\n\r\n",
        ),
        (chunked, "4;a=\"\r\n\"\r\nwait\r\n0\r\n\r\n"),
        (chunked, "4;a\nwait\r\n0\r\n\r\n"),
        (chunked, "4\nwait\n0\n\n"),
        (chunked, "-4\r\nwait\r\n0\r\n\r\n"),
        (chunked, "0x4\r\nwait\r\n0\r\n\r\n"),
        (chunked, " 4\r\nwait\r\n0\r\n\r\n"),
        (chunked, "fffffffffffffffff\r\nwait\r\n0\r\n\r\n"),
        (chunked, "5\r\nwait\r\n0\r\n\r\n"),
        (chunked, "3\r\nwait\r\n0\r\n\r\n"),
    ] {
        let mut wire = service.connect().await;
        wire.send(framed(lines, body)).await;
        let reply = wire.reply().await;
        // actix may see it before the gate does.
        if service.adapter != Adapter::Actix || reply.status != 400 {
            reply.assert_refused("unauthenticated");
        }
        wire.assert_closed().await;
        service.canary.assert_silent();
    }
}

async fn a12_behind_a_refusal_the_next_request_is_decided_for_itself(service: Service) {
    let chunked = "Transfer-Encoding: chunked\r\n";
    for (lines, body) in [
        ("Content-Length: 4\r\n".to_owned(), "wait".to_owned()),
        (
            "Content-Length: 4\r\nContent-Length: 4\r\n".to_owned(),
            "wait".to_owned(),
        ),
        // A body that looks like a request is a body.
        (
            format!("Content-Length: {}\r\n", HIDDEN.len()),
            HIDDEN.to_owned(),
        ),
        (
            chunked.to_owned(),
            format!("{:x}\r\n{HIDDEN}\r\n0\r\n\r\n", HIDDEN.len()),
        ),
        (chunked.to_owned(), "4;a=b\r\nwait\r\n0\r\n\r\n".to_owned()),
        // Trailers say nothing of who asks.
        (
            chunked.to_owned(),
            "0\r\nAuthorization: Bearer alice\r\n\r\n".to_owned(),
        ),
        // Lines without a carriage return are lines, and the length in them holds.
        ("X: a\nContent-Length: 4\n".to_owned(), "wait".to_owned()),
    ] {
        for (path, who, code) in [
            ("/orgs/acme/chats", "", "unauthenticated"),
            ("/orgs/acme/chats", "mallory", "not_a_member"),
            ("/orgs/acme/killed/1", "alice", "site_off"),
        ] {
            let identity = if who.is_empty() {
                String::new()
            } else {
                format!("Authorization: Bearer {who}\r\n")
            };
            let first =
                format!("POST {path} HTTP/1.1\r\nHost: chats\r\n{identity}{lines}\r\n{body}");
            let next = request("GET", "/orgs/acme/chats", "", "", "");
            let last = request(
                "GET",
                "/orgs/globex/chats",
                "bob",
                "Connection: close\r\n",
                "",
            );
            let mut wire = service.connect().await;
            wire.send(first + &next).await;
            let refused = wire.reply().await;
            if service.adapter == Adapter::Actix && lines.matches("Length").count() == 2 {
                assert_eq!((refused.status, refused.body.len()), (400, 0));
                wire.assert_closed().await;
                service.canary.assert_silent();
                continue;
            }
            refused.assert_refused(code);
            wire.reply().await.assert_refused("unauthenticated");
            service.canary.assert_silent();
            wire.send(last).await;
            let reply = wire.reply().await;
            assert_eq!(reply.status, 200, "{lines:?}");
            let ran = service.canary.only();
            assert_eq!(
                (ran.subject.as_deref(), ran.org.as_deref()),
                (Some("bob"), Some("globex"))
            );
            wire.assert_closed().await;
        }
    }
}

async fn a12_a_refusal_whose_body_never_came_whole_ends_the_connection(service: Service) {
    let mut wire = service.connect().await;
    // The hidden request is part of what the length promises.
    wire.send(framed("Content-Length: 5000\r\n", "wait")).await;
    wire.reply().await.assert_refused("unauthenticated");
    wire.assert_closed().await;
    service.canary.assert_silent();
}
