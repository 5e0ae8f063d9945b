//! What a client can put into the log (A81): no line of its own, no escape sequence, and not a book.

use gatepost_tests::log::log;
use tracing::level_filters::LevelFilter;

use crate::service::{Service, request};

crate::service::on_each_adapter!(a81_what_a_client_sends_is_no_line_of_the_log);

async fn a81_what_a_client_sends_is_no_line_of_the_log(service: Service) {
    let logged = log(LevelFilter::DEBUG);
    let long = "a".repeat(255);
    let longer = "b".repeat(1 << 20);
    for org in [
        "acme%0D%0A2026-01-01T00:00:00Z%20ERROR%20forged",
        "%1B%5B2Jacme",
        "acme%C2%9B31m",
        "%E2%80%A8forged",
        "%E2%80%AEemca",
        "%22%20code=%22allow",
        &long,
    ] {
        for who in ["mallory", "alice", "mallory%0Aforged"] {
            let path = format!("/orgs/{org}/chats");
            let reply = service.ask("GET", &path, who, "").await;
            assert!(
                [400, 403].contains(&reply.status),
                "{org}: {}",
                reply.status
            );
        }
    }
    for header in [
        format!("X-Org: {longer}\r\n"),
        format!("User-Agent: \x1b[2J{longer}\r\n"),
        "User-Agent: forged\r\n".to_owned(),
    ] {
        let mut wire = service.connect().await;
        wire.send(request("GET", "/orgs/acme/chats", "mallory", &header, ""))
            .await;
        // A head of a mebibyte may be no request.
        let _ = wire.reply_or_end().await;
    }
    service.canary.assert_silent();
    let text = logged.text();
    let ours = text.lines().filter(|line| line.contains("gatepost"));
    assert!(ours.count() > 10, "{text}");
    for line in text.lines() {
        let is_forged = line.starts_with("forged") || line.contains("ERROR forged");
        assert!(!is_forged, "{line}");
        let is_plain = line
            .chars()
            .all(|char| !char.is_control() && !"\u{2028}\u{202e}".contains(char));
        assert!(is_plain, "{line:?}");
        assert!(!line.contains("code=\"allow"), "{line}");
        assert!(line.len() < 4096, "{} bytes: {:.200}", line.len(), line);
    }
}
