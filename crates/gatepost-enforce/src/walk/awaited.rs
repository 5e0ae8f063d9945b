//! What a decision waits for: a body, and the object that is acted on. Each is read once.

use std::sync::Arc;

use bytes::Bytes;
use gatepost::{Code, Denial, Mode, ModeRule, NamedOrg, OrgId, OrgRule, Owner, RequestHead};

use super::{BodySource, LookedUp, Walk, org};
use crate::entity::{EntityKey, Found, Names};
use crate::param;
use crate::route::Route;
use crate::source::SourceError;

impl Walk {
    pub(super) async fn await_org(
        &mut self,
        route: &Route,
        head: &mut impl RequestHead,
        body: &mut impl BodySource,
    ) -> Result<(), Denial> {
        let rule = route.requirement().org_rule();
        if let Some(limit) = org::body_limit(rule)
            && !rule.is_by_entity()
        {
            let bytes = read_body(head, body, limit).await?;
            return self
                .fill_in_org(route, head, &bytes)
                .map_err(Arc::unwrap_or_clone);
        }
        let found = self.load(route, head, body, None).await?;
        let org = found.as_ref().and_then(|found| found.org.clone());
        if route.requirement().owner_rule().is_loaded() {
            let owner = found.as_ref().and_then(|found| found.owner.clone());
            self.evaluation.owner(owner);
        }
        self.evaluation
            .org(org.map_or(NamedOrg::Missing, NamedOrg::Named));
        self.looked_up = Some(Box::new(found.map_or(LookedUp::Missing, LookedUp::Found)));
        Ok(())
    }

    pub(super) async fn await_mode(
        &mut self,
        route: &Route,
        head: &mut impl RequestHead,
        body: &mut impl BodySource,
    ) -> Result<(), Denial> {
        let mode = match route.requirement().mode_rule() {
            ModeRule::Body { limit, read } => read(&read_body(head, body, limit).await?),
            _ => None,
        };
        self.evaluation.mode(mode.unwrap_or(Mode::Background));
        Ok(())
    }

    pub(super) async fn await_owner(
        &mut self,
        route: &Route,
        org: Option<OrgId>,
        head: &mut impl RequestHead,
        body: &mut impl BodySource,
    ) -> Result<(), Denial> {
        let found = self.load(route, head, body, org.as_ref()).await?;
        // One that lies in another org is a missing one.
        let found = found.filter(|found| found.org == org);
        let owner = found.as_ref().and_then(|found| found.owner.clone());
        self.evaluation.owner(owner);
        self.looked_up = Some(Box::new(found.map_or(LookedUp::Missing, LookedUp::Found)));
        if route.requirement().org_rule().rule() == OrgRule::Default {
            match org {
                // It stays that of the org that it was looked for in, whatever the newest policy's default is.
                Some(org) => self.evaluation.pin_org(org),
                // An owner is asked for in an org, or where the rule is that there is none.
                None => return Err(Denial::new(Code::PermitMissing)),
            }
        }
        Ok(())
    }

    async fn load(
        &mut self,
        route: &Route,
        head: &mut impl RequestHead,
        body: &mut impl BodySource,
        org: Option<&OrgId>,
    ) -> Result<Option<Found>, Denial> {
        let loader = route.enforcer().loader(self.evaluation.resource());
        let Some(loader) = loader.cloned() else {
            // Start-up refuses such a route; one that came past it does not get further.
            return Err(Denial::new(Code::PermitMissing));
        };
        let bytes = match route.requirement().owner_rule() {
            Owner::LoadedByBody { limit } => read_body(head, body, limit).await?,
            _ => Bytes::new(),
        };
        let names = Names::read(head, bytes)?;
        let key = EntityKey {
            subject: self.evaluation.subject(),
            org,
            names: &names,
        };
        let found = loader.load_any(key).await;
        found.map_err(SourceError::into_denial)
    }
}

/// A body in a coding (RFC 9110, 8.4) is not read: what it comes to is for whoever decodes it to say.
async fn read_body(
    head: &impl RequestHead,
    body: &mut impl BodySource,
    limit: usize,
) -> Result<Bytes, Denial> {
    match param::header(head, "content-encoding")? {
        None => {}
        Some(coding) if coding.eq_ignore_ascii_case("identity") => {}
        Some(_) => {
            return Err(Denial::bad_request(
                "the body is encoded, and the decision depends on what is in it",
            ));
        }
    }
    body.read(limit).await
}
