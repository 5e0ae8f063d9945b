//! HTTP/1.1, byte by byte.

use std::net::SocketAddr;

use super::PIECE;
use crate::table::row::Row;
use crate::wire::{Reply, Wire};

#[derive(Debug)]
pub(crate) struct Client {
    address: SocketAddr,
    wire: Option<Wire>,
}

impl Client {
    pub(super) fn new(address: SocketAddr) -> Self {
        Self {
            address,
            wire: None,
        }
    }

    pub(super) fn hang_up(&mut self) {
        self.wire = None;
    }

    pub(super) async fn ask(&mut self, row: &Row, method: &str) -> Option<Reply> {
        let request = request(row, method);
        let kept = match self.wire.take() {
            Some(wire) => answer(wire, &request, method).await,
            None => None,
        };
        // A server may end a connection that it kept, without a word (RFC 9112, 9.3.1): actix behind an upgrade.
        let answered = match kept {
            Some(kept) => Some(kept),
            None => answer(Wire::connect(self.address).await, &request, method).await,
        };
        let (reply, wire) = answered?;
        // Whoever refuses need not read the body first, and may well close the connection instead.
        let closes = reply
            .header("connection")
            .is_some_and(|value| value == "close");
        if row.body.is_none() && !closes {
            self.wire = Some(wire);
        }
        Some(reply)
    }
}

async fn answer(mut wire: Wire, request: &[u8], method: &str) -> Option<(Reply, Wire)> {
    wire.send(request).await;
    let reply = wire.reply_or_end_to(method).await?;
    Some((reply, wire))
}

fn request(row: &Row, method: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut line = |parts: &[&[u8]]| {
        bytes.extend(parts.concat());
        bytes.extend(b"\r\n");
    };
    line(&[method.as_bytes(), b" ", &row.path.to_vec(), b" HTTP/1.1"]);
    line(&[b"Host: ", row.host.as_bytes()]);
    if let Some(token) = &row.token {
        line(&[b"Authorization: Bearer ", token.as_bytes()]);
    }
    for (name, value) in &row.headers {
        line(&[name.as_bytes(), b": ", &value.to_vec()]);
    }
    let body = row.body();
    if row.chunked {
        line(&[b"Transfer-Encoding: chunked"]);
    } else if row.body.is_some() {
        line(&[format!("Content-Length: {}", body.len()).as_bytes()]);
    }
    line(&[]);
    if row.chunked {
        for piece in body.chunks(PIECE) {
            bytes.extend(format!("{:x}\r\n", piece.len()).bytes());
            bytes.extend(piece);
            bytes.extend(b"\r\n");
        }
        bytes.extend(b"0\r\n\r\n");
    } else {
        bytes.extend(body);
    }
    bytes
}
