//! A client that says exactly what it is told to, and reads what comes back.

use std::net::SocketAddr;

use serde_json::{Map, Value};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::service::within;

/// One connection.
#[derive(Debug)]
pub(crate) struct Wire {
    stream: TcpStream,
    /// What has come and belongs to the next answer.
    rest: Vec<u8>,
}

/// An answer as it stood on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// Names in lower case, in the order of the wire.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Wire {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream,
            rest: Vec::new(),
        }
    }

    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        // Whoever is refused may find the door shut before he has said everything.
        let _ = self.stream.write_all(bytes.as_ref()).await;
    }

    /// How much of `bytes` can be sent before the other side stops taking any.
    pub(crate) async fn push(&mut self, bytes: &[u8], limit: std::time::Duration) -> usize {
        let mut sent = 0;
        while sent < bytes.len() {
            match tokio::time::timeout(limit, self.stream.write(&bytes[sent..])).await {
                Ok(Ok(more)) if more > 0 => sent += more,
                _ => break,
            }
        }
        sent
    }

    /// The next answer.
    pub(crate) async fn reply(&mut self) -> Reply {
        self.reply_to("GET").await
    }

    /// The next answer, to a request of this method: one to `HEAD` has no body.
    pub(crate) async fn reply_to(&mut self, method: &str) -> Reply {
        within("an answer", async {
            self.next(method).await.expect("an answer, and not the end")
        })
        .await
    }

    /// The next answer, or none where the connection ends instead.
    pub(crate) async fn reply_or_end(&mut self) -> Option<Reply> {
        self.reply_or_end_to("GET").await
    }

    /// The next answer to a request of this method, or none where the connection ends instead.
    pub(crate) async fn reply_or_end_to(&mut self, method: &str) -> Option<Reply> {
        within("an answer or the end", self.next(method)).await
    }

    async fn next(&mut self, method: &str) -> Option<Reply> {
        let end = loop {
            match find(&self.rest, b"\r\n\r\n") {
                Some(end) => break end + 4,
                None => self.more().await.then_some(())?,
            }
        };
        let head: Vec<u8> = self.rest.drain(..end).collect();
        let head = String::from_utf8(head).unwrap();
        let mut lines = head.trim_end().split("\r\n");
        let status = lines
            .next()
            .unwrap()
            .split(' ')
            .nth(1)
            .unwrap()
            .parse()
            .unwrap();
        let headers: Vec<_> = lines
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let mut reply = Reply {
            status,
            headers,
            body: Vec::new(),
        };
        let length = reply
            .header("content-length")
            .map_or(0, |length| length.parse().unwrap());
        if method != "HEAD" && !(100..200).contains(&status) {
            while self.rest.len() < length {
                self.more().await.then_some(())?;
            }
            reply.body = self.rest.drain(..length).collect();
        }
        Some(reply)
    }

    /// Reads on; false at the end.
    async fn more(&mut self) -> bool {
        let mut buffer = [0; 4096];
        // A connection that is reset is at its end as well.
        let read = self.stream.read(&mut buffer).await.unwrap_or(0);
        self.rest.extend_from_slice(&buffer[..read]);
        read > 0
    }

    /// The next answer, if one comes as long as one can wait.
    pub(crate) async fn reply_or_nothing(&mut self) -> Option<Reply> {
        let a_while = std::time::Duration::from_millis(300);
        let answer = tokio::time::timeout(a_while, self.next("GET")).await;
        answer.ok().flatten()
    }

    /// Asserts that nothing more comes but the end.
    pub(crate) async fn assert_closed(&mut self) {
        let more = within("the end", self.more()).await;
        assert!(
            !more && self.rest.is_empty(),
            "{:?}",
            String::from_utf8_lossy(&self.rest)
        );
    }
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let found = headers.find(|(given, _)| given == name);
        found.map(|(_, value)| &**value)
    }

    /// The problem document that it is.
    #[track_caller]
    pub(crate) fn problem(&self) -> Map<String, Value> {
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json"),
            "{self:?}"
        );
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The code of the refusal, where it is one.
    pub(crate) fn code(&self) -> Option<String> {
        let problem: Map<String, Value> = serde_json::from_slice(&self.body).ok()?;
        Some(problem.get("code")?.as_str()?.to_owned())
    }

    /// Asserts that it is a refusal by this code: status, tier, headers and body.
    #[track_caller]
    pub(crate) fn assert_refused(&self, code: &str) {
        let (_, status, tier) = *TABLE.iter().find(|row| row.0 == code).unwrap();
        let problem = self.problem();
        assert_eq!(problem.get("code"), Some(&code.into()), "{problem:?}");
        assert_eq!((self.status, &problem["status"]), (status, &status.into()));
        assert_eq!(problem.get("tier").and_then(Value::as_str), tier);
        assert_eq!(
            problem["type"],
            format!("https://gatepost.dev/codes/{code}")
        );
        assert_eq!(problem["decision"].as_str().map(str::len), Some(16));
        assert_eq!(self.header("cache-control"), Some("no-store"));
        assert_eq!(self.header("www-authenticate").is_some(), status == 401);
        assert_eq!(self.header("retry-after").is_some(), status == 503);
    }

    /// The same reply with what differs in each made alike: date, decision, and the order of its headers.
    pub(crate) fn normalised(&self) -> Self {
        let mut reply = self.clone();
        for (name, value) in &mut reply.headers {
            if name == "date" {
                "now".clone_into(value);
            }
        }
        reply.headers.sort();
        let key = br#""decision":""#;
        if let Some(at) = find(&reply.body, key) {
            let at = at + key.len();
            reply.body[at..at + 16].fill(b'0');
        }
        reply
    }
}

/// Status and tier of the codes, as the design's tables have them; this does not ask the code under test.
pub(crate) const TABLE: &[(&str, u16, Option<&str>)] = &[
    ("unauthenticated", 401, Some("identity")),
    ("subject_suspended", 403, Some("identity")),
    ("delegator_missing", 403, Some("identity")),
    ("scope_missing", 403, Some("identity")),
    ("site_off", 403, Some("site")),
    ("site_denied", 403, Some("site")),
    ("site_grant_missing", 403, Some("site")),
    ("site_mode_off", 403, Some("site")),
    ("org_required", 400, Some("org")),
    ("org_conflict", 400, Some("org")),
    ("no_default_org", 403, Some("org")),
    ("not_a_member", 403, Some("org")),
    ("org_suspended", 403, Some("org")),
    ("org_off", 403, Some("org")),
    ("org_mode_off", 403, Some("org")),
    ("org_denied", 403, Some("org")),
    ("org_grant_missing", 403, Some("org")),
    ("mode_floor", 403, Some("mode")),
    ("bad_request", 400, None),
    ("body_too_large", 413, None),
    ("policy_unavailable", 503, None),
    ("policy_stale", 503, None),
    ("permit_missing", 500, None),
];

/// Where `part` begins in `whole`.
pub(crate) fn find(whole: &[u8], part: &[u8]) -> Option<usize> {
    whole.windows(part.len()).position(|window| window == part)
}
