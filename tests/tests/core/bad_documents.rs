//! Documents that must be refused, each with the place and the reason; and documents that must not.
//!
//! A case changes one place of a base document (`find` becomes `replace`), or is a `text`, some
//! bytes in `hex`, or a text to `repeat`. `path` is the key at fault, null where the text is no
//! document at all; `at` begins where that key stands, and so tells the line; `says` is part of
//! what a person reads, path and message together.

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
            places
                .into_iter()
                .map(|place| 1 + text[..place].matches('\n').count())
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

/// What a case says of the problems that were told; `None` where one of them is the one it tells of.
fn judge(case: &Case, bytes: &[u8], problems: &[Problem]) -> Option<String> {
    let lines = case.lines(&String::from_utf8_lossy(bytes));
    let mut told = Vec::new();
    for problem in problems {
        let miss = case.misses(problem, &lines)?;
        told.push(format!("    {problem}\n      {miss}"));
    }
    Some(format!("{}:\n{}", case.name, told.join("\n")))
}

fn cases(name: &str) -> Vec<Case> {
    serde_json::from_value(data::json(&format!("bad-policies/{name}"))).unwrap()
}

/// Those that are not there for their length.
fn short_cases() -> impl Iterator<Item = Case> {
    cases("cases.json")
        .into_iter()
        .filter(|case| case.repeat.is_none())
}

fn assert_none(wrong: &[String]) {
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn every_bad_document_is_refused_with_its_place_and_reason() {
    let mut wrong = Vec::new();
    let cases = cases("cases.json");
    for case in &cases {
        let bytes = case.bytes();
        match case.compile(bytes.clone()) {
            Ok(_) => wrong.push(format!("{}: loads", case.name)),
            Err(error) => wrong.extend(judge(case, &bytes, error.problems())),
        }
    }
    assert_none(&wrong);
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
    assert_none(&wrong);
    assert_eq!(cases.len(), GOOD);
}

#[test]
fn every_problem_in_a_text_has_a_line_of_that_text() {
    for case in short_cases() {
        let bytes = case.bytes();
        let lines = bytes.split(|byte| *byte == b'\n').count();
        let error = case.compile(bytes).unwrap_err();
        assert!(!error.problems().is_empty(), "{}", case.name);
        for problem in error.problems() {
            let line = problem.line.unwrap_or_default();
            assert!((1..=lines).contains(&line), "{}: {problem}", case.name);
        }
    }
}

#[test]
fn a_text_is_refused_alike_however_it_came() {
    for case in short_cases() {
        let Ok(text) = String::from_utf8(case.bytes()) else {
            continue;
        };
        let direct = match case.format() {
            PolicyFormat::Toml => PolicyText::toml(text.clone()),
            PolicyFormat::Json => PolicyText::json(text.clone()),
        };
        let read = case.compile(text.into_bytes()).unwrap_err();
        assert_eq!(direct.compile(2).unwrap_err(), read, "{}", case.name);
    }
}

#[test]
fn one_mistake_leaves_nothing_of_a_document_and_many_are_told_at_once() {
    let good = data::text("bad-policies/base.toml");
    let one = good.replace(
        "site_roles = [\"admin\"]",
        "site_roles = [\"admin\"]\ndefault_org = \"\"",
    );
    let many = one
        .replace("grants = [\"doc:read\"]", "grants = [\"doc:reed\"]")
        .replace("min_role = \"owner\"", "min_role = \"boss\"")
        .replace("parent = \"acme\"", "parent = \"acne\"")
        .replace("level = 25", "level = -25");
    let paths = |text: &str| {
        let error = PolicyText::toml(text).compile(2).unwrap_err();
        let mut paths: Vec<String> = error
            .problems()
            .iter()
            .map(|problem| problem.path.to_string())
            .collect();
        paths.sort();
        paths
    };
    assert_eq!(PolicyText::toml(good).compile(1).unwrap().version(), 1);
    assert_eq!(paths(&one), ["subjects.root.default_org"]);
    assert_eq!(
        paths(&many),
        [
            "org_roles.anyone.grants[0]",
            "org_roles.tester.level",
            "orgs.\"a.b c\".parent",
            "orgs.acme.gates.agent.background.min_role",
            "subjects.root.default_org",
        ]
    );
}
