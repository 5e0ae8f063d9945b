//! What an author may give in an org.

use gatepost::{Gain, Holding, OrgId, Snapshot, SubjectId, Timestamp};

use crate::command::{Command, WriteRefusal};

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
        match holding.exceeded_by(&gain(command, before, after, now)?) {
            Some(excess) => Err(WriteRefusal::Beyond(excess)),
            None => Ok(()),
        }
    }
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
            let org = org_id(org)?;
            let subject = SubjectId::new(subject)
                .map_err(|error| WriteRefusal::invalid("subject", format!("the id {error}")))?;
            let held = |facts: &Snapshot| facts.direct_holding(&subject, &org, now);
            Ok(held(after).gain_over(&held(before)))
        }
        Command::RoleDefine {
            org: Some(org),
            name,
            ..
        } => {
            let org = org_id(org)?;
            // Before, the name may have meant a role of an ancestor.
            let meant = |facts: &Snapshot| facts.meaning_of_role(&org, name);
            Ok(meant(after).gain_over(&meant(before)))
        }
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
