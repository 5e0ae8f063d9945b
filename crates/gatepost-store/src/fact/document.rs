//! A document taken apart into facts, and the difference of two.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use gatepost::{OrgDocument, PolicyDocument};
use serde::Serialize;

use super::{FactKey, FactKind};
use crate::change::Effect;

/// Every fact of a document with its body, what others stand below first.
pub(crate) fn facts_of(document: &PolicyDocument) -> impl Iterator<Item = (FactKey, String)> {
    let site = &document.site;
    let of_orgs = document.orgs.iter().flat_map(|(id, org)| {
        let alone = (FactKey::new(FactKind::Org, id, ""), body(&alone(org)));
        std::iter::once(alone)
            .chain(below(FactKind::OrgGate, id, &org.gates))
            .chain(below(FactKind::OwnRole, id, &org.roles))
            .chain(below(FactKind::Member, id, &org.members))
    });
    top(FactKind::Resource, &document.resources)
        .chain(top(FactKind::SiteGate, &site.gates))
        .chain(top(FactKind::SiteRole, &site.roles))
        .chain(top(FactKind::OrgRole, &document.org_roles))
        .chain(of_orgs)
        .chain(top(FactKind::Subject, &document.subjects))
}

/// What has to be done to come from one document to the other.
///
/// What others stand below is put before them, and taken away behind them.
pub(crate) fn diff(before: &PolicyDocument, after: &PolicyDocument) -> Vec<Effect> {
    let mut old: BTreeMap<FactKey, String> = facts_of(before).collect();
    let mut effects = Vec::new();
    for (key, after) in facts_of(after) {
        let before = old.remove(&key);
        if before.as_ref() != Some(&after) {
            effects.push(Effect {
                key,
                before,
                after: Some(after),
            });
        }
    }
    let gone = old.into_iter().rev().map(|(key, before)| Effect {
        key,
        before: Some(before),
        after: None,
    });
    effects.extend(gone);
    effects
}

/// Puts effects in the order in which they can be done: what others stand below is put
/// before them, and taken away behind them.
pub(crate) fn in_order(effects: &mut [Effect]) {
    effects.sort_by(|one, other| match (&one.after, &other.after) {
        (Some(_), Some(_)) => one.key.cmp(&other.key),
        (None, None) => other.key.cmp(&one.key),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
    });
}

/// What a document says in one fact.
pub(crate) fn body_of(document: &PolicyDocument, key: &FactKey) -> Option<String> {
    let FactKey { kind, a, b } = key;
    let org = || document.orgs.get(a);
    match kind {
        FactKind::Resource => document.resources.get(a).map(body),
        FactKind::SiteGate => document.site.gates.get(a).map(body),
        FactKind::SiteRole => document.site.roles.get(a).map(body),
        FactKind::OrgRole => document.org_roles.get(a).map(body),
        FactKind::Org => org().map(|org| body(&alone(org))),
        FactKind::OrgGate => org()?.gates.get(b).map(body),
        FactKind::OwnRole => org()?.roles.get(b).map(body),
        FactKind::Member => org()?.members.get(b).map(body),
        FactKind::Subject => document.subjects.get(a).map(body),
    }
}

fn top<T: Serialize>(
    kind: FactKind,
    pieces: &BTreeMap<String, T>,
) -> impl Iterator<Item = (FactKey, String)> {
    pieces
        .iter()
        .map(move |(name, piece)| (FactKey::new(kind, name, ""), body(piece)))
}

fn below<'d, T: Serialize>(
    kind: FactKind,
    org: &'d str,
    pieces: &'d BTreeMap<String, T>,
) -> impl Iterator<Item = (FactKey, String)> + 'd {
    pieces
        .iter()
        .map(move |(name, piece)| (FactKey::new(kind, org, name), body(piece)))
}

/// An org without what stands below it.
fn alone(org: &OrgDocument) -> OrgDocument {
    let mut alone = OrgDocument::default();
    alone.parent.clone_from(&org.parent);
    alone.visibility = org.visibility;
    alone.status = org.status;
    alone
}

/// The pieces of a document are maps of texts, words and numbers, so none fails to be written;
/// one that did would be read back as an error, and close.
fn body<T: Serialize>(piece: &T) -> String {
    serde_json::to_string(piece).unwrap_or_default()
}
