//! What stands once in a policy, however many orgs and subjects it has.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::compile::Problems;
use super::gates::SiteGate;
use super::names::Vocabulary;
use super::orgs::Orgs;
use super::post::Post;
use super::roles::Roles;
use super::said::AllSaid;
use super::site::{self, SiteRoles};
use crate::policy::{
    FORMAT_VERSION, KeyPath, OrgRoleDocument, PolicyDocument, SiteGateDocument, SiteRoleDocument,
};

/// Resources, the site and all roles, as documents: what is compiled again when any of it changes.
#[derive(Clone, Debug, Default)]
pub(super) struct Frame {
    version: Option<i64>,
    resources: Arc<BTreeMap<String, Vec<String>>>,
    pub(super) site_gates: Arc<BTreeMap<String, SiteGateDocument>>,
    pub(super) site_roles: Arc<BTreeMap<String, SiteRoleDocument>>,
    pub(super) org_roles: Arc<BTreeMap<String, OrgRoleDocument>>,
    /// The own roles of those orgs that have any.
    pub(super) own_roles: Arc<BTreeMap<String, BTreeMap<String, OrgRoleDocument>>>,
}

/// What a frame was compiled to, and what was added to it by those who hold its roles.
///
/// Each part by itself: a change copies no more than what it changes.
#[derive(Clone, Debug)]
pub(super) struct Compiled {
    pub(super) vocabulary: Arc<Vocabulary>,
    pub(super) site_gates: Arc<[SiteGate]>,
    pub(super) site: Arc<SiteRoles>,
    pub(super) roles: Arc<Roles>,
    pub(super) said: Arc<AllSaid>,
    /// What is set as a default org and is none.
    pub(super) unmet_defaults: Arc<BTreeSet<Box<str>>>,
}

impl Frame {
    /// The frame of a policy.
    pub(super) fn of(document: &PolicyDocument) -> Self {
        Self {
            version: document.version,
            resources: Arc::new(document.resources.clone()),
            site_gates: Arc::new(document.site.gates.clone()),
            site_roles: Arc::new(document.site.roles.clone()),
            org_roles: Arc::new(document.org_roles.clone()),
            own_roles: Arc::default(),
        }
    }

    /// Compiles all of it but the orgs' own roles, which need the orgs.
    pub(super) fn compile(&self, problems: &mut Problems) -> Compiled {
        self.check_format(problems);
        let gates = &self.site_gates;
        let vocabulary = Arc::new(Vocabulary::compile(&self.resources, gates, problems));
        let mut roles = Roles::new(&vocabulary);
        roles.compile_org_roles(&self.org_roles, problems);
        let site_gates = site::compile_gates(gates, &vocabulary, &roles, problems);
        let mut site = site::compile_roles(&self.site_roles, &vocabulary, problems);
        // The first set is that of whoever holds none.
        site.set(&[], &mut roles.tables);
        Compiled {
            vocabulary,
            site_gates: site_gates.into(),
            site: Arc::new(site),
            roles: Arc::new(roles),
            said: Arc::default(),
            unmet_defaults: Arc::default(),
        }
    }

    /// Compiles the site's gates alone, into what was compiled with other ones.
    pub(super) fn compile_gates(&self, compiled: &mut Compiled, problems: &mut Problems) {
        let vocabulary = compiled.vocabulary.governed_by(&self.site_gates);
        let gates = site::compile_gates(&self.site_gates, &vocabulary, &compiled.roles, problems);
        compiled.vocabulary = Arc::new(vocabulary);
        compiled.site_gates = gates.into();
    }

    fn check_format(&self, problems: &mut Problems) {
        let message = match self.version {
            Some(FORMAT_VERSION) => return,
            Some(other) => format!(
                "version {other} of the format is not known here; this reads version {FORMAT_VERSION}"
            ),
            None => {
                format!("`version` is missing; this reads version {FORMAT_VERSION} of the format")
            }
        };
        problems.add(KeyPath::of(["version"]), message);
    }

    /// Compiles the orgs' own roles.
    pub(super) fn compile_own_roles(
        &self,
        orgs: &Orgs,
        roles: &mut Roles,
        problems: &mut Problems,
    ) {
        for id in self.own_roles.keys() {
            // Ancestors first: an own role may include one of theirs.
            let mut branch = Vec::new();
            let mut next = orgs.find(id);
            while let Some((index, org)) = next {
                if roles.is_own_of(index) {
                    break;
                }
                if let Some(own) = self.own_roles.get(org.id.as_str()) {
                    branch.push((index, org, own));
                }
                next = org
                    .parent
                    .and_then(|parent| Some((parent, orgs.get(parent)?)));
            }
            for (index, org, own) in branch.into_iter().rev() {
                let path = KeyPath::of(["orgs", org.id.as_str(), "roles"]);
                roles.compile_own_roles(index, own, path, orgs, problems);
            }
        }
    }
}

impl Compiled {
    /// The site's post of each action.
    pub(super) fn posts(&self) -> Arc<[Post]> {
        // Every resource has a gate, if only a closed one.
        let posts = self.vocabulary.cell_ids.iter().filter_map(|id| {
            let gate = self.site_gates.get(id.resource as usize)?;
            Some(Post::new(*id, gate))
        });
        posts.collect()
    }
}
