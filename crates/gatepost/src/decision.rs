//! The decision: fifteen checks, in one place, in order.
//!
//! [`decide`] is pure. It reads facts and a request, and answers; where the
//! answer depends on something that has not been read yet, it answers what it
//! needs, and is asked again with it. Each check yields the set of
//! [`Worlds`] in which it passes: every possible world inside that set is a
//! pass, none is the denial, and anything between means that the outcome
//! depends on a mode or an owner still to be read.

use crate::code::{Code, Tier};
use crate::id::{OrgId, SubjectId};
use crate::request::{Input, OrgInput, Request};
use crate::snapshot::{self, CellId, Floor, OrgIndex, SiteGate, Snapshot};
use crate::subject::Subject;
use crate::time::Timestamp;
use crate::vocabulary::{Access, Kind, Mode, OrgRule, SiteSwitch, Status};
use crate::world::{Ownership, Worlds};

mod org;

pub(crate) use org::OrgView;
use org::TimeNeeded;

/// The fifteen checks, by what they ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(
    clippy::exhaustive_enums,
    reason = "the fifteen checks are the definition of a decision"
)]
pub enum Check {
    /// 1: a subject was found.
    SubjectFound = 1,
    /// 2: it is active, and acts for whom it must.
    SubjectActive,
    /// 3: its scopes cover the request.
    Scopes,
    /// 4: the resource is declared and switched on for the site.
    SiteSwitch,
    /// 5: no site role denies it.
    SiteDeny,
    /// 6: the site gives access.
    SiteGrant,
    /// 7: the mode is switched on for the site.
    SiteMode,
    /// 8: the request's org was found.
    OrgNamed,
    /// 9: the org exists and the subject may know it.
    OrgKnown,
    /// 10: the org and its ancestors are active.
    OrgActive,
    /// 11: the resource is switched on in the org.
    OrgSwitch,
    /// 12: the mode is switched on in the org.
    OrgMode,
    /// 13: no org role denies it.
    OrgDeny,
    /// 14: an org role grants it.
    OrgGrant,
    /// 15: the subject's level reaches the mode's floor.
    Floor,
}

impl Check {
    /// Every check, in order.
    pub const ALL: [Self; 15] = [
        Self::SubjectFound,
        Self::SubjectActive,
        Self::Scopes,
        Self::SiteSwitch,
        Self::SiteDeny,
        Self::SiteGrant,
        Self::SiteMode,
        Self::OrgNamed,
        Self::OrgKnown,
        Self::OrgActive,
        Self::OrgSwitch,
        Self::OrgMode,
        Self::OrgDeny,
        Self::OrgGrant,
        Self::Floor,
    ];

    /// The check's number, 1 to 15.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The tier that it belongs to.
    pub const fn tier(self) -> Tier {
        match self {
            Self::SubjectFound | Self::SubjectActive | Self::Scopes => Tier::Identity,
            Self::SiteSwitch | Self::SiteDeny | Self::SiteGrant | Self::SiteMode => Tier::Site,
            Self::OrgNamed
            | Self::OrgKnown
            | Self::OrgActive
            | Self::OrgSwitch
            | Self::OrgMode
            | Self::OrgDeny
            | Self::OrgGrant => Tier::Org,
            Self::Floor => Tier::Mode,
        }
    }
}

/// Whose part of a decision it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(
    clippy::exhaustive_enums,
    reason = "a request has a subject and at most one it acts for"
)]
pub enum Whose {
    /// The subject's.
    Subject,
    /// That of the human whom the subject acts for.
    ActingFor,
}

impl Whose {
    /// The word as it stands in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::ActingFor => "acting_for",
        }
    }
}

/// Whether the grants that let a request through reach any object, or only its owner's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_enums, reason = "a grant has `@own` or it has not")]
pub enum Reach {
    /// Any object.
    Any,
    /// Only objects that the subject owns; with `acting_for`, the one acted for.
    Own,
}

