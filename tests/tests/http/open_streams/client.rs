//! One stream, as the peer reads it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use gatepost_tests::faults::writer::now;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;

/// What ends a body whose length nobody knew.
const LAST_CHUNK: &[u8] = b"\r\n0\r\n\r\n";

/// Whoever opens a stream.
pub(super) struct Listener {
    pub(super) address: SocketAddr,
    pub(super) subject: String,
    pub(super) org: String,
    /// Counts those that have been sent something.
    pub(super) opened: Arc<AtomicUsize>,
}

/// All that was read from one connection.
pub(super) struct Heard {
    read: Vec<u8>,
    /// When the end of the body had come, in nanoseconds.
    pub(super) ended: Option<u64>,
}

impl Listener {
    /// Reads until the connection is closed.
    pub(super) async fn listen(self, turn: OwnedSemaphorePermit) -> Heard {
        let mut turn = Some(turn);
        let mut connection = TcpStream::connect(self.address).await.unwrap();
        let request = format!(
            "GET /orgs/{}/events HTTP/1.1\r\nHost: chats\r\nAuthorization: Bearer {}\r\nConnection: close\r\n\r\n",
            self.org, self.subject
        );
        connection.write_all(request.as_bytes()).await.unwrap();
        let mut heard = Heard {
            read: Vec::with_capacity(1024),
            ended: None,
        };
        while connection.read_buf(&mut heard.read).await.unwrap() > 0 {
            if heard.ended.is_none() && heard.read.ends_with(LAST_CHUNK) {
                heard.ended = Some(now());
            }
            if turn.is_some() && heard.text().contains("data: ") {
                turn = None;
                self.opened.fetch_add(1, Ordering::Relaxed);
            }
        }
        heard
    }
}

impl Heard {
    fn text(&self) -> &str {
        std::str::from_utf8(&self.read).unwrap()
    }

    /// The body, out of its chunks.
    fn body(&self) -> String {
        let (head, mut left) = self.text().split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
        let mut body = String::new();
        loop {
            let (size, data) = left.split_once("\r\n").unwrap();
            let size = usize::from_str_radix(size, 16).unwrap();
            body.push_str(&data[..size]);
            left = data[size..].strip_prefix("\r\n").unwrap();
            if size == 0 {
                assert_eq!(left, "", "behind the end");
                return body;
            }
        }
    }

    pub(super) fn assert_it_ended_with_its_last_word(&self, code: &str) {
        assert!(self.ended.is_some(), "broken off: {:?}", self.text());
        let body = self.body();
        let mut events: Vec<_> = body
            .split("\n\n")
            .map(str::trim)
            .filter(|event| !event.is_empty())
            .collect();
        let last = events.pop().unwrap();
        assert!(last.starts_with("event: denied\n"), "{last:?}");
        assert!(last.contains(code), "{last:?}");
        assert!(events.len() > 1, "nothing was under way");
        for (number, event) in (1..).zip(events) {
            assert_eq!(event, format!("data: {number}"));
        }
    }
}
