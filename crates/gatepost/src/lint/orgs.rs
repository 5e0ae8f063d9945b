//! Orgs and their members, judged by what stands above and below them.

mod gates;

use std::collections::{HashMap, HashSet};

use super::model::{Floor, Model};
use super::tree::{Tree, Visit};
use super::{FindingKind, Findings};
use crate::policy::{KeyPath, MemberDocument, OrgDocument, PolicyDocument};
use crate::time::Timestamp;
use crate::vocabulary::{Mode, Visibility};

/// A gate's own switch, or that of one of its modes.
pub(super) type SwitchOf<'d> = (&'d str, Option<Mode>);

/// What all orgs come to together.
#[derive(Default)]
pub(super) struct Standing<'d> {
    /// The highest level that an unexpired membership has, where there is any.
    pub(super) top_level: Option<i64>,
    /// The switches that some org has set to `on` with nothing `off` above it.
    pub(super) opened: HashSet<SwitchOf<'d>>,
    /// How many orgs have set a switch.
    pub(super) said: HashMap<SwitchOf<'d>, usize>,
}

/// What the path down to an org says of a resource.
#[derive(Clone, Copy, Default)]
struct Heard<'d> {
    /// The org that said `off`.
    off: Option<&'d str>,
    foreground: HeardMode<'d>,
    background: HeardMode<'d>,
}

#[derive(Clone, Copy, Default)]
struct HeardMode<'d> {
    off: Option<&'d str>,
    /// The highest `min_role`, and the org that set it.
    min_role: Option<(Floor<'d>, &'d str)>,
}

/// The highest levels of members around an org.
#[derive(Clone, Copy, Default)]
struct Levels {
    /// In it and above it.
    above: Option<i64>,
    /// Below it.
    below: Option<i64>,
}

struct Walk<'d, 'w> {
    document: &'d PolicyDocument,
    model: &'w Model<'d>,
    tree: Tree<'d>,
    at: Timestamp,
    findings: &'w mut Findings,
    /// The levels of the own roles of that name on the path, the nearest last.
    own_roles: HashMap<&'d str, Vec<i64>>,
    own_role_names: HashSet<&'d str>,
    heard: HashMap<&'d str, Vec<Heard<'d>>>,
    levels: Vec<Levels>,
    /// The nearest org on the path, itself included, that is private.
    private: Vec<Option<&'d str>>,
    /// Where each subject is a member, expired or not.
    memberships: HashMap<&'d str, Vec<usize>>,
    standing: Standing<'d>,
}

pub(super) fn lint<'d>(
    document: &'d PolicyDocument,
    model: &Model<'d>,
    at: Timestamp,
    findings: &mut Findings,
) -> Standing<'d> {
    let tree = Tree::of(document);
    let own_roles = document.orgs.values().flat_map(|org| org.roles.keys());
    let mut walk = Walk {
        document,
        model,
        at,
        findings,
        own_roles: HashMap::new(),
        own_role_names: own_roles.map(String::as_str).collect(),
        heard: HashMap::new(),
        levels: vec![Levels::default(); tree.len()],
        private: vec![None; tree.len()],
        memberships: HashMap::new(),
        standing: Standing::default(),
        tree,
    };
    let visits: Vec<Visit> = walk.tree.visits().collect();
    for visit in visits {
        match visit {
            Visit::Enter(row) => walk.enter(row),
            Visit::Leave(row) => walk.leave(row),
        }
    }
    walk.default_orgs();
    walk.standing
}

