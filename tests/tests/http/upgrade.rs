//! Upgrades (A10, A11, A12): refused before any 101, and what follows is no tunnel.

use crate::served::Adapter;
use crate::service::{Service, request};

crate::service::on_each_adapter!(
    a11_an_upgrade_is_refused_like_any_request_and_before_101,
    a12_behind_a_refused_upgrade_a_pipelined_request_is_decided_afresh,
    a12_what_follows_a_refused_upgrade_as_if_it_had_worked_is_no_request,
);

const WEBSOCKET: &str = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
const H2C: &str =
    "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n";

async fn a11_an_upgrade_is_refused_like_any_request_and_before_101(service: Service) {
    for headers in [WEBSOCKET, H2C] {
        for (path, who, code) in [
            ("/orgs/acme/chats", "", "unauthenticated"),
            ("/orgs/acme/chats", "mallory", "not_a_member"),
            ("/orgs/nowhere/chats", "alice", "not_a_member"),
        ] {
            let mut wire = service.connect().await;
            wire.send(request("GET", path, who, headers, "")).await;
            wire.reply().await.assert_refused(code);
            service.canary.assert_silent();
        }
    }
}

async fn a12_behind_a_refused_upgrade_a_pipelined_request_is_decided_afresh(service: Service) {
    for headers in [WEBSOCKET, H2C] {
        for body in ["", "a body that no tunnel takes"] {
            let upgrade = request("GET", "/orgs/acme/chats", "mallory", headers, body);
            let nobody = request("GET", "/orgs/acme/chats", "", "", "");
            let alice = request("GET", "/orgs/acme/chats", "alice", "", "");
            let mut wire = service.connect().await;
            wire.send(upgrade + &nobody).await;
            wire.reply().await.assert_refused("not_a_member");
            if service.adapter == Adapter::Actix {
                // Behind an upgrade that it knows all is the tunnel's, and there is none.
                if let Some(reply) = wire.reply_or_nothing().await {
                    reply.assert_refused("unauthenticated");
                }
                service.canary.assert_silent();
                continue;
            }
            wire.reply().await.assert_refused("unauthenticated");
            service.canary.assert_silent();
            wire.send(alice).await;
            assert_eq!(wire.reply().await.status, 200);
            assert_eq!(service.canary.only().subject.as_deref(), Some("alice"));
        }
    }
}

async fn a12_what_follows_a_refused_upgrade_as_if_it_had_worked_is_no_request(service: Service) {
    for frames in [
        &b"\x81\x85\x00\x00\x00\x00hello"[..],
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0",
    ] {
        let mut wire = service.connect().await;
        wire.send(request("GET", "/orgs/acme/chats", "mallory", WEBSOCKET, ""))
            .await;
        wire.reply().await.assert_refused("not_a_member");
        wire.send(frames).await;
        if let Some(reply) = wire.reply_or_end().await {
            assert_eq!(reply.status, 400);
            wire.assert_closed().await;
        }
        service.canary.assert_silent();
    }
}
