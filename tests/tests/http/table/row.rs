//! One row of the table: a request as it goes onto the wire, and what must come of it.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::bytes::Bytes;
use crate::served::{Adapter, Ran};
use crate::wire::TABLE;

/// A version of HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Protocol {
    H1,
    H2,
}

/// How the gate of the service is that a row asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Post {
    /// It has the table's policy.
    #[default]
    Manned,
    /// It has no policy yet.
    Empty,
}

/// A request and what must come of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Row {
    pub(crate) name: String,
    /// What is not obvious about it; for the reader alone.
    #[serde(default)]
    #[allow(dead_code, reason = "a comment that stays with its row")]
    why: Option<String>,
    #[serde(default = "get")]
    pub(crate) method: String,
    /// The request target, exactly as it is sent.
    pub(crate) path: Bytes,
    /// Who asks: the bearer token; without it there is no `authorization`.
    #[serde(default)]
    pub(crate) token: Option<String>,
    /// `Host`, or `:authority`.
    #[serde(default = "chats")]
    pub(crate) host: String,
    /// Whatever else stands in the head, in this order.
    #[serde(default)]
    pub(crate) headers: Vec<(String, Bytes)>,
    #[serde(default)]
    pub(crate) body: Option<Bytes>,
    /// The body's length is not declared, and it comes in small pieces.
    #[serde(default)]
    pub(crate) chunked: bool,
    /// The one protocol in which this can be said.
    #[serde(default)]
    pub(crate) over: Option<Protocol>,
    #[serde(default)]
    pub(crate) gate: Post,
    /// The rows of one name here are answered alike, byte for byte: nothing tells them apart.
    #[serde(default)]
    pub(crate) like: Option<String>,
    pub(crate) expect: Expect,
    /// Where a framework's own router or parser answers before there is a decision.
    #[serde(default)]
    on: BTreeMap<Adapter, Instead>,
}

/// What must come of a request.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expect {
    pub(crate) status: u16,
    /// The code of a refusal; none where a handler or the framework's router answers.
    #[serde(default)]
    pub(crate) code: Option<String>,
    /// The answer is that of a missing object, whatever the reason.
    #[serde(default)]
    pub(crate) hidden: bool,
    /// Members that the problem document has; `null` is one that it has not.
    #[serde(default, deserialize_with = "members")]
    pub(crate) problem: Map<String, Value>,
    /// The handler that ran, and what under.
    #[serde(default)]
    pub(crate) ran: Option<Ran>,
    /// The exact body of an answer that is the framework's own.
    #[serde(default)]
    pub(crate) body: Option<String>,
    /// The answer's `content-language`.
    #[serde(default)]
    pub(crate) language: Option<String>,
}

/// What one framework answers on its own, and why.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Instead {
    why: String,
    status: u16,
    #[serde(default)]
    body: Option<String>,
}

impl Row {
    /// A gRPC call, as it goes onto the wire.
    pub(crate) fn post(
        path: String,
        token: Option<String>,
        headers: Vec<(String, Bytes)>,
        body: Option<Vec<u8>>,
    ) -> Self {
        let of_grpc = [("content-type", "application/grpc"), ("te", "trailers")];
        let of_grpc = of_grpc.map(|(name, value)| (name.to_owned(), Bytes::Text(value.to_owned())));
        Self {
            name: path.clone(),
            why: None,
            method: "POST".to_owned(),
            path: Bytes::Text(path),
            token,
            host: chats(),
            headers: of_grpc.into_iter().chain(headers).collect(),
            body: body.map(Bytes::Raw),
            // A call declares no length.
            chunked: true,
            over: Some(Protocol::H2),
            gate: Post::Manned,
            like: None,
            expect: Expect::default(),
            on: BTreeMap::new(),
        }
    }

    /// What must come of it from this framework.
    pub(crate) fn expected_of(&self, adapter: Adapter) -> Expect {
        let Some(instead) = self.on.get(&adapter) else {
            return self.expect.clone();
        };
        Expect {
            status: instead.status,
            code: None,
            hidden: false,
            problem: Map::new(),
            ran: None,
            body: instead.body.clone(),
            language: None,
        }
    }

    /// Whether this framework is to answer as the others do.
    pub(crate) fn is_like_the_others(&self, adapter: Adapter) -> bool {
        !self.on.contains_key(&adapter)
    }

    pub(crate) fn fits(&self, protocol: Protocol) -> bool {
        self.over.is_none_or(|only| only == protocol)
    }

    /// Whether it asks for another protocol on the same connection.
    pub(crate) fn upgrades(&self) -> bool {
        let mut names = self.headers.iter().map(|(name, _)| name);
        names.any(|name| name.eq_ignore_ascii_case("upgrade"))
    }

    pub(crate) fn body(&self) -> Vec<u8> {
        self.body.as_ref().map(Bytes::to_vec).unwrap_or_default()
    }

    /// What is wrong with the row itself.
    pub(crate) fn problem(&self) -> Option<&'static str> {
        let Expect {
            status,
            code,
            hidden,
            problem,
            ran,
            body,
            ..
        } = &self.expect;
        let of_code = TABLE.iter().find(|row| Some(row.0) == code.as_deref());
        let answers = [code.is_some(), *hidden, ran.is_some()];
        if code.is_some() && of_code.is_none() {
            Some("has a code that there is not")
        } else if of_code.is_some_and(|row| row.1 != *status) {
            Some("has another status than its code")
        } else if answers.iter().filter(|given| **given).count() > 1 {
            Some("is answered by more than one")
        } else if ran.is_some() != (*status == 200) {
            Some("is 200 exactly where a handler runs")
        } else if *hidden && *status != 404 {
            Some("is hidden as something else than a 404")
        } else if code.is_none() && !hidden && [404, 405].contains(status) && body.is_none() {
            Some("is a 404 or 405 that says nothing of its body")
        } else if code.is_none() && !problem.is_empty() {
            Some("has members of a document that there is not")
        } else if self
            .on
            .values()
            .any(|instead| instead.why.trim().is_empty())
        {
            Some("differs on a framework and does not say why")
        } else if self.on.values().any(|instead| instead.status < 400) {
            Some("is admitted on one framework alone")
        } else {
            None
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.to_vec();
        let path = String::from_utf8_lossy(&path);
        let path: String = path.chars().take(80).collect();
        write!(f, "`{}`: {} {path}", self.name, self.method)?;
        match &self.token {
            Some(token) => write!(f, " by {token}"),
            None => write!(f, " by nobody"),
        }
    }
}

fn get() -> String {
    "GET".to_owned()
}

fn chats() -> String {
    "chats.test".to_owned()
}

/// TOML has no `null`: the word stands for it.
fn members<'de, D: Deserializer<'de>>(from: D) -> Result<Map<String, Value>, D::Error> {
    let mut members = Map::deserialize(from)?;
    for value in members.values_mut().filter(|value| *value == "null") {
        *value = Value::Null;
    }
    Ok(members)
}
