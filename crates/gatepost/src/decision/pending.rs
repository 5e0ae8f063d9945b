//! What has not been read yet: the worlds that it leaves possible, and when it is asked for.

use super::Watch;
use super::end::Halt;
use super::place::Place;
use super::question::Question;
use crate::request::{Input, OrgInput};
use crate::subject::Subject;
use crate::vocabulary::OrgRule;
use crate::world::{Ownership, Worlds};

impl Question<'_, '_> {
    /// The worlds that a request can be in, by what has been read of it.
    #[inline(always)]
    pub(super) fn possible_worlds(self) -> Worlds {
        let request = self.request;
        let modes = match request.mode {
            Input::Known(mode) => Worlds::of_mode(mode),
            Input::Pending => Worlds::EITHER_MODE,
        };
        let ownerships = match request.owner {
            Input::Known(None) => Worlds::of_ownership(Ownership::Unknown),
            Input::Known(Some(owner)) => {
                let beneficiary = request.subject.map(Subject::beneficiary);
                // What is created or listed is the subject's by the requirement: then it is the very same id.
                let own = beneficiary.is_some_and(|id| std::ptr::eq(id, owner) || id == owner);
                Worlds::of_ownership(if own {
                    Ownership::Own
                } else {
                    Ownership::Other
                })
            }
            Input::Pending => match request.org {
                // In no org there is no such object, and an object that is missing has no owner.
                OrgInput::Absent(OrgRule::Required) | OrgInput::Conflict | OrgInput::Missing => {
                    Worlds::of_ownership(Ownership::Unknown)
                }
                OrgInput::Absent(OrgRule::Default | OrgRule::None)
                | OrgInput::Named(_)
                | OrgInput::Pending => Worlds::ALL,
            },
        };
        modes.and(ownerships)
    }

    /// Not every possible world passes: none does, or the mode or the owner still to be read makes the difference.
    ///
    /// Answers the worlds that are left, where every one of those passes.
    #[cold]
    pub(super) fn settle<W: Watch>(
        self,
        worlds: Worlds,
        passes: Worlds,
        denial: Halt,
        watch: &mut W,
    ) -> Result<Worlds, Halt> {
        if let Halt::Deny(whose, check, _) = denial
            && self.facts.looks_through()
            && self.fails_unread(whose, check, worlds.and(passes.not()))
        {
            return Err(Halt::NeedMemberships(whose));
        }
        if worlds.and(passes).is_empty() {
            return Err(denial);
        }
        if self.request.mode == Input::Pending && passes.depends_on_mode(worlds) {
            return Err(Halt::NeedMode);
        }
        match self.place(watch)? {
            // The owner is looked for in the org, so the org comes first.
            Place::Pending => Err(Halt::NeedOrg),
            Place::Site | Place::Org(..) => Err(Halt::NeedOwner),
            // In no org there is no such object, and an object that is missing has no owner.
            Place::Missing | Place::Unnamed(_) => {
                let worlds = worlds.and(Worlds::of_ownership(Ownership::Unknown));
                if worlds.and(passes) == worlds {
                    Ok(worlds)
                } else {
                    self.settle(worlds, passes, denial, watch)
                }
            }
        }
    }
}
