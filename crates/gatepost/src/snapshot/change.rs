//! Facts with a few of them changed.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::compile::Problems;
use super::facts::{Org, OrgIndex, RoleSetIndex, SiteRoleSetIndex};
use super::frame::Compiled;
use super::load::default_org;
use super::members::Membership;
use super::records::{Named, Subject};
use super::{FactChange, FactChangeError, Snapshot, found, said};
use crate::id::{OrgId, SubjectId};
use crate::policy::{
    KeyPath, MemberDocument, OrgDocument, OrgGateDocument, OrgRoleDocument, SubjectDocument,
};
use crate::vocabulary::{Kind, Status};

impl Snapshot {
    /// These facts as they are at another version, by what has changed since, in its order.
    ///
    /// What did not change is shared with these. So a membership, a subject, an org or its gate costs about the
    /// same however many there are, and the site's gates and all roles as much as they themselves are. What would
    /// have to be numbered anew is too far: another resource, an org that is no more, a parent that changes.
    ///
    /// Of an org nothing but the org itself is looked at: what stands below it comes by itself.
    ///
    /// ```
    /// use gatepost::{FactChange, PolicyText, OrgDocument, OrgId, Status};
    ///
    /// let facts = PolicyText::toml("version = 1\n[orgs.acme]\n").compile(1)?;
    /// let mut suspended = OrgDocument::default();
    /// suspended.status = Some(Status::Suspended);
    /// let changed = facts.changed(2, [FactChange::Org("acme".into(), Some(suspended))])?;
    ///
    /// let acme = OrgId::new("acme")?;
    /// assert!(!changed.standing(&acme).ok_or("there is such an org")?.is_active);
    /// assert!(facts.standing(&acme).ok_or("there is such an org")?.is_active);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`FactChangeError`]; these facts are as they were.
    pub fn changed(
        &self,
        version: u64,
        changes: impl IntoIterator<Item = FactChange>,
    ) -> Result<Self, FactChangeError> {
        let mut change = Change {
            facts: self.at_version(version),
            problems: Problems::default(),
            gates_changed: false,
            roles_changed: false,
        };
        for one in changes {
            change.apply(one)?;
        }
        change.settle()?;
        if !change.problems.are_none() {
            return Err(change.problems.told().into());
        }
        Ok(change.facts)
    }
}

/// Facts on their way to other ones.
struct Change {
    facts: Snapshot,
    problems: Problems,
    /// Whether the site's gates have changed and were not compiled yet.
    gates_changed: bool,
    /// Whether roles have.
    roles_changed: bool,
}

type Done = Result<(), FactChangeError>;

/// What there is no room for is loaded again, with more room.
fn fits(fits: bool) -> Done {
    if fits {
        Ok(())
    } else {
        Err(FactChangeError::TooFar)
    }
}

impl Change {
    fn apply(&mut self, change: FactChange) -> Done {
        let frame = &mut self.facts.frame;
        match change {
            FactChange::Resource(..) => Err(FactChangeError::TooFar),
            FactChange::SiteGate(name, gate) => {
                set(Arc::make_mut(&mut frame.site_gates), name, gate);
                self.gates_changed = true;
                Ok(())
            }
            FactChange::SiteRole(name, role) => {
                set(Arc::make_mut(&mut frame.site_roles), name, role);
                self.roles_changed = true;
                Ok(())
            }
            FactChange::OrgRole(name, role) => {
                set(Arc::make_mut(&mut frame.org_roles), name, role);
                self.roles_changed = true;
                Ok(())
            }
            FactChange::OwnRole(org, name, role) => {
                self.own_role(&org, name, role);
                Ok(())
            }
            FactChange::Org(id, org) => self.org(&id, org),
            FactChange::OrgGate(org, resource, gate) => self.org_gate(&org, &resource, gate),
            FactChange::Member(org, subject, held) => self.member(&org, &subject, held),
            FactChange::Subject(id, subject) => self.subject(&id, subject),
        }
    }

    fn own_role(&mut self, org: &str, name: String, role: Option<OrgRoleDocument>) {
        if self.facts.orgs.find(org).is_none() {
            self.no_org(KeyPath::of(["orgs", org, "roles", &name]));
            return;
        }
        let own_roles = Arc::make_mut(&mut self.facts.frame.own_roles);
        let own = own_roles.entry(org.to_owned()).or_default();
        set(own, name, role);
        if own.is_empty() {
            own_roles.remove(org);
        }
        self.roles_changed = true;
    }

