//! An org, as it is edited: read from the store in one look.

use gatepost::{
    OrgDocument, OrgGateDocument, OrgId, OrgModeDocument, PolicyDocument, Snapshot, Status,
    Visibility,
};
use gatepost_store::{FactKind, PolicyPart};

use super::orgs::row;
use super::site::{EVERYONE, last_change, last_change_below, org_roles, roles};
use crate::ask::org_id;
use crate::fault::Fault;
use crate::kept::Kept;
use crate::require::ORG;
use crate::views::{
    FloorsView, LastChangeView, OrgRoleView, OrgSaysView, OrgView, SaidModeView, SaidView,
};

/// How many of the orgs below one are told.
const BELOW: usize = 200;

impl Kept {
    /// An org: what it says, what is effective in it, its own roles.
    pub(crate) async fn org(&self, org: &str) -> Result<OrgView, Fault> {
        let id = org_id(org)?;
        let part = self.store.org(org).await.map_err(self.fault(ORG))?;
        let part = part.ok_or_else(Fault::not_found)?;
        let facts = Snapshot::compile(&part.document, part.version);
        let facts = facts.map_err(|_| Fault::unsound())?;
        let standing = facts.standing(&id).ok_or_else(Fault::not_found)?;
        let document = part.document.orgs.get(org);
        let document = document.ok_or_else(Fault::not_found)?;
        let live = self.gate.snapshot()?;
        let below = tokio::task::spawn_blocking(move || {
            let mut below: Vec<_> = live.children_of(&id).map(ToString::to_string).collect();
            below.sort_unstable();
            below.truncate(BELOW);
            below
        });
        let path = standing.path.iter().map(OrgId::as_str);
        Ok(OrgView {
            version: part.version,
            org: org.to_owned(),
            is_suspended: document.status == Some(Status::Suspended),
            is_public: document.visibility == Some(Visibility::Public),
            says: path.clone().filter_map(|at| says(&part, at, org)).collect(),
            below: below.await.map_err(|_| Fault::unsound())?,
            roles: meaningful(&part, path, org),
            floors: floors(&part.document),
            last_change: last_change(&part, FactKind::Org, org).map(LastChangeView::in_org),
            effective: row(&standing),
        })
    }
}

/// What an org on the path says. Who has said so is told of the org itself alone: the admins of one below it need
/// not know the names of those above.
fn says(part: &PolicyPart, at: &str, org: &str) -> Option<OrgSaysView> {
    let document = part.document.orgs.get(at)?;
    let gates = document.gates.iter().map(|(resource, gate)| {
        let by = || last_change_below(part, FactKind::OrgGate, at, resource);
        SaidView {
            last_change: (at == org).then(by).flatten().map(LastChangeView::in_org),
            ..said(resource, gate)
        }
    });
    Some(OrgSaysView {
        org: at.to_owned(),
        gates: gates.collect(),
    })
}

fn said(resource: &str, gate: &OrgGateDocument) -> SaidView {
    let mode = |mode: Option<&OrgModeDocument>| SaidModeView {
        switch: mode.and_then(|mode| mode.switch),
        min_role: mode.and_then(|mode| mode.min_role.clone()),
    };
    SaidView {
        resource: resource.to_owned(),
        switch: gate.switch,
        foreground: mode(gate.foreground.as_ref()),
        background: mode(gate.background.as_ref()),
        last_change: None,
    }
}

/// The roles that mean something in an org: those of every org, then its own and those of the orgs above it, of
/// which the nearest of a name counts.
fn meaningful<'a>(
    part: &PolicyPart,
    path: impl Iterator<Item = &'a str>,
    org: &str,
) -> Vec<OrgRoleView> {
    let mut all = org_roles(&part.document, |_| None);
    for at in path {
        let unsaid = OrgDocument::default();
        let own = &part.document.orgs.get(at).unwrap_or(&unsaid).roles;
        let by = |name: &str| {
            let by = || last_change_below(part, FactKind::OwnRole, at, name);
            (at == org).then(by).flatten().map(LastChangeView::in_org)
        };
        for role in roles(own, Some(at), by) {
            if !all.iter().any(|nearer| nearer.name == role.name) {
                all.push(role);
            }
        }
    }
    all
}

/// The floors that an org may set: what reaches the site's own.
fn floors(document: &PolicyDocument) -> Vec<FloorsView> {
    let level = |role: &str| match document.org_roles.get(role) {
        Some(role) => role.level.unwrap_or(0),
        None => 0,
    };
    let mut ladder: Vec<&str> = document.org_roles.keys().map(String::as_str).collect();
    ladder.retain(|role| *role != "anyone");
    ladder.sort_by_key(|role| level(role));
    ladder.insert(0, EVERYONE);
    let reaching = |floor: Option<&str>| {
        let floor = floor.map_or(0, level);
        let reaching = ladder.iter().filter(|role| level(role) >= floor);
        reaching.map(|role| (*role).to_owned()).collect()
    };
    let resources = document.resources.keys().map(|resource| {
        let gate = document.site.gates.get(resource);
        let foreground = gate.and_then(|gate| gate.foreground.as_ref()?.floor.as_deref());
        let background = gate.and_then(|gate| gate.background.as_ref()?.floor.as_deref());
        FloorsView {
            resource: resource.clone(),
            foreground: reaching(foreground),
            background: reaching(background),
        }
    });
    resources.collect()
}