/// The answer to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(
    clippy::exhaustive_enums,
    reason = "whatever is not an allow is a denial or an error, nothing else"
)]
pub enum Decision<'a> {
    /// It may.
    Allow(Allow<'a>),
    /// It may not.
    Deny(Deny<'a>),
    /// It could not be decided.
    Error(Code),
}

/// What an allow was given under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Allow<'a> {
    /// The org that the request falls in; none where the site tier alone decided.
    pub org: Option<&'a OrgId>,
    /// How the work runs.
    pub mode: Option<Mode>,
    /// Whose object is acted on.
    pub owner: Option<&'a SubjectId>,
    /// Whether a site role with `all_orgs` opened the org.
    pub via_all_orgs: bool,
    /// Whether the grants reach any object.
    pub reach: Reach,
    /// What the subject is, by policy and identity together.
    pub kind: Kind,
}

/// Why a request was denied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Deny<'a> {
    /// The first check that failed, by its code.
    pub code: Code,
    /// The check.
    pub check: Check,
    /// Whose request failed it.
    pub whose: Whose,
    /// The org that the request names.
    pub org: Option<&'a OrgId>,
    /// How the work would have run, where that was known.
    pub mode: Option<Mode>,
    /// The role that would have reached the floor, where it was the floor.
    pub required_role: Option<&'a str>,
}

/// Something that a decision depends on and that has to be read first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(
    clippy::exhaustive_enums,
    reason = "the inputs that can be pending, in full"
)]
pub enum Need<'a> {
    /// The org.
    Org,
    /// The mode.
    Mode,
    /// The owner of the object in this org, or of a site-wide object where there is none.
    Owner {
        /// Where the object must lie; one in another org is a missing one.
        org: Option<&'a OrgId>,
    },
    /// The moment of the request.
    Time,
}

/// What [`decide`] answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(
    clippy::exhaustive_enums,
    reason = "a decision is taken, or waits for one input"
)]
pub enum Step<'a> {
    /// The decision.
    Done(Decision<'a>),
    /// The input that it depends on next. Ask again with it filled in.
    Need(Need<'a>),
}

/// Decides a request by the facts of one policy version.
///
/// ```
/// use gatepost::{Code, Decision, OrgId, PolicyText, Request, Step, Subject, SubjectId, decide};
///
/// let facts = PolicyText::toml(r#"
/// version = 1
/// [resources]
/// chat = ["read"]
/// [site.gates.chat]
/// switch = "opt-in"
/// access = "everyone"
/// [org_roles.guest]
/// level = 10
/// grants = ["chat:read"]
/// [orgs.acme.members.alice]
/// roles = ["guest"]
/// "#).compile(1)?;
/// let alice = Subject::new(SubjectId::new("alice")?);
/// let acme = OrgId::new("acme")?;
/// let Step::Done(Decision::Deny(deny)) = decide(&facts, &Request::new("chat", "read").subject(&alice).org(&acme)) else {
///     panic!("denied, since acme has not opted in");
/// };
/// assert_eq!(deny.code, Code::OrgOff);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[inline]
pub fn decide<'a>(facts: &'a Snapshot, request: &Request<'a>) -> Step<'a> {
    decide_watched(facts, request, &mut Unwatched)
}

/// Sees each check as it is made; explain watches, the request path does not.
pub(crate) trait Watch {
    /// A check passed.
    fn passed(&mut self, whose: Whose, check: Check);
    /// The facts of an org are about to be read.
    fn reads_org(&mut self);
    /// The request falls in this org, which exists.
    fn falls_in(&mut self, org: OrgIndex);
    /// What the org's path says to one of the two has been read.
    fn saw_org(&mut self, whose: Whose, view: &OrgView);
    /// The run is over; the request can be in these worlds.
    fn ended(&mut self, worlds: Worlds);
}

struct Unwatched;

impl Watch for Unwatched {
    #[inline]
    fn passed(&mut self, _: Whose, _: Check) {}
    #[inline]
    fn reads_org(&mut self) {}
    #[inline]
    fn falls_in(&mut self, _: OrgIndex) {}
    #[inline]
    fn saw_org(&mut self, _: Whose, _: &OrgView) {}
    #[inline]
    fn ended(&mut self, _: Worlds) {}
}

#[inline]
pub(crate) fn decide_watched<'a, W: Watch>(
    facts: &'a Snapshot,
    request: &Request<'a>,
    watch: &mut W,
) -> Step<'a> {
    let worlds = possible_worlds(request);
    let mut run = Run {
        facts,
        request,
        watch,
        worlds,
        passing: Worlds::ALL,
        via: false,
        floor: Floor::UNSET,
    };
    let end = run.both();
    run.watch.ended(run.worlds);
    match end {
        Ok((place, kind)) => run.allow(place, kind),
        Err(halt) => run.halted(halt),
    }
}

