//! Methods (A07, A08): each that reaches a handler is decided; what a client says of its method elsewhere is nothing.

use crate::service::{Service, request};

crate::service::on_each_adapter!(
    a07_head_is_decided_as_get_and_has_its_head,
    a07_no_other_method_reaches_a_handler,
    a07_connect_opens_no_tunnel,
    a08_a_method_that_is_claimed_elsewhere_is_ignored,
);

const PATH: &str = "/orgs/acme/chats";

async fn a07_head_is_decided_as_get_and_has_its_head(service: Service) {
    for who in ["", "mallory"] {
        let get = service.ask("GET", PATH, who, "").await;
        let head = service.ask("HEAD", PATH, who, "").await;
        assert_eq!(head.status, get.status);
        assert_eq!(head.normalised().headers, get.normalised().headers);
        assert!(head.body.is_empty());
        service.canary.assert_silent();
    }
    assert_eq!(
        service
            .ask("HEAD", "/orgs/globex/chats", "alice", "")
            .await
            .status,
        200
    );
    let ran = service.canary.only();
    assert_eq!((&*ran.route, ran.org.as_deref()), ("list", Some("globex")));
}

async fn a07_no_other_method_reaches_a_handler(service: Service) {
    for method in [
        "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "QUERY", "get", "Get", "post",
        "GETX", "GE", "M-SEARCH", "BREW",
    ] {
        for who in ["", "mallory", "alice"] {
            let reply = service.ask(method, PATH, who, "wait").await;
            assert_eq!((reply.status, reply.body.len()), (405, 0), "{method}");
            let mut allowed: Vec<_> = reply
                .header("allow")
                .unwrap()
                .split(',')
                .map(str::trim)
                .collect();
            allowed.sort_unstable();
            assert_eq!(allowed, ["GET", "HEAD", "POST"]);
            service.canary.assert_silent();
        }
    }
}

async fn a07_connect_opens_no_tunnel(service: Service) {
    for target in ["chats:80", PATH] {
        let mut wire = service.connect().await;
        wire.send(request("CONNECT", target, "alice", "", "")).await;
        let reply = wire.reply().await;
        assert!(
            [400, 404, 405].contains(&reply.status),
            "{target}: {}",
            reply.status
        );
        service.canary.assert_silent();
    }
}

async fn a08_a_method_that_is_claimed_elsewhere_is_ignored(service: Service) {
    for claim in [
        "X-HTTP-Method-Override: GET\r\n",
        "X-HTTP-Method: GET\r\n",
        "X-Method-Override: GET\r\n",
        "_method: GET\r\n",
    ] {
        let mut wire = service.connect().await;
        wire.send(request(
            "POST",
            "/orgs/globex/chats?_method=GET",
            "alice",
            claim,
            "_method=GET",
        ))
        .await;
        wire.reply().await.assert_refused("org_grant_missing");
        service.canary.assert_silent();
    }
}
