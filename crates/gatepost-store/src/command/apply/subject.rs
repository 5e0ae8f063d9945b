//! Subjects.
//!
//! One that the policy does not name is named only by a change that says
//! something of it: to be named is to be a `user` where nothing else is said,
//! whatever its identity says.

use gatepost::{Kind, PolicyDocument, Status, SubjectDocument};

use super::super::sentence::{List, Shown};
use super::{Summary, changed, text, word};

pub(super) fn add_site_role(document: &mut PolicyDocument, id: &str, role: &str) -> Summary {
    let subject = document.subjects.entry(id.to_owned()).or_default();
    if subject.site_roles.iter().any(|held| held == role) {
        return Summary::new();
    }
    let from = List(&subject.site_roles).to_string();
    subject.site_roles.push(role.to_owned());
    changed(roles_of(id), from, List(&subject.site_roles))
}

pub(super) fn remove_site_role(document: &mut PolicyDocument, id: &str, role: &str) -> Summary {
    let Some(subject) = document.subjects.get_mut(id) else {
        return Summary::new();
    };
    if !subject.site_roles.iter().any(|held| held == role) {
        return Summary::new();
    }
    let from = List(&subject.site_roles).to_string();
    subject.site_roles.retain(|held| held != role);
    changed(roles_of(id), from, List(&subject.site_roles))
}

pub(super) fn status(document: &mut PolicyDocument, id: &str, status: Status) -> Summary {
    let named = document.subjects.get(id);
    let from = named
        .and_then(|subject| subject.status)
        .unwrap_or(Status::Active);
    if from == status {
        return Summary::new();
    }
    subject(document, id).status = Some(status);
    changed(format!("subject {}", Shown(id)), from, status)
}

pub(super) fn kind(document: &mut PolicyDocument, id: &str, kind: Kind) -> Summary {
    let named = document.subjects.get(id);
    let from = named.map(|subject| subject.kind.unwrap_or(Kind::User));
    if from == Some(kind) {
        return Summary::new();
    }
    subject(document, id).kind = Some(kind);
    changed(format!("kind of {}", Shown(id)), word(from), kind)
}

pub(super) fn default_org(
    document: &mut PolicyDocument,
    id: &str,
    org: Option<&String>,
) -> Summary {
    let named = document.subjects.get(id);
    let from = named.and_then(|subject| subject.default_org.clone());
    if from.as_ref() == org {
        return Summary::new();
    }
    subject(document, id).default_org = org.cloned();
    let what = format!("default org of {}", Shown(id));
    changed(what, text(from.as_ref()), text(org))
}

fn subject<'d>(document: &'d mut PolicyDocument, id: &str) -> &'d mut SubjectDocument {
    document.subjects.entry(id.to_owned()).or_default()
}

fn roles_of(id: &str) -> String {
    format!("site roles of {}", Shown(id))
}
