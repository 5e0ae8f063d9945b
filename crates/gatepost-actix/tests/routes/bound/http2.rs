//! The same in HTTP/2, where requests share a connection.

use std::time::{Duration, Instant};

use actix_web::rt;
use bytes::Bytes;
use gatepost_enforce::GRACE;
use h2::RecvStream;
use h2::client::{self, SendRequest};
use tokio::net::TcpStream;

use super::{Bed, KILL, last_event};

async fn connect(bed: &Bed) -> SendRequest<Bytes> {
    let stream = TcpStream::connect(bed.server.address).await.unwrap();
    let (client, connection) = client::handshake(stream).await.unwrap();
    rt::spawn(async { drop(connection.await) });
    client.ready().await.unwrap()
}

async fn open(client: &mut SendRequest<Bytes>, path: &str) -> RecvStream {
    let request = http::Request::get(format!("http://chats{path}"));
    let request = request.header("authorization", "gina").body(()).unwrap();
    let (response, _) = client.send_request(request, true).unwrap();
    response.await.unwrap().into_body()
}

/// All of a body, or the error that it breaks off with.
async fn whole(mut body: RecvStream) -> Result<String, h2::Error> {
    let mut whole = Vec::new();
    while let Some(data) = body.data().await {
        let data = data?;
        body.flow_control().release_capacity(data.len())?;
        whole.extend_from_slice(&data);
    }
    Ok(String::from_utf8(whole).unwrap())
}

#[actix_web::test]
async fn a69_streams_of_one_connection_end_each_in_its_own_way_and_the_others_go_on() {
    let bed = Bed::start();
    let mut client = connect(&bed).await;
    let events = open(&mut client, "/resource/acme/events").await;
    let text = open(&mut client, "/acme/text").await;
    let mut free = open(&mut client, "/free/acme/events").await;
    bed.publish(&[KILL]);
    let events = whole(events).await.unwrap();
    assert_eq!(last_event(&events)["code"], "site_off");
    assert!(whole(text).await.is_err());
    // And past the moment at which a client is cut that does not read.
    let until = Instant::now() + GRACE + Duration::from_millis(300);
    while Instant::now() < until {
        let data = free.data().await.unwrap().unwrap();
        free.flow_control().release_capacity(data.len()).unwrap();
    }
}

#[actix_web::test]
async fn a70_a_stream_that_is_not_read_is_cut_with_its_connection() {
    let bed = Bed::start();
    let mut client = connect(&bed).await;
    let unread = open(&mut client, "/acme/flood").await;
    rt::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(bed.work.alive(), 1);
    bed.publish(&[KILL]);
    let begun = Instant::now();
    while bed.work.alive() > 0 || bed.gate.waiting() > 0 {
        assert!(begun.elapsed() < 2 * GRACE);
        rt::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(whole(unread).await.is_err());
}
