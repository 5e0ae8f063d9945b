//! A request's four inputs, known or not.

use gatepost::Mode;

/// Where the request falls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In the org that the subjects of the table may be members of.
    Home,
    /// In an org that none of them is in.
    Elsewhere,
    /// In an org that does not exist.
    Nowhere,
    /// In two orgs at once.
    Conflict,
    /// In the org of an entity that does not exist.
    Missing,
    /// In no org where one is required.
    Unnamed,
    /// In the default org.
    Default,
    /// In no org, and none is needed.
    Site,
}

/// Whose the object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    Nobody,
    Own,
    Another,
}

/// When it is asked: before or at the moment at which memberships end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    Before,
    After,
}

impl Place {
    pub(super) const ALL: [Self; 8] = [
        Self::Home,
        Self::Elsewhere,
        Self::Nowhere,
        Self::Conflict,
        Self::Missing,
        Self::Unnamed,
        Self::Default,
        Self::Site,
    ];

    /// What an org source can turn out to say; with one, the rule for no org is not `none`.
    pub(super) const OF_A_SOURCE: [Self; 6] = [
        Self::Home,
        Self::Elsewhere,
        Self::Nowhere,
        Self::Conflict,
        Self::Missing,
        Self::Unnamed,
    ];
}

pub(super) const MODES: [Option<Mode>; 3] = [None, Some(Mode::Foreground), Some(Mode::Background)];
pub(super) const OWNERS: [Owner; 3] = [Owner::Nobody, Owner::Own, Owner::Another];
pub(super) const TIMES: [At; 2] = [At::Before, At::After];

/// All inputs of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct World {
    pub(super) place: Place,
    pub(super) mode: Option<Mode>,
    pub(super) owner: Owner,
    pub(super) at: At,
}

impl World {
    pub(super) fn all() -> impl Iterator<Item = Self> {
        Place::ALL.into_iter().flat_map(|place| {
            MODES.into_iter().flat_map(move |mode| {
                OWNERS.into_iter().flat_map(move |owner| {
                    TIMES.into_iter().map(move |at| Self {
                        place,
                        mode,
                        owner,
                        at,
                    })
                })
            })
        })
    }

    pub(super) fn in_the_other_mode(self) -> Self {
        let mode = self.mode.map(|mode| match mode {
            Mode::Foreground => Mode::Background,
            Mode::Background => Mode::Foreground,
        });
        Self { mode, ..self }
    }

    /// Its position in [`World::all`].
    pub(super) fn number(self) -> usize {
        let mode = self.mode.map_or(0, |mode| 1 + mode as usize);
        ((self.place as usize * MODES.len() + mode) * OWNERS.len() + self.owner as usize)
            * TIMES.len()
            + self.at as usize
    }
}

/// What is known of the inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(
    clippy::option_option,
    reason = "a mode is pending, or known, and then it may be none"
)]
pub(super) struct Known {
    pub(super) place: Option<Place>,
    pub(super) mode: Option<Option<Mode>>,
    pub(super) owner: Option<Owner>,
    pub(super) at: Option<At>,
}

impl Known {
    /// Every combination of known and pending inputs.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        fn or_pending<T: Copy>(values: &[T]) -> impl Iterator<Item = Option<T>> + use<T> {
            let mut options = vec![None];
            options.extend(values.iter().copied().map(Some));
            options.into_iter()
        }
        or_pending(&Place::ALL).flat_map(|place| {
            or_pending(&MODES).flat_map(move |mode| {
                or_pending(&OWNERS).flat_map(move |owner| {
                    or_pending(&TIMES).map(move |at| Self {
                        place,
                        mode,
                        owner,
                        at,
                    })
                })
            })
        })
    }

    /// The worlds that it may turn out to be. `owned_in` says where an object can be found at all:
    /// one that was to lie in no org, or in the org of an entity that is missing, has no owner.
    pub(super) fn worlds(self, owned_in: impl Fn(Place, At) -> bool) -> Vec<World> {
        let possible = |world: &World| {
            let place = match self.place {
                Some(place) => place == world.place,
                None => Place::OF_A_SOURCE.contains(&world.place),
            };
            // A mode that is still to be told is one of the two.
            let mode = self
                .mode
                .map_or(world.mode.is_some(), |mode| mode == world.mode);
            let owner = match self.owner {
                Some(owner) => owner == world.owner,
                None => world.owner == Owner::Nobody || owned_in(world.place, world.at),
            };
            place && mode && owner && self.at.is_none_or(|at| at == world.at)
        };
        World::all().filter(possible).collect()
    }
}
