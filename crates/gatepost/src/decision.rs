//! The decision: fifteen checks, in one place, in order.
//!
//! [`decide`] is pure. It reads facts and a request, and answers; where the
//! answer depends on something that has not been read yet, it answers what it
//! needs, and is asked again with it. Each check yields the set of
//! [`Worlds`] in which it passes: every possible world inside that set is a
//! pass, none is the denial, and anything between means that the outcome
//! depends on a mode or an owner still to be read.

#![allow(
    clippy::inline_always,
    reason = "measured: the compiler does not inline all of the checks by itself"
)]

mod answer;
mod check;
mod end;
mod org;
mod pending;
pub(crate) mod place;
mod question;
mod tally;
mod unread;
mod watch;

use crate::code::Code;
use crate::id::SubjectId;
use crate::request::{Input, OrgInput, Request};
use crate::snapshot::{self, Floor, Post, Snapshot};
use crate::subject::Subject;
use crate::vocabulary::{Kind, Mode, OrgRule, Status};
use crate::world::Worlds;

pub use answer::{Allow, Decision, Deny, Need, Reach, Step, Whose};
pub use check::Check;
use end::Halt;
pub(crate) use org::{OrgView, is_on};
use place::{Place, Sought};
use question::Question;
pub(crate) use question::kind;
use tally::Tally;
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
    let question = Question { facts, request };
    let mut run = Run {
        question,
        watch,
        tally: Tally {
            worlds: question.possible_worlds(),
            passing: Worlds::ALL,
            via: false,
            floor: Floor::UNSET,
        },
    };
    let end = run.both();
    run.watch.ended(run.tally.worlds);
    match end {
        Ok((place, kind)) => run.allow(place, kind),
        Err(Halt::Deny(whose, check, code)) => {
            question.denied(whose, check, code, run.tally, run.watch)
        }
        Err(halt) => question.halted(halt, run.tally, run.watch),
    }
}

/// One of the two who must be allowed.
#[derive(Clone, Copy)]
struct Asker<'a> {
    whose: Whose,
    /// What the policy says of it.
    known: snapshot::Subject<'a>,
}

// The checks are one straight line of a few hundred instructions. Two things
// keep it that, and are worth half of its time: every step of it is inlined,
// and no `&mut Run` is handed to what is not, so that a run lives in registers.
// What is off the line is `#[cold]` and is given a `Question` and the tally.
struct Run<'a, 'r, W> {
    question: Question<'a, 'r>,
    watch: &'r mut W,
    tally: Tally,
}

