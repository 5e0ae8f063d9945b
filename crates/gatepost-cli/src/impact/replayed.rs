//! What people really asked, asked again by both policies.

use std::collections::{BTreeMap, HashSet};
use std::io::{self, Write};

use gatepost::{Code, Decision, Request, Snapshot, Step, decide};
use gatepost_observe::{LogRecord, Replay};
use serde::Serialize;

use super::Sides;
use super::print::{counted, table};
use crate::fault::Fault;
use crate::records::{Found, RecordArgs};

/// How many rows are kept apart; what is beyond them is counted in all.
const ROWS: usize = 100_000;
/// How many rows a person is told of each side.
const TOLD: usize = 20;
/// How many decisions are named for each row.
const EXAMPLES: usize = 3;

/// What came of the records of a log. Requests are counted as often as their records stand for.
#[derive(Debug, Default, Serialize)]
pub(super) struct Replayed {
    /// How many requests were asked again.
    requests: u64,
    /// How many of them would be denied, and were not.
    losing: u64,
    /// How many would be allowed, and were not.
    gaining: u64,
    /// How many depend, by one of the policies, on what was not read when they were decided.
    undecided: u64,
    /// How many are answered otherwise than they were by the policy as it is: it was another one then.
    since_changed: u64,
    /// How many could not be asked again, by why not.
    not_asked: BTreeMap<String, u64>,
    /// How many lines are no records.
    unread_lines: u64,
    /// The first of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    unread_line: Option<String>,
    /// What would be denied; the most first.
    newly_denied: Vec<Row>,
    /// What would be allowed; the most first.
    newly_allowed: Vec<Row>,
}

/// Requests of one route in one org that flip with one code.
#[derive(Debug, Serialize)]
struct Row {
    method: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    requirement: String,
    org: Option<String>,
    code: &'static str,
    requests: u64,
    subjects: usize,
    decisions: Vec<String>,
}

/// Route, requirement, org and code.
type Key = (String, Option<String>, String, Option<String>, Code);

#[derive(Default)]
struct Count {
    requests: u64,
    subjects: HashSet<String>,
    decisions: Vec<String>,
}

/// What a policy answers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Answer {
    Allow,
    No(Code),
    Open,
}

impl Replayed {
    /// Asks again what is in the logs, where there are any.
    pub(super) fn of(log: &RecordArgs, sides: &Sides) -> Result<Option<Self>, Fault> {
        if log.files().is_empty() {
            return Ok(None);
        }
        let mut all = Self::default();
        let (mut lost, mut gained) = (BTreeMap::new(), BTreeMap::new());
        log.each(|found| {
            match found {
                Found::Record(record) => all.add(&record, sides, &mut lost, &mut gained),
                Found::Unread(why) => {
                    all.unread_lines += 1;
                    all.unread_line.get_or_insert(why);
                }
            }
            false
        })?;
        all.newly_denied = rows(lost);
        all.newly_allowed = rows(gained);
        Ok(Some(all))
    }

    /// Whether none of it is answered otherwise.
    pub(super) fn is_nothing(&self) -> bool {
        self.losing == 0 && self.gaining == 0
    }

    fn add(
        &mut self,
        record: &LogRecord,
        sides: &Sides,
        lost: &mut BTreeMap<Key, Count>,
        gained: &mut BTreeMap<Key, Count>,
    ) {
        let times = record.times;
        let replay = match record.replay() {
            Ok(replay) => replay,
            Err(why) => {
                add(self.not_asked.entry(why.to_string()).or_default(), times);
                return;
            }
        };
        add(&mut self.requests, times);
        if !replay.is_answered_as_recorded(&sides.before, record) {
            add(&mut self.since_changed, times);
        }
        let (before, after) = (
            answer(&sides.before, &replay),
            answer(&sides.after, &replay),
        );
        match (before, after) {
            (Answer::Open, _) | (_, Answer::Open) => add(&mut self.undecided, times),
            (Answer::Allow, Answer::No(code)) => {
                add(&mut self.losing, times);
                count(lost, record, code);
            }
            (Answer::No(code), Answer::Allow) => {
                add(&mut self.gaining, times);
                count(gained, record, code);
            }
            (Answer::Allow, Answer::Allow) | (Answer::No(_), Answer::No(_)) => {}
        }
    }

