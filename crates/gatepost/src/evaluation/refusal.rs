//! What a request that is refused is told.

use super::{Evaluation, NamedOrg};
use crate::code::{Code, Tier};
use crate::decision::{Deny, Whose};
use crate::denial::Denial;

impl Evaluation {
    /// What a denial by policy tells.
    #[cold]
    pub(super) fn denied(&self, deny: &Deny<'_>) -> Denial {
        let acts_for = (self.subject.as_ref()).is_some_and(|subject| subject.delegator().is_some());
        let mut denial = Denial::by_policy(deny, acts_for);
        let is_before_org = matches!(deny.code.tier(), Some(Tier::Identity | Tier::Site))
            && deny.whose == Whose::Subject;
        // Whoever may not know an org is told the one that the request named, and no other: neither that of
        // an object nor somebody's default.
        let is_named = matches!(self.org, NamedOrg::Named(_)) && !self.is_pinned;
        let is_unknown = deny.code == Code::NotAMember
            && (!is_named || self.requirement.org_rule().is_by_entity());
        if is_before_org || is_unknown {
            denial.untell_org();
        }
        self.tell(&mut denial);
        denial
    }

    /// Says of a denial or error what was asked for, and hides it where the requirement does.
    pub fn reject(&self, mut denial: Denial) -> Denial {
        self.tell(&mut denial);
        denial
    }

    /// [`reject`](Self::reject), of a denial where it stands.
    pub fn tell(&self, denial: &mut Denial) {
        let found = self.subject.is_some();
        denial.ask(self.target.resource(), self.requirement.action());
        denial.hide(found && self.requirement.is_hidden());
    }
}
