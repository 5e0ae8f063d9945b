//! Members.

use gatepost::{MemberDocument, Status, Timestamp};

use super::asked::limit;
use crate::fault::Fault;
use crate::kept::Kept;
use crate::ops::AfterQuery;
use crate::require::ORG;
use crate::views::{LastChangeView, MemberView, MembersView};

impl Kept {
    /// Members of exactly one org, by id.
    pub(crate) async fn members(
        &self,
        org: &str,
        query: &AfterQuery,
    ) -> Result<MembersView, Fault> {
        let after = query.after.as_deref();
        let page = self.store.members(org, after, limit(query.limit)).await;
        let page = page.map_err(self.fault(ORG))?;
        let now = Timestamp::now();
        let last = page.members.last().filter(|_| page.more);
        Ok(MembersView {
            version: page.version,
            org: org.to_owned(),
            after: last.map(|last| last.subject.clone()),
            members: page
                .members
                .into_iter()
                .map(|part| MemberView {
                    expires: expires(&part.member),
                    is_over: is_over(&part.member, now),
                    subject: part.subject,
                    roles: part.member.roles,
                    kind: part.known.as_ref().and_then(|known| known.kind),
                    status: part
                        .known
                        .and_then(|known| known.status)
                        .unwrap_or(Status::Active),
                    last_change: part
                        .last_change
                        .as_ref()
                        .map(|last| LastChangeView::of(last).in_org()),
                })
                .collect(),
        })
    }
}

/// When a membership is over, as it is told.
pub(super) fn expires(member: &MemberDocument) -> Option<String> {
    member.expires.map(|end| end.to_string())
}

/// Whether a membership is over: at that very moment it is.
pub(super) fn is_over(member: &MemberDocument, now: Timestamp) -> bool {
    member.expires.is_some_and(|end| end <= now)
}
