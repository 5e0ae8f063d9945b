//! The audit log.

use gatepost_store::{ChangeRecord, HistoryFilter};

use super::asked::limit;
use crate::ask::org_id;
use crate::asker::Asker;
use crate::fault::Fault;
use crate::kept::Kept;
use crate::ops::{HistoryQuery, Scope};
use crate::require::AUDIT;
use crate::views::{ChangeView, HistoryView};

impl Kept {
    /// Changes of the site and of every org, or of one org; the newest first.
    pub(crate) async fn history(
        &self,
        asker: &Asker,
        scope: Scope<'_>,
        query: &HistoryQuery,
    ) -> Result<HistoryView, Fault> {
        self.must_audit(asker, scope).await?;
        let limit = limit(query.limit);
        let mut changes = self.newest(scope, query, limit.saturating_add(1)).await?;
        let more = changes.len() > limit;
        changes.truncate(limit);
        Ok(HistoryView {
            before: changes.last().filter(|_| more).map(|last| last.version),
            changes,
        })
    }

    /// One change; of an org, only one that changed something there.
    pub(crate) async fn change(
        &self,
        asker: &Asker,
        scope: Scope<'_>,
        version: u64,
    ) -> Result<ChangeView, Fault> {
        self.must_audit(asker, scope).await?;
        self.change_in(scope, version).await
    }

    /// One change, as far as it is one of the scope; who may know of it was asked before.
    pub(super) async fn change_in(
        &self,
        scope: Scope<'_>,
        version: u64,
    ) -> Result<ChangeView, Fault> {
        let record = self.store.change(version).await;
        let record = record.map_err(self.fault(AUDIT))?;
        let view = record.as_ref().map(|record| told(record, scope));
        // The same answer for a change of another org and for none at all.
        let is_here = |view: &ChangeView| scope == Scope::Site || !view.effects.is_empty();
        view.filter(is_here).ok_or_else(Fault::not_found)
    }

    /// Goes on only for those who may read the audit log of the scope.
    pub(super) async fn must_audit(&self, asker: &Asker, scope: Scope<'_>) -> Result<(), Fault> {
        match scope {
            Scope::Site => asker.must_audit_site().await,
            Scope::Org(org) => asker.must_audit_org(&org_id(org)?).await,
        }
    }

    /// At most so many changes, the newest first.
    pub(super) async fn newest(
        &self,
        scope: Scope<'_>,
        query: &HistoryQuery,
        limit: usize,
    ) -> Result<Vec<ChangeView>, Fault> {
        let mut filter = HistoryFilter::default();
        if let Scope::Org(org) = scope {
            filter = filter.org(org);
        }
        if let Some(author) = &query.author {
            filter = filter.author(author);
        }
        if let Some(before) = query.before {
            filter = filter.before(before);
        }
        let records = self.store.history(None, limit, &filter).await;
        let records = records.map_err(self.fault(AUDIT))?;
        let newest_first = records.iter().rev();
        Ok(newest_first.map(|record| told(record, scope)).collect())
    }
}

/// A change, as far as those who may read the scope may know it.
fn told(record: &ChangeRecord, scope: Scope<'_>) -> ChangeView {
    let view = ChangeView::of(record);
    match scope {
        Scope::Site => view,
        Scope::Org(org) => view.in_org(org),
    }
}
