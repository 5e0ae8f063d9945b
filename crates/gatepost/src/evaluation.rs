//! One request on its way through a gate: what has been read of it, and what is needed next.
//!
//! Every adapter drives this the same way: ask for the next step, read what it
//! needs, fill it in, ask again. The adapter decides nothing.

mod known;
mod refusal;
mod reported;
#[cfg(feature = "revocation")]
mod standing;

use std::sync::Arc;

use crate::code::Code;
use crate::decision::{Allow, Decision, Deny, Need, Step, Whose, decide};
use crate::denial::Denial;
use crate::gate::Gate;
use crate::id::{OrgId, SubjectId};
use crate::membership::LoadedMemberships;
use crate::passage::Unenforced;
use crate::permit::{Admission, OwnedBy, Permit};
use crate::report_only::ReportOnly;
use crate::request::{Input, OrgInput, Request};
use crate::requirement::{ModeRule, Owner, Requirement, Resource};
use crate::snapshot::Snapshot;
use crate::subject::Subject;
use crate::target::{Target, TargetCache};
use crate::time::Timestamp;
use crate::vocabulary::Mode;

use reported::Denied;
#[cfg(feature = "revocation")]
pub(crate) use standing::Standing;

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
/// let mut evaluation = Evaluation::new(&CREATE, "chat", Some(Subject::new(SubjectId::new("alice")?)));
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
    owner: OwnedBy,
    at: Option<Timestamp>,
    /// What was loaded of the memberships of the two.
    memberships: Vec<Arc<LoadedMemberships>>,
    /// Whether the org is a default one, and not one that the request has named.
    is_pinned: bool,
    /// Whether denials are only reported, and until when.
    report_only: Option<ReportOnly>,
    /// What the request was denied with, while it is found out whether it goes on.
    denied: Option<Box<Denied>>,
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
    /// Go on with the handler, without a permit: the requirement [only reports](ReportOnly).
    Report(Box<Unenforced>),
    /// Read the org sources, fill in [`Evaluation::org`], ask again.
    NeedOrg,
    /// Read the mode, fill in [`Evaluation::mode`], ask again.
    NeedMode,
    /// Load the object in this org, fill in [`Evaluation::owner`], ask again.
    NeedOwner(Option<OrgId>),
    /// Load this subject's memberships, fill in [`Evaluation::memberships`], ask again.
    NeedMemberships(SubjectId),
}

impl Evaluation {
    /// Begins with what is known at once: the requirement, the resource that the path chooses, the subject.
    ///
    /// It is for adapters, which are trusted to fill in what the request says.
    ///
    /// A requirement's org sources are pending until [`org`](Self::org) is told of them; so are a mode
    /// and an owner that come from elsewhere than the requirement itself.
    #[inline]
    pub fn new(
        requirement: &'static Requirement,
        resource: &'static str,
        subject: Option<Subject>,
    ) -> Self {
        let mode = match requirement.mode_rule() {
            ModeRule::None => Input::Known(None),
            ModeRule::Fixed(mode) => Input::Known(Some(mode)),
            ModeRule::Body { .. } => Input::Pending,
        };
        let owner = match requirement.owner_rule() {
            Owner::Unknown => OwnedBy::Unknown,
            Owner::Subject => OwnedBy::Beneficiary,
            Owner::Path(_) | Owner::Loaded | Owner::LoadedByBody { .. } => OwnedBy::Unread,
        };
        let org = if requirement.org_rule().has_source() {
            NamedOrg::Pending
        } else {
            NamedOrg::Absent
        };
        // What the requirement does not name is none of its resources.
        let resource = match requirement.resource() {
            Resource::Named(name) => name,
            Resource::ByPath { map, otherwise, .. } => {
                let named = map.iter().map(|(_, named)| *named);
                named
                    .into_iter()
                    .find(|named| *named == resource)
                    .unwrap_or(otherwise)
            }
        };
        Self {
            requirement,
            target: Target::new(resource, requirement.action()),
            subject,
            org,
            mode,
            owner,
            at: None,
            memberships: Vec::new(),
            is_pinned: false,
            report_only: requirement.reports_only(),
            denied: None,
        }
    }

    /// Turns to another requirement of the same subject. What was loaded of memberships stays; nothing else does.
    pub fn turn_to(&mut self, requirement: &'static Requirement, resource: &'static str) {
        let subject = self.subject.take();
        let memberships = std::mem::take(&mut self.memberships);
        *self = Self {
            memberships,
            ..Self::new(requirement, resource, subject)
        };
    }

    /// The one of the two whose memberships are needed.
    pub fn id_of(&self, whose: Whose) -> Option<&SubjectId> {
        self.whose(whose)
    }

    /// Fills in what the org sources said.
    #[inline]
    pub fn org(&mut self, org: NamedOrg) {
        self.org = org;
    }

    /// Stays with the default org that an object was looked for in, which the request has not named.
    pub fn pin_org(&mut self, org: OrgId) {
        self.org = NamedOrg::Named(org);
        self.is_pinned = true;
    }

    /// Where what the org sources say is filled in.
    #[inline]
    pub fn org_mut(&mut self) -> &mut NamedOrg {
        &mut self.org
    }

