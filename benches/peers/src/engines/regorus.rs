//! regorus: a data document with all facts, and a policy that is compiled for its virtual machine, the quicker of
//! its two ways to run one. What is searched in the document is an object or a set, never a list. What a
//! route knows of its input is made when the engine is loaded.

use std::collections::{BTreeMap, BTreeSet};

use gatepost_benches::permission::{Mode, Permission, RESOURCES};
use gatepost_benches::population::{
    Expiry, Membership, Org, OrgSwitch, Population, Role, SiteSwitch,
};
use gatepost_benches::requests::Request;
use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::RegoVM;
use regorus::{Rc, Value};

use super::{ByPermission, Engine, NOW, floor, held, level, written};
use crate::contest::Failure;

const POLICY: &str = r#"
package gatepost

default allow := false

allow if {
    subject := data.subjects[input.subject]
    subject.active
    gate := data.gates[input.resource]
    access(gate, subject)
    org := data.orgs[input.org]
    member := org.members[input.subject]
    member.expires > input.now
    open(gate, org)
    some role in member.roles
    data.org_roles[role][input.permission]
    member.level >= gate.floors[input.mode]
}

access(gate, _) if gate.everyone

access(gate, subject) if {
    not gate.everyone
    some role in subject.site_roles
    data.site_roles[role][input.permission]
}

open(gate, _) if gate.switch == "on"

open(gate, org) if {
    gate.switch == "opt-in"
    org.switches[input.resource] == "on"
}

open(gate, org) if {
    gate.switch == "opt-out"
    not org.switches[input.resource] == "off"
}
"#;

const ENTRY: &str = "data.gatepost.allow";

/// The virtual machine with its program and its data.
#[derive(Debug)]
pub struct Regorus {
    machine: RegoVM,
    keys: [Value; 6],
    /// The resource, and the permission as grants write it.
    written: ByPermission<[Value; 2]>,
    modes: [Value; 3],
}

impl Engine for Regorus {
    type Asked<'a> = Value;

    fn load(population: &Population) -> Result<Self, Failure> {
        let mut engine = regorus::Engine::new();
        engine.add_policy("gatepost.rego".to_owned(), POLICY.to_owned())?;
        let compiled = engine.compile_with_entrypoint(&Rc::from(ENTRY))?;
        let program = Compiler::compile_from_policy(&compiled, &[ENTRY])?;
        let mut machine = RegoVM::new();
        machine.load_program(program);
        machine.set_data(data(population))?;
        let [foreground, background] = Mode::ALL.map(|mode| Value::from(mode.name()));
        Ok(Self {
            machine,
            keys: ["subject", "org", "resource", "permission", "mode", "now"].map(Value::from),
            written: ByPermission::new(|one| [one.resource_name().into(), written(one).into()]),
            modes: [Value::from("none"), foreground, background],
        })
    }

    fn ask(&self, request: &Request<'_>) -> Result<Value, Failure> {
        let written = self.written.get(request.permission);
        let [resource, permission] = written.ok_or("no such permission")?.clone();
        let [none, foreground, background] = &self.modes;
        let mode = match request.mode {
            None => none,
            Some(Mode::Background) => background,
            Some(_) => foreground,
        };
        let values = [
            request.subject.into(),
            request.org.into(),
            resource,
            permission,
            mode.clone(),
            NOW.into(),
        ];
        Ok(object(self.keys.iter().cloned().zip(values)))
    }

    fn decide(&mut self, asked: &Value) -> Option<bool> {
        self.machine.set_input(asked.clone());
        let answer = self.machine.execute_entry_point_by_index(0).ok()?;
        answer.as_bool().ok().copied()
    }
}

fn object<K: Into<Value>>(fields: impl IntoIterator<Item = (K, Value)>) -> Value {
    let fields = fields.into_iter().map(|(key, value)| (key.into(), value));
    Value::from(fields.collect::<BTreeMap<Value, Value>>())
}

fn names(bits: u32, roles: &[Role]) -> Value {
    let names = held(bits, roles).map(|role| Value::from(role.name.as_str()));
    Value::from(names.collect::<BTreeSet<Value>>())
}

fn data(population: &Population) -> Value {
    let subjects = population.subjects.iter().map(|subject| {
        let facts = object([
            ("active", Value::from(!subject.suspended)),
            (
                "site_roles",
                names(subject.site_roles, &population.site_roles),
            ),
        ]);
        (subject.id.as_str(), facts)
    });
    let orgs = (0..).zip(&population.orgs);
    let orgs = orgs.map(|(number, org)| {
        let members = population.members(number);
        (org.id.as_str(), of_org(population, org, members))
    });
    let gates = RESOURCES.iter().zip(&population.gates).map(|(name, gate)| {
        let switch = match gate.switch {
            SiteSwitch::On => "on",
            SiteSwitch::OptIn => "opt-in",
            SiteSwitch::OptOut => "opt-out",
            _ => "off",
        };
        let floors = Mode::ALL.map(|mode| {
            let floor = floor(*gate, mode, &population.org_roles);
            (mode.name(), Value::from(u64::from(floor)))
        });
        let floors = floors.into_iter().chain([("none", Value::from(0_u64))]);
        let facts = object([
            ("switch", Value::from(switch)),
            ("everyone", Value::from(gate.everyone)),
            ("floors", object(floors)),
        ]);
        (*name, facts)
    });
    object([
        ("subjects", object(subjects)),
        ("orgs", object(orgs)),
        ("gates", object(gates)),
        ("site_roles", roles(&population.site_roles)),
        ("org_roles", roles(&population.org_roles)),
    ])
}

fn roles(roles: &[Role]) -> Value {
    object(roles.iter().map(|role| {
        let granted = Permission::all().filter(|one| role.grants & one.bit() != 0);
        let grants = granted.map(|one| (written(one), Value::from(true)));
        (role.name.as_str(), object(grants))
    }))
}

fn of_org(population: &Population, org: &Org, members: &[Membership]) -> Value {
    let switches = RESOURCES.iter().zip(org.switches);
    let switches = switches.filter_map(|(name, said)| match said {
        OrgSwitch::On => Some((*name, Value::from("on"))),
        OrgSwitch::Off => Some((*name, Value::from("off"))),
        _ => None,
    });
    let members = members.iter().filter_map(|member| {
        let subject = population.subjects.get(member.subject as usize)?;
        let level = level(member.roles, &population.org_roles);
        let end = member
            .expires
            .map_or(u64::from(u32::MAX) * 2, Expiry::unix_seconds);
        let facts = object([
            ("roles", names(member.roles, &population.org_roles)),
            ("level", Value::from(u64::from(level))),
            ("expires", Value::from(end)),
        ]);
        Some((subject.id.as_str(), facts))
    });
    object([("switches", object(switches)), ("members", object(members))])
}
