//! What a change did to facts, member by member of each.

use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, html};
use serde_json::Value;

use super::link::id;
use crate::views::{EffectView, FactView};

/// A table of what is different, or nothing where nothing is listed.
pub(crate) fn table(effects: &[EffectView]) -> Markup {
    html! {
        @if !effects.is_empty() {
            section.card aria-labelledby="effects" {
                header { h2 id="effects" { "What it did" } }
                div.wide role="region" aria-labelledby="effects" tabindex="0" {
                    table.folds {
                        caption.unseen { "Each fact, before and after" }
                        thead { tr {
                            th scope="col" { "Fact" } th scope="col" { "Part" } th scope="col" { "Before" } th scope="col" { "After" }
                        } }
                        tbody { @for effect in effects { (rows(effect)) } }
                    }
                }
            }
        }
    }
}

fn rows(effect: &EffectView) -> Markup {
    let said = |text: Option<&String>| {
        html! {
            @if let Some(text) = text { code { bdi { (text) } } } @else { span.quiet { "nothing" } }
        }
    };
    html! {
        @for (part, before, after) in differences(effect) {
            tr {
                th scope="row" { (fact(&effect.fact)) }
                td data-name="Part" { @if !part.is_empty() { code { bdi { (part) } } } }
                td data-name="Before" { (said(before.as_ref())) }
                td data-name="After" { (said(after.as_ref())) }
            }
        }
    }
}

fn fact(fact: &FactView) -> Markup {
    html! {
        span.quiet.small { (fact.kind.replace('_', " ")) " " }
        (id(&fact.a))
        @if !fact.b.is_empty() { " · " (id(&fact.b)) }
    }
}

/// The members that are different, each with what it was and what it is; the fact as a whole where none is.
fn differences(effect: &EffectView) -> Vec<(String, Option<String>, Option<String>)> {
    let before = parts(effect.before.as_ref());
    let after = parts(effect.after.as_ref());
    let all: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let different = all.into_iter().filter_map(|part| {
        let (before, after) = (before.get(part), after.get(part));
        (before != after).then(|| (part.clone(), before.cloned(), after.cloned()))
    });
    let different: Vec<_> = different.collect();
    if different.is_empty() {
        let whole = |value: &Option<Value>| value.as_ref().map(ToString::to_string);
        return vec![(String::new(), whole(&effect.before), whole(&effect.after))];
    }
    different
}

/// A value by the paths of its members; a list is one of them.
fn parts(value: Option<&Value>) -> BTreeMap<String, String> {
    let mut parts = BTreeMap::new();
    if let Some(value) = value {
        take_apart(value, String::new(), &mut parts);
    }
    parts
}

fn take_apart(value: &Value, path: String, parts: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let path = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                take_apart(value, path, parts);
            }
        }
        Value::Array(items) => {
            let items = items.iter().map(text).collect::<Vec<_>>();
            parts.insert(path, items.join(", "));
        }
        Value::Null => {}
        Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            parts.insert(path, text(value));
        }
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_different_is_shown_and_nothing_else() {
        let fact = FactView {
            kind: "site_gate".to_owned(),
            a: "agent".to_owned(),
            b: String::new(),
        };
        let shown = |before: Value, after: Value| {
            let told = |value: Value| (!value.is_null()).then_some(value);
            let effect = EffectView {
                fact: fact.clone(),
                before: told(before),
                after: told(after),
            };
            let all = differences(&effect).into_iter();
            let line = |(part, before, after): (String, Option<String>, Option<String>)| {
                format!("{part}: {before:?} {after:?}")
            };
            all.map(line).collect::<Vec<_>>()
        };
        let gate = |switch: &str| json!({"access": "granted", "background": {"floor": "developer", "switch": switch}});
        assert_eq!(
            shown(gate("on"), gate("off")),
            [r#"background.switch: Some("on") Some("off")"#]
        );
        assert_eq!(
            shown(
                json!({"roles": ["a"]}),
                json!({"roles": ["a", "b"], "expires": "2027-01-01T00:00:00Z"})
            ),
            [
                r#"expires: None Some("2027-01-01T00:00:00Z")"#,
                r#"roles: Some("a") Some("a, b")"#
            ]
        );
        assert_eq!(shown(Value::Null, json!({})), [r#": None Some("{}")"#]);
        assert_eq!(
            shown(json!({"level": 3}), Value::Null),
            [r#"level: Some("3") None"#]
        );
    }
}
