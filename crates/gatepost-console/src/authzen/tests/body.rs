//! Which bodies are read.

use std::time::Duration;

use axum::body::{Body, Bytes};
use futures_util::{StreamExt as _, stream};
use http::Request;

use super::Pdp;
use super::table::{ALL, POLICY, sound};

#[tokio::test]
async fn a_body_that_is_no_json_object_is_a_bad_request() {
    let pdp = Pdp::new(POLICY).await;
    let deep = |depth: usize| {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        let sound = sound().to_string();
        format!("{}, \"deep\": {open}{close}}}", &sound[..sound.len() - 1])
    };
    let sound = sound().to_string();
    let twice = |name: &str| sound.replacen('{', &format!("{{\"{name}\": 1, "), 1);
    let bodies: Vec<(Vec<u8>, u16)> = [
        (sound.clone(), 200),
        (deep(100), 200),
        (deep(100_000), 400),
        (String::new(), 400),
        ("null".to_owned(), 400),
        ("[]".to_owned(), 400),
        ("\"x\"".to_owned(), 400),
        ("{".to_owned(), 400),
        (format!("{sound}{sound}"), 400),
        (format!("{sound} x"), 400),
        (twice("subject"), 400),
        (twice("\\u0073ubject"), 400),
        (twice("unknown"), 200),
        (sound.replacen("\"id\"", "\"id\": \"bob\", \"id\"", 1), 400),
        (
            sound.replacen("\"context\"", "\"x\": {\"a\": 1, \"a\": 1}, \"context\"", 1),
            400,
        ),
        (
            sound.replacen("\"context\"", "\"x\": 1e400, \"context\"", 1),
            400,
        ),
        (
            sound.replacen("\"context\"", "\"x\": \"\\ud800\", \"context\"", 1),
            400,
        ),
        (
            sound.replacen(
                "\"context\"",
                "\"x\": 123456789012345678901234567890, \"context\"",
                1,
            ),
            200,
        ),
    ]
    .map(|(body, status)| (body.into_bytes(), status))
    .into();
    let mut broken = sound.clone().into_bytes();
    broken.insert(2, 0xff);
    for (body, status) in bodies.into_iter().chain([(broken, 400)]) {
        for path in ALL {
            let request = Request::post(path)
                .header("content-type", "application/json")
                .header("x-subject", "root");
            let text = String::from_utf8_lossy(&body)
                .chars()
                .take(80)
                .collect::<String>();
            let answered = pdp
                .send(request.body(Body::from(body.clone())).unwrap())
                .await;
            assert_eq!(answered.status, status, "{path} {text} {answered:?}");
        }
    }
}

#[tokio::test]
async fn a_type_that_is_not_json_is_a_bad_request() {
    let pdp = Pdp::new(POLICY).await;
    for (types, status) in [
        (&["application/json"][..], 200),
        (&["application/json; charset=utf-8"], 200),
        (&["Application/JSON"], 200),
        (&[], 400),
        (&["text/plain"], 400),
        (&["application/x-www-form-urlencoded"], 400),
        (&["application/jsonp"], 400),
        (&["application/json", "application/json"], 400),
        (&[""], 400),
    ] {
        for path in ALL {
            let mut request = Request::post(path).header("x-subject", "root");
            for value in types {
                request = request.header("content-type", *value);
            }
            let answered = pdp
                .send(request.body(sound().to_string().into()).unwrap())
                .await;
            assert_eq!(answered.status, status, "{path} {types:?}");
        }
    }
}

#[tokio::test]
async fn a_body_that_does_not_come_is_given_up_after_ten_seconds() {
    let pdp = Pdp::new(POLICY).await;
    tokio::time::pause();
    for path in ALL {
        let begun = stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"{"))]);
        let begun = Body::from_stream(begun.chain(stream::pending()));
        let request = Request::post(path)
            .header("content-type", "application/json")
            .header("x-subject", "root");
        let before = tokio::time::Instant::now();
        let answered = tokio::time::timeout(
            Duration::from_mins(1),
            pdp.send(request.body(begun).unwrap()),
        );
        let answered = answered.await.expect("there is an answer");
        assert_eq!(answered.status, 408, "{path}");
        let media_type = answered.headers["content-type"].to_str().unwrap();
        assert!(media_type.starts_with("text/plain"), "{answered:?}");
        assert!(!answered.body.is_empty());
        let took = before.elapsed().as_secs();
        assert!((10..12).contains(&took), "{path} {took}");
    }
}
