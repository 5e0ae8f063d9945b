//! What is asked, once the entities are put together.

use gatepost::{Mode, OrgId, OrgInput, OrgRule, Request, SubjectId, Timestamp};

use super::entity::{ContextEntity, Entities, Id, ResourceEntity, SubjectEntity};
use super::refusal::Refusal;

/// Where and how something is to be done, whoever is to do it.
#[derive(Clone, Debug)]
pub(super) struct Scene {
    pub(super) org: Option<OrgId>,
    org_rule: OrgRule,
    mode: Option<Mode>,
    /// The owner that `resource.properties` name.
    pub(super) owner_of_resource: Option<SubjectId>,
    owner: Option<SubjectId>,
    /// None where it is now.
    at: Option<Timestamp>,
}

/// A question, in full.
#[derive(Clone, Debug)]
pub(super) struct Question {
    pub(super) subject: SubjectEntity,
    pub(super) action: String,
    pub(super) resource: String,
    pub(super) scene: Scene,
}

impl Scene {
    pub(super) fn new(resource: &ResourceEntity, context: ContextEntity) -> Result<Self, Refusal> {
        Ok(Self {
            org: one_of(resource.org.clone(), context.org, "org")?,
            // A program that forgot the org is not answered for another one than it acts in.
            org_rule: context.org_rule.unwrap_or(OrgRule::Required),
            mode: context.mode,
            owner_of_resource: resource.owner.clone(),
            owner: one_of(resource.owner.clone(), context.owner, "owner")?,
            at: context.at,
        })
    }

    /// The request, in this org or the one that it names.
    pub(super) fn request<'a>(
        &'a self,
        resource: &'a str,
        action: &'a str,
        org: Option<&'a OrgId>,
        now: Timestamp,
    ) -> Request<'a> {
        let request = Request::new(resource, action).mode(self.mode);
        let mut request = request.at(self.at.unwrap_or(now));
        let org = org.or(self.org.as_ref());
        request.org = org.map_or(OrgInput::Absent(self.org_rule), OrgInput::Named);
        match &self.owner {
            Some(owner) => request.owner(owner),
            None => request,
        }
    }
}

impl Question {
    /// Puts together what has to be there for one evaluation (section 6.1). Names that nothing here has are names.
    pub(super) fn of(entities: Entities<'_>) -> Result<Self, Refusal> {
        let subject = entities.subject(Id::Required)?;
        let action = entities.action()?;
        let resource = entities.resource(Id::Required)?;
        let context = entities.context()?;
        Ok(Self {
            subject,
            action: action.to_owned(),
            scene: Scene::new(&resource, context)?,
            resource: resource.r#type,
        })
    }
}

/// What stands in two places, and has to be the same in both.
fn one_of<T: PartialEq>(
    of_resource: Option<T>,
    of_context: Option<T>,
    name: &str,
) -> Result<Option<T>, Refusal> {
    match (&of_resource, &of_context) {
        (Some(one), Some(other)) if one != other => Err(Refusal::bad_request(format!(
            "`resource.properties.{name}` and `context.{name}` are different"
        ))),
        _ => Ok(of_resource.or(of_context)),
    }
}
