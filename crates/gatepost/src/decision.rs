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
mod checks;
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
use crate::snapshot::{self, Floor, Post, Snapshot, Sought};
use crate::subject::Subject;
use crate::vocabulary::{Kind, Mode, OrgRule, Status};
use crate::world::Worlds;

pub use answer::{Allow, Decision, Deny, Need, Reach, Step, Whose};
pub use check::Check;
use end::Halt;
pub(crate) use org::{OrgView, is_on};
use place::Place;
use question::Question;
pub(crate) use question::kind;
use tally::Tally;
pub(crate) use watch::Watch;
use watch::{Lenient, Unwatched};

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

/// Decides whether a request that was denied goes on where its requirement only reports: by the same checks, of
/// which those that fail with a code that [may be reported](Code::is_reportable) count as passed.
///
/// An allow of it lets nobody do anything; it says that nothing else stands against the request.
#[cold]
pub(crate) fn decide_leniently<'a>(facts: &'a Snapshot, request: &Request<'a>) -> Step<'a> {
    decide_watched(facts, request, &mut Lenient)
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

impl Asker<'_> {
    fn active(&self) -> Worlds {
        Worlds::all_if(self.known.status() == Status::Active)
    }
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
        self.checks(
            asker,
            &[(Check::SubjectActive, Code::SubjectSuspended)],
            [asker.active()],
        )?;
        self.watch.passed(asker.whose, Check::Scopes);
        self.site_tier(asker).map(|_| ())
    }

    /// Checks 2 and 3, of what the request says of its subject.
    #[inline(always)]
    fn identity(&mut self, asker: Asker<'a>, subject: &Subject, kind: Kind) -> Result<(), Halt> {
        let delegated = match subject.delegator() {
            None => kind != Kind::Agent,
            Some(delegator) => self.question.is_another_user(subject, delegator),
        };
        let covered = match subject.scope_list() {
            None => Worlds::ALL,
            Some(scopes) => self.question.covered_by(scopes),
        };
        self.checks(
            asker,
            &[
                (Check::SubjectActive, Code::SubjectSuspended),
                (Check::SubjectActive, Code::DelegatorMissing),
                (Check::Scopes, Code::ScopeMissing),
            ],
            [asker.active(), Worlds::all_if(delegated), covered],
        )
    }

    /// Checks 4 to 8, and behind them the org's.
    #[inline(always)]
    fn site_tier(&mut self, asker: Asker<'a>) -> Result<Place<'a>, Halt> {
        let Question { facts, request } = self.question;
        let Some(post) = facts.post(&request.target) else {
            return Err(Halt::Deny(asker.whose, Check::SiteSwitch, Code::SiteOff));
        };
        // What is switched off is refused without a look at who asks.
        self.checks(asker, &[(Check::SiteSwitch, Code::SiteOff)], [post.on])?;
        let (site, all_orgs) = facts.site_cells(asker.known, post);
        let site_alone = matches!(request.org, OrgInput::Absent(OrgRule::None));
        let open = if site_alone {
            post.open_alone
        } else {
            post.open
        };
        self.checks(
            asker,
            &[
                (Check::SiteDeny, Code::SiteDenied),
                (Check::SiteGrant, Code::SiteGrantMissing),
                (Check::SiteMode, Code::SiteModeOff),
            ],
            [site.denied().not(), site.allowed().or(open), post.mode_on],
        )?;

        // 8
        let place = self.question.place(self.watch)?;
        let org = match place {
            Place::Pending => return Err(Halt::NeedOrg),
            Place::Unnamed(code) => return Err(Halt::Deny(asker.whose, Check::OrgNamed, code)),
            Place::Site => {
                // Background work is billed to an org.
                self.checks(
                    asker,
                    &[(Check::OrgNamed, Code::OrgRequired)],
                    [Worlds::NOTHING_QUEUED],
                )?;
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
        let unknown = Halt::Deny(asker.whose, Check::OrgKnown, Code::NotAMember);
        let Some(at) = sought else {
            return Err(unknown);
        };
        self.watch.reads_org();
        let view = match OrgView::read(facts, asker, at, post, request) {
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
        let mode_is_on = |mode: Mode| post.mode(mode).on_in_org.holds(view.gate.mode_switch(mode));
        let floor = |mode: Mode| post.mode(mode).effective_floor(view.gate.min_role(mode));
        let suffices = |mode: Mode| view.level >= floor(mode).level();
        let (mode_on, reached) = match request.mode {
            Input::Known(None) => (Worlds::ALL, Worlds::ALL),
            // Of the one mode that is possible.
            Input::Known(Some(mode)) => (
                Worlds::all_if(mode_is_on(mode)),
                Worlds::all_if(suffices(mode)),
            ),
            Input::Pending => (
                Worlds::by_mode(mode_is_on(Mode::Foreground), mode_is_on(Mode::Background)),
                Worlds::by_mode(suffices(Mode::Foreground), suffices(Mode::Background)),
            ),
        };
        let end = self.checks(
            asker,
            &[
                (Check::OrgKnown, Code::NotAMember),
                (Check::OrgActive, Code::OrgSuspended),
                (Check::OrgSwitch, Code::OrgOff),
                (Check::OrgMode, Code::OrgModeOff),
                (Check::OrgDeny, Code::OrgDenied),
                (Check::OrgGrant, Code::OrgGrantMissing),
                (Check::Floor, Code::ModeFloor),
            ],
            [
                known,
                Worlds::all_if(view.active),
                Worlds::all_if(post.on_in_org.holds(view.gate.switch())),
                mode_on,
                view.cell.denied().not().or(all_orgs),
                view.cell.allowed().or(all_orgs),
                reached.or(all_orgs),
            ],
        );
        if let Err(halt) = end {
            if let Halt::Deny(_, Check::Floor, _) = halt {
                self.tally.floor = match request.mode {
                    Input::Known(Some(mode)) => floor(mode),
                    // With the mode unread and both floors out of reach, the lower one is the least that would help.
                    Input::Known(None) | Input::Pending => {
                        floor(Mode::Foreground).min(floor(Mode::Background))
                    }
                };
            }
            return Err(halt);
        }
        self.tally.via |= self.tally.worlds.and(all_orgs) == self.tally.worlds;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
