//! What an advised change changes lies in the places that it names.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{each_case, make, suggestions};
use crate::explain::ChangePlace;
use crate::explain::explain;
use crate::policy::PolicyDocument;

/// The places in which two policies differ.
fn differences(one: &PolicyDocument, other: &PolicyDocument) -> BTreeSet<ChangePlace> {
    let json = |document| serde_json::to_value(document).unwrap();
    let mut places = BTreeSet::new();
    differing(&json(one), &json(other), &mut Vec::new(), &mut places);
    places
}

fn differing(
    one: &Value,
    other: &Value,
    path: &mut Vec<String>,
    places: &mut BTreeSet<ChangePlace>,
) {
    if one == other {
        return;
    }
    if let Some(place) = place(path) {
        places.insert(place);
        return;
    }
    let none = serde_json::Map::new();
    let (one, other) = (
        one.as_object().unwrap_or(&none),
        other.as_object().unwrap_or(&none),
    );
    for key in one.keys().chain(other.keys()).collect::<BTreeSet<_>>() {
        path.push(key.clone());
        let of = |map: &serde_json::Map<String, Value>| map.get(key).cloned().unwrap_or_default();
        differing(&of(one), &of(other), path, places);
        path.pop();
    }
}

fn place(path: &[String]) -> Option<ChangePlace> {
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    Some(match *path {
        ["resources", resource] | ["site", "gates", resource] => ChangePlace::Site {
            resource: resource.to_owned(),
        },
        ["site", "roles"] | ["org_roles"] => ChangePlace::SiteRoles,
        ["orgs", org, "gates", resource] => ChangePlace::Org {
            org: org.to_owned(),
            resource: resource.to_owned(),
        },
        ["orgs", org, "members", ..] => ChangePlace::Members {
            org: org.to_owned(),
        },
        ["orgs", org, "roles"] => ChangePlace::OrgRoles {
            org: org.to_owned(),
        },
        ["orgs", org, "status" | "visibility" | "parent"] => ChangePlace::Orgs {
            org: org.to_owned(),
        },
        ["subjects", subject] => ChangePlace::Subject {
            subject: subject.to_owned(),
        },
        _ => return None,
    })
}

#[test]
fn every_advised_change_is_made_in_the_places_that_it_names() {
    let mut met: BTreeMap<&str, u32> = BTreeMap::new();
    each_case(|case| {
        let explanation = explain(case.facts, &case.asked.as_request());
        assert_eq!(explanation.places.len(), explanation.changes.len());
        for (at, (.., change)) in suggestions(case.facts, case.asked).into_iter().enumerate() {
            assert_eq!(change.to_string(), explanation.changes[at]);
            let named: BTreeSet<_> = explanation.places[at].iter().cloned().collect();
            assert_eq!(named.len(), explanation.places[at].len(), "{change}");
            for (document, _) in make::alternatives(&change, case.document, case.asked) {
                let made = differences(case.document, &document);
                let is_there = |place: &ChangePlace| match place {
                    // Which org the subject is to be added to is left open; its own page has all of them.
                    ChangePlace::Members { .. } if change.to_string().contains("an org can") => {
                        named
                            .iter()
                            .any(|it| matches!(it, ChangePlace::Subject { .. }))
                    }
                    place => named.contains(place),
                };
                assert!(made.iter().all(is_there), "{change}: {made:?}, {named:?}");
                let is_asked = named.contains(&ChangePlace::Request);
                assert_eq!(is_asked, made.is_empty(), "{change}: {named:?}");
            }
            for place in &named {
                *met.entry(word(place)).or_default() += 1;
            }
        }
    });
    assert_eq!(met.len(), 8, "{met:?}");
}

fn word(place: &ChangePlace) -> &'static str {
    match place {
        ChangePlace::Site { .. } => "site",
        ChangePlace::SiteRoles => "site_roles",
        ChangePlace::Orgs { .. } => "orgs",
        ChangePlace::Org { .. } => "org",
        ChangePlace::Members { .. } => "members",
        ChangePlace::OrgRoles { .. } => "org_roles",
        ChangePlace::Subject { .. } => "subject",
        ChangePlace::Request => "request",
    }
}
