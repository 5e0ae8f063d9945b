//! The subject that asks, and what it may: each by a decision of the gate, and by nothing else.

use axum::extract::FromRequestParts;
use gatepost::{
    Code, Denial, Evaluation, Gate, NamedOrg, Next, OrgId, Permit, Requirement, Subject, SubjectId,
    Timestamp,
};
use gatepost_store::Author;
use http::request::Parts;

use crate::fault::Fault;
use crate::identity::Came;
use crate::kept::Kept;
use crate::require::{AUDIT_SITE, READ_AUDIT, READ_ORG, READ_SITE, UPDATE_ORG, UPDATE_SITE};

/// How often one question may wait for memberships that are not at hand.
const MOST_LOADS: usize = 8;

/// What may be told of how a subject is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Insight {
    /// What the org's tiers went by; of those before them whether they were passed, and the code.
    OfOrg,
    /// Everything.
    Whole,
}

/// The subject that asks.
///
/// Behind a requirement it is the one that was admitted; on a public route it is found by the identity, and
/// without one the handler does not run: 401.
#[derive(Clone, Debug)]
pub(crate) struct Asker {
    subject: Subject,
    gate: Gate,
    can_log_out: bool,
}

impl Asker {
    /// Who asks.
    pub(crate) fn new(subject: Subject, gate: Gate) -> Self {
        Self {
            subject,
            gate,
            can_log_out: false,
        }
    }

    /// Who asks.
    pub(crate) fn subject(&self) -> &Subject {
        &self.subject
    }

    /// The id of who asks.
    pub(crate) fn id(&self) -> &SubjectId {
        self.subject.id()
    }

    /// As the author of a change: it may what the policy allows it.
    pub(crate) fn author(&self) -> Author {
        Author::Subject(self.subject.clone())
    }

    /// Whether it came by a session of the console's own, which it can end.
    pub(crate) fn can_log_out(&self) -> bool {
        self.can_log_out
    }

    /// Whether it may read what the site says.
    pub(crate) async fn may_read_site(&self) -> Result<bool, Fault> {
        self.may(&READ_SITE, None).await
    }

    /// Whether it may change what the site says.
    pub(crate) async fn may_update_site(&self) -> Result<bool, Fault> {
        self.may(&UPDATE_SITE, None).await
    }

    /// Whether it may read the audit log of the site and of every org.
    pub(crate) async fn may_audit_site(&self) -> Result<bool, Fault> {
        Ok(self.may_read_site().await? && self.may(&AUDIT_SITE, None).await?)
    }

    /// Whether it may read what an org says.
    pub(crate) async fn may_read_org(&self, org: &OrgId) -> Result<bool, Fault> {
        self.may(&READ_ORG, Some(org)).await
    }

    /// Whether it may change what an org says.
    pub(crate) async fn may_update_org(&self, org: &OrgId) -> Result<bool, Fault> {
        self.may(&UPDATE_ORG, Some(org)).await
    }

    /// Whether it may read the audit log of an org.
    pub(crate) async fn may_audit_org(&self, org: &OrgId) -> Result<bool, Fault> {
        self.may(&READ_AUDIT, Some(org)).await
    }

    /// Goes on only for those who may read the audit log of the site and of every org.
    pub(crate) async fn must_audit_site(&self) -> Result<(), Fault> {
        self.ask(&READ_SITE, None).await.map_err(refused)?;
        self.ask(&AUDIT_SITE, None).await.map_err(refused)?;
        Ok(())
    }

    /// Goes on only for those who may read the audit log of an org: those of the site's, which has it in it, whatever
    /// the org's state, and those who may in the org.
    pub(crate) async fn must_audit_org(&self, org: &OrgId) -> Result<(), Fault> {
        if self.may_audit_site().await? {
            return Ok(());
        }
        self.ask(&READ_AUDIT, Some(org)).await.map_err(refused)?;
        Ok(())
    }

    /// Whether it may ask how another subject, or itself, is answered.
    ///
    /// About itself always. About another, in any org or in none: where it may read the site and audit it, also
    /// where the org is suspended. Else about another in an org alone: where it may audit that org, and the other is
    /// a member of it or of an org above; one whom a site role brought into every org may ask about anybody.
    pub(crate) async fn may_ask_about(
        &self,
        other: &SubjectId,
        org: Option<&OrgId>,
    ) -> Result<bool, Fault> {
        match self.must_ask_about(other, org).await {
            Ok(_) => Ok(true),
            Err(fault) if fault.is_error() => Err(fault),
            Err(_) => Ok(false),
        }
    }

    /// Goes on only where it [may](Self::may_ask_about). Of a subject that is no member there the answer is the one
    /// of a subject that there is not.
    pub(crate) async fn must_ask_about(
        &self,
        other: &SubjectId,
        org: Option<&OrgId>,
    ) -> Result<Insight, Fault> {
        if other == self.id() {
            return Ok(Insight::Whole);
        }
        let Some(org) = org else {
            self.must_audit_site().await?;
            return Ok(Insight::Whole);
        };
        if self.may_audit_site().await? {
            return Ok(Insight::Whole);
        }
        let permit = self.ask(&READ_AUDIT, Some(org)).await.map_err(refused)?;
        if permit.is_via_all_orgs() {
            return Ok(Insight::Whole);
        }
        if self.is_member_on_path(other, org).await? {
            return Ok(Insight::OfOrg);
        }
        Err(Fault::not_found())
    }

