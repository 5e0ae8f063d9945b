//! How a run ends, and what it answers then.

use super::org::TimeNeeded;
use super::place::Place;
use super::question::Question;
use super::unread::Unread;
use super::{Allow, Check, Decision, Deny, Need, Reach, Run, Step, Tally, Watch, Whose};
use crate::code::Code;
use crate::id::OrgId;
use crate::request::{Input, OrgInput};
use crate::vocabulary::{Kind, OrgRule};
use crate::world::{Ownership, Worlds};

/// Why a run ends before its last check; small, since every check can return it.
#[derive(Clone, Copy)]
pub(super) enum Halt {
    Deny(Whose, Check, Code),
    NeedOrg,
    NeedMode,
    NeedOwner,
    NeedTime,
    NeedMemberships(Whose),
}

impl From<TimeNeeded> for Halt {
    fn from(_: TimeNeeded) -> Self {
        Self::NeedTime
    }
}

impl From<Unread> for Halt {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::Time => Self::NeedTime,
            Unread::Memberships(whose) => Self::NeedMemberships(whose),
        }
    }
}

impl<'a, W: Watch> Run<'a, '_, W> {
    /// Everything has passed; what the permit must carry is read before it is given.
    #[inline(always)]
    pub(super) fn allow(&self, place: Place<'a>, kind: Kind) -> Step<'a> {
        let org = match place {
            Place::Org(org, _) => Some(org),
            Place::Site | Place::Missing | Place::Unnamed(_) | Place::Pending => None,
        };
        let Input::Known(mode) = self.question.request.mode else {
            return Step::Need(Need::Mode);
        };
        let Input::Known(owner) = self.question.request.owner else {
            return Step::Need(Need::Owner { org });
        };
        let another = Worlds::of_mode(mode).and(Worlds::of_ownership(Ownership::Other));
        let reach = if self.tally.passing.and(another).is_empty() {
            // A site grant has opened the org; whether an org role reaches further is still to be read.
            if self.question.facts.looks_through()
                && org.is_some()
                && let Some(whose) = self.question.unread()
            {
                return Step::Need(Need::Memberships(whose));
            }
            Reach::Own
        } else {
            Reach::Any
        };
        Step::Done(Decision::Allow(Allow {
            org,
            mode,
            owner,
            via_all_orgs: self.tally.via,
            reach,
            kind,
        }))
    }
}

impl<'a> Question<'a, '_> {
    /// What is answered where a run did not come to its end.
    #[cold]
    pub(super) fn halted<W: Watch>(self, halt: Halt, tally: Tally, watch: &mut W) -> Step<'a> {
        match halt {
            Halt::NeedOrg => Step::Need(Need::Org),
            Halt::NeedMode => Step::Need(Need::Mode),
            Halt::NeedTime => Step::Need(Need::Time),
            Halt::NeedMemberships(whose) => Step::Need(Need::Memberships(whose)),
            Halt::NeedOwner => match self.place(watch) {
                Ok(Place::Org(org, _)) => Step::Need(Need::Owner { org: Some(org) }),
                Ok(Place::Site | Place::Missing | Place::Unnamed(_) | Place::Pending) => {
                    Step::Need(Need::Owner { org: None })
                }
                Err(needed) => self.halted(needed.into(), tally, watch),
            },
            Halt::Deny(whose, check, code) => self.denied(whose, check, code, tally, watch),
        }
    }

    /// A denial is as quick as an allow: a flood of them is what an attacker has to offer.
    #[inline(always)]
    pub(super) fn denied<W: Watch>(
        self,
        whose: Whose,
        check: Check,
        code: Code,
        tally: Tally,
        watch: &mut W,
    ) -> Step<'a> {
        if self.facts.looks_through() && self.fails_unread(whose, check, tally.worlds) {
            return Step::Need(Need::Memberships(whose));
        }
        let org = match self.request.org {
            OrgInput::Named(org) => Some(org),
            OrgInput::Absent(_) | OrgInput::Conflict | OrgInput::Missing | OrgInput::Pending => {
                self.told_org(check, watch)
            }
        };
        let mode = match self.request.mode {
            Input::Known(mode) => mode,
            Input::Pending => None,
        };
        let required_role = if code == Code::ModeFloor {
            Some(self.facts.role_name(tally.floor.role()))
        } else {
            None
        };
        Step::Done(Decision::Deny(Deny {
            code,
            check,
            whose,
            org,
            mode,
            required_role,
        }))
    }

    /// The org that a denial names: the request's, or the default one, as if the request had named it.
    #[cold]
    fn told_org<W: Watch>(self, check: Check, watch: &mut W) -> Option<&'a OrgId> {
        match self.request.org {
            OrgInput::Named(org) => Some(org),
            // A denial that fell before the org was asked for reads nothing of it.
            OrgInput::Absent(OrgRule::Default) if check > Check::OrgNamed => {
                match self.place(watch) {
                    Ok(Place::Org(org, _)) => Some(org),
                    Ok(Place::Site | Place::Missing | Place::Unnamed(_) | Place::Pending)
                    | Err(_) => None,
                }
            }
            OrgInput::Absent(_) | OrgInput::Conflict | OrgInput::Missing | OrgInput::Pending => {
                None
            }
        }
    }
}
