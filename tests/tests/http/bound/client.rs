//! A client of HTTP/1.1 that can tell how an answer ends.

use std::time::Duration;

use serde_json::{Map, Value};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use super::rig::Rig;
use crate::service::{self, within};
use crate::wire::find;

/// One request, and what has come of its answer.
pub(super) struct Client {
    pub(super) stream: TcpStream,
    come: Vec<u8>,
}

/// An answer that is over.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) head: String,
    pub(super) body: String,
    /// Whether it came to an end that says so.
    pub(super) is_whole: bool,
}

/// A request of alice's; `headers` are whole lines.
pub(super) fn asked(method: &str, path: &str, headers: &str, body: &str) -> String {
    let headers = format!("X-User: alice\r\n{headers}");
    service::request(method, path, "", &headers, body)
}

impl Client {
    pub(super) async fn ask(rig: &Rig, path: &str) -> Self {
        Self::say(rig, &asked("GET", path, "Connection: close\r\n", "")).await
    }

    /// Its side takes little before it is read.
    pub(super) async fn say(rig: &Rig, request: &str) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(16 * 1024).unwrap();
        let mut stream = socket.connect(rig.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        Self {
            stream,
            come: Vec::new(),
        }
    }

    /// Waits until this has come.
    pub(super) async fn until(&mut self, what: &str) {
        let come = async {
            while find(&self.come, what.as_bytes()).is_none() {
                assert!(self.more().await, "the end, and no `{what}`");
            }
        };
        within(what, come).await;
    }

    /// Goes on behind what has come.
    pub(super) fn forget_until(&mut self, what: &str) {
        let start = find(&self.come, what.as_bytes()).unwrap();
        self.come.drain(..start + what.len());
    }

    async fn more(&mut self) -> bool {
        let mut buffer = [0; 4096];
        let read = self.stream.read(&mut buffer).await.unwrap_or(0);
        self.come.extend_from_slice(&buffer[..read]);
        read > 0
    }

    /// Reads all that there is, for a while.
    pub(super) async fn read_for(&mut self, time: Duration) {
        let reading = async { while self.more().await {} };
        let _ = tokio::time::timeout(time, reading).await;
    }

    /// How much has come.
    pub(super) fn come(&self) -> usize {
        self.come.len()
    }

    /// The answer, once the connection has ended.
    pub(super) async fn answer(mut self) -> Answer {
        within("the end of an answer", async { while self.more().await {} }).await;
        let end = find(&self.come, b"\r\n\r\n").expect("a head") + 4;
        let head = String::from_utf8(self.come.drain(..end).collect()).unwrap();
        let head = head.to_ascii_lowercase();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        let (body, is_whole) = match length {
            Some(length) => {
                let is_whole = self.come.len() == length.parse::<usize>().unwrap();
                (self.come, is_whole)
            }
            None => dechunked(&self.come),
        };
        Answer {
            status,
            head,
            body: String::from_utf8(body).unwrap(),
            is_whole,
        }
    }
}

fn dechunked(mut wire: &[u8]) -> (Vec<u8>, bool) {
    let mut body = Vec::new();
    while let Some(line) = find(wire, b"\r\n") {
        let size = std::str::from_utf8(&wire[..line]).unwrap();
        let size = usize::from_str_radix(size, 16).unwrap();
        wire = &wire[line + 2..];
        if size == 0 {
            assert_eq!(wire, b"\r\n");
            return (body, true);
        }
        let end = size.min(wire.len());
        body.extend_from_slice(&wire[..end]);
        wire = wire.get(end + 2..).unwrap_or_default();
    }
    (body, false)
}

impl Answer {
    /// The document of the event `denied` that the stream ended with; nothing stands behind it.
    #[track_caller]
    pub(super) fn last_word(&self) -> Map<String, Value> {
        assert_eq!((self.status, self.is_whole), (200, true), "{self:?}");
        let (before, last) = self.body.split_once("\n\nevent: denied\ndata: ").unwrap();
        assert!(before.replace("data: tick\n\n", "").trim().is_empty() || before.ends_with("tick"));
        let document = last.strip_suffix("\n\n").unwrap();
        assert!(!document.contains('\n'), "{document}");
        without_decision(document)
    }

    /// The document of a refusal.
    #[track_caller]
    pub(super) fn problem(&self) -> Map<String, Value> {
        assert!(self.head.contains("content-type: application/problem+json"));
        assert!(self.head.contains("cache-control: no-store"));
        assert!(self.is_whole);
        without_decision(&self.body)
    }
}

fn without_decision(document: &str) -> Map<String, Value> {
    let mut document: Map<String, Value> = serde_json::from_str(document).unwrap();
    assert!(document.remove("decision").is_some());
    document
}
