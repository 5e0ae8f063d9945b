//! Reads the calls from `data/requests/calls`.

use std::collections::HashSet;

use gatepost_tests::data;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::service::{NAME, Note};
use crate::served::Ran;
use crate::table::{Bytes, Row};
use crate::wire::TABLE;

const FOLDER: &str = "requests/calls";

/// The calls of one theme.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Theme {
    #[allow(dead_code, reason = "a comment that stays with its calls")]
    about: String,
    #[serde(rename = "call")]
    calls: Vec<Call>,
}

/// A call, and what must come of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Call {
    pub(super) name: String,
    #[serde(default)]
    #[allow(dead_code, reason = "a comment that stays with its call")]
    why: Option<String>,
    pub(super) method: String,
    #[serde(default)]
    token: Option<String>,
    #[serde(default)]
    host: Option<String>,
    #[serde(default)]
    metadata: Vec<(String, Bytes)>,
    #[serde(default)]
    pub(super) message: Option<Note>,
    /// The body as it is sent, frames and all, instead of one message.
    #[serde(default)]
    raw: Option<Bytes>,
    pub(super) expect: Expect,
}

/// What must come of a call.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Expect {
    /// The name of the `grpc-status`.
    pub(super) status: String,
    #[serde(default)]
    pub(super) code: Option<String>,
    #[serde(default)]
    pub(super) hidden: bool,
    /// Members of the `ErrorInfo`; `"null"` is one that it does not have.
    #[serde(default)]
    pub(super) problem: Map<String, Value>,
    #[serde(default)]
    pub(super) ran: Option<Ran>,
}

impl Call {
    /// As it goes onto the wire.
    pub(super) fn row(&self) -> Row {
        let path = format!("/{NAME}/{}", self.method);
        let body = match &self.raw {
            Some(raw) => raw.to_vec(),
            None => self.message.clone().unwrap_or_default().framed(),
        };
        let metadata = self.metadata.clone();
        let mut row = Row::post(path, self.token.clone(), metadata, Some(body));
        if let Some(host) = &self.host {
            row.host.clone_from(host);
        }
        row
    }

    /// Whether the handler gets this very message.
    pub(super) fn is_one_message(&self) -> bool {
        self.raw.is_none()
    }

    fn problem(&self) -> Option<&'static str> {
        let Expect {
            status,
            code,
            hidden,
            ran,
            ..
        } = &self.expect;
        let answers = [code.is_some(), *hidden, ran.is_some()];
        if answers.iter().filter(|given| **given).count() != 1 {
            Some("is not answered by exactly one")
        } else if ran.is_some() != (status == "OK") {
            Some("is OK exactly where a method runs")
        } else if code
            .as_ref()
            .is_some_and(|code| !TABLE.iter().any(|row| row.0 == *code))
        {
            Some("has a code that there is not")
        } else if self.message.is_some() && self.raw.is_some() {
            Some("has a message twice")
        } else {
            None
        }
    }
}

/// All calls.
pub(super) struct Calls;

impl Calls {
    /// Reads all themes.
    ///
    /// # Panics
    ///
    /// Where one is not as it should be.
    pub(super) fn load() -> Vec<Call> {
        let mut all = Vec::new();
        let mut names = HashSet::new();
        for file in data::files_in(FOLDER) {
            let theme = toml::from_str::<Theme>(&data::text(&file));
            let theme = theme.unwrap_or_else(|error| panic!("data/{file}: {error}"));
            for call in theme.calls {
                let name = &call.name;
                assert_eq!(call.problem(), None, "{file}: `{name}`");
                assert!(
                    names.insert(name.clone()),
                    "{file}: `{name}` is there twice"
                );
                all.push(call);
            }
        }
        all
    }
}
