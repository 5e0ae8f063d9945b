//! A fact put back, member by member.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::value;
use crate::change::Effect;
use crate::fact::FactKind;

/// What a fact is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Merged {
    /// This; `None`: it is to go.
    To(Option<String>),
    /// What was changed was changed again since.
    Changed,
}

/// Takes back what an effect did to a fact that is `now` this.
pub(super) fn merge(effect: &Effect, now: Option<&str>) -> Merged {
    let bodies = [effect.before.as_deref(), effect.after.as_deref(), now];
    let [before, after, now] = bodies.map(|body| body.map(value));
    if now == after {
        return Merged::To(effect.before.clone());
    }
    let kind = effect.key.kind;
    let is_new = before.is_none();
    let merged = match (before, after, now) {
        (Some(before), Some(after), Some(now)) => members(&before, &after, &now),
        (before, after, now) if is_made_by_what_it_says(kind) => {
            let [before, after, now] = [before, after, now].map(Option::unwrap_or_default);
            members(&before, &after, &now)
        }
        _ => None,
    };
    let Some(merged) = merged else {
        return Merged::Changed;
    };
    // A subject of which nothing is said is still one that was named, if it was before.
    let may_go = is_made_by_what_it_says(kind) && (is_new || kind != FactKind::Subject);
    let is_gone = may_go && merged.is_empty();
    Merged::To((!is_gone).then(|| Value::Object(merged).to_string()))
}

/// Whether a fact of that kind comes with the first thing that is said there, and goes with the last.
fn is_made_by_what_it_says(kind: FactKind) -> bool {
    match kind {
        FactKind::SiteGate | FactKind::OrgGate | FactKind::Subject => true,
        FactKind::Resource
        | FactKind::SiteRole
        | FactKind::OrgRole
        | FactKind::Org
        | FactKind::OwnRole
        | FactKind::Member => false,
    }
}

/// Each member that differs between before and after is put back; `None` where one is neither any more.
///
/// What is not there is a table that says nothing, and such a table is left out.
fn members(before: &Value, after: &Value, now: &Value) -> Option<Map<String, Value>> {
    let [before, after, now] = [before, after, now].map(table);
    let (before, after, mut merged) = (before?, after?, now?.into_owned());
    let came = after.keys().filter(|name| !before.contains_key(*name));
    for name in before.keys().chain(came) {
        let of = |table: &Map<String, Value>| table.get(name).cloned();
        let (old, new, is) = (of(&before), of(&after), of(&merged));
        if old == new {
            continue;
        }
        let back = if is == new {
            old
        } else {
            let [old, new, is] = [old, new, is].map(Option::unwrap_or_default);
            let deep = members(&old, &new, &is)?;
            (!deep.is_empty()).then_some(Value::Object(deep))
        };
        match back {
            Some(back) => merged.insert(name.clone(), back),
            None => merged.remove(name),
        };
    }
    Some(merged)
}

