//! The site's gates and roles.

use std::collections::BTreeMap;

use super::Map;
use super::compile::{Problems, position};
use super::facts::{Cell, SiteRole, SiteRoleSet, SiteRoleSetIndex, Table};
use super::gates::{Floor, ModeGate, SiteGate};
use super::grants::{self, Tables, unite};
use super::held::HeldNames;
use super::names::{BUILT_IN, Vocabulary};
use super::roles::{ANYONE, EVERYONE, Roles};
use crate::policy::{KeyPath, SiteGateDocument, SiteModeDocument, SiteRoleDocument};
use crate::vocabulary::{Access, Mode, SiteSwitch};

/// One gate for each resource, in the resources' order.
pub(super) fn compile_gates(
    gates: &BTreeMap<String, SiteGateDocument>,
    vocabulary: &Vocabulary,
    roles: &Roles,
    problems: &mut Problems,
) -> Vec<SiteGate> {
    for (resource, gate) in gates {
        let path = || KeyPath::of(["site", "gates", resource]);
        if vocabulary
            .gated_resource(resource, path, problems)
            .is_some()
        {
            for (index, action) in gate.actions.iter().flatten().enumerate() {
                if !vocabulary
                    .cells
                    .get(resource.as_str())
                    .is_some_and(|cells| cells.contains_key(action.as_str()))
                {
                    let unknown = format!("`{resource}` has no action `{}`", action.escape_debug());
                    problems.add(path().key("actions").index(index), unknown);
                }
            }
        }
    }
    let mut compile = |resource: &str| {
        if BUILT_IN.iter().any(|(name, _)| *name == resource) {
            return built_in();
        }
        let Some(gate) = gates.get(resource) else {
            return switched_off();
        };
        let path = || KeyPath::of(["site", "gates", resource]);
        let mut mode = |mode: Mode, document: Option<&SiteModeDocument>| {
            compile_mode(document, &|| path().key(mode.as_str()), roles, problems)
        };
        let foreground = mode(Mode::Foreground, gate.foreground.as_ref());
        let background = mode(Mode::Background, gate.background.as_ref());
        let switch = gate.switch.unwrap_or(SiteSwitch::Off);
        SiteGate::new(
            switch,
            gate.access.unwrap_or(Access::Granted),
            foreground,
            background,
        )
    };
    vocabulary
        .resource_names
        .iter()
        .map(|resource| compile(resource))
        .collect()
}

fn compile_mode(
    mode: Option<&SiteModeDocument>,
    path: &dyn Fn() -> KeyPath,
    roles: &Roles,
    problems: &mut Problems,
) -> ModeGate {
    let Some(mode) = mode else {
        return ModeGate {
            switch: SiteSwitch::OptOut,
            floor: Floor::EVERYONE,
            default: Floor::EVERYONE,
        };
    };
    let mut floor = |key: &str, name: Option<&String>| {
        name.map(|name| roles.floor(name, || path().key(key), problems))
    };
    let lowest = floor("floor", mode.floor.as_ref()).unwrap_or(Floor::EVERYONE);
    let default = floor("default", mode.default.as_ref()).unwrap_or(lowest);
    ModeGate {
        switch: mode.switch.unwrap_or(SiteSwitch::OptOut),
        floor: lowest,
        default,
    }
}

/// A resource that has no gate.
fn switched_off() -> SiteGate {
    let mode = ModeGate {
        switch: SiteSwitch::OptOut,
        floor: Floor::EVERYONE,
        default: Floor::EVERYONE,
    };
    SiteGate::new(SiteSwitch::Off, Access::Granted, mode, mode)
}

/// The console's own gates are always on, for those to whom they are granted, and have no modes.
fn built_in() -> SiteGate {
    let mode = ModeGate {
        switch: SiteSwitch::Off,
        floor: Floor::EVERYONE,
        default: Floor::EVERYONE,
    };
    SiteGate::new(SiteSwitch::On, Access::Granted, mode, mode)
}

/// Every role of the site, and every set of them that subjects hold.
#[derive(Clone, Debug)]
pub(super) struct SiteRoles {
    pub(super) rows: Vec<SiteRole>,
    by_name: Map<String, u32>,
    tables: Vec<Table>,
    cells: usize,
    pub(super) sets: Vec<SiteRoleSet>,
    held: HeldNames,
}

pub(super) fn compile_roles(
    roles: &BTreeMap<String, SiteRoleDocument>,
    vocabulary: &Vocabulary,
    problems: &mut Problems,
) -> SiteRoles {
    let cells = vocabulary.cell_names.len();
    let mut compiled = SiteRoles {
        rows: Vec::new(),
        by_name: Map::default(),
        tables: Vec::new(),
        cells,
        sets: Vec::new(),
        held: HeldNames::default(),
    };
    for (name, role) in roles {
        let path = || KeyPath::of(["site", "roles", name]);
        problems.name(path, name);
        if name == EVERYONE || name == ANYONE {
            problems.add(path(), format!("`{name}` is reserved"));
        }
        compiled.tables.push(grants::compile(
            &role.grants,
            || path().key("grants"),
            vocabulary,
            problems,
        ));
        compiled
            .by_name
            .insert(name.clone(), position(compiled.rows.len()));
        compiled.rows.push(SiteRole {
            name: name.as_str().into(),
            grants: role
                .grants
                .iter()
                .map(|grant| grant.as_str().into())
                .collect(),
            all_orgs: role.all_orgs,
        });
    }
    compiled
}

impl SiteRoles {
    /// The set of the named roles; one that nothing defines grants nothing.
    pub(super) fn set(&mut self, held: &[String], tables: &mut Tables) -> SiteRoleSetIndex {
        let (row, is_new) = self.held.set(held, None, |_| true);
        if is_new {
            let set = self.resolve(row as usize, tables);
            self.sets.push(set);
        }
        SiteRoleSetIndex(row)
    }

    /// The set of the named roles, if anybody holds it already.
    pub(super) fn known_set(&self, held: &[String]) -> Option<SiteRoleSetIndex> {
        self.held.find(held, None).map(SiteRoleSetIndex)
    }

    /// What the names of a set mean together.
    fn resolve(&self, row: usize, tables: &mut Tables) -> SiteRoleSet {
        let names = self.held.names(row);
        let mut roles: Vec<u32> = names
            .filter_map(|name| self.by_name.get(name).copied())
            .collect();
        roles.sort_unstable();
        roles.dedup();
        let mut united: Table = vec![Cell::NOTHING; self.cells].into();
        let mut all_orgs: Table = united.clone();
        for row in &roles {
            let Some(table) = self.tables.get(*row as usize) else {
                continue;
            };
            unite(&mut united, table);
            let role = self.rows.get(*row as usize);
            if role.is_some_and(|role| role.all_orgs) {
                unite(&mut all_orgs, table);
            }
        }
        SiteRoleSet {
            roles: roles.into(),
            table: tables.keep(united),
            all_orgs: tables.keep(all_orgs),
        }
    }

    /// Takes over from other roles what subjects hold, and tells anew what it means.
    pub(super) fn take_sets(&mut self, before: &Self, tables: &mut Tables) {
        self.held = before.held.clone();
        self.sets.clear();
        for row in 0..self.held.len() {
            let set = self.resolve(row, tables);
            self.sets.push(set);
        }
    }
}
