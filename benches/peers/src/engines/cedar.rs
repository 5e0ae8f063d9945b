//! cedar-policy: one policy, and the entities of the whole population, made once.
//!
//! A service may as well make the entities of one request each time; with all of them at hand a decision has the
//! least to do. A subject is an entity with a tag for each membership, an org one with its switches, a
//! permission one with its gate and the roles that grant it. What a route knows of its request, such as
//! its permission's uid, is made when the engine is loaded.

use std::collections::{BTreeMap, HashSet};

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid,
    PolicySet, RestrictedExpression as Value,
};
use gatepost_benches::permission::{Mode, Permission, RESOURCES};
use gatepost_benches::population::{Membership, Org, OrgSwitch, Population, SiteSwitch, Subject};
use gatepost_benches::requests::Request;

use super::{ByPermission, Engine, NOW, floor, granting, held, level, written};
use crate::contest::Failure;

const POLICY: &str = r#"
permit (principal is Subject, action == Action::"use", resource is Org)
when {
  !principal.suspended &&
  context.permission.switch != "off" &&
  (context.permission.everyone || context.permission.site_roles.containsAny(principal.site_roles)) &&
  principal.hasTag(resource.key) &&
  (context.permission.switch == "on" ||
    (context.permission.switch == "opt-in" && resource.on.contains(context.permission.resource)) ||
    (context.permission.switch == "opt-out" && !resource.off.contains(context.permission.resource))) &&
  !(principal.getTag(resource.key) has expires && principal.getTag(resource.key).expires <= context.now) &&
  context.permission.org_roles.containsAny(principal.getTag(resource.key).roles) &&
  (context.mode == "none" ||
    (context.mode == "foreground" && principal.getTag(resource.key).level >= context.permission.foreground) ||
    (context.mode == "background" && principal.getTag(resource.key).level >= context.permission.background))
};
"#;

/// The authorizer with all that it goes by.
#[derive(Debug)]
pub struct Cedar {
    authorizer: Authorizer,
    policies: PolicySet,
    entities: Entities,
    types: Types,
    permissions: ByPermission<EntityUid>,
    used: EntityUid,
}

#[derive(Debug)]
struct Types {
    subject: EntityTypeName,
    org: EntityTypeName,
    permission: EntityTypeName,
    action: EntityTypeName,
}

impl Types {
    fn new() -> Result<Self, Failure> {
        Ok(Self {
            subject: "Subject".parse()?,
            org: "Org".parse()?,
            permission: "Permission".parse()?,
            action: "Action".parse()?,
        })
    }
}

fn uid(of: &EntityTypeName, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(of.clone(), EntityId::new(id))
}

impl Engine for Cedar {
    type Asked<'a> = cedar_policy::Request;

    fn load(population: &Population) -> Result<Self, Failure> {
        let types = Types::new()?;
        let mut memberships = population.memberships.clone();
        memberships.sort_unstable_by_key(|membership| membership.subject);
        let mut rest = memberships.as_slice();
        let mut entities = Vec::new();
        for (number, subject) in (0..).zip(&population.subjects) {
            let (own, others) = rest.split_at(rest.partition_point(|one| one.subject == number));
            rest = others;
            entities.push(of_subject(population, &types, subject, own)?);
        }
        for org in &population.orgs {
            entities.push(of_org(&types, org)?);
        }
        for permission in Permission::all() {
            entities.push(of_permission(population, &types, permission)?);
        }
        Ok(Self {
            authorizer: Authorizer::new(),
            policies: POLICY.parse()?,
            entities: Entities::from_entities(entities, None)?,
            permissions: ByPermission::new(|one| uid(&types.permission, &written(one))),
            used: uid(&types.action, "use"),
            types,
        })
    }

    fn ask(&self, request: &Request<'_>) -> Result<cedar_policy::Request, Failure> {
        let types = &self.types;
        let permission = self.permissions.get(request.permission);
        let permission = permission.ok_or("no such permission")?.clone();
        let mode = request.mode.map_or("none", Mode::name);
        let context = [
            ("permission", Value::new_entity_uid(permission)),
            ("mode", text(mode)),
            ("now", Value::new_long(NOW)),
        ];
        let context = Context::from_pairs(context.map(|(key, value)| (key.to_owned(), value)))?;
        Ok(cedar_policy::Request::new(
            uid(&types.subject, request.subject),
            self.used.clone(),
            uid(&types.org, request.org),
            context,
            None,
        )?)
    }

