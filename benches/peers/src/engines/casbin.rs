//! casbin: roles by domain, an org being a domain.
//!
//! Each line of a policy is evaluated in turn until one allows, so there are as few as can be: one for each org
//! role. What a role grants, a subject's site roles, and the site's switches are role links without a domain,
//! which casbin follows by itself; memberships and the orgs' switches are links in the org's domain. A link has
//! no end, so a membership that is over is left out. Levels are no words of casbin's: where the request has a
//! mode with a floor, the roles are asked of it (`get_roles_for_user`), and compared here.

use std::collections::HashMap;

use casbin::{CachedEnforcer, CoreApi, DefaultModel, Enforcer, MemoryAdapter, MgmtApi, RbacApi};
use gatepost_benches::permission::{Mode, Permission, RESOURCES};
use gatepost_benches::population::{Expiry, Gate, OrgSwitch, Population, Role, SiteSwitch};
use gatepost_benches::requests::Request;

use super::{ByPermission, Engine, floor, held, written};
use crate::contest::{Failure, now};

const MODEL: &str = r#"
[request_definition]
r = sub, dom, obj, perm

[policy_definition]
p = role

[role_definition]
g = _, _, _
g2 = _, _

[policy_effect]
e = some(where (p.eft == allow))

[matchers]
m = g(r.sub, p.role, r.dom) && g2(p.role, r.perm) && !g2(r.sub, "suspended") && (g2(r.obj, "everyone") || g2(r.sub, r.perm)) && (g2(r.obj, "on") || (g2(r.obj, "opt-in") && g(r.obj, "on", r.dom)) || (g2(r.obj, "opt-out") && !g(r.obj, "off", r.dom)))
"#;

/// An enforcer of casbin's, `Enforcer` or `CachedEnforcer`.
pub struct Casbin<E> {
    enforcer: E,
    levels: HashMap<String, u8>,
    floors: Vec<[u8; 2]>,
    written: ByPermission<String>,
}

/// Without its cache.
pub type Uncached = Casbin<Enforcer>;
/// With its cache, of the size that it comes with.
pub type Cached = Casbin<CachedEnforcer>;

impl<E: CoreApi + MgmtApi + RbacApi> Engine for Casbin<E> {
    type Asked<'a> = Request<'a>;

    fn load(population: &Population) -> Result<Self, Failure> {
        let model = now(DefaultModel::from_str(MODEL))??;
        let mut enforcer = now(E::new(model, MemoryAdapter::default()))??;
        // What was loaded is not written back to where it came from.
        enforcer.enable_auto_save(false);
        let roles = population.org_roles.iter();
        let lines = roles.map(|role| vec![role.name.clone()]).collect();
        now(enforcer.add_policies(lines))??;
        now(enforcer.add_named_grouping_policies("g2", everywhere(population)))??;
        now(enforcer.add_named_grouping_policies("g", by_org(population)))??;
        let levels = population.org_roles.iter();
        let floors = |gate: &Gate| Mode::ALL.map(|mode| floor(*gate, mode, &population.org_roles));
        Ok(Self {
            enforcer,
            levels: levels.map(|role| (role.name.clone(), role.level)).collect(),
            floors: population.gates.iter().map(floors).collect(),
            written: ByPermission::new(written),
        })
    }

    fn ask<'a>(&self, request: &Request<'a>) -> Result<Request<'a>, Failure> {
        Ok(*request)
    }

    fn decide(&mut self, request: &Request<'_>) -> Option<bool> {
        let Request {
            subject,
            org,
            permission,
            mode,
        } = *request;
        let written = self.written.get(permission)?.as_str();
        let question = (subject, org, permission.resource_name(), written);
        if !self.enforcer.enforce(question).ok()? {
            return Some(false);
        }
        let [foreground, background] = *self.floors.get(permission.resource())?;
        let floor = match mode {
            None => 0,
            Some(Mode::Background) => background,
            Some(_) => foreground,
        };
        if floor == 0 {
            return Some(true);
        }
        let roles = self.enforcer.get_roles_for_user(subject, Some(org));
        let levels = roles.iter().filter_map(|role| self.levels.get(role));
        Some(levels.max().is_some_and(|level| *level >= floor))
    }
}

/// Links of no domain: what roles grant, who holds a site role, what the site says of a resource.
fn everywhere(population: &Population) -> Vec<Vec<String>> {
    let mut links = Vec::new();
    let mut link = |from: &str, to: &str| links.push(vec![from.to_owned(), to.to_owned()]);
    let grants = |role: &Role| {
        let granted = role.grants;
        Permission::all().filter(move |one| granted & one.bit() != 0)
    };
    for role in population.site_roles.iter().chain(&population.org_roles) {
        for permission in grants(role) {
            link(&role.name, &written(permission));
        }
    }
    for (resource, gate) in RESOURCES.iter().zip(&population.gates) {
        if gate.everyone {
            link(resource, "everyone");
        }
        match gate.switch {
            SiteSwitch::On => link(resource, "on"),
            SiteSwitch::OptIn => link(resource, "opt-in"),
            SiteSwitch::OptOut => link(resource, "opt-out"),
            _ => {}
        }
    }
    for subject in &population.subjects {
        if subject.suspended {
            link(&subject.id, "suspended");
        }
        for role in held(subject.site_roles, &population.site_roles) {
            link(&subject.id, &role.name);
        }
    }
    links
}

/// Links in an org: what its members hold, what it says of a resource.
fn by_org(population: &Population) -> Vec<Vec<String>> {
    let mut links = Vec::new();
    let mut link = |from: &str, to: &str, org: &str| {
        links.push(vec![from.to_owned(), to.to_owned(), org.to_owned()]);
    };
    for org in &population.orgs {
        for (resource, said) in RESOURCES.iter().zip(org.switches) {
            match said {
                OrgSwitch::On => link(resource, "on", &org.id),
                OrgSwitch::Off => link(resource, "off", &org.id),
                _ => {}
            }
        }
    }
    for membership in &population.memberships {
        let place = (membership.org as usize, membership.subject as usize);
        let org = population.orgs.get(place.0);
        let subject = population.subjects.get(place.1);
        if let (Some(org), Some(subject)) = (org, subject)
            && membership.expires != Some(Expiry::Past)
        {
            for role in held(membership.roles, &population.org_roles) {
                link(&subject.id, &role.name, &org.id);
            }
        }
    }
    links
}

impl<E> std::fmt::Debug for Casbin<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Casbin").finish_non_exhaustive()
    }
}
