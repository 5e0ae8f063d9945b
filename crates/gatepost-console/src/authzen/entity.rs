//! The four entities of a request (section 5): subject, action, resource, context.

use gatepost::{Kind, Mode, OrgId, OrgRule, SubjectId, Timestamp};
use serde_json::Value;

use super::json::{Object, member, object_in, text};
use super::refusal::Refusal;

/// The entities as a request gives them; what is `null` is not there.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Entities<'v> {
    subject: Option<&'v Value>,
    action: Option<&'v Value>,
    resource: Option<&'v Value>,
    context: Option<&'v Value>,
}

/// Whether an entity has to have an id, or is what is searched for, and has none that is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Id {
    Required,
    Ignored,
}

/// A subject.
#[derive(Clone, Debug)]
pub(super) struct SubjectEntity {
    /// The kind that the type means, where it means one.
    pub(super) kind: Option<Kind>,
    /// None where it is not looked at.
    pub(super) id: Option<SubjectId>,
    pub(super) scopes: Option<Vec<String>>,
    pub(super) acting_for: Option<SubjectId>,
}

/// A resource. Its id is nothing that Gatepost knows.
#[derive(Clone, Debug)]
pub(super) struct ResourceEntity {
    pub(super) r#type: String,
    pub(super) org: Option<OrgId>,
    pub(super) owner: Option<SubjectId>,
}

/// A context.
#[derive(Clone, Debug, Default)]
pub(super) struct ContextEntity {
    pub(super) org: Option<OrgId>,
    pub(super) org_rule: Option<OrgRule>,
    pub(super) mode: Option<Mode>,
    pub(super) owner: Option<SubjectId>,
    pub(super) at: Option<Timestamp>,
}

impl<'v> Entities<'v> {
    pub(super) fn of(object: &'v Object) -> Self {
        Self {
            subject: member(object, "subject"),
            action: member(object, "action"),
            resource: member(object, "resource"),
            context: member(object, "context"),
        }
    }

    /// These, and of `defaults` each that is not among them, as a whole (section 7.1.1).
    pub(super) fn or(self, defaults: Self) -> Self {
        Self {
            subject: self.subject.or(defaults.subject),
            action: self.action.or(defaults.action),
            resource: self.resource.or(defaults.resource),
            context: self.context.or(defaults.context),
        }
    }

    /// Refuses entities that are there and are none, whoever is to take them for a default.
    pub(super) fn check_defaults(self) -> Result<(), Refusal> {
        if self.subject.is_some() {
            self.subject(Id::Required)?;
        }
        if self.action.is_some() {
            self.action()?;
        }
        if self.resource.is_some() {
            self.resource(Id::Required)?;
        }
        self.context().map(|_| ())
    }

    pub(super) fn subject(self, id: Id) -> Result<SubjectEntity, Refusal> {
        let subject = entity(self.subject, "subject")?;
        let r#type = required(subject, "subject", "type")?;
        let properties = object_in(subject, "properties", "subject.properties")?;
        let at = "subject.properties";
        let (scopes, acting_for) = match properties {
            None => (None, None),
            Some(properties) => (
                scopes(properties)?,
                parsed(text(properties, at, "acting_for")?, SubjectId::new, || {
                    format!("{at}.acting_for")
                })?,
            ),
        };
        Ok(SubjectEntity {
            kind: Kind::parse(r#type),
            id: match id {
                Id::Ignored => None,
                Id::Required => {
                    let id = required(subject, "subject", "id")?;
                    parsed(Some(id), SubjectId::new, || "subject.id".to_owned())?
                }
            },
            scopes,
            acting_for,
        })
    }

    /// The action's name.
    pub(super) fn action(self) -> Result<&'v str, Refusal> {
        let action = entity(self.action, "action")?;
        object_in(action, "properties", "action.properties")?;
        required(action, "action", "name")
    }

    pub(super) fn resource(self, id: Id) -> Result<ResourceEntity, Refusal> {
        let resource = entity(self.resource, "resource")?;
        if id == Id::Required {
            required(resource, "resource", "id")?;
        }
        let properties = object_in(resource, "properties", "resource.properties")?;
        let (org, owner) = place(properties, "resource.properties")?;
        Ok(ResourceEntity {
            r#type: required(resource, "resource", "type")?.to_owned(),
            org,
            owner,
        })
    }

    pub(super) fn context(self) -> Result<ContextEntity, Refusal> {
        let Some(context) = self.context else {
            return Ok(ContextEntity::default());
        };
        let context = context.as_object();
        let context = context.ok_or_else(|| Refusal::bad_request("`context` is no object"))?;
        let (org, owner) = place(Some(context), "context")?;
        let word = |name| text(context, "context", name);
        let none =
            |name: &str, what: &str| Refusal::bad_request(format!("`context.{name}` is no {what}"));
        let org_rule = word("org_rule")?
            .map(|word| OrgRule::parse(word).ok_or_else(|| none("org_rule", "rule")))
            .transpose()?;
        let mode = word("mode")?
            .map(|word| Mode::parse(word).ok_or_else(|| none("mode", "mode")))
            .transpose()?;
        let at = word("at")?
            .map(|word| word.parse().map_err(|_| none("at", "moment")))
            .transpose()?;
        Ok(ContextEntity {
            org,
            org_rule,
            mode,
            owner,
            at,
        })
    }
}

/// The org and the owner that `properties` or a context name.
fn place(
    members: Option<&Object>,
    path: &str,
) -> Result<(Option<OrgId>, Option<SubjectId>), Refusal> {
    let Some(members) = members else {
        return Ok((None, None));
    };
    let org = text(members, path, "org")?;
    let owner = text(members, path, "owner")?;
    Ok((
        parsed(org, OrgId::new, || format!("{path}.org"))?,
        parsed(owner, SubjectId::new, || format!("{path}.owner"))?,
    ))
}

fn entity<'v>(value: Option<&'v Value>, name: &str) -> Result<&'v Object, Refusal> {
    let value = value.ok_or_else(|| Refusal::bad_request(format!("`{name}` is missing")))?;
    let object = value.as_object();
    object.ok_or_else(|| Refusal::bad_request(format!("`{name}` is no object")))
}

fn required<'v>(object: &'v Object, path: &str, name: &str) -> Result<&'v str, Refusal> {
    let missing = || Refusal::bad_request(format!("`{path}.{name}` is missing"));
    text(object, path, name)?.ok_or_else(missing)
}

fn parsed<'v, T, E: std::fmt::Display>(
    text: Option<&'v str>,
    parse: impl FnOnce(&'v str) -> Result<T, E>,
    path: impl FnOnce() -> String,
) -> Result<Option<T>, Refusal> {
    let parsed = text.map(parse).transpose();
    parsed.map_err(|error| Refusal::bad_request(format!("`{}` {error}", path())))
}

fn scopes(properties: &Object) -> Result<Option<Vec<String>>, Refusal> {
    let wrong = || Refusal::bad_request("`subject.properties.scopes` is no list of strings");
    let Some(scopes) = member(properties, "scopes") else {
        return Ok(None);
    };
    let scopes = scopes.as_array().ok_or_else(wrong)?.iter();
    let scopes = scopes.map(|scope| scope.as_str().map(str::to_owned).ok_or_else(wrong));
    scopes.collect::<Result<_, _>>().map(Some)
}