/// Why a run ends before its last check; small, since every check can return it.
#[derive(Clone, Copy)]
enum Halt {
    Deny(Whose, Check, Code),
    NeedOrg,
    NeedMode,
    NeedOwner,
    NeedTime,
}

impl From<TimeNeeded> for Halt {
    fn from(_: TimeNeeded) -> Self {
        Self::NeedTime
    }
}

/// One of the two who must be allowed.
#[derive(Clone, Copy)]
struct Asker<'a> {
    whose: Whose,
    /// What the policy says of it.
    known: Option<&'a snapshot::Subject>,
}

/// Where a request falls.
#[derive(Clone, Copy)]
enum Place<'a> {
    /// In no org: the site tier alone decides.
    Site,
    /// In an org, which need not exist.
    Org(&'a OrgId, Option<OrgIndex>),
    /// In an org that no source could name.
    Missing,
    /// It cannot be told, for this reason.
    Unnamed(Code),
    /// It has to be read.
    Pending,
}

struct Run<'a, 'r, W> {
    facts: &'a Snapshot,
    request: &'r Request<'a>,
    watch: &'r mut W,
    /// The worlds that are possible by what has been read.
    worlds: Worlds,
    /// The worlds in which every check so far passes, possible or not.
    passing: Worlds,
    /// Whether an `all_orgs` grant opened the org, for either of the two.
    via: bool,
    /// The floor that was not reached, once it was not.
    floor: Floor,
}

fn possible_worlds(request: &Request<'_>) -> Worlds {
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
        Input::Pending => Worlds::ALL,
    };
    modes.and(ownerships)
}