    /// What is put to the policy where a subject is asked about: once for each list of scopes that limits it.
    ///
    /// Of whoever asks, it is the identity that it came with: what is said of scopes limits it further, it is of the
    /// kind that it came as, and acts for whom it acts for unless another is named.
    pub(crate) fn asked_about(&self, said: &Subject) -> Vec<Subject> {
        if said.id() != self.id() {
            return vec![said.clone()];
        }
        let mut subject = Subject::new(said.id().clone());
        if let Some(kind) = self.subject.claimed_kind().or(said.claimed_kind()) {
            subject = subject.kind(kind);
        }
        if let Some(delegator) = said.delegator().or(self.subject.delegator()) {
            subject = subject.acting_for(delegator.clone());
        }
        let lists = [self.subject.scope_list(), said.scope_list()];
        let limited = lists.into_iter().flatten();
        let limited: Vec<_> = limited
            .map(|scopes| subject.clone().scopes(scopes.iter()))
            .collect();
        if limited.is_empty() {
            return vec![subject];
        }
        limited
    }

    /// Whether a subject is a member of an org or of one above it, by the live facts.
    async fn is_member_on_path(&self, other: &SubjectId, org: &OrgId) -> Result<bool, Fault> {
        let facts = self.gate.snapshot()?;
        let now = Timestamp::now();
        if !facts.looks_through() {
            return Ok(facts.is_member_on_path(other, org, now));
        }
        let Some(source) = self.gate.memberships() else {
            return Err(Code::PolicyUnavailable.into());
        };
        let loaded = source.load(other).await;
        let loaded = loaded.map_err(|_| Fault::from(Code::PolicyUnavailable))?;
        let mut path = facts.path_of(org);
        Ok(path.any(|org| {
            let member = loaded.in_org(org);
            member.is_some_and(|member| member.expires.is_none_or(|end| now < end))
        }))
    }

    async fn may(
        &self,
        requirement: &'static Requirement,
        org: Option<&OrgId>,
    ) -> Result<bool, Fault> {
        match self.ask(requirement, org).await {
            Ok(_) => Ok(true),
            Err(denial) => no(&denial),
        }
    }

    /// Has the gate decide, by one policy version, as a route with this requirement would.
    async fn ask(
        &self,
        requirement: &'static Requirement,
        org: Option<&OrgId>,
    ) -> Result<Permit, Denial> {
        let mut asked = Evaluation::new(requirement, "", Some(self.subject.clone()));
        if let Some(org) = org {
            asked.org(NamedOrg::Named(org.clone()));
        }
        for _ in 0..MOST_LOADS {
            let facts = self.gate.snapshot().map_err(Denial::new)?;
            asked.forget_overtaken(&self.gate, &facts);
            let missing = match asked.next(&facts) {
                Next::Admit(permit) => return Ok(permit),
                Next::Reject(denial) => return Err(denial),
                Next::NeedMemberships(subject) => subject,
                // No requirement of the console's reads any of it.
                Next::NeedOrg | Next::NeedMode | Next::NeedOwner(_) | Next::Report(_) => break,
            };
            let Some(source) = self.gate.memberships() else {
                break;
            };
            match source.load(&missing).await {
                Ok(loaded) if *loaded.subject() == missing => asked.memberships(loaded),
                Ok(_) | Err(_) => break,
            }
        }
        Err(Denial::new(Code::PolicyUnavailable))
    }
}

/// A denial is a no; an error is none.
fn no(denial: &Denial) -> Result<bool, Fault> {
    if denial.is_error() {
        return Err(Fault::denied(denial));
    }
    Ok(false)
}

#[allow(
    clippy::needless_pass_by_value,
    reason = "it stands in the place of a closure"
)]
fn refused(denial: Denial) -> Fault {
    Fault::denied(&denial)
}

impl FromRequestParts<Kept> for Asker {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, kept: &Kept) -> Result<Self, Fault> {
        let subject = match parts.extensions.get::<Permit>() {
            Some(permit) => admitted(permit),
            None => match kept.identity.find(parts).await {
                Ok(Some(subject)) => subject,
                Ok(None) => return Err(Fault::unauthenticated()),
                Err(error) => return Err(Fault::denied(&error.into_denial())),
            },
        };
        Ok(Self {
            can_log_out: kept.identity.came(&parts.headers) == Came::BySession,
            ..Self::new(subject, kept.gate.clone())
        })
    }
}

/// The subject that a permit was given to, with all that it was decided by.
fn admitted(permit: &Permit) -> Subject {
    let mut subject = Subject::new(permit.subject().clone());
    if let Some(kind) = permit.claimed_kind() {
        subject = subject.kind(kind);
    }
    if let Some(scopes) = permit.scopes() {
        subject = subject.scopes(scopes.iter());
    }
    if let Some(delegator) = permit.acting_for() {
        subject = subject.acting_for(delegator.clone());
    }
    subject
}