impl<'d> Walk<'d, '_> {
    fn enter(&mut self, row: usize) {
        let Some((id, org)) = self.tree.org(row) else {
            return;
        };
        for (name, role) in &org.roles {
            let level = role.level.unwrap_or(0);
            self.own_roles.entry(name).or_default().push(level);
        }
        self.visibility(row, id, org);
        let parent = self.tree.parent(row).and_then(|row| self.levels.get(row));
        let mut above = parent.and_then(|levels| levels.above);
        for (member, membership) in &org.members {
            self.memberships.entry(member).or_default().push(row);
            let path = || KeyPath::of(["orgs", id, "members", member]);
            above = above.max(self.member(membership, &path));
        }
        if let Some(levels) = self.levels.get_mut(row) {
            levels.above = above;
        }
        self.standing.top_level = self.standing.top_level.max(above);
        for (resource, gate) in &org.gates {
            let path = || KeyPath::of(["orgs", id, "gates", resource]);
            let heard = self.gate(id, resource, gate, &path);
            self.heard.entry(resource).or_default().push(heard);
        }
    }

    fn leave(&mut self, row: usize) {
        let Some((id, org)) = self.tree.org(row) else {
            return;
        };
        let levels = self.levels.get(row).copied().unwrap_or_default();
        let reach = levels.above.max(levels.below);
        for (resource, gate) in &org.gates {
            self.unreached(id, resource, gate, reach);
            self.heard.entry(resource).or_default().pop();
        }
        for name in org.roles.keys() {
            self.own_roles.entry(name).or_default().pop();
        }
        let parent = self.tree.parent(row);
        if let Some(parent) = parent.and_then(|parent| self.levels.get_mut(parent)) {
            parent.below = parent.below.max(reach);
        }
    }

    fn visibility(&mut self, row: usize, id: &'d str, org: &OrgDocument) {
        let above = self.tree.parent(row);
        let mut private = above.and_then(|row| self.private.get(row).copied().flatten());
        if org.visibility != Some(Visibility::Public) {
            private = Some(id);
        } else if let Some(ancestor) = private {
            let path = KeyPath::of(["orgs", id, "visibility"]);
            let message = format!("`{ancestor}` above it is private, so this org is not public");
            self.findings.add(FindingKind::NotPublic, path, message);
        }
        if let Some(slot) = self.private.get_mut(row) {
            *slot = private;
        }
    }

    /// The level that the membership gives, where it is not over and holds any role.
    fn member(
        &mut self,
        membership: &'d MemberDocument,
        path: &dyn Fn() -> KeyPath,
    ) -> Option<i64> {
        let mut highest = None;
        for (index, role) in membership.roles.iter().enumerate() {
            let at = || path().key("roles").index(index);
            if role == "anyone" {
                let message = "no membership holds `anyone`: everybody has it in a public org";
                self.findings.add(FindingKind::HeldAnyone, at(), message);
                continue;
            }
            let own = || self.own_roles.get(role.as_str())?.last().copied();
            if let Some(level) = self.model.level(role).or_else(own) {
                highest = highest.max(Some(level));
            } else {
                let message = self.undefined(role);
                self.findings.add(FindingKind::UndefinedRole, at(), message);
            }
        }
        let Some(over) = membership.expires.filter(|expires| *expires <= self.at) else {
            return highest;
        };
        let path = path().key("expires");
        let message = format!("the membership is over since {over}");
        self.findings
            .add(FindingKind::ExpiredMembership, path, message);
        None
    }

    /// Why a name that a member holds means nothing.
    fn undefined(&self, role: &str) -> String {
        let name = role.escape_debug();
        let why = if self.own_role_names.contains(role) {
            "is an own role of another org"
        } else if self.document.site.roles.contains_key(role) {
            "is a site role"
        } else {
            return format!("`{name}` is defined nowhere and grants nothing");
        };
        format!("`{name}` {why} and grants nothing here")
    }

    fn default_orgs(&mut self) {
        for (id, subject) in &self.document.subjects {
            let Some(org) = &subject.default_org else {
                continue;
            };
            let memberships = self.memberships.get(id.as_str());
            let is_member = |row| {
                let mut orgs = memberships.into_iter().flatten();
                orgs.any(|member_of| self.tree.holds(*member_of, row))
            };
            let why = match self.tree.row(org) {
                None => "is no org",
                Some(row) if !is_member(row) => "is an org where the subject is no member",
                Some(_) => continue,
            };
            let message = format!("`{}` {why}, so it counts as unset", org.escape_debug());
            let path = KeyPath::of(["subjects", id, "default_org"]);
            self.findings.add(FindingKind::DefaultOrg, path, message);
        }
    }
}
