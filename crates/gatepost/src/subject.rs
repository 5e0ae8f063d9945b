//! Who asks, as the service's own authentication says.

use std::sync::Arc;

use crate::grant::Grant;
use crate::id::SubjectId;
use crate::time::Timestamp;
use crate::vocabulary::Kind;
use crate::world::Worlds;

/// Who asks: what a subject source found in a request.
///
/// ```
/// use gatepost::{Kind, Subject, SubjectId};
///
/// let agent = Subject::new(SubjectId::new("planner-7")?)
///     .kind(Kind::Agent)
///     .acting_for(SubjectId::new("alice")?)
///     .scopes(["chat:read"]);
/// assert_eq!(agent.delegator().map(SubjectId::as_str), Some("alice"));
/// # Ok::<(), gatepost::IdError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    pub(crate) id: SubjectId,
    pub(crate) kind: Option<Kind>,
    pub(crate) scopes: Option<Scopes>,
    pub(crate) acting_for: Option<SubjectId>,
    /// In milliseconds since 1970; a whole moment would be twice as wide in each request.
    pub(crate) expires: i64,
    /// Whether a ticket said it, and not a request.
    pub(crate) is_redeemed: bool,
}

/// An identity that is not over by itself.
const NEVER: i64 = i64::MAX;

impl Subject {
    /// A subject of which nothing but the id is known.
    pub fn new(id: SubjectId) -> Self {
        Self {
            id,
            kind: None,
            scopes: None,
            acting_for: None,
            expires: NEVER,
            is_redeemed: false,
        }
    }

    /// Sets what the verified identity says the subject is.
    #[must_use]
    pub fn kind(mut self, kind: Kind) -> Self {
        self.kind = Some(kind);
        self
    }

    /// Sets the scopes that the token is limited to. An empty list covers nothing;
    /// a subject without any list is not limited.
    #[must_use]
    pub fn scopes(mut self, scopes: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        self.scopes = Some(Scopes::new(scopes));
        self
    }

    /// Sets the human that the subject runs for.
    #[must_use]
    pub fn acting_for(mut self, delegator: SubjectId) -> Self {
        self.acting_for = Some(delegator);
        self
    }

    /// Sets the moment at which what identified the subject is over, such as a token's `exp`, to the millisecond.
    ///
    /// No decision looks at it: a source does not find the subject of a token that is over. A permit that
    /// outlives its request ends then, with `unauthenticated`; a ticket does not, which has an end of its own.
    #[must_use]
    pub fn expires(mut self, end: Timestamp) -> Self {
        self.expires = end.as_millis();
        self
    }

    /// The moment at which what identified the subject is over, if ever.
    pub fn end(&self) -> Option<Timestamp> {
        Timestamp::from_millis(self.expires)
    }

    /// The subject's id.
    pub fn id(&self) -> &SubjectId {
        &self.id
    }

    /// What the verified identity says the subject is; the policy may say otherwise.
    pub fn claimed_kind(&self) -> Option<Kind> {
        self.kind
    }

    /// The scopes that the request is limited to.
    pub fn scope_list(&self) -> Option<&Scopes> {
        self.scopes.as_ref()
    }

    /// Whose the work is: the one acted for, else the subject itself.
    pub fn beneficiary(&self) -> &SubjectId {
        self.acting_for.as_ref().unwrap_or(&self.id)
    }

    /// The human that the subject runs for.
    pub fn delegator(&self) -> Option<&SubjectId> {
        self.acting_for.as_ref()
    }
}

/// A token's scopes: grants without `!`. Words that are no grant match nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scopes(Arc<[Box<str>]>);

impl Scopes {
    /// A list of scopes.
    pub fn new(scopes: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        Self(
            scopes
                .into_iter()
                .map(|scope| scope.as_ref().into())
                .collect(),
        )
    }

    /// The words of the list.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|scope| &**scope)
    }

    /// The worlds in which one of the scopes covers the request.
    pub(crate) fn worlds(&self, resource: &str, action: &str) -> Worlds {
        let grants = self.iter().filter_map(|scope| Grant::parse(scope).ok());
        let covering = grants.filter(|grant| !grant.denies() && grant.covers(resource, action));
        covering.fold(Worlds::NONE, |worlds, grant| worlds.or(grant.worlds()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_unite_and_what_is_no_grant_matches_nothing() {
        let covers = |scopes: &[&str]| Scopes::new(scopes).worlds("chat", "read") == Worlds::ALL;
        assert!(covers(&["openid", "chat:read"]));
        assert!(covers(&["chat:*"]));
        assert!(covers(&["*:*"]));
        assert!(!covers(&[]));
        assert!(!covers(&["openid", "profile"]));
        assert!(!covers(&["!chat:read"]));
        assert!(!covers(&["chat:update", "agent:read"]));
        assert!(!covers(&["chat:read@own"]));
        assert!(
            !Scopes::new(["chat:read@own"])
                .worlds("chat", "read")
                .is_empty()
        );
    }
}
