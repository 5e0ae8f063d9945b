//! Forms of the console's own pages.

use axum::Router;
use axum::extract::State;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use serde::Deserialize;

use super::exports::kept;
use super::rig::{Answer, Call, Rig};
use crate::around::around;
use crate::base::Base;
use crate::body::Submitted;
use crate::csrf::CsrfToken;
use crate::kept::Kept;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    name: String,
    #[serde(default)]
    count: Option<u32>,
}

/// A page with a form, and what takes it.
fn app(rig: &Rig, base: Base) -> Router {
    async fn show(token: CsrfToken) -> String {
        token.as_str().to_owned()
    }
    async fn take(State(_): State<Kept>, Submitted(form): Submitted<Form>) -> String {
        format!("{}:{:?}", form.name, form.count)
    }
    let kept = Kept { base, ..kept(rig) };
    Router::new()
        .route("/form", get(show).post(take))
        .route("/plain", get(async || "no form"))
        .route_layer(from_fn_with_state(kept.clone(), around))
        .with_state(kept)
}

fn plain() -> Base {
    Base::new("").unwrap()
}

async fn send(app: &Router, call: Call<'_>) -> Answer {
    call.send_to(app).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a91_a_form_is_taken_only_with_the_token_of_this_browser() {
    let rig = Rig::new().await;
    let app = app(&rig, plain());
    let page = send(&app, rig.get("/form")).await;
    let (token, cookie) = (page.text.clone(), page.cookie("gatepost-csrf").unwrap());
    assert_eq!(cookie, format!("gatepost-csrf={token}"));
    assert_eq!(token.len(), 43);

    let form = format!("name=a%2Fb&csrf={token}&count=3");
    let answer = send(&app, rig.submit("/form", &form).with("cookie", &cookie)).await;
    assert_eq!((answer.status, &*answer.text), (200, "a/b:Some(3)"));
    let again = send(&app, rig.get("/form").with("cookie", &cookie)).await;
    assert_eq!(again.text, token, "a browser keeps its token");
    assert_eq!(again.cookie("gatepost-csrf"), None);

    let other = send(&app, rig.get("/form")).await.text;
    assert_ne!(other, token);
    let wrong = [
        ("name=a".to_owned(), Some(cookie.clone())),
        ("name=a&csrf=".to_owned(), Some(cookie.clone())),
        (format!("name=a&csrf={other}"), Some(cookie.clone())),
        (
            format!("name=a&csrf={token}&csrf={token}"),
            Some(cookie.clone()),
        ),
        (format!("name=a&csrf={token}"), None),
        (
            format!("name=a&csrf={token}"),
            Some(format!("gatepost-csrf={other}")),
        ),
        (
            format!("name=a&csrf={token}"),
            Some(format!("{cookie}; gatepost-csrf={other}")),
        ),
        (
            "name=a&csrf=x".to_owned(),
            Some("gatepost-csrf=x".to_owned()),
        ),
        ("name=a&csrf=".to_owned(), Some("gatepost-csrf=".to_owned())),
    ];
    for (form, cookie) in wrong {
        let mut call = rig.submit("/form", &form);
        if let Some(cookie) = &cookie {
            call = call.with("cookie", cookie);
        }
        let answer = send(&app, call).await;
        assert_eq!(answer.status, 403, "{form} {cookie:?}: {}", answer.text);
    }
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
    ] {
        let call = rig
            .submit("/form", &form)
            .with("cookie", &cookie)
            .with(name, value);
        assert_eq!(send(&app, call).await.status, 403, "{name}: {value}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_cannot_be_read_is_told_as_a_page() {
    let rig = Rig::new().await;
    let app = app(&rig, plain());
    let page = send(&app, rig.get("/form")).await;
    let (token, cookie) = (page.text.clone(), page.cookie("gatepost-csrf").unwrap());
    for (form, expected) in [
        (format!("csrf={token}"), 400),
        (format!("csrf={token}&name=a&name=b"), 400),
        (format!("csrf={token}&name=a&more=b"), 400),
        (format!("csrf={token}&name=a&count=x"), 400),
        (format!("csrf={token}&name={}", "x".repeat(70_000)), 413),
    ] {
        let answer = send(&app, rig.submit("/form", &form).with("cookie", &cookie)).await;
        assert_eq!(answer.status, expected, "{}", answer.text);
        assert_eq!(
            answer.header("content-type"),
            Some("text/html; charset=utf-8")
        );
        assert_eq!(answer.header("x-frame-options"), Some("DENY"));
    }
    let json = rig.call(http::Method::POST, "/form", axum::body::Body::from("{}"));
    let json = json
        .with("content-type", "application/json")
        .with("cookie", &cookie);
    assert_eq!(send(&app, json).await.status, 415);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_without_a_form_sets_no_cookie() {
    let rig = Rig::new().await;
    let app = app(&rig, plain());
    assert_eq!(
        send(&app, rig.get("/plain")).await.header("set-cookie"),
        None
    );
    let base = plain().public("https://example.com").unwrap();
    let page = send(&self::app(&rig, base), rig.get("/form")).await;
    let set = page.header("set-cookie").unwrap();
    assert!(set.starts_with("__Host-gatepost-csrf="), "{set}");
    assert!(
        set.ends_with("; HttpOnly; SameSite=Strict; Secure; Path=/"),
        "{set}"
    );
}
