//! A part of a test file that is read on its own: a policy or a request, in JSON or TOML.

use std::borrow::Cow;

use gatepost::{KeyPath, PolicyError, PolicyText, Problem, RequestDocument, Snapshot};
use serde::Deserialize;
use serde_json::value::RawValue;
use toml::Spanned;

/// A part of a test file that is read on its own.
pub(super) trait Piece {
    /// The line where it begins, counted from 1.
    fn line(&self, file: &str) -> usize;
    /// The text, where it is one.
    fn as_str(&self) -> Option<Cow<'_, str>>;
    /// Compiles it as a policy.
    fn compile(&self) -> Result<Snapshot, Vec<Flaw>>;
    /// Reads it as a request; what is no request is not an error of the file, but an answer.
    fn request(&self) -> Result<RequestDocument, String>;
}

/// Something wrong with a policy that stands in a test file.
pub(super) struct Flaw {
    /// The line, counted from the policy's own first; none where only that one is known.
    pub(super) line: Option<usize>,
    pub(super) path: KeyPath,
    pub(super) message: String,
}

/// Borrows its piece of the file.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Json<'t>(#[serde(borrow)] &'t RawValue);

/// Holds its piece of the file.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Toml(Spanned<toml::Value>);

impl Piece for Json<'_> {
    fn line(&self, file: &str) -> usize {
        let offset = (self.0.get().as_ptr() as usize).saturating_sub(file.as_ptr() as usize);
        line_at(file, offset)
    }

    fn as_str(&self) -> Option<Cow<'_, str>> {
        let text: Option<String> = serde_json::from_str(self.0.get()).ok();
        text.map(Cow::Owned)
    }

    fn compile(&self) -> Result<Snapshot, Vec<Flaw>> {
        let compiled = PolicyText::json(self.0.get()).compile(1);
        compiled.map_err(|error| flaws(&error, true))
    }

    fn request(&self) -> Result<RequestDocument, String> {
        // The place is counted inside the piece, and would mislead.
        serde_json::from_str(self.0.get()).map_err(|error| without_place(&error))
    }
}

impl Piece for Toml {
    fn line(&self, file: &str) -> usize {
        line_at(file, self.0.span().start)
    }

    fn as_str(&self) -> Option<Cow<'_, str>> {
        self.0.get_ref().as_str().map(Cow::Borrowed)
    }

    /// The tables of a policy may be strewn over the file, so it is written out again by itself.
    fn compile(&self) -> Result<Snapshot, Vec<Flaw>> {
        let text = toml::to_string(self.0.get_ref()).map_err(|error| {
            vec![Flaw {
                line: None,
                path: KeyPath::default(),
                message: error.to_string(),
            }]
        })?;
        let compiled = PolicyText::toml(text).compile(1);
        compiled.map_err(|error| flaws(&error, false))
    }

    fn request(&self) -> Result<RequestDocument, String> {
        let value = self.0.get_ref().clone();
        RequestDocument::deserialize(value).map_err(|error| error.message().to_owned())
    }
}

/// The error's message; `serde_json` writes line and column behind it.
pub(super) fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let message = text.rsplit_once(" at line ").map(|(message, _)| message);
    message.map_or_else(|| text.clone(), str::to_owned)
}

fn flaws(error: &PolicyError, with_lines: bool) -> Vec<Flaw> {
    let flaw = |problem: &Problem| Flaw {
        line: problem.line.filter(|_| with_lines),
        path: problem.path.clone(),
        message: problem.message.clone(),
    };
    error.problems().iter().map(flaw).collect()
}

fn line_at(file: &str, offset: usize) -> usize {
    1 + file
        .bytes()
        .take(offset)
        .filter(|byte| *byte == b'\n')
        .count()
}
