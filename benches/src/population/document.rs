//! A population as a policy document in JSON.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value, json};

use super::{Gate, Membership, Org, OrgSwitch, Population, Role, SiteSwitch};
use crate::permission::{ACTIONS, Mode, Permission, RESOURCES};

impl Population {
    /// The policy document that means the same.
    ///
    /// # Errors
    ///
    /// Where `serde_json` cannot write it, which nothing in a population leads to.
    pub fn to_policy_json(&self) -> serde_json::Result<String> {
        serde_json::to_string(&Document(self))
    }
}

/// What grows with the population is written as it is met; only what does not
/// is built up as a [`Value`] first.
struct Document<'a>(&'a Population);
struct Site<'a>(&'a Population);
struct Orgs<'a>(&'a Population);
struct Members<'a>(&'a Population, &'a [Membership]);
struct Subjects<'a>(&'a Population);

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let resources: Map<_, _> = RESOURCES
            .iter()
            .map(|name| ((*name).to_owned(), json!(ACTIONS)))
            .collect();
        let org_roles: Map<_, _> = self
            .0
            .org_roles
            .iter()
            .map(|role| {
                (
                    role.name.clone(),
                    json!({ "level": role.level, "grants": grants(role.grants) }),
                )
            })
            .collect();
        let mut document = to.serialize_map(None)?;
        document.serialize_entry("version", &1)?;
        document.serialize_entry("resources", &resources)?;
        document.serialize_entry("site", &Site(self.0))?;
        document.serialize_entry("org_roles", &org_roles)?;
        document.serialize_entry("orgs", &Orgs(self.0))?;
        document.serialize_entry("subjects", &Subjects(self.0))?;
        document.end()
    }
}

impl Serialize for Site<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let named = RESOURCES.iter().zip(&self.0.gates);
        let gates: Map<_, _> = named
            .map(|(name, gate)| ((*name).to_owned(), site_gate(*gate, &self.0.org_roles)))
            .collect();
        let roles: Map<_, _> = self
            .0
            .site_roles
            .iter()
            .map(|role| (role.name.clone(), json!({ "grants": grants(role.grants) })))
            .collect();
        let mut site = to.serialize_map(None)?;
        site.serialize_entry("gates", &gates)?;
        site.serialize_entry("roles", &roles)?;
        site.end()
    }
}

impl Serialize for Orgs<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map((0_u32..).zip(&self.0.orgs).map(|(index, org)| {
            (
                &org.id,
                OrgEntry {
                    org,
                    members: Members(self.0, self.0.members(index)),
                },
            )
        }))
    }
}

struct OrgEntry<'a> {
    org: &'a Org,
    members: Members<'a>,
}

impl Serialize for OrgEntry<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut entry = to.serialize_map(None)?;
        if self.org.public {
            entry.serialize_entry("visibility", "public")?;
        }
        let gates: Map<_, _> = RESOURCES
            .iter()
            .zip(&self.org.switches)
            .filter_map(|(name, switch)| {
                let said = match switch {
                    OrgSwitch::Unset => return None,
                    OrgSwitch::On => "on",
                    OrgSwitch::Off => "off",
                };
                Some(((*name).to_owned(), json!({ "switch": said })))
            })
            .collect();
        entry.serialize_entry("gates", &gates)?;
        entry.serialize_entry("members", &self.members)?;
        entry.end()
    }
}

impl Serialize for Members<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self(population, members) = self;
        to.collect_map(members.iter().filter_map(|member| {
            let subject = population.subjects.get(member.subject as usize)?;
            let mut entry = json!({ "roles": names(member.roles, &population.org_roles) });
            if let (Some(expires), Value::Object(entry)) = (member.expires, &mut entry) {
                entry.insert("expires".to_owned(), json!(expires.rfc3339()));
            }
            Some((&subject.id, entry))
        }))
    }
}

impl Serialize for Subjects<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.0.subjects.iter().map(|subject| {
            let status = if subject.suspended {
                "suspended"
            } else {
                "active"
            };
            let roles = names(subject.site_roles, &self.0.site_roles);
            (
                &subject.id,
                json!({ "status": status, "site_roles": roles }),
            )
        }))
    }
}

fn site_gate(gate: Gate, org_roles: &[Role]) -> Value {
    let switch = match gate.switch {
        SiteSwitch::Off => "off",
        SiteSwitch::OptIn => "opt-in",
        SiteSwitch::OptOut => "opt-out",
        SiteSwitch::On => "on",
    };
    let access = if gate.everyone { "everyone" } else { "granted" };
    let mut entry = Map::new();
    entry.insert("switch".to_owned(), json!(switch));
    entry.insert("access".to_owned(), json!(access));
    for (mode, floor) in Mode::ALL.iter().zip(gate.floors) {
        if let Some(role) = floor.and_then(|index| org_roles.get(usize::from(index))) {
            entry.insert(mode.name().to_owned(), json!({ "floor": role.name }));
        }
    }
    Value::Object(entry)
}

/// The names of the roles whose bits are set.
fn names(bits: u32, roles: &[Role]) -> Vec<&str> {
    let held = roles
        .iter()
        .enumerate()
        .filter(|(index, _)| bits >> index & 1 == 1);
    held.map(|(_, role)| role.name.as_str()).collect()
}

fn grants(bits: u64) -> Vec<String> {
    let granted = Permission::all().filter(|permission| bits & permission.bit() != 0);
    granted
        .map(|one| format!("{}:{}", one.resource_name(), one.action_name()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_says_what_the_population_says() {
        let population = Population::generate(200);
        let document: Value = serde_json::from_str(&population.to_policy_json().unwrap()).unwrap();
        assert_eq!(document["version"], 1);
        assert_eq!(document["resources"].as_object().unwrap().len(), 8);
        assert_eq!(
            document["site"]["gates"]["agent"],
            json!({
                "switch": "opt-out", "access": "granted",
                "foreground": { "floor": "role-02" }, "background": { "floor": "role-08" },
            })
        );
        assert_eq!(document["org_roles"]["role-03"]["level"], 15);
        assert_eq!(document["subjects"].as_object().unwrap().len(), 100);

        for member in &population.memberships {
            let org = &document["orgs"][&population.orgs[member.org as usize].id];
            let entry = &org["members"][&population.subjects[member.subject as usize].id];
            assert_eq!(
                entry["roles"],
                json!(names(member.roles, &population.org_roles))
            );
            assert_eq!(
                entry.get("expires"),
                member.expires.map(|at| json!(at.rfc3339())).as_ref()
            );
        }
    }

    #[test]
    fn grants_are_spelled_out() {
        let bits = Permission::new(2, 0).bit() | Permission::new(0, 2).bit();
        assert_eq!(grants(bits), ["agent:execute", "chat:create"]);
    }
}
