//! A policy without any of the obstacles that may be reported: everything is granted, switched on, and without a floor.

use std::collections::BTreeSet;

use gatepost::{
    Access, OrgRoleDocument, PolicyDocument, SiteModeDocument, SiteRoleDocument, SiteSwitch,
    Snapshot, SubjectDocument,
};

const ALL: [&str; 2] = ["*:*", "gatepost-org:*"];
const LAX: &str = "lax";

/// The same, compiled.
pub(super) fn of(policy: PolicyDocument) -> Snapshot {
    Snapshot::compile(&document(policy), 11).unwrap()
}

/// The same orgs, members, kills, suspensions and denies of the site.
pub(super) fn document(mut policy: PolicyDocument) -> PolicyDocument {
    let all: Vec<String> = ALL.map(str::to_owned).to_vec();
    for gate in policy.site.gates.values_mut() {
        gate.access = Some(Access::Everyone);
        on(&mut gate.switch);
        for mode in [&mut gate.foreground, &mut gate.background]
            .into_iter()
            .flatten()
        {
            open(mode);
        }
    }
    let mut subjects: BTreeSet<String> = policy.subjects.keys().cloned().collect();
    for org in policy.orgs.values_mut() {
        org.gates.clear();
        org.roles.clear();
        for (id, member) in &mut org.members {
            subjects.insert(id.clone());
            member.roles = vec![LAX.to_owned()];
        }
    }
    let mut role = OrgRoleDocument::default();
    role.level = Some(0);
    role.grants.clone_from(&all);
    policy.org_roles.insert(LAX.to_owned(), role.clone());
    policy.org_roles.insert("anyone".to_owned(), role);
    let mut role = SiteRoleDocument::default();
    role.grants.push("gatepost-org:*".to_owned());
    policy.site.roles.insert(LAX.to_owned(), role);
    for subject in subjects {
        let named: &mut SubjectDocument = policy.subjects.entry(subject).or_default();
        named.site_roles.push(LAX.to_owned());
    }
    policy
}

fn open(mode: &mut SiteModeDocument) {
    on(&mut mode.switch);
    mode.floor = None;
    mode.default = None;
}

fn on(switch: &mut Option<SiteSwitch>) {
    if matches!(switch, Some(SiteSwitch::OptIn | SiteSwitch::OptOut)) {
        *switch = Some(SiteSwitch::On);
    }
}
