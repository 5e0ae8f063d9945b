//! Bodies that do not come.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::rig::Rig;

/// Sends the head of a request and no body, and answers with all that comes back.
async fn head_alone(address: std::net::SocketAddr, head: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!("{head}\r\nhost: {address}\r\ncontent-length: 50\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer);
    let read = tokio::time::timeout(Duration::from_mins(1), read).await;
    read.expect("it is answered").unwrap();
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn a91_a_body_that_does_not_come_is_waited_for_no_longer_than_ten_seconds() {
    let rig = Rig::with_sessions().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let served = axum::serve(listener, rig.app.clone()).into_future();
    let served = tokio::spawn(served);
    tokio::time::pause();
    let begun = tokio::time::Instant::now();
    let waiting = (0..20).map(|_| {
        head_alone(
            address,
            "POST /login HTTP/1.1\r\ncontent-type: application/x-www-form-urlencoded",
        )
    });
    for answer in futures_util::future::join_all(waiting).await {
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
        assert!(answer.contains("did not come in time"), "{answer}");
    }
    let took = begun.elapsed();
    assert!(took >= Duration::from_secs(10), "{took:?}");
    assert!(took < Duration::from_secs(12), "{took:?}");
    served.abort();
}
