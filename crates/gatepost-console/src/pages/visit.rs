//! Somebody who looks at a page, with all that its frame and forms need.

use std::collections::BTreeSet;

use axum::extract::FromRequestParts;
use http::request::Parts;

use super::frame::Looker;
use super::link::Links;
use super::org::Rights;
use crate::ask::org_id;
use crate::asker::Asker;
use crate::csrf::CsrfToken;
use crate::fault::Fault;
use crate::kept::Kept;
use crate::views::MeView;

/// Somebody who looks at a page.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    /// Who.
    pub(crate) asker: Asker,
    /// What the page is made of.
    pub(crate) kept: Kept,
    me: MeView,
    csrf: CsrfToken,
}

impl Visit {
    /// As the frame of a page needs it.
    pub(crate) fn looker(&self) -> Looker<'_> {
        Looker {
            links: Links::new(&self.kept.base),
            me: &self.me,
            csrf: self.csrf.as_str(),
        }
    }

    /// What the visitor may do in an org.
    pub(crate) async fn rights(&self, org: &str) -> Result<Rights, Fault> {
        let org = org_id(org)?;
        Ok(Rights {
            update: self.asker.may_update_org(&org).await?,
            audit: self.asker.may_audit_org(&org).await?,
        })
    }

    /// Those of some orgs that have a page for the visitor.
    pub(crate) async fn readable(
        &self,
        orgs: impl Iterator<Item = &str>,
    ) -> Result<Readable, Fault> {
        let mut readable = Readable::default();
        for org in orgs {
            if !readable.has(org) && self.asker.may_read_org(&org_id(org)?).await? {
                readable.0.insert(org.to_owned());
            }
        }
        Ok(readable)
    }
}

/// Orgs that have a page for a visitor.
#[derive(Clone, Debug, Default)]
pub(crate) struct Readable(BTreeSet<String>);

impl Readable {
    /// Whether an org is one of them.
    pub(crate) fn has(&self, org: &str) -> bool {
        self.0.contains(org)
    }
}

impl FromRequestParts<Kept> for Visit {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, kept: &Kept) -> Result<Self, Fault> {
        let asker = Asker::from_request_parts(parts, kept).await?;
        let csrf = CsrfToken::from_request_parts(parts, kept).await?;
        Ok(Self {
            me: kept.me(&asker).await?,
            asker,
            csrf,
            kept: kept.clone(),
        })
    }
}
