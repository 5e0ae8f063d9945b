//! The same console in an actix-web application.

use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::web::Bytes;
use actix_web::{App, HttpRequest, web};
use gatepost::{Org, Requirement};
use gatepost_actix::Gated;
use serde_json::{Value, json};

use super::rig::Rig;

/// What the service itself is about.
const CREATE: Requirement = Requirement::new("chat", "create").org(Org::path("org"));
const WHY: &str = "each route of the console has a requirement of its own";

/// What two answers must have in common.
fn same(text: &str) -> Value {
    let mut json: Value = serde_json::from_str(text).unwrap_or_else(|_| json!(text));
    if let Some(json) = json.as_object_mut() {
        json.remove("decision");
    }
    json
}

#[actix_web::test]
async fn the_same_requests_are_answered_the_same() {
    let rig = Rig::new().await;
    let gated = Gated::new(rig.gate.clone(), |_: &HttpRequest| Ok(None));
    let console = rig.app.clone();
    let routes = gated.routes(move |app: &mut web::ServiceConfig, gate: &Gated| {
        let console = crate::actix::route(console.clone());
        let scope = gate.public_scope("/console", WHY);
        app.service(scope.default_service(console));
        let chats = gate.resource("/orgs/{org}/chats");
        app.service(chats.post(CREATE, async || "a chat"));
    });
    let routes = routes.unwrap();
    let app = App::new().configure(&*routes).wrap(gated.only_decided());
    let app = init_service(app).await;

    let switch = json!({ "command": { "command": "org_switch", "org": "acme", "resource": "chat", "to": "off" }, "reason": "x" });
    let rows: Vec<(&str, &str, Vec<(&str, &str)>, String)> = vec![
        ("GET", "/site", vec![("x-subject", "root")], String::new()),
        ("HEAD", "/site", vec![("x-subject", "root")], String::new()),
        ("GET", "/site", vec![("x-subject", "alice")], String::new()),
        ("GET", "/site", vec![], String::new()),
        (
            "GET",
            "/orgs?q=ac&limit=1",
            vec![("x-subject", "root")],
            String::new(),
        ),
        (
            "GET",
            "/orgs/a%2Fb",
            vec![("x-subject", "root")],
            String::new(),
        ),
        (
            "GET",
            "/orgs/%00",
            vec![("x-subject", "root")],
            String::new(),
        ),
        (
            "GET",
            "/orgs/acme/members",
            vec![("x-subject", "ada")],
            String::new(),
        ),
        (
            "GET",
            "/nowhere",
            vec![("x-subject", "root")],
            String::new(),
        ),
        (
            "DELETE",
            "/site",
            vec![("x-subject", "root")],
            String::new(),
        ),
        (
            "POST",
            "/orgs/acme/changes?dry_run=true",
            vec![
                ("x-subject", "ada"),
                ("if-match", "*"),
                ("content-type", "application/json"),
            ],
            switch.to_string(),
        ),
        (
            "POST",
            "/orgs/acme/changes",
            vec![("x-subject", "ada"), ("content-type", "application/json")],
            switch.to_string(),
        ),
        (
            "POST",
            "/orgs/acme/changes",
            vec![("x-subject", "ada"), ("if-match", "*")],
            switch.to_string(),
        ),
        (
            "POST",
            "/orgs/acme/changes",
            vec![
                ("x-subject", "ada"),
                ("if-match", "*"),
                ("content-type", "application/json"),
                ("sec-fetch-site", "cross-site"),
            ],
            switch.to_string(),
        ),
        (
            "POST",
            "/orgs/acme/changes",
            vec![
                ("x-subject", "ada"),
                ("if-match", "*"),
                ("content-type", "application/json"),
            ],
            "x".repeat(300_000),
        ),
        (
            "POST",
            "/orgs/acme/changes",
            vec![
                ("x-subject", "alice"),
                ("if-match", "*"),
                ("content-type", "application/json"),
            ],
            "x".repeat(300_000),
        ),
    ];
    for (method, path, headers, body) in rows {
        let path = format!("/console/api/v1{path}");
        let own = rig.call(
            method.parse().unwrap(),
            &path,
            axum::body::Body::from(body.clone()),
        );
        let mut own = own;
        let mut request = TestRequest::with_uri(&path).method(method.parse().unwrap());
        request = request.insert_header(("host", "console.test"));
        for (name, value) in headers {
            own = own.with(name.to_owned().leak(), value);
            let name: HeaderName = name.parse().unwrap();
            request = request.append_header((name, HeaderValue::from_str(value).unwrap()));
        }
        let own = own.send().await;
        let theirs = call_service(&app, request.set_payload(body).to_request()).await;
        assert_eq!(theirs.status().as_u16(), own.status, "{method} {path}");
        for name in [
            "content-type",
            "etag",
            "x-frame-options",
            "content-security-policy",
            "cache-control",
        ] {
            let there = theirs
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok());
            assert_eq!(
                there.map(str::to_owned).as_deref(),
                own.header(name),
                "{method} {path} {name}"
            );
        }
        let bytes: Bytes = read_body(theirs).await;
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        assert_eq!(same(&text), same(&own.text), "{method} {path}");
    }
}
