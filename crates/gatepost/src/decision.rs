//! The decision: fifteen checks, in one place, in order.
//!
//! [`decide`] is pure. It reads facts and a request, and answers; where the
//! answer depends on something that has not been read yet, it answers what it
//! needs, and is asked again with it. Each check yields the set of
//! [`Worlds`] in which it passes: every possible world inside that set is a
//! pass, none is the denial, and anything between means that the outcome
//! depends on a mode or an owner still to be read.

mod answer;
mod check;
mod end;
mod org;
mod pending;
mod place;
mod watch;

use crate::code::Code;
use crate::id::SubjectId;
use crate::request::{Input, OrgInput, Request};
use crate::snapshot::{self, CellId, Floor, OrgIndex, SiteGate, Snapshot};
use crate::subject::Subject;
use crate::vocabulary::{Access, Kind, Mode, OrgRule, SiteSwitch, Status};
use crate::world::Worlds;

pub use answer::{Allow, Decision, Deny, Need, Reach, Step, Whose};
pub use check::Check;
use end::Halt;
pub(crate) use org::{OrgView, is_on};
use place::Place;
use watch::Unwatched;
pub(crate) use watch::Watch;

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

#[inline]
pub(crate) fn decide_watched<'a, W: Watch>(
    facts: &'a Snapshot,
    request: &Request<'a>,
    watch: &mut W,
) -> Step<'a> {
    let worlds = pending::possible_worlds(request);
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

/// One of the two who must be allowed.
#[derive(Clone, Copy)]
struct Asker<'a> {
    whose: Whose,
    /// What the policy says of it.
    known: Option<&'a snapshot::Subject>,
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
}

/// What a subject is: an agent where policy or identity says so, else what the policy says, else the identity.
pub(crate) fn kind(known: Option<&snapshot::Subject>, claimed: Option<Kind>) -> Kind {
    let by_policy = known.and_then(|known| known.kind);
    if by_policy == Some(Kind::Agent) || claimed == Some(Kind::Agent) {
        return Kind::Agent;
    }
    by_policy.or(claimed).unwrap_or(Kind::User)
}

#[cfg(test)]
mod tests;
