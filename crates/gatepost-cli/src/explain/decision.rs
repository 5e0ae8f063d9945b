//! `gatepost explain --decision`: a decision of the log, taken again by the policy of its time.

use std::io::{self, Write};

use gatepost::{ExplainedDecision, Explanation, Snapshot};
use gatepost_observe::{LogRecord, NoReplay};
use gatepost_store::{DecisionFilter, PolicyStore};
use serde::Serialize;

use super::{exit, print};
use crate::Exit;
use crate::args::ExplainArgs;
use crate::fault::Fault;
use crate::listing::printable;
use crate::runtime::block_on;

/// A decision that was asked again.
#[derive(Serialize)]
struct Explained {
    record: LogRecord,
    /// Whether the answer is the recorded one; absent where it could not be asked again.
    #[serde(skip_serializing_if = "Option::is_none")]
    same: Option<bool>,
    /// Whether the policy is that of the decision's version.
    policy_of_version: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_asked: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<Explanation>,
}

pub(super) fn run(args: &ExplainArgs, id: &str, out: &mut dyn Write) -> Result<Exit, Fault> {
    let record = find(args, id)?;
    let mut explained = Explained {
        same: None,
        policy_of_version: false,
        not_asked: None,
        explanation: None,
        record,
    };
    match explained.record.replay() {
        Ok(replay) => {
            let (facts, of_version) = policy(args, &explained.record)?;
            let explanation = gatepost::explain(&facts, &replay.as_request());
            let same = replay.is_answered_as_recorded(&facts, &explained.record);
            explained.policy_of_version = of_version;
            explained.same = Some(same);
            explained.explanation = Some(explanation);
        }
        Err(why) => explained.not_asked = Some(told(&why)),
    }
    if args.json {
        serde_json::to_writer_pretty(&mut *out, &explained).map_err(io::Error::from)?;
        out.write_all(b"\n")?;
    } else {
        explained.print(args.all, out)?;
    }
    Ok(match (&explained.explanation, explained.same) {
        (Some(explanation), Some(true)) => exit(&explanation.decision),
        // It is not the answer that was given, or none.
        _ => Exit::Unable,
    })
}

fn told(why: &NoReplay) -> String {
    format!("it cannot be explained: {why}")
}

/// The record of the decision, from the log that was given, or else from the store.
fn find(args: &ExplainArgs, id: &str) -> Result<LogRecord, Fault> {
    let id = id.trim();
    let unknown =
        |place: &str| Fault::BadRequest(format!("there is no decision `{id}` in {place}"));
    if !args.log.files().is_empty() {
        let (found, unread) = args.log.find(id)?;
        return found.ok_or_else(|| match unread {
            0 => unknown("the log"),
            unread => unknown(&format!("the log, of which {unread} lines are no records")),
        });
    }
    let Some(url) = args.source.store()? else {
        let why = "where is the log? Give `--log FILE`, or `--store URL` of a store that has one";
        return Err(Fault::BadRequest(why.to_owned()));
    };
    let line = block_on(async { stored(&PolicyStore::open(&url).await?, id).await })??;
    let line =
        line.ok_or_else(|| unknown("the store; with `--log FILE` it is looked for there"))?;
    serde_json::from_str(&line).map_err(|why| {
        Fault::BadRequest(format!(
            "the record of decision `{id}` cannot be read: {why}"
        ))
    })
}

/// The record of a decision that is kept in a store.
async fn stored(store: &PolicyStore, id: &str) -> Result<Option<String>, Fault> {
    let filter = DecisionFilter::default().decision(id).limit(1);
    let mut notes = store.decisions(&filter).await?;
    Ok(notes.pop().map(|note| note.record))
}

/// The policy to explain it by, and whether it is that of the decision's version.
fn policy(args: &ExplainArgs, record: &LogRecord) -> Result<(Snapshot, bool), Fault> {
    let (Some(url), Some(version)) = (args.source.store()?, record.version) else {
        return Ok((args.source.facts()?, false));
    };
    let document = block_on(async { PolicyStore::open(&url).await?.policy_at(version).await })??;
    let facts = Snapshot::compile(&document, version);
    let place = url.to_string();
    let facts = facts.map_err(|error| Fault::refused(place.as_ref(), &error))?;
    Ok((facts, true))
}

impl Explained {
    fn print(&self, all: bool, out: &mut dyn Write) -> io::Result<()> {
        let record = &self.record;
        let answer = answered(record);
        let route = match &record.route.path {
            Some(path) => format!("{} {path}", record.route.method),
            None => record.route.method.clone(),
        };
        let lines = [
            Some(format!(
                "{} at {} in {}",
                record.decision_id, record.time, record.service
            )),
            Some(format!("  {route} requires {}", record.requirement)),
            Some(format!("  {}", asked(record))),
            Some(match record.version {
                Some(version) => format!("  {answer}, by policy version {version}"),
                None => format!("  {answer}, by no policy version"),
            }),
            (!record.enforced).then(|| "  reported, not enforced".to_owned()),
            (record.times > 1).then(|| format!("  one of {} alike", record.times)),
            (!record.context.unread.is_empty())
                .then(|| format!("  not read by then: {}", record.context.unread.join(", "))),
        ];
        for line in lines.into_iter().flatten() {
            writeln!(out, "{}", printable(line))?;
        }
        writeln!(out)?;
        if let Some(why) = &self.not_asked {
            return writeln!(out, "{}", printable(why));
        }
        let Some(explanation) = &self.explanation else {
            return Ok(());
        };
        print(explanation, all, "", out)?;
        if !self.policy_of_version {
            let version = match record.version {
                Some(version) => format!("version {version} was"),
                None => "it was decided by".to_owned(),
            };
            writeln!(
                out,
                "this is by the policy of now, which need not be what {version}"
            )?;
        }
        if self.same == Some(false) {
            let now = &explanation.decision;
            let why = match now {
                ExplainedDecision::Needs(_) => "what it depends on is not in the record",
                ExplainedDecision::Allow { .. }
                | ExplainedDecision::Deny { .. }
                | ExplainedDecision::Error(_) => "asked again, it is not",
            };
            writeln!(out, "the record says {answer}: {why}")?;
        }
        Ok(())
    }
}

/// `deny org_off (org)`
fn answered(record: &LogRecord) -> String {
    let mut text = record.outcome.clone();
    if let Some(code) = &record.code {
        text = format!("{text} {code}");
    }
    if let Some(tier) = &record.tier {
        text = format!("{text} ({tier})");
    }
    printable(text)
}

/// Who asked, where, whose and how, as far as it is there.
fn asked(record: &LogRecord) -> String {
    let subject = record.subject.as_ref();
    let acting_for = subject.and_then(|subject| subject.properties.acting_for.as_ref());
    let properties = &record.resource.properties;
    let parts = [
        Some(match subject {
            Some(subject) => format!("subject {}", subject.id),
            None => "nobody known".to_owned(),
        }),
        acting_for.map(|id| format!("acting for {id}")),
        properties.org.as_ref().map(|id| format!("org {id}")),
        properties.owner.as_ref().map(|id| format!("owner {id}")),
        record.context.mode.map(|mode| format!("mode {mode}")),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    parts.join(", ")
}
