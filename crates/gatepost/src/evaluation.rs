//! One request on its way through a gate: what has been read of it, and what is needed next.
//!
//! Every adapter drives this the same way: ask for the next step, read what it
//! needs, fill it in, ask again. The adapter decides nothing.

use crate::code::{Code, Tier};
use crate::decision::{Decision, Need, Step, Whose, decide};
use crate::denial::Denial;
use crate::id::{OrgId, SubjectId};
use crate::permit::Permit;
use crate::request::{Input, OrgInput, Request};
use crate::requirement::{ModeRule, Owner, Requirement};
use crate::snapshot::Snapshot;
use crate::subject::Subject;
use crate::target::Target;
use crate::time::Timestamp;
use crate::vocabulary::Mode;

/// A request that is being decided.
///
/// ```
/// use gatepost::{Evaluation, Mode, Next, Org, Owner, PolicyText, Requirement, Subject, SubjectId};
///
/// const CREATE: Requirement = Requirement::new("chat", "create").org(Org::none()).owner(Owner::Subject);
///
/// let facts = PolicyText::toml(r#"
/// version = 1
/// [resources]
/// chat = ["create"]
/// [site.gates.chat]
/// switch = "on"
/// access = "everyone"
/// "#).compile(1)?;
/// let evaluation = Evaluation::new(&CREATE, "chat", Some(Subject::new(SubjectId::new("alice")?)));
/// let Next::Admit(permit) = evaluation.next(&facts) else { panic!("everyone has access") };
/// assert_eq!(permit.owner().map(SubjectId::as_str), Some("alice"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Evaluation {
    requirement: &'static Requirement,
    target: Target<'static>,
    subject: Option<Subject>,
    org: NamedOrg,
    mode: Input<Option<Mode>>,
    owner: Input<Option<SubjectId>>,
    at: Option<Timestamp>,
}

/// What the org sources of a request said.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(
    clippy::exhaustive_enums,
    reason = "what can be said of a request's org, in full"
)]
pub enum NamedOrg {
    /// They name this one.
    Named(OrgId),
    /// They name none.
    Absent,
    /// They name different ones.
    Conflict,
    /// The entity that was to name it does not exist.
    Missing,
    /// They have not been read.
    Pending,
}

/// What to do next with a request.
#[derive(Debug)]
#[allow(
    clippy::exhaustive_enums,
    reason = "admit, reject, or read on: there is nothing else to do"
)]
#[allow(
    clippy::large_enum_variant,
    reason = "the permit is most of what comes, and boxing it would cost each request an allocation"
)]
pub enum Next {
    /// Go on with the handler.
    Admit(Permit),
    /// Answer with this.
    Reject(Denial),
    /// Read the org sources, fill in [`Evaluation::org`], ask again.
    NeedOrg,
    /// Read the mode, fill in [`Evaluation::mode`], ask again.
    NeedMode,
    /// Load the object in this org, fill in [`Evaluation::owner`], ask again.
    NeedOwner(Option<OrgId>),
}

impl Evaluation {
    /// Begins with what is known at once: the requirement, the resource that the path chooses, the subject.
    ///
    /// A requirement's org sources are pending until [`org`](Self::org) is told of them; so are a mode
    /// and an owner that come from elsewhere than the requirement itself.
    pub fn new(
        requirement: &'static Requirement,
        resource: &'static str,
        subject: Option<Subject>,
    ) -> Self {
        let has_source = requirement.org_rule().sources().next().is_some();
        let mode = match requirement.mode_rule() {
            ModeRule::None => Input::Known(None),
            ModeRule::Fixed(mode) => Input::Known(Some(mode)),
            ModeRule::Body { .. } => Input::Pending,
        };
        let owner = match requirement.owner_rule() {
            Owner::Unknown => Input::Known(None),
            Owner::Subject => Input::Known(subject.as_ref().map(Subject::beneficiary).cloned()),
            Owner::Path(_) | Owner::Loaded | Owner::LoadedByBody { .. } => Input::Pending,
        };
        let org = if has_source {
            NamedOrg::Pending
        } else {
            NamedOrg::Absent
        };
        Self {
            requirement,
            target: Target::new(resource, requirement.action()),
            subject,
            org,
            mode,
            owner,
            at: None,
        }
    }

