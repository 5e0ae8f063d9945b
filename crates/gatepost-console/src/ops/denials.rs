//! Denials, sampled.

use gatepost_store::{DenialFilter, DenialNote};

use super::asked::limit;
use crate::asker::Asker;
use crate::fault::Fault;
use crate::kept::Kept;
use crate::ops::{DenialsQuery, Scope};
use crate::require::AUDIT;
use crate::views::{DenialView, DenialsView};

impl Kept {
    /// Sampled denials, of the site and every org, or of one org; the newest first.
    pub(crate) async fn denials(
        &self,
        asker: &Asker,
        scope: Scope<'_>,
        query: &DenialsQuery,
    ) -> Result<DenialsView, Fault> {
        self.must_audit(asker, scope).await?;
        let limit = limit(query.limit);
        let mut denials = self.denied(scope, query, limit.saturating_add(1)).await?;
        let more = denials.len() > limit;
        denials.truncate(limit);
        Ok(DenialsView {
            before: denials.last().filter(|_| more).map(|last| last.number),
            denials,
        })
    }

    /// At most so many denials, the newest first.
    pub(super) async fn denied(
        &self,
        scope: Scope<'_>,
        query: &DenialsQuery,
        limit: usize,
    ) -> Result<Vec<DenialView>, Fault> {
        let mut filter = DenialFilter::default().limit(limit);
        if let Scope::Org(org) = scope {
            filter = filter.org(org);
        }
        if let Some(subject) = &query.subject {
            filter = filter.subject(subject);
        }
        if let Some(code) = &query.code {
            filter = filter.code(code);
        }
        if let Some(before) = query.before {
            filter = filter.before(before);
        }
        let notes = self.store.denials(&filter).await;
        let notes = notes.map_err(self.fault(AUDIT))?;
        Ok(notes.into_iter().map(told).collect())
    }
}

fn told(note: DenialNote) -> DenialView {
    DenialView {
        number: note.number,
        at: note.at.to_string(),
        code: note.code,
        subject: note.subject,
        acting_for: note.acting_for,
        org: note.org,
        resource: note.resource,
        action: note.action,
        mode: note.mode,
        route: note.route,
        replica: note.replica,
        decision: note.decision,
        times: note.times,
    }
}
