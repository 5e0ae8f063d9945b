//! What is asked, and the facts that bear on it whoever asks.

use super::lines::Seen;
use crate::decision::is_on;
use crate::id::SubjectId;
use crate::request::{OrgInput, Request};
use crate::snapshot::{CellId, Org, OrgIndex, SiteGate, Snapshot};
use crate::subject::Subject;
use crate::time::Timestamp;
use crate::vocabulary::{Mode, OrgRule};
use crate::world::Worlds;

/// A request among the facts.
pub(super) struct Scene<'a> {
    pub(super) facts: &'a Snapshot,
    pub(super) request: Request<'a>,
    /// The resource and action, where they are declared, and the site's gate.
    pub(super) declared: Option<(CellId, &'a SiteGate)>,
    /// The worlds that the request can be in.
    pub(super) worlds: Worlds,
    /// The org that it falls in, where there is such an org and the decision came that far.
    pub(super) org: Option<OrgIndex>,
}

impl<'a> Scene<'a> {
    pub(super) fn new(facts: &'a Snapshot, request: Request<'a>, seen: &Seen) -> Self {
        let cell = facts.cell(&request.target);
        Self {
            facts,
            request,
            declared: cell.and_then(|cell| Some((cell, facts.site_gate(cell.resource)?))),
            worlds: seen.worlds,
            org: seen.org,
        }
    }

    pub(super) fn resource(&self) -> &'a str {
        self.request.target.resource()
    }

    pub(super) fn action(&self) -> &'a str {
        self.request.target.action()
    }

    /// The grant that is the request's own: `chat:create`.
    pub(super) fn permission(&self) -> String {
        format!("{}:{}", self.resource(), self.action())
    }

    /// Whether the site's gate governs the action.
    pub(super) fn is_governed(&self) -> bool {
        self.declared.is_some_and(|(cell, _)| cell.governed)
    }

    /// Whether the site tier alone decides.
    pub(super) fn is_in_no_org(&self) -> bool {
        matches!(self.request.org, OrgInput::Absent(OrgRule::None))
    }

    /// The modes that the work may turn out to run in; none for a request without one.
    pub(super) fn modes(&self) -> Vec<Mode> {
        let possible = |mode: &Mode| !self.worlds.and(Worlds::of_mode(Some(*mode))).is_empty();
        Mode::ALL.iter().copied().filter(possible).collect()
    }

    /// Whether a membership that ends then is on at the moment of the request.
    pub(super) fn is_current(&self, expires: Option<Timestamp>) -> bool {
        matches!(is_on(expires, self.request.at), Ok(true))
    }

    /// Whose the work is.
    pub(super) fn beneficiary(&self) -> Option<&'a SubjectId> {
        self.request.subject.map(Subject::beneficiary)
    }

    /// Whether the request falls in the only org that somebody is directly a member of, and so no longer would with a second.
    pub(super) fn goes_by_the_only_org_of(&self, id: &SubjectId) -> bool {
        let set = self
            .facts
            .subject(id)
            .and_then(crate::snapshot::Subject::default_org);
        matches!(self.request.org, OrgInput::Absent(OrgRule::Default))
            && self.beneficiary() == Some(id)
            && set != self.org
    }

    /// The org that the request falls in, then each ancestor up to the root.
    pub(super) fn path(&self) -> Vec<(OrgIndex, &'a Org)> {
        let facts = self.facts;
        self.org
            .map(|org| facts.path(org).collect())
            .unwrap_or_default()
    }

    /// The ids of the orgs on the path of which something holds.
    pub(super) fn orgs_where(&self, holds: impl Fn(&Org) -> bool) -> Vec<String> {
        let path = self.path().into_iter();
        path.filter(|(_, org)| holds(org))
            .map(|(_, org)| org.id.to_string())
            .collect()
    }

    /// The org's id, as the facts or else the request have it.
    pub(super) fn org_id(&self) -> String {
        if let Some(org) = self.org.and_then(|org| self.facts.org(org)) {
            return org.id.to_string();
        }
        match self.request.org {
            OrgInput::Named(org) => org.to_string(),
            OrgInput::Absent(_) | OrgInput::Conflict | OrgInput::Missing | OrgInput::Pending => {
                "the org".to_owned()
            }
        }
    }
}

/// Words as they are listed: `a`, `a and b`, `a, b and c`.
pub(super) fn and(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// The most names that a text lists.
const MOST: usize = 8;

/// Names to choose from: `a, b, c`, and where there are many how many more.
pub(super) fn choice(names: &[String]) -> String {
    let shown = names
        .iter()
        .take(MOST)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    match names.len().saturating_sub(MOST) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