fn table(value: &Value) -> Option<Cow<'_, Map<String, Value>>> {
    match value {
        Value::Null => Some(Cow::Owned(Map::new())),
        Value::Object(table) => Some(Cow::Borrowed(table)),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::FactKey;

    /// `before`, `after`, `now`, and what becomes of it: `-` where there is nothing, `!` where it was changed.
    fn check(kind: FactKind, rows: &[[&str; 4]]) {
        let body = |text: &str| (text != "-").then(|| text.to_owned());
        for row in rows {
            let [before, after, now, wanted] = *row;
            let effect = Effect {
                key: FactKey::new(kind, "a", ""),
                before: body(before),
                after: body(after),
            };
            let found = merge(&effect, body(now).as_deref());
            let wanted = match wanted {
                "!" => Merged::Changed,
                wanted => Merged::To(body(wanted)),
            };
            assert_eq!(found, wanted, "{row:?}");
        }
    }

    #[test]
    fn a_gate_is_put_back_as_far_as_the_change_went() {
        let rows = [
            [r#"{"s":1}"#, r#"{"s":2}"#, r#"{"s":2}"#, r#"{"s":1}"#],
            [
                r#"{"s":1}"#,
                r#"{"s":2}"#,
                r#"{"s":2,"f":{"m":1}}"#,
                r#"{"f":{"m":1},"s":1}"#,
            ],
            [r#"{"s":1}"#, r#"{"s":2}"#, r#"{"s":3}"#, "!"],
            [r#"{"s":1}"#, r#"{"s":2}"#, r#"{"s":1}"#, "!"],
            [r#"{"s":1}"#, r#"{"s":2}"#, "-", "!"],
            ["-", r#"{"s":2}"#, r#"{"s":2}"#, "-"],
            ["-", r#"{"s":2}"#, r#"{"s":2,"t":1}"#, r#"{"t":1}"#],
            ["-", r#"{"s":2}"#, "-", "!"],
            [r#"{"s":2}"#, "-", "-", r#"{"s":2}"#],
            [r#"{"s":2}"#, "-", r#"{"t":1}"#, r#"{"s":2,"t":1}"#],
            [r#"{"s":2}"#, "-", r#"{"s":2}"#, "!"],
            [
                "-",
                r#"{"f":{"s":1}}"#,
                r#"{"f":{"m":2,"s":1}}"#,
                r#"{"f":{"m":2}}"#,
            ],
            [
                r#"{"f":{"s":1}}"#,
                r#"{"f":{"m":2,"s":1}}"#,
                r#"{"f":{"m":2}}"#,
                "-",
            ],
            [r#"{"f":{"s":1}}"#, r#"{"f":{"s":2}}"#, r#"{"f":3}"#, "!"],
            [r#"{"f":1}"#, "{}", r#"{"f":{"s":2}}"#, "!"],
            ["{}", "-", "-", "{}"],
            [r#"{"l":[1]}"#, r#"{"l":[1,2]}"#, r#"{"l":[1,2,3]}"#, "!"],
        ];
        check(FactKind::OrgGate, &rows);
        check(FactKind::SiteGate, &rows);
    }

    #[test]
    fn whether_it_is_there_is_itself_said_of_an_org_a_role_and_a_member() {
        let rows = [
            ["-", "{}", "{}", "-"],
            ["-", "{}", r#"{"v":1}"#, "!"],
            ["-", r#"{"v":1}"#, "-", "!"],
            ["{}", "-", "-", "{}"],
            ["{}", "-", "{}", "!"],
            [r#"{"v":1}"#, r#"{"v":2}"#, "-", "!"],
            [
                r#"{"v":1}"#,
                r#"{"v":2}"#,
                r#"{"p":1,"v":2}"#,
                r#"{"p":1,"v":1}"#,
            ],
            [r#"{"v":1}"#, "{}", r#"{"p":1}"#, r#"{"p":1,"v":1}"#],
        ];
        for kind in [
            FactKind::Org,
            FactKind::Member,
            FactKind::OwnRole,
            FactKind::OrgRole,
        ] {
            check(kind, &rows);
        }
        check(
            FactKind::Resource,
            &[
                [r#"["a"]"#, r#"["b"]"#, r#"["b"]"#, r#"["a"]"#],
                [r#"["a"]"#, r#"["b"]"#, r#"["b","c"]"#, "!"],
            ],
        );
    }

    #[test]
    fn a_subject_that_was_named_stays_named() {
        check(
            FactKind::Subject,
            &[
                ["-", r#"{"s":1}"#, r#"{"s":1}"#, "-"],
                ["-", r#"{"s":1}"#, r#"{"r":[1],"s":1}"#, r#"{"r":[1]}"#],
                ["{}", r#"{"s":1}"#, r#"{"s":1}"#, "{}"],
                [r#"{"r":[1]}"#, r#"{"r":[1],"s":1}"#, r#"{"s":1}"#, "{}"],
            ],
        );
    }
}
