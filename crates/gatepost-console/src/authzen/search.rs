//! The three searches (section 8): who may, where, and what.
//!
//! A search knows no rule: each candidate is asked about as a single evaluation would be, and found where that is
//! allowed. Who is none from the start is left out before: it costs nothing, and how many there are shows nowhere.

use std::borrow::Borrow;

use axum::extract::{Request, State};
use gatepost::{Kind, OrgId, SubjectId, Target, Timestamp};
use serde_json::{Value, json};

use super::apart::apart;
use super::entity::{Entities, Id, SubjectEntity};
use super::inquiry::{AskedAbout, Inquiry, may_ask};
use super::json::Object;
use super::page::{MOST_ASKED, Page};
use super::question::Scene;
use super::read;
use super::refusal::Refusal;
use crate::asker::Asker;
use crate::fault::Fault;
use crate::kept::Kept;

/// The subjects of the policy that may do the action: those that it names with this type as their kind, and its
/// members of whom it does not say what they are.
pub(super) async fn subjects(
    State(kept): State<Kept>,
    asker: Result<Asker, Fault>,
    request: Request,
) -> Result<Page, Refusal> {
    let asker = asker?;
    let body = read(request).await?;
    apart(find_subjects(kept, asker, body)).await
}

async fn find_subjects(kept: Kept, asker: Asker, body: Object) -> Result<Page, Refusal> {
    let entities = Entities::of(&body);
    let entity = entities.subject(Id::Ignored)?;
    let action = entities.action()?;
    let resource = entities.resource(Id::Required)?;
    let scene = Scene::new(&resource, entities.context()?)?;
    let mut page = Page::of(&body, "subject", asker.id())?;

    let may_audit = match &scene.org {
        Some(org) => asker.may_audit_org(org).await?,
        None => asker.may_audit_site().await?,
    };
    if !may_audit {
        return Err(Refusal::about_others());
    }
    let Some(kind) = entity.kind else {
        return Ok(page);
    };
    let mut inquiry = Inquiry::new(&kept.gate)?;
    let facts = std::sync::Arc::clone(inquiry.facts());
    if facts.looks_through() {
        return Err(Refusal::unavailable(
            "the members of this policy are not at hand to be searched",
        ));
    }
    let now = Timestamp::now();
    let request = scene.request(&resource.r#type, action, None, now);
    let is_here = |id: &SubjectId| match &scene.org {
        Some(org) => id == asker.id() || facts.is_member_on_path(id, org, now),
        None => false,
    };
    // Of all who are no members there one is asked about: whoever may ask about one of them may about each.
    let stranger = facts.subjects().find(|id| !is_here(id));
    let may_ask_all = match stranger {
        Some(id) => may_ask(&asker, &entity, &id, scene.org.as_ref()).await?,
        None => false,
    };
    let is_candidate = |id: &SubjectId| {
        facts.kind_of(id).is_none_or(|it| it == kind) && (may_ask_all || is_here(id))
    };
    for id in behind(page.last(), facts.subjects().filter(is_candidate)) {
        if !page.goes_on() {
            break;
        }
        let about = AskedAbout::new(&entity, &id, &asker);
        let is_found = may_ask(&asker, &entity, &id, scene.org.as_ref()).await?
            && inquiry.allows(&about, &request).await?;
        let result = is_found.then(|| subject(&entity, kind, &id));
        page.take(id.as_str(), result);
    }
    Ok(page)
}

/// The orgs in which the subject may do the action.
pub(super) async fn resources(
    State(kept): State<Kept>,
    asker: Result<Asker, Fault>,
    request: Request,
) -> Result<Page, Refusal> {
    let asker = asker?;
    let body = read(request).await?;
    apart(find_resources(kept, asker, body)).await
}

async fn find_resources(kept: Kept, asker: Asker, body: Object) -> Result<Page, Refusal> {
    let entities = Entities::of(&body);
    let entity = entities.subject(Id::Required)?;
    let action = entities.action()?;
    let resource = entities.resource(Id::Ignored)?;
    let scene = Scene::new(&resource, entities.context()?)?;
    let mut page = Page::of(&body, "resource", asker.id())?;

    let id = known(&asker, &entity, scene.org.as_ref()).await?;
    if entity.kind.is_none() {
        return Ok(page);
    }
    let about = AskedAbout::new(&entity, id, &asker);
    let mut inquiry = Inquiry::new(&kept.gate)?;
    let facts = std::sync::Arc::clone(inquiry.facts());
    let now = Timestamp::now();
    let is_asked = |org: &&OrgId| scene.org.as_ref().is_none_or(|named| named == *org);
    let target = Target::new(&resource.r#type, action);
    let loaded = inquiry.loaded(id).await?;
    let last = page.last().map(str::to_owned);
    let orgs = facts.orgs_known_to(id, &target, loaded.as_deref(), last.as_deref());
    for org in orgs.filter(is_asked) {
        if !page.goes_on() {
            break;
        }
        let request = scene.request(&resource.r#type, action, Some(org), now);
        // Whoever may be asked about in general may be none of this org's auditor's.
        let is_found = inquiry.allows(&about, &request).await?
            && may_ask(&asker, &entity, id, Some(org)).await?;
        let owner = scene.owner_of_resource.as_ref();
        page.take(
            org.as_str(),
            is_found.then(|| found(&resource.r#type, org, owner)),
        );
    }
    Ok(page)
}

/// The actions of the resource that the subject may do.
pub(super) async fn actions(
    State(kept): State<Kept>,
    asker: Result<Asker, Fault>,
    request: Request,
) -> Result<Page, Refusal> {
    let asker = asker?;
    let body = read(request).await?;
    apart(find_actions(kept, asker, body)).await
}

async fn find_actions(kept: Kept, asker: Asker, body: Object) -> Result<Page, Refusal> {
    let entities = Entities::of(&body);
    let entity = entities.subject(Id::Required)?;
    let resource = entities.resource(Id::Required)?;
    let scene = Scene::new(&resource, entities.context()?)?;
    let mut page = Page::of(&body, "action", asker.id())?;

    let id = known(&asker, &entity, scene.org.as_ref()).await?;
    if entity.kind.is_none() {
        return Ok(page);
    }
    let about = AskedAbout::new(&entity, id, &asker);
    let mut inquiry = Inquiry::new(&kept.gate)?;
    let facts = std::sync::Arc::clone(inquiry.facts());
    let now = Timestamp::now();
    let of_resource = facts.actions().filter(|(of, _)| *of == resource.r#type);
    for action in behind(page.last(), of_resource.map(|(_, action)| action)) {
        if !page.goes_on() {
            break;
        }
        let request = scene.request(&resource.r#type, action, None, now);
        let is_found = inquiry.allows(&about, &request).await?;
        page.take(action, is_found.then(|| json!({ "name": action })));
    }
    Ok(page)
}

/// As many candidates behind the last one as a page asks about, and one more, in the order of their ids.
fn behind<C: Borrow<str>>(last: Option<&str>, candidates: impl Iterator<Item = C>) -> Vec<C> {
    let is_behind = |it: &C| last.is_none_or(|last| it.borrow() > last);
    let mut behind: Vec<_> = candidates.filter(is_behind).collect();
    let by_id = |one: &C, other: &C| one.borrow().cmp(other.borrow());
    if behind.len() > MOST_ASKED {
        behind.select_nth_unstable_by(MOST_ASKED, by_id);
        behind.truncate(MOST_ASKED + 1);
    }
    behind.sort_unstable_by(by_id);
    behind
}

/// The subject, where it may be asked about.
async fn known<'e>(
    asker: &Asker,
    entity: &'e SubjectEntity,
    org: Option<&OrgId>,
) -> Result<&'e SubjectId, Refusal> {
    let Some(id) = &entity.id else {
        return Err(Refusal::bad_request("`subject.id` is missing"));
    };
    if may_ask(asker, entity, id, org).await? {
        Ok(id)
    } else {
        Err(Refusal::about_others())
    }
}

/// A subject that was found, with what it was asked about with.
fn subject(entity: &SubjectEntity, kind: Kind, id: &SubjectId) -> Value {
    let mut properties = Object::new();
    if let Some(delegator) = &entity.acting_for {
        properties.insert("acting_for".to_owned(), delegator.as_str().into());
    }
    if let Some(scopes) = &entity.scopes {
        properties.insert("scopes".to_owned(), scopes.clone().into());
    }
    let mut found = Object::new();
    found.insert("type".to_owned(), kind.as_str().into());
    found.insert("id".to_owned(), id.as_str().into());
    if !properties.is_empty() {
        found.insert("properties".to_owned(), properties.into());
    }
    found.into()
}

/// An org that was found, as a resource that is asked about in it.
fn found(resource: &str, org: &OrgId, owner: Option<&SubjectId>) -> Value {
    let mut properties = Object::new();
    properties.insert("org".to_owned(), org.as_str().into());
    if let Some(owner) = owner {
        properties.insert("owner".to_owned(), owner.as_str().into());
    }
    json!({ "type": resource, "id": org.as_str(), "properties": properties })
}
