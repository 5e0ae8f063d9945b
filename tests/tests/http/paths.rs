//! Request targets bent in every way (A04, A05, A06): no handler runs but by a decision on what it sees.

use crate::served::Adapter;
use crate::service::{Service, request};
use crate::wire::Wire;

crate::service::on_each_adapter!(
    a04_no_bent_path_runs_a_handler_for_whom_it_is_refused,
    a04_whatever_a_bent_path_runs_was_decided_on_the_org_that_the_handler_sees,
    a05_a_target_that_is_no_path_of_a_route_runs_nothing,
    a05_an_absolute_target_is_decided_like_its_path_whatever_host_it_names,
    a06_an_encoded_or_upper_case_word_of_a_route_is_another_path,
    a06_an_encoded_org_is_decided_as_the_org_that_it_is,
    a_request_line_that_no_server_should_read_runs_nothing,
);

/// The protected routes that are bent, each in an org that mallory may not know.
const ROUTES: &[(&str, &str)] = &[
    ("GET", "/orgs/acme/chats"),
    ("POST", "/orgs/acme/chats"),
    ("GET", "/orgs/acme/chats/alices"),
    ("GET", "/orgs/acme/shown/alices"),
    ("POST", "/orgs/acme/runs"),
];

/// What is put behind, before and into each segment; raw bytes, since not all of it is text.
const WEDGES: &[&[u8]] = &[
    b"/",
    b"//",
    b"/.",
    b"/..",
    b"/./",
    b"/../",
    b"%2e",
    b"%2e%2e",
    b"/%2e%2e/",
    b"/%2E%2e/",
    b"..;/",
    b";a=b",
    b";",
    b"%3b",
    b"\\",
    b"%5c",
    b"%2f",
    b"%2F",
    b"%252f",
    b"%00",
    b"%0a",
    b"%0d%0aX:%20y",
    b"%20",
    b"%09",
    b"%7f",
    b"%ff",
    b"%c0%af",
    b"%",
    b"%zz",
    b"#",
    b"%23",
    b"?x=/orgs/globex",
    b".json",
    b"*",
    b"{org}",
    b"@",
    b"~",
    b":80",
    b"|",
    b"^",
    b"\"",
    b"<",
    b"`",
    b"\x00",
    b"\x01",
    b"\x7f",
    b"\xff",
    b"\xc3\xa9",
    b"\xef\xbc\x8f",
    b"\t",
];

fn bent(path: &str) -> Vec<Vec<u8>> {
    let mut paths = Vec::new();
    let segments: Vec<&[u8]> = path.split('/').skip(1).map(str::as_bytes).collect();
    for wedge in WEDGES {
        paths.push([path.as_bytes(), wedge].concat());
        paths.push([wedge, path.as_bytes()].concat());
        for position in 0..segments.len() {
            let mut bent = segments.clone();
            let put = [segments[position], wedge].concat();
            bent[position] = &put;
            paths.push([b"/", &*bent.join(&b'/')].concat());
        }
    }
    paths
}

/// Sends a request with this target, raw, and gives the status; 0 where the connection just ends.
async fn send(service: &Service, method: &str, target: &[u8], who: &str) -> (u16, Option<String>) {
    let mut wire = service.connect().await;
    let rest = request("", "", who, "Connection: close\r\n", "wait");
    let rest = rest
        .strip_prefix("  ")
        .expect("the line without method and target");
    wire.send([method.as_bytes(), b" ", target, b" ", rest.as_bytes()].concat())
        .await;
    match wire.reply_or_end().await {
        Some(reply) => (reply.status, reply.code()),
        None => (0, None),
    }
}

async fn a04_no_bent_path_runs_a_handler_for_whom_it_is_refused(service: Service) {
    for (method, path) in ROUTES {
        let bent = bent(path);
        assert!(bent.len() >= 40);
        for target in bent {
            for who in ["", "mallory"] {
                let (status, code) = send(&service, method, &target, who).await;
                let shown = String::from_utf8_lossy(&target).into_owned();
                service.canary.assert_silent();
                assert!(
                    [400, 401, 403, 404, 405].contains(&status),
                    "{shown}: {status}"
                );
                if let Some(code) = code {
                    let codes = ["unauthenticated", "not_a_member", "bad_request"];
                    assert!(codes.contains(&&*code), "{shown}: {code}");
                }
            }
        }
    }
    // Of all of them, none was so bent that an object was looked for.
    assert_eq!(service.chats.loads(), 0);
}

async fn a04_whatever_a_bent_path_runs_was_decided_on_the_org_that_the_handler_sees(
    service: Service,
) {
    let mut runs = 0;
    for (method, path) in ROUTES {
        for target in bent(path) {
            let (status, _) = send(&service, method, &target, "alice").await;
            let shown = String::from_utf8_lossy(&target).into_owned();
            let ran = service.canary.take();
            assert_eq!(ran.len(), usize::from(status == 200), "{shown}: {status}");
            for ran in ran {
                assert_eq!(ran.subject.as_deref(), Some("alice"));
                assert_eq!(ran.org, ran.path_org, "{shown}");
                assert_eq!(ran.org.as_deref(), Some("acme"), "{shown}");
                runs += 1;
            }
        }
    }
    assert!(runs > 5, "a query or a fragment changes no route: {runs}");
}

