//! What an author may give in an org.

use gatepost::{Gain, Holding, OrgId, Snapshot, SubjectId, Timestamp};

use crate::change::Effect;
use crate::command::{Command, WriteRefusal};
use crate::fact::{FactKey, FactKind};

/// What an author may give in an org, once he may change it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Bound {
    /// Anything.
    None,
    /// What is held.
    Holding(Holding),
}

impl Bound {
    /// What both may give.
    pub(crate) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::None, bound) | (bound, Self::None) => bound,
            (Self::Holding(one), Self::Holding(other)) => Self::Holding(one.both(&other)),
        }
    }

    /// Refuses a change that gives more.
    ///
    /// What a membership gives is compared for that membership alone, and what a role gives for that role alone:
    /// the rest of what somebody holds can be over tomorrow. What is given here reaches the org's descendants,
    /// and so does what the author holds here.
    pub(crate) fn check(
        &self,
        command: &Command,
        before: &Snapshot,
        after: &Snapshot,
        now: Timestamp,
    ) -> Result<(), WriteRefusal> {
        let Self::Holding(holding) = self else {
            return Ok(());
        };
        within(holding, &gain(command, before, after, now)?)
    }

    /// Refuses what gives more in one of these facts, which are of one org.
    ///
    /// A membership is looked at now, and where it was over before it is over now: nobody lengthens one beyond
    /// what he holds.
    pub(crate) fn check_facts(
        &self,
        effects: &[Effect],
        before: &Snapshot,
        after: &Snapshot,
        now: Timestamp,
    ) -> Result<(), WriteRefusal> {
        let Self::Holding(holding) = self else {
            return Ok(());
        };
        for effect in effects {
            let over = effect.before.as_deref().and_then(expires);
            let moments = [Some(now), over.filter(|over| *over > now)];
            for at in moments.into_iter().flatten() {
                within(holding, &gain_of_fact(&effect.key, before, after, at)?)?;
            }
        }
        Ok(())
    }
}

fn within(holding: &Holding, gain: &Gain) -> Result<(), WriteRefusal> {
    match holding.exceeded_by(gain) {
        Some(excess) => Err(WriteRefusal::Beyond(excess)),
        None => Ok(()),
    }
}

/// When a membership is over.
fn expires(body: &str) -> Option<Timestamp> {
    let member: gatepost::MemberDocument = serde_json::from_str(body).ok()?;
    member.expires
}

/// What a fact gives in its org.
fn gain_of_fact(
    key: &FactKey,
    before: &Snapshot,
    after: &Snapshot,
    now: Timestamp,
) -> Result<Gain, WriteRefusal> {
    let FactKey { kind, a, b } = key;
    match kind {
        FactKind::Member => of_membership(a, b, before, after, now),
        FactKind::OwnRole => of_role(a, b, before, after),
        // As with the commands.
        FactKind::Resource
        | FactKind::SiteGate
        | FactKind::SiteRole
        | FactKind::OrgRole
        | FactKind::Org
        | FactKind::OrgGate
        | FactKind::Subject => Ok(Gain::default()),
    }
}

fn of_membership(
    org: &str,
    subject: &str,
    before: &Snapshot,
    after: &Snapshot,
    now: Timestamp,
) -> Result<Gain, WriteRefusal> {
    let org = org_id(org)?;
    let subject = SubjectId::new(subject)
        .map_err(|error| WriteRefusal::invalid("subject", format!("the id {error}")))?;
    let held = |facts: &Snapshot| facts.direct_holding(&subject, &org, now);
    Ok(held(after).gain_over(&held(before)))
}

fn of_role(
    org: &str,
    name: &str,
    before: &Snapshot,
    after: &Snapshot,
) -> Result<Gain, WriteRefusal> {
    let org = org_id(org)?;
    // Before, the name may have meant a role of an ancestor.
    let meant = |facts: &Snapshot| facts.meaning_of_role(&org, name);
    Ok(meant(after).gain_over(&meant(before)))
}

/// What a command gives in its org.
fn gain(
    command: &Command,
    before: &Snapshot,
    after: &Snapshot,
    now: Timestamp,
) -> Result<Gain, WriteRefusal> {
    match command {
        Command::MemberAdd { org, subject, .. } | Command::MemberRemove { org, subject, .. } => {
            of_membership(org, subject, before, after, now)
        }
        Command::RoleDefine {
            org: Some(org),
            name,
            ..
        } => of_role(org, name, before, after),
        // What an org switches and how low its floors are is the org's to say, within the site's. All else is
        // the site's, by site grants alone: nothing bounds those.
        Command::OrgSwitch { .. }
        | Command::OrgFloor { .. }
        | Command::SiteSwitch { .. }
        | Command::SiteAccess { .. }
        | Command::SiteActions { .. }
        | Command::SiteFloor { .. }
        | Command::SiteDefault { .. }
        | Command::SiteRoleDefine { .. }
        | Command::SiteRoleAdd { .. }
        | Command::SiteRoleRemove { .. }
        | Command::ResourceDefine { .. }
        | Command::RoleDefine { org: None, .. }
        | Command::OrgCreate { .. }
        | Command::OrgStatus { .. }
        | Command::OrgVisibility { .. }
        | Command::OrgParent { .. }
        | Command::SubjectStatus { .. }
        | Command::SubjectKind { .. }
        | Command::SubjectDefaultOrg { .. } => Ok(Gain::default()),
    }
}

fn org_id(text: &str) -> Result<OrgId, WriteRefusal> {
    OrgId::new(text).map_err(|error| WriteRefusal::invalid("org", format!("the id {error}")))
}