    /// Fills in what the org sources said.
    pub fn org(&mut self, org: NamedOrg) {
        self.org = org;
    }

    /// Fills in the mode.
    pub fn mode(&mut self, mode: Mode) {
        self.mode = Input::Known(Some(mode));
    }

    /// Fills in the owner; an object that is missing, or that lies in another org, has none.
    pub fn owner(&mut self, owner: Option<SubjectId>) {
        self.owner = Input::Known(owner);
    }

    /// Gives the target where it has been looked up already; another resource's is not taken.
    pub fn target(&mut self, target: Target<'static>) {
        let same = std::ptr::eq(target.resource(), self.target.resource())
            && std::ptr::eq(target.action(), self.target.action());
        if same || target == self.target {
            self.target = target;
        }
    }

    /// The resource that is asked for.
    pub fn resource(&self) -> &'static str {
        self.target.resource()
    }

    /// The requirement that is asked.
    pub fn requirement(&self) -> &Requirement {
        self.requirement
    }

    /// Who asks.
    pub fn subject(&self) -> Option<&Subject> {
        self.subject.as_ref()
    }

    /// Asks what to do next. One decision is taken by one policy version: give the same facts each time, or begin anew.
    pub fn next(&self, facts: &Snapshot) -> Next {
        let mut request = Request {
            subject: self.subject.as_ref(),
            org: match &self.org {
                NamedOrg::Named(org) => OrgInput::Named(org),
                NamedOrg::Absent => OrgInput::Absent(self.requirement.org_rule().rule()),
                NamedOrg::Conflict => OrgInput::Conflict,
                NamedOrg::Missing => OrgInput::Missing,
                NamedOrg::Pending => OrgInput::Pending,
            },
            target: self.target,
            mode: self.mode,
            owner: match &self.owner {
                Input::Known(owner) => Input::Known(owner.as_ref()),
                Input::Pending => Input::Pending,
            },
            at: self.at,
        };
        let mut step = decide(facts, &request);
        if step == Step::Need(Need::Time) {
            request.at = Some(Timestamp::now());
            step = decide(facts, &request);
        }
        match (step, &self.subject) {
            (Step::Done(Decision::Allow(allow)), Some(subject)) => Next::Admit(Permit::admit(
                &allow,
                subject,
                self.requirement,
                self.target.resource(),
                facts.version(),
            )),
            (Step::Done(Decision::Allow(_)), None) => {
                Next::Reject(self.reject(Denial::new(Code::Unauthenticated)))
            }
            (Step::Done(Decision::Deny(deny)), subject) => {
                let acts_for = subject
                    .as_ref()
                    .is_some_and(|subject| subject.delegator().is_some());
                let denial = Denial::by_policy(&deny, acts_for);
                let is_before_org = matches!(deny.code.tier(), Some(Tier::Identity | Tier::Site))
                    && deny.whose == Whose::Subject;
                // The request named an object, and is not told the org of one that it may not know.
                let is_of_object =
                    deny.code == Code::NotAMember && self.requirement.org_rule().is_by_entity();
                let is_untold = is_before_org || is_of_object;
                Next::Reject(self.reject(if is_untold {
                    denial.without_org()
                } else {
                    denial
                }))
            }
            (Step::Done(Decision::Error(code)), _) => Next::Reject(self.reject(Denial::new(code))),
            (Step::Need(Need::Org), _) => Next::NeedOrg,
            (Step::Need(Need::Mode), _) => Next::NeedMode,
            (Step::Need(Need::Owner { org }), _) => Next::NeedOwner(org.cloned()),
            // Time was filled in above; a second question for it could not be answered either.
            (Step::Need(Need::Time), _) => {
                Next::Reject(self.reject(Denial::new(Code::PolicyUnavailable)))
            }
        }
    }

    /// Says of a denial or error what was asked for, and hides it where the requirement does.
    pub fn reject(&self, denial: Denial) -> Denial {
        let found = self.subject.is_some();
        denial
            .asked(self.target.resource(), self.requirement.action())
            .hidden(found && self.requirement.is_hidden())
    }
}