async fn a05_a_target_that_is_no_path_of_a_route_runs_nothing(service: Service) {
    let targets = [
        "orgs/acme/chats",
        "chats",
        "*",
        "",
        "?org=acme",
        "//orgs/acme/chats",
        "chats:80",
        "http://",
        "http://chats",
        "http:///orgs/acme/chats",
        "//chats/orgs/acme/chats",
        "http://chats/x/../orgs/acme/chats",
        "file:///orgs/acme/chats",
        "javascript:/orgs/acme/chats",
    ];
    for target in targets {
        for method in ["GET", "POST", "OPTIONS", "CONNECT"] {
            let (status, _) = send(&service, method, target.as_bytes(), "alice").await;
            assert!(
                [400, 404, 405].contains(&status),
                "{method} {target}: {status}"
            );
            service.canary.assert_silent();
        }
    }
}

async fn a05_an_absolute_target_is_decided_like_its_path_whatever_host_it_names(service: Service) {
    for target in [
        "http://chats/orgs/acme/chats",
        "http://globex/orgs/acme/chats",
        "https://u:p@x:1/orgs/acme/chats?a=b",
    ] {
        for (who, code) in [("", "unauthenticated"), ("mallory", "not_a_member")] {
            let reply = service.ask("GET", target, who, "").await;
            reply.assert_refused(code);
            service.canary.assert_silent();
        }
        assert_eq!(service.ask("GET", target, "alice", "").await.status, 200);
        assert_eq!(service.canary.only().org.as_deref(), Some("acme"));
    }
}

async fn a06_an_encoded_or_upper_case_word_of_a_route_is_another_path(service: Service) {
    for target in [
        "/%6frgs/acme/chats",
        "/%6Frgs/acme/chats",
        "/orgs/acme/%63hats",
        "/orgs/acme/chat%73",
        "/ORGS/acme/chats",
        "/Orgs/acme/Chats",
        "/orgs%2facme/chats",
        "/%6f%72%67%73/%61cme/chats",
        "/%u006frgs/acme/chats",
    ] {
        for who in ["", "mallory", "alice"] {
            let reply = service.ask("GET", target, who, "").await;
            if service.adapter == Adapter::Actix && reply.status != 404 {
                // actix decodes a path before it matches: this is the route, and decided as such.
                assert!(target.contains('%') && !target.contains("%2f"), "{target}");
                let plain = service.ask("GET", "/orgs/acme/chats", who, "").await;
                assert_eq!(reply.normalised(), plain.normalised(), "{target}");
                let ran = service.canary.take();
                assert_eq!(ran.len(), if who == "alice" { 2 } else { 0 }, "{target}");
                continue;
            }
            assert_eq!((reply.status, reply.body.len()), (404, 0), "{target}");
            service.canary.assert_silent();
        }
    }
}

async fn a06_an_encoded_org_is_decided_as_the_org_that_it_is(service: Service) {
    for target in [
        "/orgs/%61cme/chats",
        "/orgs/%61%63%6D%65/chats",
        "/orgs/acm%65/chats",
    ] {
        service
            .ask("POST", target, "bob", "")
            .await
            .assert_refused("not_a_member");
        service.canary.assert_silent();
        assert_eq!(service.ask("POST", target, "alice", "").await.status, 200);
        let ran = service.canary.only();
        assert_eq!(
            (ran.org.as_deref(), ran.path_org.as_deref()),
            (Some("acme"), Some("acme"))
        );
    }
    for target in [
        "/orgs/ACME/chats",
        "/orgs/%41cme/chats",
        "/orgs/%2561cme/chats",
    ] {
        service
            .ask("POST", target, "alice", "")
            .await
            .assert_refused("not_a_member");
        service.canary.assert_silent();
    }
}

async fn a_request_line_that_no_server_should_read_runs_nothing(service: Service) {
    let rest = "Host: chats\r\nAuthorization: Bearer alice\r\nConnection: close\r\n\r\n";
    for line in [
        "GET /orgs/acme/chats",
        "GET /orgs/acme/chats HTTP/0.9",
        "GET /orgs/acme/chats HTTP/2.0",
        "GET /orgs/acme/chats HTTP/1.1 HTTP/1.1",
        "GET /orgs/acme/chats x HTTP/1.1",
        "GET\t/orgs/acme/chats HTTP/1.1",
        "G\0T /orgs/acme/chats HTTP/1.1",
        " GET /orgs/acme/chats HTTP/1.1",
        "/orgs/acme/chats HTTP/1.1",
    ] {
        let mut wire: Wire = service.connect().await;
        wire.send(format!("{line}\r\n{rest}")).await;
        let reply = wire.reply_or_end().await;
        assert!(reply.is_none_or(|reply| reply.status >= 400), "{line}");
        service.canary.assert_silent();
    }
}
