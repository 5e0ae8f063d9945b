//! A kill laid over older facts, as the checker reckons it.

#![allow(
    clippy::indexing_slicing,
    reason = "a member that is not there is null in JSON, and one that is set is made"
)]

use serde_json::{Map, Value, json};

/// The policy `older`, with whatever `newer` has switched off on the site switched off.
pub(super) fn overlaid(older: &Value, newer: &Value) -> Value {
    let mut laid = older.clone();
    let Some(resources) = laid["resources"].as_object().cloned() else {
        return laid;
    };
    for resource in resources.keys() {
        let gate = &newer["site"]["gates"][resource];
        // A resource that is declared and has no gate is off.
        if gate["switch"].as_str().is_none_or(is_off) {
            switch_off(&mut laid, resource, None);
        }
        for mode in ["foreground", "background"] {
            if gate[mode]["switch"].as_str().is_some_and(is_off) {
                switch_off(&mut laid, resource, Some(mode));
            }
        }
    }
    laid
}

fn is_off(switch: &str) -> bool {
    switch == "off"
}

fn switch_off(policy: &mut Value, resource: &str, mode: Option<&str>) {
    let site = member(policy, "site");
    let gate = member(member(site, "gates"), resource);
    let post = match mode {
        Some(mode) => member(gate, mode),
        None => gate,
    };
    post["switch"] = json!("off");
}

fn member<'v>(value: &'v mut Value, name: &str) -> &'v mut Value {
    let member = &mut value[name];
    if !member.is_object() {
        *member = Value::Object(Map::new());
    }
    member
}
