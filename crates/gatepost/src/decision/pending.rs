//! What has not been read yet: the worlds that it leaves possible, and when it is asked for.

use super::end::Halt;
use super::place::Place;
use super::{Check, Run, Watch, Whose};
use crate::code::Code;
use crate::request::{Input, OrgInput, Request};
use crate::subject::Subject;
use crate::vocabulary::OrgRule;
use crate::world::{Ownership, Worlds};

/// The worlds that a request can be in, by what has been read of it.
#[inline]
pub(super) fn possible_worlds(request: &Request<'_>) -> Worlds {
    let modes = match request.mode {
        Input::Known(mode) => Worlds::of_mode(mode),
        Input::Pending => Worlds::EITHER_MODE,
    };
    let ownerships = match request.owner {
        Input::Known(None) => Worlds::of_ownership(Ownership::Unknown),
        Input::Known(Some(owner)) => {
            let own = request.subject.map(Subject::beneficiary) == Some(owner);
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

impl<W: Watch> Run<'_, '_, W> {
    /// Not every possible world passes: none does, or the mode or the owner still to be read makes the difference.
    #[cold]
    pub(super) fn settle(
        &mut self,
        whose: Whose,
        check: Check,
        code: Code,
        passes: Worlds,
    ) -> Result<(), Halt> {
        if self.worlds.and(passes).is_empty() {
            return Err(Halt::Deny(whose, check, code));
        }
        if self.request.mode == Input::Pending && passes.depends_on_mode(self.worlds) {
            return Err(Halt::NeedMode);
        }
        match self.place()? {
            // The owner is looked for in the org, so the org comes first.
            Place::Pending => Err(Halt::NeedOrg),
            Place::Site | Place::Org(..) => Err(Halt::NeedOwner),
            // In no org there is no such object, and an object that is missing has no owner.
            Place::Missing | Place::Unnamed(_) => {
                self.worlds = self.worlds.and(Worlds::of_ownership(Ownership::Unknown));
                if self.worlds.and(passes) == self.worlds {
                    Ok(())
                } else {
                    self.settle(whose, check, code, passes)
                }
            }
        }
    }
}
