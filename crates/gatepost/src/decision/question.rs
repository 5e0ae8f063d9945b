//! What is asked of which facts.

use crate::id::SubjectId;
use crate::request::Request;
use crate::snapshot::{self, Snapshot};
use crate::subject::{Scopes, Subject};
use crate::vocabulary::Kind;
use crate::world::Worlds;

/// A request, and the facts that it is decided by.
#[derive(Clone, Copy)]
pub(super) struct Question<'a, 'r> {
    pub(super) facts: &'a Snapshot,
    pub(super) request: &'r Request<'a>,
}

impl Question<'_, '_> {
    /// Whoever is acted for is another subject, of kind user.
    #[cold]
    pub(super) fn is_another_user(self, subject: &Subject, delegator: &SubjectId) -> bool {
        delegator != subject.id() && kind(self.facts.subject(delegator), None) == Kind::User
    }

    #[cold]
    pub(super) fn covered_by(self, scopes: &Scopes) -> Worlds {
        let target = self.request.target;
        scopes.worlds(target.resource(), target.action())
    }
}

/// What a subject is: an agent where policy or identity says so, else what the policy says, else the identity.
#[inline]
pub(crate) fn kind(known: Option<snapshot::Subject<'_>>, claimed: Option<Kind>) -> Kind {
    let by_policy = known.and_then(snapshot::Subject::kind);
    if by_policy == Some(Kind::Agent) || claimed == Some(Kind::Agent) {
        return Kind::Agent;
    }
    by_policy.or(claimed).unwrap_or(Kind::User)
}