    fn org(&mut self, id: &str, org: Option<OrgDocument>) -> Done {
        let document = org.ok_or(FactChangeError::TooFar)?;
        let parent = match &document.parent {
            None => None,
            // One that is not there is an error, which names its place where all is loaded.
            Some(parent) => Some(
                self.facts
                    .orgs
                    .find(parent)
                    .ok_or(FactChangeError::TooFar)?
                    .0,
            ),
        };
        let Some((index, known)) = self.facts.orgs.find(id) else {
            return self.new_org(id, &document, parent);
        };
        // A circle may come of it, and names may mean something else below.
        if known.parent != parent {
            return Err(FactChangeError::TooFar);
        }
        let said = found::org(known.id.clone(), document.status, document.visibility);
        let change = |org: &mut Org| {
            org.active = said.active;
            org.public = said.public;
        };
        fits(self.facts.orgs.change(index, change, None))
    }

    fn new_org(&mut self, id: &str, document: &OrgDocument, parent: Option<OrgIndex>) -> Done {
        // Those that have it as their default org have one from now on.
        if self.facts.compiled.unmet_defaults.contains(id) {
            return Err(FactChangeError::TooFar);
        }
        let path = || KeyPath::of(["orgs", id]);
        let Some(id) = self.problems.id(path, OrgId::new(id)) else {
            return Ok(());
        };
        let mut org = found::org(id, document.status, document.visibility);
        org.parent = parent;
        fits(self.facts.orgs.add(org).is_some())
    }

    fn org_gate(&mut self, org: &str, resource: &str, gate: Option<OrgGateDocument>) -> Done {
        self.settle()?;
        let facts = &mut self.facts;
        let path = || KeyPath::of(["orgs", org, "gates", resource]);
        let Some((index, _)) = facts.orgs.find(org) else {
            self.no_org(path());
            return Ok(());
        };
        let gate = gate.map(|gate| {
            let compiled = said::compile(&gate, &path, &facts.compiled.roles, &mut self.problems);
            (gate, compiled)
        });
        let vocabulary = &facts.compiled.vocabulary;
        let Some(resource) = vocabulary.gated_resource(resource, path, &mut self.problems) else {
            return Ok(());
        };
        let mut says = facts.orgs.said_by(index).to_vec();
        says.retain(|(of, _)| *of != resource);
        if let Some((document, gate)) = gate {
            let known = facts.compiled.said.find(&gate);
            let row = known.unwrap_or_else(|| {
                let said = Arc::make_mut(&mut Arc::make_mut(&mut facts.compiled).said);
                let row = said.keep(gate, &document);
                facts.said = said.gates.as_slice().into();
                row
            });
            says.push((resource, row));
            says.sort_unstable();
        }
        fits(facts.orgs.change(index, |_| (), Some(&says)))
    }

    fn member(&mut self, org: &str, subject: &str, held: Option<MemberDocument>) -> Done {
        let path = || KeyPath::of(["orgs", org, "members", subject]);
        if self.facts.looks_through {
            let path = KeyPath::of(["orgs", org, "members"]);
            self.problems
                .add_once(path, "the memberships of this policy are elsewhere");
            return Ok(());
        }
        self.settle()?;
        let facts = &mut self.facts;
        let Some((index, _)) = facts.orgs.find(org) else {
            // Where the org is not there, nothing stands below it either.
            if held.is_some() {
                self.no_org(path());
            }
            return Ok(());
        };
        if self.problems.id(path, SubjectId::new(subject)).is_none() {
            return Ok(());
        }
        let known = facts.subjects.get(subject);
        let named = known.unwrap_or(Subject::STRANGER);
        let others = named.memberships().iter().filter(|it| it.org != index);
        let mut memberships: Vec<Membership> = others.collect();
        let (is_there, named) = (known.is_some(), named.named());
        if let Some(held) = held {
            let roles = facts.role_set_of(&held.roles, index);
            memberships.push(Membership {
                org: index,
                roles,
                end: held.expires,
            });
            memberships.sort_unstable_by_key(|membership| membership.org);
        }
        // Whom the policy does not name is known by memberships alone.
        let is_known = named.kind.is_some() || !memberships.is_empty();
        let now = is_known.then_some((&named, memberships.as_slice()));
        let is_nobody = !is_there && now.is_none();
        fits(is_nobody || facts.subjects.set(subject, now))
    }

