//! Reads a file of policy tests.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gatepost::{PolicyFormat, RequestDocument, Snapshot};
use serde::Deserialize;

use super::expect::Expect;
use super::piece::{Json, Piece, Toml, without_place};
use super::table::Table;
use crate::fault::Fault;
use crate::listing::Listing;
use crate::source::Policy;

/// One test, ready to be run.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) name: String,
    /// Where it stands: `file:line`.
    pub(super) place: String,
    pub(super) facts: Arc<Snapshot>,
    /// The question, or why it is none.
    pub(super) request: Result<RequestDocument, String>,
    pub(super) expect: Expect,
}

/// The file as it is written: a `P` is a part that is read later.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written<P> {
    policy: Option<P>,
    cases: Vec<Table<WrittenCase<P>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenCase<P> {
    name: String,
    request: P,
    expect: Table<Expect>,
    policy: Option<P>,
}

/// Reads the file and every policy that its cases ask.
pub(super) fn read(path: &Path) -> Result<Vec<Case>, Fault> {
    let bytes = std::fs::read(path).map_err(|error| Fault::unreadable(path, error))?;
    let text = String::from_utf8(bytes).map_err(|_| refused(path, None, "", "is not UTF-8"))?;
    match PolicyFormat::of_file_name(&path.to_string_lossy()) {
        PolicyFormat::Json => prepare(path, &text, read_json(path, &text)?),
        PolicyFormat::Toml => prepare(path, &text, read_toml(path, &text)?),
    }
}

fn read_json<'t>(path: &Path, text: &'t str) -> Result<Written<Json<'t>>, Fault> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let Table(written) = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let at = error.path().to_string();
        let error = error.into_inner();
        refused(
            path,
            Some(error.line()),
            at.trim_start_matches('.'),
            without_place(&error),
        )
    })?;
    let end = reader.end();
    end.map_err(|error| refused(path, Some(error.line()), "", without_place(&error)))?;
    Ok(written)
}

fn read_toml(path: &Path, text: &str) -> Result<Written<Toml>, Fault> {
    let line = |error: &toml::de::Error| {
        let before = error.span().and_then(|span| text.get(..span.start));
        before.map(|before| 1 + before.matches('\n').count())
    };
    let tree = toml::Deserializer::parse(text)
        .map_err(|error| refused(path, line(&error), "", error.message()))?;
    let Table(written) = serde_path_to_error::deserialize(tree).map_err(|error| {
        let at = error.path().to_string();
        let error = error.into_inner();
        refused(
            path,
            line(&error),
            at.trim_start_matches('.'),
            error.message(),
        )
    })?;
    Ok(written)
}

/// A file of tests is refused for one thing.
fn refused(
    file: &Path,
    line: Option<usize>,
    path: impl std::fmt::Display,
    message: impl std::fmt::Display,
) -> Fault {
    let mut listing = Listing::default();
    listing.add(file, line, path, message);
    Fault::Refused(file.to_owned(), listing)
}

fn prepare<P: Piece>(path: &Path, text: &str, written: Written<P>) -> Result<Vec<Case>, Fault> {
    let mut policies = Policies {
        file: path,
        text,
        by_path: HashMap::new(),
    };
    let whole = match &written.policy {
        Some(policy) => Some(policies.compile(policy, "policy")?),
        None => None,
    };
    let mut cases = Vec::with_capacity(written.cases.len());
    for (index, Table(case)) in written.cases.into_iter().enumerate() {
        let at = format!("cases[{index}]");
        let line = case.request.line(text);
        let own = case.policy.as_ref();
        let own = own.map(|policy| policies.compile(policy, &format!("{at}.policy")));
        let Some(facts) = own.transpose()?.or_else(|| whole.clone()) else {
            let message = "neither the case nor the file has a `policy`";
            return Err(refused(path, Some(line), at, message));
        };
        cases.push(Case {
            name: case.name,
            place: format!("{}:{line}", path.display()),
            facts,
            request: case.request.request(),
            expect: case.expect.0,
        });
    }
    Ok(cases)
}

/// The policies of one file, each compiled once.
struct Policies<'f> {
    file: &'f Path,
    text: &'f str,
    by_path: HashMap<PathBuf, Arc<Snapshot>>,
}

impl Policies<'_> {
    fn compile(&mut self, policy: &impl Piece, at: &str) -> Result<Arc<Snapshot>, Fault> {
        if let Some(named) = policy.as_str() {
            let path = self.file.parent().unwrap_or(Path::new("")).join(&*named);
            if let Some(facts) = self.by_path.get(&path) {
                return Ok(Arc::clone(facts));
            }
            let facts = Arc::new(Policy::read(&path)?.compile()?);
            self.by_path.insert(path, Arc::clone(&facts));
            return Ok(facts);
        }
        // Places inside the policy are told as places in the file.
        let first = policy.line(self.text);
        policy.compile().map(Arc::new).map_err(|flaws| {
            let mut listing = Listing::default();
            for flaw in flaws {
                let line = flaw.line.map_or(first, |line| first + line - 1);
                let path = if flaw.path.is_root() {
                    at.to_owned()
                } else {
                    format!("{at}.{}", flaw.path)
                };
                listing.add(self.file, Some(line), path, flaw.message);
            }
            Fault::Refused(self.file.to_owned(), listing)
        })
    }
}
