//! What undoing a change comes to.
//!
//! A change is undone by what it did and not by its command: each fact is put back to what it was before. What
//! others have said since in the same fact stays; where they have said it of the very same thing, they are not
//! overruled.

mod merge;
mod told;

use gatepost::{PolicyDocument, Timestamp};
use serde_json::Value;

use super::{OwnRoles, Planned, Scope, compile, given};
use crate::authority;
use crate::change::{Author, Effect};
use crate::command::{Fault, Reach, WriteRefusal};
use crate::fact::{FactKey, FactKind, Facts, body_of, diff, in_order};
use merge::{Merged, merge};

/// The change that is to be undone: what it did, or why it cannot be undone.
pub(crate) type Aim = Result<Vec<Effect>, String>;

/// Why a change was not undone.
#[derive(Clone, Debug)]
pub(crate) enum UndoRefusal {
    /// As any change is refused.
    Refused(WriteRefusal),
    /// These facts were changed since.
    Changed(Vec<FactKey>),
}

impl From<WriteRefusal> for UndoRefusal {
    fn from(refusal: WriteRefusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Plans an undo by the slice that [`Scope::of_undo`] names, which is of this policy version.
///
/// As with any change, the order is that in which least is told: whoever may not change what the change did is
/// told nothing of it, not even whether there was one.
///
/// # Errors
///
/// [`UndoRefusal`]; the slice is as it was.
pub(crate) fn undo(
    aim: &Aim,
    author: &Author,
    slice: &PolicyDocument,
    version: u64,
    now: Timestamp,
) -> Result<Planned, UndoRefusal> {
    let before =
        compile(slice, version).map_err(|error| WriteRefusal::Unreadable(Fault::all(&error)))?;
    let done = aim.as_deref().unwrap_or_default();
    let until = lasts_until(done, slice);
    let bound = authority::authorize_undo(reach(done), author, &before, now, until)?;

    let done = aim
        .as_ref()
        .map_err(|why| WriteRefusal::invalid("version", why))?;
    let document = put_back(done, slice)?;
    let mut effects = diff(slice, &document);
    in_order(&mut effects);
    let faults = given::faults(&effects, slice, &document);
    if !faults.is_empty() {
        let told = faults.into_iter().map(|fault| cannot(&fault.message));
        return Err(WriteRefusal::Invalid(told.collect()).into());
    }
    let after =
        compile(&document, version).map_err(|error| WriteRefusal::Invalid(Fault::all(&error)))?;
    bound.check_facts(&effects, &before, &after, now)?;
    let summary = effects.iter().flat_map(told::lines).collect();
    Ok(Planned { document, summary })
}

impl Scope {
    /// What has to be read to undo a change that did this.
    pub(crate) fn of_undo(done: &[Effect], author: &Author) -> Self {
        let mut scope = Self::of_author(author);
        for Effect { key, before, after } in done {
            let is_redefined = before.is_some() && after.is_some();
            match key.kind {
                FactKind::SiteGate | FactKind::SiteRole => {}
                FactKind::OrgRole if is_redefined => {}
                // Own roles anywhere may grant an action of it, include it, or have come to bear its name.
                FactKind::Resource | FactKind::OrgRole => scope.own_roles = OwnRoles::All,
                FactKind::Org => {
                    scope.org(&key.a);
                    let before = before.as_deref().map(value);
                    let parent = before.as_ref().and_then(|org| member(org, "parent"));
                    // Below the org that moves, own roles may include some of its former ancestors.
                    if is_redefined && parent != member(&value_of(after.as_deref()), "parent") {
                        scope.own_roles = OwnRoles::All;
                    }
                    scope.orgs.extend(parent);
                }
                FactKind::OrgGate => scope.org(&key.a),
                FactKind::OwnRole => {
                    scope.org(&key.a);
                    if !is_redefined {
                        scope.own_roles = OwnRoles::All;
                    }
                }
                FactKind::Member => {
                    scope.org(&key.a);
                    scope.subject(&key.b);
                }
                FactKind::Subject => {
                    scope.subject(&key.a);
                    let before = before.as_deref().map(value);
                    let org = before.and_then(|subject| member(&subject, "default_org"));
                    scope.orgs.extend(org);
                }
            }
        }
        scope
    }
}

/// The tier that these facts are of: of exactly one org where they all stand below it.
fn reach(done: &[Effect]) -> Reach<'_> {
    let mut orgs = done.iter().map(|effect| {
        let FactKey { kind, a, .. } = &effect.key;
        kind.is_below_org().then_some(a.as_str())
    });
    match orgs.next().flatten() {
        Some(org) if orgs.all(|other| other == Some(org)) => Reach::Org(org),
        _ => Reach::Site,
    }
}

/// Until when what is given back lasts: memberships until they are over, all else until somebody changes it.
fn lasts_until(done: &[Effect], slice: &PolicyDocument) -> Timestamp {
    let mut until = None;
    for Effect { key, before, after } in done {
        let now = body_of(slice, key);
        for body in [before, after, &now].into_iter().flatten() {
            let end = member(&value(body), "expires").and_then(|end| end.parse().ok());
            until = until.max(Some(end.unwrap_or(Timestamp::MAX)));
        }
    }
    until.unwrap_or(Timestamp::MAX)
}

fn put_back(done: &[Effect], slice: &PolicyDocument) -> Result<PolicyDocument, UndoRefusal> {
    let (mut back, mut changed) = (Vec::new(), Vec::new());
    for effect in done {
        let now = body_of(slice, &effect.key);
        match merge(effect, now.as_deref()) {
            Merged::Changed => changed.push(effect.key.clone()),
            Merged::To(after) => back.push(Effect {
                key: effect.key.clone(),
                before: now,
                after,
            }),
        }
    }
    if !changed.is_empty() {
        return Err(UndoRefusal::Changed(changed));
    }
    in_order(&mut back);
    let mut facts = Facts::of(slice.clone());
    for effect in &back {
        facts
            .apply(effect)
            .map_err(|why| WriteRefusal::Invalid(vec![cannot(&why)]))?;
    }
    Ok(facts.into_document())
}

fn cannot(why: &dyn std::fmt::Display) -> Fault {
    Fault::new("version", format!("cannot be undone: {why}"))
}

/// A body as JSON; one that is none says nothing, and cannot be put back.
fn value(body: &str) -> Value {
    serde_json::from_str(body).unwrap_or_default()
}

fn value_of(body: Option<&str>) -> Value {
    body.map(value).unwrap_or_default()
}

/// A text in a body.
fn member(body: &Value, name: &str) -> Option<String> {
    body.get(name)?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests;