    fn subject(&mut self, id: &str, document: Option<SubjectDocument>) -> Done {
        self.settle()?;
        let facts = &mut self.facts;
        let path = || KeyPath::of(["subjects", id]);
        if self.problems.id(path, SubjectId::new(id)).is_none() {
            return Ok(());
        }
        let known = facts.subjects.get(id).unwrap_or(Subject::STRANGER);
        let memberships: Vec<Membership> = known.memberships().iter().collect();
        let mut named = Named::STRANGER;
        if let Some(document) = document {
            named.status = document.status.unwrap_or(Status::Active);
            named.kind = Some(document.kind.unwrap_or(Kind::User));
            named.default_org = default_org(&document, &facts.orgs, &path, &mut self.problems);
            if let (None, Some(default)) = (named.default_org, &document.default_org)
                && !facts.compiled.unmet_defaults.contains(default.as_str())
            {
                let compiled = Arc::make_mut(&mut facts.compiled);
                let unmet = Arc::make_mut(&mut compiled.unmet_defaults);
                unmet.insert(default.as_str().into());
            }
            named.site_roles = facts.site_role_set_of(&document.site_roles);
        }
        let is_known = named.kind.is_some() || !memberships.is_empty();
        let now = is_known.then_some((&named, memberships.as_slice()));
        fits(facts.subjects.set(id, now))
    }

    /// Compiles again what has changed of the frame: what is told in names needs the roles of its time.
    fn settle(&mut self) -> Done {
        let gates_changed = std::mem::take(&mut self.gates_changed);
        if std::mem::take(&mut self.roles_changed) {
            return self.settle_roles();
        }
        if gates_changed {
            let facts = &mut self.facts;
            let compiled = Arc::make_mut(&mut facts.compiled);
            facts.frame.compile_gates(compiled, &mut self.problems);
            facts.posts = compiled.posts();
            facts.site_gates = Arc::clone(&compiled.site_gates);
        }
        Ok(())
    }

    fn settle_roles(&mut self) -> Done {
        let facts = &mut self.facts;
        let before = &facts.compiled;
        let mut compiled = facts.frame.compile(&mut self.problems);
        let roles = Arc::make_mut(&mut compiled.roles);
        let site = Arc::make_mut(&mut compiled.site);
        let orgs = &facts.orgs;
        facts
            .frame
            .compile_own_roles(orgs, roles, &mut self.problems);
        if !self.problems.are_none() {
            return Ok(());
        }
        site.take_sets(&before.site, &mut roles.tables);
        fits(roles.take_sets(&before.roles, orgs))?;
        facts.anyone_table = roles.anyone_table();
        facts.site_role_sets = site.sets.as_slice().into();
        facts.role_sets = roles.sets.as_slice().into();
        facts.tables = roles.tables.cells.as_slice().into();
        // A floor that names what is no role any more is told with its place where all is loaded.
        let said = before.said.retold(roles);
        compiled.said = Arc::new(said.ok_or(FactChangeError::TooFar)?);
        compiled.unmet_defaults = Arc::clone(&before.unmet_defaults);
        facts.said = compiled.said.gates.as_slice().into();
        facts.posts = compiled.posts();
        facts.site_gates = Arc::clone(&compiled.site_gates);
        facts.compiled = Arc::new(compiled);
        Ok(())
    }

    fn no_org(&mut self, path: KeyPath) {
        self.problems
            .add(path, "stands below an org that is not there");
    }
}

impl Snapshot {
    /// The set of roles that a membership in an org holds, which is added where nobody has held it yet.
    fn role_set_of(&mut self, held: &[String], org: OrgIndex) -> RoleSetIndex {
        if let Some(known) = self.compiled.roles.known_set(held, org) {
            return known;
        }
        let roles = Arc::make_mut(&mut Arc::make_mut(&mut self.compiled).roles);
        let set = roles.set(held, org, &self.orgs);
        self.role_sets = roles.sets.as_slice().into();
        self.tables = roles.tables.cells.as_slice().into();
        set
    }

    /// The set of site roles that a subject holds, which is added where nobody has held it yet.
    fn site_role_set_of(&mut self, held: &[String]) -> SiteRoleSetIndex {
        if let Some(known) = self.compiled.site.known_set(held) {
            return known;
        }
        let Compiled { site, roles, .. } = Arc::make_mut(&mut self.compiled);
        let (site, roles) = (Arc::make_mut(site), Arc::make_mut(roles));
        let set = site.set(held, &mut roles.tables);
        self.site_role_sets = site.sets.as_slice().into();
        self.tables = roles.tables.cells.as_slice().into();
        set
    }
}

/// Puts a piece in the place of what was there, or takes it out.
fn set<T>(pieces: &mut BTreeMap<String, T>, name: String, piece: Option<T>) {
    match piece {
        Some(piece) => drop(pieces.insert(name, piece)),
        None => drop(pieces.remove(&name)),
    }
}

#[cfg(test)]
mod tests;