impl<'a, W: Watch> Run<'a, '_, W> {
    /// Both must be allowed: the subject first, then the one it acts for.
    #[inline]
    fn both(&mut self) -> Result<(Place<'a>, Kind), Halt> {
        let Some(subject) = self.request.subject else {
            return Err(Halt::Deny(
                Whose::Subject,
                Check::SubjectFound,
                Code::Unauthenticated,
            ));
        };
        self.watch.passed(Whose::Subject, Check::SubjectFound);
        let asker = Asker {
            whose: Whose::Subject,
            known: self.facts.subject(subject.id()),
        };
        let kind = kind(asker.known, subject.claimed_kind());
        self.identity(asker, subject, kind)?;
        let place = self.site_tier(asker)?;
        if let Some(delegator) = subject.delegator() {
            self.delegator(delegator)?;
        }
        Ok((place, kind))
    }

    /// The one acted for, asked as what it is and without scopes.
    #[cold]
    fn delegator(&mut self, delegator: &SubjectId) -> Result<(), Halt> {
        self.watch.passed(Whose::ActingFor, Check::SubjectFound);
        let asker = Asker {
            whose: Whose::ActingFor,
            known: self.facts.subject(delegator),
        };
        self.active(asker)?;
        self.watch.passed(asker.whose, Check::SubjectActive);
        self.watch.passed(asker.whose, Check::Scopes);
        self.site_tier(asker).map(|_| ())
    }

    #[inline]
    fn active(&mut self, asker: Asker<'a>) -> Result<(), Halt> {
        let active = asker
            .known
            .is_none_or(|known| known.status == Status::Active);
        self.check(
            asker,
            Check::SubjectActive,
            Code::SubjectSuspended,
            Worlds::all_if(active),
        )
    }

    /// Checks 2 and 3, of what the request says of its subject.
    #[inline]
    fn identity(&mut self, asker: Asker<'a>, subject: &Subject, kind: Kind) -> Result<(), Halt> {
        // 2
        self.active(asker)?;
        let delegated = match subject.delegator() {
            None => kind != Kind::Agent,
            Some(delegator) => self.is_another_user(subject, delegator),
        };
        self.check(
            asker,
            Check::SubjectActive,
            Code::DelegatorMissing,
            Worlds::all_if(delegated),
        )?;
        self.watch.passed(asker.whose, Check::SubjectActive);

        // 3
        let target = &self.request.target;
        let covered = match subject.scope_list() {
            None => Worlds::ALL,
            Some(scopes) => scopes.worlds(target.resource(), target.action()),
        };
        self.check(asker, Check::Scopes, Code::ScopeMissing, covered)?;
        self.watch.passed(asker.whose, Check::Scopes);
        Ok(())
    }

    /// Checks 4 to 8, and behind them the org's.
    #[inline]
    fn site_tier(&mut self, asker: Asker<'a>) -> Result<Place<'a>, Halt> {
        let facts = self.facts;

        // 4
        let declared = facts.cell(&self.request.target);
        let gated = declared.and_then(|cell| Some((cell, facts.site_gate(cell.resource)?)));
        let Some((cell, gate)) = gated else {
            return Err(Halt::Deny(asker.whose, Check::SiteSwitch, Code::SiteOff));
        };
        let killed = cell.governed && gate.switch == SiteSwitch::Off;
        self.check(
            asker,
            Check::SiteSwitch,
            Code::SiteOff,
            Worlds::all_if(!killed),
        )?;
        self.watch.passed(asker.whose, Check::SiteSwitch);

        // 5
        let (site, all_orgs) = asker
            .known
            .map_or_else(Default::default, |known| facts.site_cells(known, cell.cell));
        self.check(
            asker,
            Check::SiteDeny,
            Code::SiteDenied,
            site.denied().not(),
        )?;
        self.watch.passed(asker.whose, Check::SiteDeny);

        // 6
        let site_alone = matches!(self.request.org, OrgInput::Absent(OrgRule::None));
        let asks_access = cell.governed || site_alone;
        let needs_grant = asks_access && gate.access == Access::Granted;
        let granted = if needs_grant {
            site.allowed()
        } else {
            Worlds::ALL
        };
        self.check(asker, Check::SiteGrant, Code::SiteGrantMissing, granted)?;
        self.watch.passed(asker.whose, Check::SiteGrant);

        // 7
        let mode_is_on = |mode: Mode| !cell.governed || gate.mode(mode).switch != SiteSwitch::Off;
        let on = Worlds::by_mode(mode_is_on(Mode::Foreground), mode_is_on(Mode::Background));
        self.check(asker, Check::SiteMode, Code::SiteModeOff, on)?;
        self.watch.passed(asker.whose, Check::SiteMode);

        // 8
        let place = self.place()?;
        let org = match place {
            Place::Pending => return Err(Halt::NeedOrg),
            Place::Unnamed(code) => return Err(Halt::Deny(asker.whose, Check::OrgNamed, code)),
            Place::Site => {
                // Background work is billed to an org.
                self.check(
                    asker,
                    Check::OrgNamed,
                    Code::OrgRequired,
                    Worlds::NOTHING_QUEUED,
                )?;
                self.watch.passed(asker.whose, Check::OrgNamed);
                return Ok(place);
            }
            Place::Missing => None,
            Place::Org(_, index) => index,
        };
        self.watch.passed(asker.whose, Check::OrgNamed);
        self.org_tier(asker, cell, gate, all_orgs.allowed(), org)?;
        Ok(place)
    }

    /// Checks 9 to 15.
    #[inline]
    fn org_tier(
        &mut self,
        asker: Asker<'a>,
        cell: CellId,
        gate: &SiteGate,
        all_orgs: Worlds,
        org: Option<OrgIndex>,
    ) -> Result<(), Halt> {
        // 9
        let Some(org) = org else {
            return Err(Halt::Deny(asker.whose, Check::OrgKnown, Code::NotAMember));
        };
        self.watch.falls_in(org);
        self.watch.reads_org();
        let view = OrgView::read(self.facts, asker.known, org, cell, self.request.at)?;
        self.watch.saw_org(asker.whose, &view);
        let known = Worlds::all_if(view.member || view.public).or(all_orgs);
        self.check(asker, Check::OrgKnown, Code::NotAMember, known)?;
        self.watch.passed(asker.whose, Check::OrgKnown);

        // 10
        self.check(
            asker,
            Check::OrgActive,
            Code::OrgSuspended,
            Worlds::all_if(view.active),
        )?;
        self.watch.passed(asker.whose, Check::OrgActive);

        // 11
        let on = !cell.governed || gate.switch.is_on(view.gate.switch());
        self.check(asker, Check::OrgSwitch, Code::OrgOff, Worlds::all_if(on))?;
        self.watch.passed(asker.whose, Check::OrgSwitch);

        // 12
        let mode_is_on = |mode: Mode| {
            !cell.governed || gate.mode(mode).switch.is_on(view.gate.mode_switch(mode))
        };
        let on = Worlds::by_mode(mode_is_on(Mode::Foreground), mode_is_on(Mode::Background));
        self.check(asker, Check::OrgMode, Code::OrgModeOff, on)?;
        self.watch.passed(asker.whose, Check::OrgMode);

        // 13
        self.check(
            asker,
            Check::OrgDeny,
            Code::OrgDenied,
            view.cell.denied().not().or(all_orgs),
        )?;
        self.watch.passed(asker.whose, Check::OrgDeny);

        // 14
        self.check(
            asker,
            Check::OrgGrant,
            Code::OrgGrantMissing,
            view.cell.allowed().or(all_orgs),
        )?;
        self.watch.passed(asker.whose, Check::OrgGrant);

        // 15
        let floor = |mode: Mode| view.floor(mode, gate.mode(mode));
        let suffices = |mode: Mode| view.level >= floor(mode).level();
        let reached =
            Worlds::by_mode(suffices(Mode::Foreground), suffices(Mode::Background)).or(all_orgs);
        if let Err(halt) = self.check(asker, Check::Floor, Code::ModeFloor, reached) {
            self.floor = match self.request.mode {
                Input::Known(Some(mode)) => floor(mode),
                // With the mode unread and both floors out of reach, the lower one is the least that would help.
                Input::Known(None) | Input::Pending => {
                    floor(Mode::Foreground).min(floor(Mode::Background))
                }
            };
            return Err(halt);
        }
        self.watch.passed(asker.whose, Check::Floor);
        self.via |= self.worlds.and(all_orgs) == self.worlds;
        Ok(())
    }

    /// Whoever is acted for is another subject, of kind user.
    #[cold]
    fn is_another_user(&self, subject: &Subject, delegator: &SubjectId) -> bool {
        delegator != subject.id() && kind(self.facts.subject(delegator), None) == Kind::User
    }

    /// Passes, denies, or asks for what the outcome depends on.
    #[inline]
    fn check(
        &mut self,
        asker: Asker<'a>,
        check: Check,
        code: Code,
        passes: Worlds,
    ) -> Result<(), Halt> {
        self.passing = self.passing.and(passes);
        if self.worlds.and(passes) == self.worlds {
            return Ok(());
        }
        self.settle(asker.whose, check, code, passes)
    }

    /// Not every possible world passes: none does, or the mode or the owner still to be read makes the difference.
    #[cold]
    fn settle(
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

    /// Where the request falls. Nothing of the org tier is read before it is asked for.
    #[inline]
    fn place(&mut self) -> Result<Place<'a>, Halt> {
        Ok(match self.request.org {
            OrgInput::Named(org) => {
                self.watch.reads_org();
                Place::Org(org, self.facts.org_index(org))
            }
            OrgInput::Absent(OrgRule::None) => Place::Site,
            OrgInput::Absent(OrgRule::Required) => Place::Unnamed(Code::OrgRequired),
            OrgInput::Absent(OrgRule::Default) => self.default_place()?,
            OrgInput::Conflict => Place::Unnamed(Code::OrgConflict),
            OrgInput::Missing => Place::Missing,
            OrgInput::Pending => Place::Pending,
        })
    }

    /// The default org, which is that of the one acted for.
    #[cold]
    fn default_place(&mut self) -> Result<Place<'a>, Halt> {
        self.watch.reads_org();
        let known = self
            .request
            .subject
            .and_then(|subject| self.facts.subject(subject.beneficiary()));
        let index = org::default_org(self.facts, known, self.request.at)?;
        let found = index.and_then(|index| Some((index, self.facts.org(index)?)));
        Ok(
            found.map_or(Place::Unnamed(Code::NoDefaultOrg), |(index, org)| {
                Place::Org(&org.id, Some(index))
            }),
        )
    }

    /// Everything has passed; what the permit must carry is read before it is given.
    #[inline]
    fn allow(&self, place: Place<'a>, kind: Kind) -> Step<'a> {
        let org = match place {
            Place::Org(org, _) => Some(org),
            Place::Site | Place::Missing | Place::Unnamed(_) | Place::Pending => None,
        };
        let Input::Known(mode) = self.request.mode else {
            return Step::Need(Need::Mode);
        };
        let Input::Known(owner) = self.request.owner else {
            return Step::Need(Need::Owner { org });
        };
        let another = Worlds::of_mode(mode).and(Worlds::of_ownership(Ownership::Other));
        let reach = if self.passing.and(another).is_empty() {
            Reach::Own
        } else {
            Reach::Any
        };
        Step::Done(Decision::Allow(Allow {
            org,
            mode,
            owner,
            via_all_orgs: self.via,
            reach,
            kind,
        }))
    }

    #[cold]
    fn halted(&mut self, halt: Halt) -> Step<'a> {
        match halt {
            Halt::NeedOrg => Step::Need(Need::Org),
            Halt::NeedMode => Step::Need(Need::Mode),
            Halt::NeedTime => Step::Need(Need::Time),
            Halt::NeedOwner => match self.place() {
                Ok(Place::Org(org, _)) => Step::Need(Need::Owner { org: Some(org) }),
                Ok(Place::Site | Place::Missing | Place::Unnamed(_) | Place::Pending) => {
                    Step::Need(Need::Owner { org: None })
                }
                Err(halt) => self.halted(halt),
            },
            Halt::Deny(whose, check, code) => {
                let org = match self.request.org {
                    OrgInput::Named(org) => Some(org),
                    OrgInput::Absent(_)
                    | OrgInput::Conflict
                    | OrgInput::Missing
                    | OrgInput::Pending => None,
                };
                let mode = match self.request.mode {
                    Input::Known(mode) => mode,
                    Input::Pending => None,
                };
                let required_role =
                    (code == Code::ModeFloor).then(|| self.facts.role_name(self.floor.role()));
                Step::Done(Decision::Deny(Deny {
                    code,
                    check,
                    whose,
                    org,
                    mode,
                    required_role,
                }))
            }
        }
    }
}

/// What a subject is: an agent where policy or identity says so, else what the policy says, else the identity.
pub(crate) fn kind(known: Option<&snapshot::Subject>, claimed: Option<Kind>) -> Kind {
    let by_policy = known.and_then(|known| known.kind);
    if by_policy == Some(Kind::Agent) || claimed == Some(Kind::Agent) {
        return Kind::Agent;
    }
    by_policy.or(claimed).unwrap_or(Kind::User)
}

/// Whether something that ends at `expires` is still on at `at`: over at that very moment.
pub(crate) fn is_on(expires: Option<Timestamp>, at: Option<Timestamp>) -> Result<bool, TimeNeeded> {
    match (expires, at) {
        (None, _) => Ok(true),
        (Some(expires), Some(at)) => Ok(at < expires),
        (Some(_), None) => Err(TimeNeeded),
    }
}
