//! What an effect did, in words: of what an undo changes, no command could say it.

use std::fmt;

use serde_json::Value;

use super::value;
use crate::change::Effect;
use crate::command::Shown;
use crate::fact::{FactKey, FactKind};

/// What a table says that is empty.
const NOTHING: &str = "nothing said";

/// What changed from what, a line each.
pub(super) fn lines(effect: &Effect) -> Vec<String> {
    let what = What(&effect.key);
    let (before, after) = (effect.before.as_deref(), effect.after.as_deref());
    let (before, after) = (before.map(value), after.map(value));
    if let (Some(before @ Value::Object(_)), Some(after @ Value::Object(_))) = (&before, &after) {
        let (mut from, mut to) = (Vec::new(), Vec::new());
        leaves(before, "", &mut from);
        leaves(after, "", &mut to);
        let mut paths: Vec<&String> = from.iter().chain(&to).map(|(path, _)| path).collect();
        paths.sort();
        paths.dedup();
        let text = |of: &[(String, String)], path: &str| {
            let found = of.iter().find(|(at, _)| at == path);
            found.map_or_else(|| "unset".to_owned(), |(_, text)| text.clone())
        };
        let changed = paths.into_iter().filter_map(|path| {
            let (from, to) = (text(&from, path), text(&to, path));
            (from != to).then(|| format!("{what}: {path}: {from} -> {to}"))
        });
        return changed.collect();
    }
    let (from, to) = (whole(before.as_ref()), whole(after.as_ref()));
    vec![format!("{what}: {from} -> {to}")]
}

/// All that a fact says.
fn whole(body: Option<&Value>) -> String {
    let Some(body) = body else {
        return "none".to_owned();
    };
    let mut all = Vec::new();
    leaves(body, "", &mut all);
    if all.is_empty() {
        return NOTHING.to_owned();
    }
    let all = all.into_iter().map(|(path, text)| {
        if path.is_empty() {
            text
        } else {
            format!("{path} {text}")
        }
    });
    all.collect::<Vec<_>>().join("; ")
}

/// Everything that is said below a path.
fn leaves(value: &Value, path: &str, found: &mut Vec<(String, String)>) {
    match value {
        Value::Object(members) if members.is_empty() && !path.is_empty() => {
            found.push((path.to_owned(), NOTHING.to_owned()));
        }
        Value::Object(members) => {
            for (name, value) in members {
                let path = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                leaves(value, &path, found);
            }
        }
        value => found.push((path.to_owned(), text(value))),
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => Shown(text).to_string(),
        Value::Array(all) if all.is_empty() => "nothing".to_owned(),
        Value::Array(all) => all.iter().map(text).collect::<Vec<_>>().join(", "),
        value => value.to_string(),
    }
}

/// A fact as a line names it.
struct What<'k>(&'k FactKey);

impl fmt::Display for What<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let FactKey { kind, a, b } = self.0;
        let (a, b) = (Shown(a), Shown(b));
        match kind {
            FactKind::Resource => write!(f, "resource {a}"),
            FactKind::SiteGate => write!(f, "gate of {a}"),
            FactKind::SiteRole => write!(f, "site role {a}"),
            FactKind::OrgRole => write!(f, "org role {a}"),
            FactKind::Org => write!(f, "org {a}"),
            FactKind::OrgGate => write!(f, "gate of {b} in {a}"),
            FactKind::OwnRole => write!(f, "own role {b} of {a}"),
            FactKind::Member => write!(f, "{b} in {a}"),
            FactKind::Subject => write!(f, "subject {a}"),
        }
    }
}