    fn decide(&mut self, asked: &cedar_policy::Request) -> Option<bool> {
        let response = self
            .authorizer
            .is_authorized(asked, &self.policies, &self.entities);
        let failed = response.diagnostics().errors().next().is_some();
        (!failed).then(|| response.decision() == Decision::Allow)
    }
}

fn text(text: impl Into<String>) -> Value {
    Value::new_string(text.into())
}

fn texts<'a>(all: impl Iterator<Item = &'a String>) -> Value {
    Value::new_set(all.map(text))
}

fn record(fields: impl IntoIterator<Item = (&'static str, Value)>) -> Result<Value, Failure> {
    let fields = fields.into_iter();
    Ok(Value::new_record(
        fields.map(|(key, value)| (key.to_owned(), value)),
    )?)
}

fn of_subject(
    population: &Population,
    types: &Types,
    subject: &Subject,
    memberships: &[Membership],
) -> Result<Entity, Failure> {
    let site_roles = held(subject.site_roles, &population.site_roles).map(|role| &role.name);
    let attributes = BTreeMap::from([
        ("suspended".to_owned(), Value::new_bool(subject.suspended)),
        ("site_roles".to_owned(), texts(site_roles)),
    ]);
    let mut tags = Vec::new();
    for membership in memberships {
        let roles = held(membership.roles, &population.org_roles).map(|role| &role.name);
        let level = level(membership.roles, &population.org_roles);
        let mut fields = vec![
            ("roles", texts(roles)),
            ("level", Value::new_long(level.into())),
        ];
        if let Some(end) = membership.expires {
            fields.push(("expires", Value::new_long(end.unix_seconds().try_into()?)));
        }
        if let Some(org) = population.orgs.get(membership.org as usize) {
            tags.push((org.id.clone(), record(fields)?));
        }
    }
    Ok(Entity::new_with_tags(
        uid(&types.subject, &subject.id),
        attributes,
        HashSet::new(),
        tags,
    )?)
}

fn of_org(types: &Types, org: &Org) -> Result<Entity, Failure> {
    let said = |what: OrgSwitch| {
        let named = RESOURCES.iter().zip(org.switches);
        let of_these = named.filter(|(_, said)| *said == what);
        Value::new_set(of_these.map(|(name, _)| text(*name)).collect::<Vec<_>>())
    };
    let attributes = BTreeMap::from([
        ("key".to_owned(), text(org.id.as_str())),
        ("on".to_owned(), said(OrgSwitch::On)),
        ("off".to_owned(), said(OrgSwitch::Off)),
    ]);
    Ok(Entity::new_with_tags(
        uid(&types.org, &org.id),
        attributes,
        HashSet::new(),
        [],
    )?)
}

fn of_permission(
    population: &Population,
    types: &Types,
    permission: Permission,
) -> Result<Entity, Failure> {
    let gate = population.gates.get(permission.resource());
    let gate = gate.ok_or("a resource without a gate")?;
    let switch = match gate.switch {
        SiteSwitch::On => "on",
        SiteSwitch::OptIn => "opt-in",
        SiteSwitch::OptOut => "opt-out",
        _ => "off",
    };
    let level = |mode| Value::new_long(floor(*gate, mode, &population.org_roles).into());
    let attributes = [
        ("resource", text(permission.resource_name())),
        ("switch", text(switch)),
        ("everyone", Value::new_bool(gate.everyone)),
        (
            "site_roles",
            texts(granting(permission, &population.site_roles)),
        ),
        (
            "org_roles",
            texts(granting(permission, &population.org_roles)),
        ),
        ("foreground", level(Mode::Foreground)),
        ("background", level(Mode::Background)),
    ];
    Ok(Entity::new_with_tags(
        uid(&types.permission, &written(permission)),
        attributes.map(|(key, value)| (key.to_owned(), value)),
        HashSet::new(),
        [],
    )?)
}