impl<'a, W: Watch> Run<'a, '_, W> {
    /// Both must be allowed: the subject first, then the one it acts for.
    #[inline(always)]
    fn both(&mut self) -> Result<(Place<'a>, Kind), Halt> {
        // 1
        let Some(subject) = self.question.request.subject else {
            return Err(Halt::Deny(
                Whose::Subject,
                Check::SubjectFound,
                Code::Unauthenticated,
            ));
        };
        self.watch.passed(Whose::Subject, Check::SubjectFound);
        let asker = Asker {
            whose: Whose::Subject,
            known: self.question.facts.subject_or_stranger(subject.id()),
        };
        let kind = kind(Some(asker.known), subject.claimed_kind());
        self.identity(asker, subject, kind)?;
        let place = self.site_tier(asker)?;
        if let Some(delegator) = subject.delegator() {
            let end;
            (self.tally, end) = Self::acting_for(self.question, delegator, self.tally, self.watch);
            end?;
        }
        Ok((place, kind))
    }

    /// The one acted for, asked as what it is and without scopes.
    #[cold]
    fn acting_for(
        question: Question<'a, '_>,
        delegator: &SubjectId,
        tally: Tally,
        watch: &mut W,
    ) -> (Tally, Result<(), Halt>) {
        let asker = Asker {
            whose: Whose::ActingFor,
            known: question.facts.subject_or_stranger(delegator),
        };
        let mut run = Run {
            question,
            watch,
            tally,
        };
        run.watch.passed(asker.whose, Check::SubjectFound);
        let end = run.delegator(asker);
        (run.tally, end)
    }

    fn delegator(&mut self, asker: Asker<'a>) -> Result<(), Halt> {
        self.active(asker)?;
        self.watch.passed(asker.whose, Check::SubjectActive);
        self.watch.passed(asker.whose, Check::Scopes);
        self.site_tier(asker).map(|_| ())
    }

    #[inline(always)]
    fn active(&mut self, asker: Asker<'a>) -> Result<(), Halt> {
        let active = asker.known.status == Status::Active;
        self.check(
            asker,
            Check::SubjectActive,
            Code::SubjectSuspended,
            Worlds::all_if(active),
        )
    }

    /// Checks 2 and 3, of what the request says of its subject.
    #[inline(always)]
    fn identity(&mut self, asker: Asker<'a>, subject: &Subject, kind: Kind) -> Result<(), Halt> {
        // 2
        self.active(asker)?;
        let delegated = match subject.delegator() {
            None => kind != Kind::Agent,
            Some(delegator) => self.question.is_another_user(subject, delegator),
        };
        self.check(
            asker,
            Check::SubjectActive,
            Code::DelegatorMissing,
            Worlds::all_if(delegated),
        )?;
        self.watch.passed(asker.whose, Check::SubjectActive);

        // 3
        let covered = match subject.scope_list() {
            None => Worlds::ALL,
            Some(scopes) => self.question.covered_by(scopes),
        };
        self.check(asker, Check::Scopes, Code::ScopeMissing, covered)?;
        self.watch.passed(asker.whose, Check::Scopes);
        Ok(())
    }

    /// Checks 4 to 8, and behind them the org's.
    #[inline(always)]
    fn site_tier(&mut self, asker: Asker<'a>) -> Result<Place<'a>, Halt> {
        let Question { facts, request } = self.question;

        // 4
        let Some(post) = facts.post(&request.target) else {
            return Err(Halt::Deny(asker.whose, Check::SiteSwitch, Code::SiteOff));
        };
        self.check(asker, Check::SiteSwitch, Code::SiteOff, post.on)?;
        self.watch.passed(asker.whose, Check::SiteSwitch);

        // 5
        let (site, all_orgs) = facts.site_cells(asker.known, post);
        self.check(
            asker,
            Check::SiteDeny,
            Code::SiteDenied,
            site.denied().not(),
        )?;
        self.watch.passed(asker.whose, Check::SiteDeny);

        // 6
        let site_alone = matches!(request.org, OrgInput::Absent(OrgRule::None));
        let open = if site_alone {
            post.open_alone
        } else {
            post.open
        };
        self.check(
            asker,
            Check::SiteGrant,
            Code::SiteGrantMissing,
            site.allowed().or(open),
        )?;
        self.watch.passed(asker.whose, Check::SiteGrant);

        // 7
        self.check(asker, Check::SiteMode, Code::SiteModeOff, post.mode_on)?;
        self.watch.passed(asker.whose, Check::SiteMode);

        // 8
        let place = self.question.place(self.watch)?;
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
            Place::Org(_, org) => org,
        };
        self.watch.passed(asker.whose, Check::OrgNamed);
        self.org_tier(asker, post, all_orgs.allowed(), org)?;
        Ok(place)
    }

    /// Checks 9 to 15.
    #[inline(always)]
    fn org_tier(
        &mut self,
        asker: Asker<'a>,
        post: &Post,
        all_orgs: Worlds,
        sought: Option<Sought<'_>>,
    ) -> Result<(), Halt> {
        let Question { facts, request } = self.question;
        // 9
        let unknown = Halt::Deny(asker.whose, Check::OrgKnown, Code::NotAMember);
        let Some(at) = sought else {
            return Err(unknown);
        };
        self.watch.reads_org();
        let view = match OrgView::read(facts, asker, (at.index, at.org), post, request) {
            Ok(view) => view,
            // A moment that another org than the one that was asked for depends on is asked of nobody.
            Err(needed) => return Err(if at.is_there { needed.into() } else { unknown }),
        };
        // What another org than the one that was asked for says is read, and goes no further than this.
        let known = Worlds::all_if(view.member | view.public).or(all_orgs);
        let known = known.and(Worlds::all_if(at.is_there));
        if at.is_there {
            self.watch.falls_in(at.index);
            self.watch.saw_org(asker.whose, &view);
        }
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
        let on = post.on_in_org.holds(view.gate.switch());
        self.check(asker, Check::OrgSwitch, Code::OrgOff, Worlds::all_if(on))?;
        self.watch.passed(asker.whose, Check::OrgSwitch);

        // 12
        let mode_is_on = |mode: Mode| post.mode(mode).on_in_org.holds(view.gate.mode_switch(mode));
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
        let floor = |mode: Mode| post.mode(mode).effective_floor(view.gate.min_role(mode));
        let suffices = |mode: Mode| view.level >= floor(mode).level();
        let reached =
            Worlds::by_mode(suffices(Mode::Foreground), suffices(Mode::Background)).or(all_orgs);
        if let Err(halt) = self.check(asker, Check::Floor, Code::ModeFloor, reached) {
            self.tally.floor = match request.mode {
                Input::Known(Some(mode)) => floor(mode),
                // With the mode unread and both floors out of reach, the lower one is the least that would help.
                Input::Known(None) | Input::Pending => {
                    floor(Mode::Foreground).min(floor(Mode::Background))
                }
            };
            return Err(halt);
        }
        self.watch.passed(asker.whose, Check::Floor);
        self.tally.via |= self.tally.worlds.and(all_orgs) == self.tally.worlds;
        Ok(())
    }

    /// Passes, denies, or asks for what the outcome depends on.
    #[inline(always)]
    fn check(
        &mut self,
        asker: Asker<'a>,
        check: Check,
        code: Code,
        passes: Worlds,
    ) -> Result<(), Halt> {
        let Tally {
            worlds, passing, ..
        } = self.tally;
        self.tally.passing = passing.and(passes);
        let left = worlds.and(passes);
        if left != worlds {
            let denial = Halt::Deny(asker.whose, check, code);
            if left.is_empty() {
                return Err(denial);
            }
            self.tally.worlds = self.question.settle(worlds, passes, denial, self.watch)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
