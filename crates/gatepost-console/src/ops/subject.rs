//! A subject.

use gatepost::{Status, Timestamp};

use super::members::{expires, is_over};
use crate::ask::subject_id;
use crate::fault::Fault;
use crate::kept::Kept;
use crate::require::SITE;
use crate::views::{LastChangeView, SubjectOrgView, SubjectView};

/// How many memberships are told.
const MEMBERSHIPS: usize = 1000;

impl Kept {
    /// What the policy says of a subject.
    pub(crate) async fn subject(&self, subject: &str) -> Result<SubjectView, Fault> {
        let id = subject_id(subject)?;
        let part = self.store.subject(id.as_str()).await;
        let part = part.map_err(self.fault(SITE))?;
        let now = Timestamp::now();
        let is_named = part.known.is_some();
        let known = part.known.unwrap_or_default();
        let membership_count = part.memberships.len();
        let memberships = part.memberships.into_iter().take(MEMBERSHIPS);
        Ok(SubjectView {
            version: part.version,
            subject: subject.to_owned(),
            is_named,
            kind: known.kind,
            status: known.status.unwrap_or(Status::Active),
            site_roles: known.site_roles,
            default_org: known.default_org,
            memberships: memberships
                .map(|(org, member)| SubjectOrgView {
                    expires: expires(&member),
                    is_over: is_over(&member, now),
                    org,
                    roles: member.roles,
                })
                .collect(),
            membership_count,
            last_change: part.last_change.as_ref().map(LastChangeView::of),
        })
    }
}
