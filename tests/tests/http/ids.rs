//! Org ids in the path (A22): compared byte for byte, and what is no id is a bad request.

use crate::served::Adapter;
use crate::service::Service;

crate::service::on_each_adapter!(
    a22_what_is_no_id_is_a_bad_request,
    a22_without_an_id_there_is_no_route_and_with_a_huge_one_no_request,
    a22_an_id_that_merely_looks_like_an_orgs_is_another_id,
    a22_no_two_spellings_are_one_org_and_each_org_is_its_own,
    a22_the_org_that_is_echoed_is_what_was_sent,
);

async fn a22_what_is_no_id_is_a_bad_request(service: Service) {
    let too_long = "a".repeat(256);
    let too_long_in_bytes = "%C3%A9".repeat(128);
    for id in [
        "",
        "%00",
        "acme%00",
        "%00acme",
        "ac%0Ame",
        "acme%0D%0AX-Org:%20acme",
        "%09acme",
        "%1B[31macme",
        "acme%7F",
        "acme%C2%80",
        "acme%C2%85",
        "%FF",
        "%C0%AF",
        "%C3",
        "%ED%A0%80",
        "%F4%90%80%80",
        &too_long,
        &too_long_in_bytes,
    ] {
        for who in ["alice", "edna"] {
            let path = format!("/orgs/{id}/chats");
            let reply = service.ask("GET", &path, who, "").await;
            if service.adapter == Adapter::Actix && id.is_empty() {
                // A parameter of a pattern is one byte long at least.
                assert_eq!((reply.status, reply.body.len()), (404, 0));
                continue;
            }
            reply.assert_refused("bad_request");
            let body = String::from_utf8(reply.body.clone()).unwrap();
            assert!(
                !body.contains("acme") && !reply.problem().contains_key("org"),
                "{body}"
            );
            service.canary.assert_silent();
        }
    }
}

async fn a22_without_an_id_there_is_no_route_and_with_a_huge_one_no_request(service: Service) {
    for path in ["/orgs/chats", "/orgs", "/orgs/", "//orgs/acme/chats"] {
        assert_eq!(
            service.ask("GET", path, "alice", "").await.status,
            404,
            "{path}"
        );
    }
    let huge = format!("/orgs/{}/chats", "a".repeat(10 << 20));
    let mut wire = service.connect().await;
    wire.send(crate::service::request("GET", &huge, "alice", "", ""))
        .await;
    if let Some(reply) = wire.reply_or_end().await {
        assert!([400, 414, 431].contains(&reply.status), "{}", reply.status);
    }
    service.canary.assert_silent();
}

async fn a22_an_id_that_merely_looks_like_an_orgs_is_another_id(service: Service) {
    let longest = "a".repeat(255);
    for id in [
        "ACME",
        "Acme",
        "acme%20",
        "%20acme",
        "acme.",
        "acm",
        "acme%2F",
        "%2Facme",
        "%61cme%2E",
        "acm%D0%B5",
        "a%D1%81me",
        "%EF%BD%81cme",
        "acme%E2%80%8B",
        "%EF%BB%BFacme",
        "acme%CC%81",
        "%7Bacme%7D",
        "0acme",
        "-1",
        "9223372036854775808",
        "%252561cme",
        &longest,
    ] {
        let path = format!("/orgs/{id}/chats");
        service
            .ask("GET", &path, "alice", "")
            .await
            .assert_refused("not_a_member");
        service.canary.assert_silent();
    }
}

async fn a22_no_two_spellings_are_one_org_and_each_org_is_its_own(service: Service) {
    // Each row: what is sent, and the org that it is, where edna is a member of it.
    let rows: &[(&str, Option<&str>)] = &[
        ("..", Some("..")),
        ("%2e%2e", Some("..")),
        ("%2E.", Some("..")),
        (".", None),
        ("...", None),
        ("a%2fb", Some("a/b")),
        ("a%2Fb", Some("a/b")),
        ("a%252fb", Some("a%2fb")),
        ("a%252Fb", None),
        ("a%5cb", None),
        ("%EF%BF%BD", Some("\u{fffd}")),
        ("%EF%BF%BE", None),
        // NFC is the org; NFD is another id.
        ("caf%C3%A9", Some("caf\u{e9}")),
        ("cafe%CC%81", None),
        ("cafe", None),
        ("CAF%C3%89", None),
        ("x;y=z", Some("x;y=z")),
        ("x%3By%3Dz", Some("x;y=z")),
        ("x", None),
        ("%20edge%20", Some(" edge ")),
        ("edge", None),
        ("%20edge", None),
        ("+edge+", None),
    ];
    for (sent, org) in rows {
        let reply = service
            .ask("GET", &format!("/orgs/{sent}/chats"), "edna", "")
            .await;
        let Some(org) = org else {
            reply.assert_refused("not_a_member");
            service.canary.assert_silent();
            continue;
        };
        assert_eq!(reply.status, 200, "{sent}");
        let ran = service.canary.only();
        let orgs = (ran.org.as_deref(), ran.path_org.as_deref());
        assert_eq!(orgs, (Some(*org), Some(*org)));
    }
}

async fn a22_the_org_that_is_echoed_is_what_was_sent(service: Service) {
    for (sent, org) in [
        ("%3Cscript%3E", "<script>"),
        ("%22%2C%22a%22%3A1", "\",\"a\":1"),
        ("%5C%22", "\\\""),
    ] {
        let reply = service
            .ask("GET", &format!("/orgs/{sent}/chats"), "mallory", "")
            .await;
        reply.assert_refused("not_a_member");
        assert_eq!(reply.problem()["org"], org);
        service.canary.assert_silent();
    }
}