    pub(super) fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        let Self {
            requests,
            losing,
            gaining,
            ..
        } = self;
        let all = counted(*requests, "request", "requests");
        writeln!(
            out,
            "of {all} in the log, {losing} would be denied that are allowed, {gaining} the other way round"
        )?;
        for (heading, rows) in [
            ("newly denied", &self.newly_denied),
            ("newly allowed", &self.newly_allowed),
        ] {
            if rows.is_empty() {
                continue;
            }
            let words = [heading, "org", "code", "requests", "subjects", "decisions"];
            let mut lines = vec![words.map(str::to_owned).to_vec()];
            lines.extend(rows.iter().take(TOLD).map(Row::line));
            table(&lines, out)?;
            if let more @ 1.. = rows.len().saturating_sub(TOLD) {
                writeln!(out, "  and {more} more; --json has them all")?;
            }
        }
        let notes = [
            (
                self.since_changed,
                "was answered otherwise by the policy of its time",
                "were answered otherwise by the policy of their time",
            ),
            (
                self.undecided,
                "depends on what was not read at the time",
                "depend on what was not read at the time",
            ),
        ];
        for (count, one, many) in notes {
            if count > 0 {
                writeln!(out, "{}", counted(count, one, many))?;
            }
        }
        for (why, count) in &self.not_asked {
            let records = counted(*count, "is not asked again", "are not asked again");
            writeln!(out, "{records}: {}", why.escape_debug())?;
        }
        if let Some(first) = &self.unread_line {
            let lines = counted(
                self.unread_lines,
                "line is no record",
                "lines are no records",
            );
            writeln!(out, "{lines}: {}", crate::listing::printable(first))?;
        }
        Ok(())
    }
}

impl Row {
    fn line(&self) -> Vec<String> {
        let path = self.path.as_deref().unwrap_or_default();
        vec![
            format!("{} {path}  {}", self.method, self.requirement),
            self.org.clone().unwrap_or_else(|| "-".to_owned()),
            self.code.to_owned(),
            self.requests.to_string(),
            self.subjects.to_string(),
            self.decisions.join(" "),
        ]
    }
}

fn answer(facts: &Snapshot, replay: &Replay) -> Answer {
    let request: Request<'_> = replay.as_request();
    match decide(facts, &request) {
        Step::Done(Decision::Allow(_)) => Answer::Allow,
        Step::Done(Decision::Deny(deny)) => Answer::No(deny.code),
        Step::Done(Decision::Error(code)) => Answer::No(code),
        Step::Need(_) => Answer::Open,
    }
}

/// A record says itself how many it stands for.
fn add(sum: &mut u64, times: u64) {
    *sum = sum.saturating_add(times);
}

fn count(counts: &mut BTreeMap<Key, Count>, record: &LogRecord, code: Code) {
    let org = record.resource.properties.org.as_ref();
    let key = (
        record.route.method.clone(),
        record.route.path.clone(),
        record.requirement.clone(),
        org.map(ToString::to_string),
        code,
    );
    if counts.len() >= ROWS && !counts.contains_key(&key) {
        return;
    }
    let count = counts.entry(key).or_default();
    add(&mut count.requests, record.times);
    if let Some(subject) = &record.subject {
        count.subjects.insert(subject.id.to_string());
    }
    if count.decisions.len() < EXAMPLES {
        count.decisions.push(record.decision_id.clone());
    }
}

fn rows(counts: BTreeMap<Key, Count>) -> Vec<Row> {
    let row = |((method, path, requirement, org, code), count): (Key, Count)| Row {
        method,
        path,
        requirement,
        org,
        code: code.as_str(),
        requests: count.requests,
        subjects: count.subjects.len(),
        decisions: count.decisions,
    };
    let mut rows: Vec<Row> = counts.into_iter().map(row).collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.requests));
    rows
}
