//! Documents that must be refused, each with the place and the reason; and documents that must not.
//!
//! A case changes one place of a base document (`find` becomes `replace`), or is a `text`, some
//! bytes in `hex`, or a text to `repeat`. `path` is the key at fault, null where the text is no
//! document at all; `at` begins where that key stands, and so tells the line.

use gatepost::{PolicyError, PolicyFormat, PolicyText, Problem, Snapshot};
use gatepost_tests::data;
use serde::Deserialize;

const BAD: usize = 829;
const GOOD: usize = 91;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    base: Option<String>,
    find: Option<String>,
    replace: Option<String>,
    format: Option<String>,
    text: Option<String>,
    hex: Option<String>,
    repeat: Option<Repeat>,
    path: Option<String>,
    #[serde(default)]
    path_any: Vec<String>,
    at: Option<String>,
    #[serde(default)]
    at_any: Vec<String>,
    says: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Repeat {
    text: String,
    count: usize,
}

impl Case {
    fn format(&self) -> PolicyFormat {
        self.format.as_ref().map_or_else(
            || PolicyFormat::of_file_name(self.base.as_ref().unwrap()),
            |name| name.parse().unwrap(),
        )
    }

    fn bytes(&self) -> Vec<u8> {
        if let Some(base) = &self.base {
            let text = data::text(&format!("bad-policies/{base}"));
            let (find, replace) = (self.find.as_ref().unwrap(), self.replace.as_ref().unwrap());
            assert_eq!(text.matches(find).count(), 1, "{}: {find:?}", self.name);
            return text.replacen(find, replace, 1).into_bytes();
        }
        if let Some(text) = &self.text {
            return text.clone().into_bytes();
        }
        if let Some(Repeat { text, count }) = &self.repeat {
            return text.repeat(*count).into_bytes();
        }
        let hex = self.hex.as_ref().unwrap();
        let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        (0..hex.len()).step_by(2).map(byte).collect()
    }

    fn compile(&self, bytes: Vec<u8>) -> Result<Snapshot, PolicyError> {
        PolicyText::from_bytes(self.format(), bytes)?.compile(1)
    }

    /// The paths of which one must be among the problems; empty for the document as a whole.
    fn paths(&self) -> Vec<&str> {
        if self.path_any.is_empty() {
            return vec![self.path.as_deref().unwrap_or_default()];
        }
        self.path_any.iter().map(String::as_str).collect()
    }

    /// The lines of which one must be told; none where the case does not say.
    fn lines(&self, text: &str) -> Vec<usize> {
        let line = |at: &String| {
            let places: Vec<usize> = text.match_indices(at).map(|(place, _)| place).collect();
            assert!(!places.is_empty(), "{}: {at:?} is not there", self.name);
            places.into_iter().map(|place| 1 + text[..place].matches('\n').count())
        };
        self.at.iter().chain(&self.at_any).flat_map(line).collect()
    }

    /// Why this is not the problem that the case tells of.
    fn misses(&self, problem: &Problem, lines: &[usize]) -> Option<String> {
        let path = problem.path.to_string();
        if !self.paths().contains(&path.as_str()) {
            return Some(format!("path {:?} expected", self.paths()));
        }
        if !lines.is_empty() && !problem.line.is_some_and(|line| lines.contains(&line)) {
            return Some(format!("line {lines:?} expected"));
        }
        let says = self.says.as_deref().unwrap_or_default();
        (!problem.to_string().contains(says)).then(|| format!("{says:?} expected in the message"))
    }
}

fn cases(name: &str) -> Vec<Case> {
    serde_json::from_value(data::json(&format!("bad-policies/{name}"))).unwrap()
}

#[test]
fn every_bad_document_is_refused_with_its_place_and_reason() {
    let mut wrong = Vec::new();
    let cases = cases("cases.json");
    for case in &cases {
        let bytes = case.bytes();
        let Err(error) = case.compile(bytes.clone()) else {
            wrong.push(format!("{}: loads", case.name));
            continue;
        };
        let lines = case.lines(&String::from_utf8_lossy(&bytes));
        let misses: Vec<_> = error.problems().iter().map(|problem| case.misses(problem, &lines)).collect();
        if misses.iter().all(Option::is_some) {
            let told: Vec<_> = error.problems().iter().zip(misses).map(|(problem, miss)| format!("    {problem}\n      {}", miss.unwrap())).collect();
            wrong.push(format!("{}:\n{}", case.name, told.join("\n")));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(cases.len(), BAD);
}

#[test]
fn every_good_document_loads() {
    let mut wrong = Vec::new();
    let cases = cases("good.json");
    for case in &cases {
        if let Err(error) = case.compile(case.bytes()) {
            wrong.push(format!("{}: {error}", case.name));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(cases.len(), GOOD);
}
