//! What the site says.

use std::collections::BTreeMap;

use gatepost::{
    Access, OrgRoleDocument, PolicyDocument, SiteGateDocument, SiteModeDocument, SiteSwitch,
};
use gatepost_store::{ChangeRecord, FactKey, FactKind, PolicyPart};

use crate::fault::Fault;
use crate::kept::Kept;
use crate::require::SITE;
use crate::views::{
    LastChangeView, OrgRoleView, SiteModeView, SiteResourceView, SiteRoleView, SiteView,
};

/// The floor that nobody is below.
pub(super) const EVERYONE: &str = "everyone";

impl Kept {
    /// What the site says: resources with their gates, site roles, org roles.
    pub(crate) async fn site(&self) -> Result<SiteView, Fault> {
        let part = self.store.site().await.map_err(self.fault(SITE))?;
        let document = &part.document;
        let resources = document.resources.iter();
        let site_roles = document.site.roles.iter().map(|(name, role)| SiteRoleView {
            name: name.clone(),
            grants: role.grants.clone(),
            all_orgs: role.all_orgs,
            last_change: last_change(&part, FactKind::SiteRole, name),
        });
        Ok(SiteView {
            version: part.version,
            resources: resources
                .map(|(name, actions)| resource(&part, name, actions))
                .collect(),
            site_roles: site_roles.collect(),
            org_roles: org_roles(document, |name| last_change(&part, FactKind::OrgRole, name)),
        })
    }
}

fn resource(part: &PolicyPart, name: &str, actions: &[String]) -> SiteResourceView {
    let unsaid = SiteGateDocument::default();
    let gate = part.document.site.gates.get(name).unwrap_or(&unsaid);
    let of_gate = last_change(part, FactKind::SiteGate, name);
    SiteResourceView {
        resource: name.to_owned(),
        actions: actions.to_vec(),
        switch: gate.switch.unwrap_or(SiteSwitch::Off),
        access: gate.access.unwrap_or(Access::Granted),
        governs: gate.actions.clone(),
        foreground: mode(gate.foreground.as_ref()),
        background: mode(gate.background.as_ref()),
        last_change: of_gate.or_else(|| last_change(part, FactKind::Resource, name)),
    }
}

/// What a mode says, with what it means where it says nothing.
fn mode(said: Option<&SiteModeDocument>) -> SiteModeView {
    let floor = said.and_then(|mode| mode.floor.clone());
    let floor = floor.unwrap_or_else(|| EVERYONE.to_owned());
    let default = said.and_then(|mode| mode.default.clone());
    SiteModeView {
        switch: said
            .and_then(|mode| mode.switch)
            .unwrap_or(SiteSwitch::OptOut),
        default: default.unwrap_or_else(|| floor.clone()),
        floor,
    }
}

/// The roles that mean the same in every org, the lowest first.
pub(super) fn org_roles(
    document: &PolicyDocument,
    last_change: impl Fn(&str) -> Option<LastChangeView>,
) -> Vec<OrgRoleView> {
    roles(&document.org_roles, None, last_change)
}

/// Roles, the lowest first.
pub(super) fn roles(
    roles: &BTreeMap<String, OrgRoleDocument>,
    org: Option<&str>,
    last_change: impl Fn(&str) -> Option<LastChangeView>,
) -> Vec<OrgRoleView> {
    let views = roles.iter().map(|(name, role)| OrgRoleView {
        name: name.clone(),
        level: role.level,
        grants: role.grants.clone(),
        include: role.include.clone(),
        org: org.map(str::to_owned),
        last_change: last_change(name),
    });
    let mut views: Vec<_> = views.collect();
    views.sort_by_key(|role| role.level);
    views
}

/// Who last changed a fact.
pub(super) fn last_change(part: &PolicyPart, kind: FactKind, a: &str) -> Option<LastChangeView> {
    last_change_below(part, kind, a, "")
}

/// Who last changed a fact below an org.
pub(super) fn last_change_below(
    part: &PolicyPart,
    kind: FactKind,
    a: &str,
    b: &str,
) -> Option<LastChangeView> {
    let record: Option<&ChangeRecord> = part.last_changes.get(&FactKey::new(kind, a, b));
    record.map(LastChangeView::of)
}
