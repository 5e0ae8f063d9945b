//! Who asks.

use gatepost::{OrgId, Timestamp};

use super::members::is_over;
use crate::asker::Asker;
use crate::fault::Fault;
use crate::kept::Kept;
use crate::require::SITE;
use crate::views::{MeOrgView, MeView};

/// How many orgs are told.
const ORGS: usize = 200;

impl Kept {
    /// Who asks, and where the console has something for it.
    pub(crate) async fn me(&self, asker: &Asker) -> Result<MeView, Fault> {
        let part = self.store.subject(asker.id().as_str()).await;
        let part = part.map_err(self.fault(SITE))?;
        let now = Timestamp::now();
        let mut current = part.memberships;
        current.retain(|(_, member)| !is_over(member, now));
        let org_count = current.len();
        let mut orgs = Vec::new();
        for (org, member) in current.into_iter().take(ORGS) {
            let Ok(id) = OrgId::new(&*org) else {
                continue;
            };
            orgs.push(MeOrgView {
                org,
                roles: member.roles,
                may_read: asker.may_read_org(&id).await?,
                may_update: asker.may_update_org(&id).await?,
                may_audit: asker.may_audit_org(&id).await?,
            });
        }
        Ok(MeView {
            subject: asker.id().to_string(),
            acting_for: asker.subject().delegator().map(ToString::to_string),
            may_read_site: asker.may_read_site().await?,
            may_update_site: asker.may_update_site().await?,
            may_audit_site: asker.may_audit_site().await?,
            orgs,
            org_count,
            can_log_out: asker.can_log_out(),
        })
    }
}
