//! The same policy in another order.

use std::hash::{DefaultHasher, Hash, Hasher};

use gatepost::{OrgRoleDocument, PolicyDocument};
use serde_json::Value;

fn shuffle(list: &mut [impl Hash], seed: u64) {
    list.sort_by_cached_key(|item| {
        let mut hasher = DefaultHasher::new();
        (seed, item).hash(&mut hasher);
        hasher.finish()
    });
}

/// Puts every list of the document in another order.
pub(super) fn shuffle_lists(policy: &mut PolicyDocument, seed: u64) {
    let role = |role: &mut OrgRoleDocument| {
        shuffle(&mut role.grants, seed);
        shuffle(&mut role.include, seed);
    };
    for actions in policy.resources.values_mut() {
        shuffle(actions, seed);
    }
    for gate in policy.site.gates.values_mut() {
        shuffle(gate.actions.as_deref_mut().unwrap_or_default(), seed);
    }
    for role in policy.site.roles.values_mut() {
        shuffle(&mut role.grants, seed);
    }
    policy.org_roles.values_mut().for_each(role);
    for org in policy.orgs.values_mut() {
        org.roles.values_mut().for_each(role);
        for member in org.members.values_mut() {
            shuffle(&mut member.roles, seed);
        }
    }
    for subject in policy.subjects.values_mut() {
        shuffle(&mut subject.site_roles, seed);
    }
}

/// Writes a value with the keys of every object in another order.
pub(super) fn json_with_shuffled_keys(value: &Value, seed: u64) -> String {
    let Value::Object(object) = value else {
        return value.to_string();
    };
    let mut keys: Vec<&String> = object.keys().collect();
    shuffle(&mut keys, seed);
    let entry = |key: &String| {
        format!(
            "{}:{}",
            Value::from(key.as_str()),
            json_with_shuffled_keys(&object[key], seed)
        )
    };
    format!(
        "{{{}}}",
        keys.into_iter().map(entry).collect::<Vec<_>>().join(",")
    )
}
