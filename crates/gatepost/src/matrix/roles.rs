//! The matrix by roles: what the rules let whom do, whoever is a member where.

use super::axis::{NO_ORG, NO_SITE_ROLE, NON_MEMBER, ON, ORG_STATES};
use super::{Ask, AskedIn, By, Label, Matrix, MatrixCell, MatrixError, Strip, asked, bounded};
use crate::code::Code;
use crate::id::{OrgId, SubjectId};
use crate::inventory::Inventory;
use crate::policy::{
    MemberDocument, OrgDocument, OrgGateDocument, OrgModeDocument, PolicyDocument, PolicyError,
    SubjectDocument,
};
use crate::snapshot::Snapshot;
use crate::subject::Subject;
use crate::vocabulary::{OrgSwitch, Status, Visibility};

/// Everybody has it in a public org, and no membership holds it.
const ANYONE: &str = "anyone";

impl Matrix {
    /// Asks for every site role and none, with every role of `org_roles` and as a non-member, in an org of each state.
    ///
    /// Whoever it asks for holds these roles and no other. The own roles of orgs are not among them. A route
    /// whose requests may name an org, and have the subject's default where they name none, is asked both ways; the
    /// default of a member is then an org that is on.
    ///
    /// # Errors
    ///
    /// [`MatrixError`] where the policy is refused, or would make too large a matrix.
    pub fn of_roles(document: &PolicyDocument, routes: &Inventory) -> Result<Self, MatrixError> {
        Snapshot::compile(document, 0)?;
        let site_roles: Vec<&str> = document.site.roles.keys().map(String::as_str).collect();
        let org_roles = of_org_roles(document);
        let (whos, columns) = (site_roles.len() + 1, org_roles.len() + 1);
        bounded([asked(routes).max(1), whos, columns, ORG_STATES.len() + 1])?;

        let mut scene = Scene::new(document);
        let states = ORG_STATES.iter();
        let orgs: Vec<_> = states
            .filter_map(|state| scene.org(state, org_in(state, document)))
            .collect();
        let mut subjects = Vec::with_capacity(whos * columns * ORG_STATES.len());
        for who in 0..whos {
            let site_role = who.checked_sub(1).and_then(|at| site_roles.get(at));
            for state in ORG_STATES {
                for column in 0..columns {
                    let role = column.checked_sub(1).and_then(|at| org_roles.get(at));
                    subjects.extend(scene.subject(
                        site_role.copied(),
                        state,
                        role.map(std::slice::from_ref),
                    ));
                }
            }
        }
        let facts = scene.compile()?;
        let strip = |at: usize, ask: &Ask<'_>, of: &[Subject]| {
            let state = at % ORG_STATES.len();
            let answer = |subject: &Subject| match orgs.get(state) {
                Some(org) => ask.answer(&facts, subject, org, None),
                None => MatrixCell::No(Code::NotAMember),
            };
            Strip {
                who: at / ORG_STATES.len(),
                place: state,
                cells: of.iter().map(answer).collect(),
            }
        };
        let without_org = |at: usize, ask: &Ask<'_>, of: &[Subject]| Strip {
            who: at / ORG_STATES.len(),
            place: ORG_STATES.len(),
            cells: (of.iter())
                .map(|subject| ask.answer_unnamed(&facts, subject, None))
                .collect(),
        };
        let rows = Self::rows(routes, |ask| {
            let strips = || subjects.chunks(columns).enumerate();
            let named = || strips().map(|(at, of)| strip(at, ask, of));
            // Once for everybody: those whose default org is on, or whoever they are where no org says anything.
            let unnamed = || {
                let those = strips().filter(|(at, _)| at % ORG_STATES.len() == ON);
                those.map(|(at, of)| without_org(at, ask, of))
            };
            match ask.asked_in() {
                AskedIn::Named | AskedIn::Default => named().collect(),
                AskedIn::NamedOrDefault => {
                    let mut strips: Vec<_> = named().chain(unnamed()).collect();
                    strips.sort_by_key(|strip| (strip.who, strip.place));
                    strips
                }
                AskedIn::NoOrg => unnamed().collect(),
            }
        });
        let named = |names: &[&str]| {
            names
                .iter()
                .map(|name| Label::named(*name))
                .collect::<Vec<_>>()
        };
        Ok(Self {
            by: By::Roles,
            whos: [vec![NO_SITE_ROLE], named(&site_roles)].concat(),
            places: [named(&ORG_STATES), vec![NO_ORG]].concat(),
            columns: [vec![NON_MEMBER], named(&org_roles)].concat(),
            rows,
        })
    }
}

/// The roles that a membership can hold in every org, the lowest first.
pub(crate) fn of_org_roles(document: &PolicyDocument) -> Vec<&str> {
    let held = document
        .org_roles
        .iter()
        .filter(|(name, _)| *name != ANYONE);
    let mut roles: Vec<_> = held.map(|(name, role)| (role.level, &**name)).collect();
    roles.sort_unstable();
    roles.into_iter().map(|(_, name)| name).collect()
}

/// A policy's rules with subjects and orgs in place of its own: no id of it can be taken.
pub(crate) struct Scene {
    document: PolicyDocument,
    count: usize,
}

impl Scene {
    pub(crate) fn new(rules: &PolicyDocument) -> Self {
        let document = PolicyDocument {
            version: rules.version,
            resources: rules.resources.clone(),
            site: rules.site.clone(),
            org_roles: rules.org_roles.clone(),
            ..PolicyDocument::default()
        };
        Self { document, count: 0 }
    }

    pub(crate) fn org(&mut self, id: &str, org: OrgDocument) -> Option<OrgId> {
        self.document.orgs.insert(id.to_owned(), org);
        OrgId::new(id).ok()
    }

    /// Somebody with this site role, and a member of one org with these roles, where there are any.
    pub(crate) fn subject(
        &mut self,
        site_role: Option<&str>,
        org: &str,
        roles: Option<&[&str]>,
    ) -> Option<Subject> {
        let id = self.count.to_string();
        self.count += 1;
        let known = SubjectDocument {
            site_roles: site_role.into_iter().map(str::to_owned).collect(),
            ..SubjectDocument::default()
        };
        self.document.subjects.insert(id.clone(), known);
        if let (Some(roles), Some(org)) = (roles, self.document.orgs.get_mut(org)) {
            let member = MemberDocument {
                roles: roles.iter().map(|role| (*role).to_owned()).collect(),
                expires: None,
            };
            org.members.insert(id.clone(), member);
        }
        SubjectId::new(id).ok().map(Subject::new)
    }

    pub(crate) fn compile(&self) -> Result<Snapshot, PolicyError> {
        Snapshot::compile(&self.document, 0)
    }
}

/// An org that has said as much of every resource.
pub(crate) fn org_in(state: &str, document: &PolicyDocument) -> OrgDocument {
    let mut org = OrgDocument::default();
    let switch = match state {
        "unset" => return org,
        "off" => OrgSwitch::Off,
        _ => OrgSwitch::On,
    };
    let mode = OrgModeDocument {
        switch: Some(switch),
        min_role: None,
    };
    let gate = OrgGateDocument {
        switch: Some(switch),
        foreground: Some(mode.clone()),
        background: Some(mode),
    };
    let gates = document.resources.keys().cloned();
    org.gates = gates.map(|resource| (resource, gate.clone())).collect();
    org.visibility = (state == "public").then_some(Visibility::Public);
    org.status = (state == "suspended").then_some(Status::Suspended);
    org
}