    /// Fills in the mode, where the requirement does not say it.
    pub fn mode(&mut self, mode: Mode) {
        if self.mode == Input::Pending {
            self.mode = Input::Known(Some(mode));
        }
    }

    /// Fills in the owner, where the requirement does not say it; an object that is missing, or that lies in
    /// another org, has none.
    pub fn owner(&mut self, owner: Option<SubjectId>) {
        if matches!(self.owner, OwnedBy::Unread) {
            self.owner = owner.map_or(OwnedBy::Unknown, OwnedBy::Subject);
        }
    }

    /// Fills in what was loaded of a subject's memberships.
    ///
    /// They are gone by until [forgotten](Self::retain_memberships): whoever asks again by a newer policy
    /// version looks first whether they are right for it.
    pub fn memberships(&mut self, loaded: Arc<LoadedMemberships>) {
        self.memberships
            .retain(|earlier| earlier.subject() != loaded.subject());
        self.memberships.push(loaded);
    }

    /// Forgets the memberships that are not current; they are asked for again where the decision needs them.
    pub fn retain_memberships(&mut self, is_current: impl Fn(&LoadedMemberships) -> bool) {
        self.memberships.retain(|loaded| is_current(loaded));
    }

    /// Forgets the memberships that are not right for these facts, which `gate` has published.
    pub fn forget_overtaken(&mut self, gate: &Gate, facts: &Snapshot) {
        let source = gate.memberships();
        self.retain_memberships(|loaded| {
            source.is_some_and(|source| source.is_current(loaded, facts.version()))
        });
    }

    /// Looks the target up, where the cache is one of this target.
    #[inline]
    pub fn look_up(&mut self, cache: &TargetCache, facts: &Snapshot) {
        let cached = cache.target();
        let same = std::ptr::eq(cached.resource(), self.target.resource())
            && std::ptr::eq(cached.action(), self.target.action());
        if same || cached == self.target {
            self.target = cached.hinted(cache.hint(facts));
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
    ///
    /// With a permit the request is over. What was known of it is in the permit; asked again, it is one of nobody.
    pub fn next(&mut self, facts: &Snapshot) -> Next {
        if let Some(denied) = &mut self.denied {
            denied.is_asked_for = false;
        }
        let request = self.request();
        match decide(facts, &request) {
            Step::Done(Decision::Allow(allow)) => {
                let Allow {
                    kind,
                    mode,
                    via_all_orgs,
                    reach,
                    ..
                } = allow;
                // The default org is the policy's to name, and every other the request's.
                let default_org = match self.org {
                    NamedOrg::Named(_) => None,
                    _ => allow.org.cloned(),
                };
                let Some(subject) = self.subject.take() else {
                    return Next::Reject(self.reject(Denial::new(Code::Unauthenticated)));
                };
                let org = match std::mem::replace(&mut self.org, NamedOrg::Pending) {
                    NamedOrg::Named(org) => Some(org),
                    _ => default_org,
                };
                Next::Admit(Permit::admit(Admission {
                    subject,
                    kind,
                    org,
                    owner: std::mem::replace(&mut self.owner, OwnedBy::Unread),
                    mode,
                    requirement: self.requirement,
                    target: self.target,
                    #[cfg(feature = "revocation")]
                    gate: facts.gate(),
                    version: facts.version(),
                    via_all_orgs,
                    reach,
                }))
            }
            Step::Done(Decision::Deny(deny)) => {
                let denial = self.denied(&Deny { ..deny });
                if self.report_only.is_some() {
                    return self.reported(facts, denial);
                }
                Next::Reject(denial)
            }
            Step::Done(Decision::Error(code)) => Next::Reject(self.reject(Denial::new(code))),
            Step::Need(Need::Org) => Next::NeedOrg,
            Step::Need(Need::Mode) => Next::NeedMode,
            Step::Need(Need::Owner { org }) => Next::NeedOwner(org.cloned()),
            Step::Need(Need::Time) => self.next_now(facts),
            Step::Need(Need::Memberships(whose)) => self.need_memberships(whose),
        }
    }

    /// [`next`](Self::next), where something can expire.
    #[cold]
    fn next_now(&mut self, facts: &Snapshot) -> Next {
        if self.at.is_some() {
            // A second question for the time could not be answered either.
            return Next::Reject(self.reject(Denial::new(Code::PolicyUnavailable)));
        }
        self.at = Some(Timestamp::now());
        let next = self.next(facts);
        self.at = None;
        next
    }

    #[cold]
    fn need_memberships(&self, whose: Whose) -> Next {
        match self.whose(whose) {
            Some(id) => Next::NeedMemberships(id.clone()),
            None => Next::Reject(self.reject(Denial::new(Code::PolicyUnavailable))),
        }
    }

    /// The one of the two whose part it is.
    fn whose(&self, whose: Whose) -> Option<&SubjectId> {
        let subject = self.subject.as_ref()?;
        match whose {
            Whose::Subject => Some(subject.id()),
            Whose::ActingFor => subject.delegator(),
        }
    }

    #[inline]
    fn request(&self) -> Request<'_> {
        Request {
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
            owner: self.known_owner(),
            at: self.at,
            memberships: &self.memberships,
        }
    }
}
