//! A client that asks as often as it is told and no more: one connection, many requests on it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use super::contestants::{Contestant, LOGIN_AXUM};
use super::identity::bearer;
use super::login::LOGIN;
use super::server::Answer;
use crate::contest::Failure;
use crate::scene::SHORT;

/// A connection to a server.
#[derive(Debug)]
pub(super) struct Client(BufReader<TcpStream>);

/// A header that says who asks.
pub(super) type Who = (&'static str, String);

impl Client {
    pub(super) fn connect(port: u16) -> Result<Self, Failure> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::new(stream)))
    }

    /// Sends a request without waiting for its answer.
    pub(super) fn send(&mut self, requests: &[u8]) -> Result<(), Failure> {
        Ok(self.0.get_mut().write_all(requests)?)
    }

    /// Reads one answer: its status, headers and body.
    pub(super) fn receive(&mut self) -> Result<(u16, Answer), Failure> {
        let mut line = String::new();
        self.0.read_line(&mut line)?;
        let status = line.split(' ').nth(1).ok_or("no status")?.parse()?;
        let (mut headers, mut length) = (Vec::new(), 0);
        loop {
            line.clear();
            self.0.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(": ") else {
                break;
            };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.parse()?,
                "date" => {}
                _ => headers.push((name.to_owned(), value.to_owned())),
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body)?;
        let body = String::from_utf8(body)?;
        Ok((status, Answer { headers, body }))
    }

    /// Who asks, as that server is told it: by a session that is begun now, or by a token.
    pub(super) fn who(&mut self, contestant: Contestant) -> Result<Who, Failure> {
        if contestant.name != LOGIN_AXUM {
            return Ok(("Authorization", bearer(SHORT.member)));
        }
        self.send(format!("GET {LOGIN} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes())?;
        let (_, answer) = self.receive()?;
        let cookie = answer
            .headers
            .into_iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("set-cookie"))
            .ok_or("no session was begun")?;
        let cookie = cookie.1.split(';').next().unwrap_or_default().to_owned();
        Ok(("Cookie", cookie))
    }
}

/// A request for a chat in an org.
pub(super) fn request(org: &str, (name, value): &Who) -> String {
    format!(
        "POST /orgs/{org}/chats HTTP/1.1\r\nHost: localhost\r\n{name}: {value}\r\nContent-Length: 0\r\n\r\n"
    )
}
