//! Attacks in HTTP/2 (A10, A24, A82): extended CONNECT, identities side by side, frames that come to nothing.

use bytes::Bytes;
use h2::Reason;
use h2::client::SendRequest;
use h2::ext::Protocol;
use http::{Method, Request, Version};
use tokio::net::TcpStream;

use crate::service::{Service, until, within};

crate::service::on_each_adapter!(
    a10_an_extended_connect_is_decided_before_there_is_a_tunnel,
    a24_streams_side_by_side_have_each_its_own_identity,
    a82_streams_that_are_reset_leave_nothing_behind,
    a82_frames_without_data_are_no_body,
);

async fn connect(service: &Service) -> SendRequest<Bytes> {
    let stream = TcpStream::connect(service.address).await.unwrap();
    let (requests, connection) = h2::client::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    requests.ready().await.unwrap()
}

fn request(method: Method, path: &str, who: &str) -> Request<()> {
    let uri = format!("http://chats{path}");
    let mut request = Request::builder()
        .method(method)
        .uri(uri)
        .version(Version::HTTP_2);
    if !who.is_empty() {
        request = request.header("authorization", format!("Bearer {who}"));
    }
    request.body(()).unwrap()
}

/// The status of an answer; none where the stream or the connection ends instead.
async fn status(requests: &mut SendRequest<Bytes>, request: Request<()>) -> Option<u16> {
    let (answer, _) = requests.send_request(request, true).ok()?;
    let answer = within("an answer", answer).await.ok()?;
    Some(answer.status().as_u16())
}

async fn a10_an_extended_connect_is_decided_before_there_is_a_tunnel(service: Service) {
    for protocol in ["websocket", "connect-udp", "anything"] {
        for path in [
            "/orgs/acme/chats",
            "/orgs/acme/tunnel",
            "/chats",
            "/healthz",
            "/",
        ] {
            for who in ["", "mallory"] {
                let mut asked = request(Method::CONNECT, path, who);
                asked.extensions_mut().insert(Protocol::from(protocol));
                let status = status(&mut connect(&service).await, asked).await;
                assert!(
                    status.is_none_or(|status| status >= 400),
                    "{path} by {who}: {status:?}"
                );
                service.canary.assert_silent();
            }
        }
    }
    // Where a route takes it, it is that route's requirement that lets it through, or the server knows no such thing.
    let mut asked = request(Method::CONNECT, "/orgs/acme/tunnel", "alice");
    asked
        .extensions_mut()
        .insert(Protocol::from_static("websocket"));
    let status = status(&mut connect(&service).await, asked).await;
    let ran = service.canary.take();
    assert_eq!(ran.len(), usize::from(status == Some(200)), "{status:?}");
    for ran in ran {
        let who = (ran.subject.as_deref(), ran.org.as_deref());
        assert_eq!(
            (&*ran.route, who),
            ("tunnel", (Some("alice"), Some("acme")))
        );
    }
}

async fn a24_streams_side_by_side_have_each_its_own_identity(service: Service) {
    let mut requests = connect(&service).await;
    let askers = ["alice", "", "mallory", "bob", "sam", "alice", ""];
    let mut answers = Vec::new();
    for who in askers.iter().cycle().take(70) {
        let asked = request(Method::GET, "/orgs/acme/chats", who);
        requests = requests.ready().await.unwrap();
        answers.push((*who, requests.send_request(asked, true).unwrap().0));
    }
    for (who, answer) in answers {
        let status = within("an answer", answer).await.unwrap().status().as_u16();
        let must = match who {
            "alice" => 200,
            "" => 401,
            _ => 403,
        };
        assert_eq!(status, must, "{who}");
    }
    let ran = service.canary.take();
    assert_eq!(ran.len(), 20);
    assert!(
        ran.iter()
            .all(|ran| ran.subject.as_deref() == Some("alice"))
    );
}

async fn a82_streams_that_are_reset_leave_nothing_behind(service: Service) {
    let mut requests = connect(&service).await;
    let mut reset = 0;
    for _ in 0..500 {
        let Ok(ready) = requests.clone().ready().await else {
            // Some servers have enough of it at some point (CVE-2023-44487).
            break;
        };
        requests = ready;
        let asked = request(Method::GET, "/orgs/acme/shown/stuck", "alice");
        let Ok((answer, mut stream)) = requests.send_request(asked, false) else {
            break;
        };
        stream.send_reset(Reason::CANCEL);
        drop(answer);
        reset += 1;
    }
    assert!(reset > 20, "{reset}");
    drop(requests);
    until("every load to be given up", || {
        service.chats.in_flight() == 0
    })
    .await;
    service.canary.assert_silent();
    let asked = request(Method::GET, "/orgs/acme/chats", "alice");
    assert_eq!(status(&mut connect(&service).await, asked).await, Some(200));
}

async fn a82_frames_without_data_are_no_body(service: Service) {
    let mut requests = connect(&service).await;
    let asked = request(Method::POST, "/chats", "alice");
    let (answer, mut stream) = requests.send_request(asked, false).unwrap();
    for _ in 0..2_000 {
        if stream.send_data(Bytes::new(), false).is_err() {
            break;
        }
        tokio::task::yield_now().await;
    }
    assert_eq!(service.polls.bytes(), 0);
    let _ = stream.send_data(Bytes::from_static(br#"{"org":"globex"}"#), true);
    // A server may have had enough; one that has not decides on what there was.
    if let Ok(answer) = within("an answer", answer).await {
        assert_eq!(answer.status(), 403);
    }
    service.canary.assert_silent();
    let asked = request(Method::GET, "/orgs/acme/chats", "alice");
    assert_eq!(status(&mut connect(&service).await, asked).await, Some(200));
}
