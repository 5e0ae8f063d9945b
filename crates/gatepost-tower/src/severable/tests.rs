use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

async fn connected() -> (Severable, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let peer = TcpStream::connect(listener.local_addr().unwrap()).await;
    let (io, _) = listener.accept().await.unwrap();
    (Severable::new(io), peer.unwrap())
}

/// Writes until the peer takes no more, and then for as long as there is a connection.
fn stuck(mut own: Severable) -> tokio::task::JoinHandle<io::Error> {
    tokio::spawn(async move {
        loop {
            if let Err(error) = own.write_all(&[0; 8 * 1024]).await {
                return error;
            }
        }
    })
}

async fn until_full(connection: &Connection) {
    while !connection.0.is_full.load(Ordering::Relaxed) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn who_waits_for_a_peer_is_woken_and_the_peer_is_reset() {
    let (mut own, mut peer) = connected().await;
    let connection = own.connection().clone();
    own.write_all(b"before").await.unwrap();
    let reading = tokio::spawn(async move { own.read(&mut [0]).await });
    tokio::time::sleep(Duration::from_millis(20)).await;
    connection.sever();
    let error = reading.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionAborted);
    let mut read = Vec::new();
    let error = peer.read_to_end(&mut read).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn a_peer_that_takes_nothing_is_cut_and_what_was_not_sent_is_discarded() {
    let (own, mut peer) = connected().await;
    let connection = own.connection().clone();
    let writing = stuck(own);
    until_full(&connection).await;
    let begun = Instant::now();
    connection.clone().sever_unless_taken();
    let error = writing.await.unwrap();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionAborted);
    assert!(begun.elapsed() >= GRACE);
    assert!(peer.read_to_end(&mut Vec::new()).await.is_err());
}

#[tokio::test]
async fn a_peer_that_takes_something_is_not_cut() {
    let (own, mut peer) = connected().await;
    let connection = own.connection().clone();
    let writing = stuck(own);
    until_full(&connection).await;
    connection.clone().sever_unless_taken();
    let mut taken = 0;
    while taken < 16 * 1024 * 1024 {
        taken += peer.read(&mut [0; 8 * 1024]).await.unwrap();
    }
    until_full(&connection).await;
    tokio::time::sleep(GRACE).await;
    assert!(!writing.is_finished());
    writing.abort();
}
