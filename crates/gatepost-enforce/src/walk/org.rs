//! What the org sources of a request name, all of them together.

use gatepost::{Code, Denial, NamedOrg, Org, OrgId, OrgRule, OrgSource, RequestHead, json_member};
use smol_str::SmolStr;

use crate::param;

/// The largest body that an org source reads; `None` where none reads one.
pub(super) fn body_limit(org: Org) -> Option<usize> {
    let limits = org.sources().filter_map(|source| match source {
        OrgSource::Json { limit, .. } | OrgSource::Body { limit, .. } => Some(limit),
        _ => None,
    });
    // Each source's own limit holds for it: the smallest holds for all.
    limits.min()
}

/// Reads every source: one that cannot be read is an error, even where another has named an org.
pub(super) fn read(org: Org, head: &mut impl RequestHead, body: &[u8]) -> Result<NamedOrg, Denial> {
    let mut named = NamedOrg::Absent;
    let mut conflict = false;
    for source in org.sources() {
        let text: Option<SmolStr> = match source {
            OrgSource::Path(name) => {
                let value = param::path(head, name)?;
                let has_others = org.rule() == OrgRule::Default || org.sources().nth(1).is_some();
                if value.is_none() && has_others {
                    // They stand in for what a request leaves out, not for what a path lacks.
                    return Err(unbound());
                }
                value
            }
            OrgSource::Header(name) => param::header(head, name)?.map(SmolStr::new),
            OrgSource::Query(key) => param::query(head.query(), key)?.map(SmolStr::new),
            OrgSource::HostUnder(domain) => param::host_label(head, domain)?.map(SmolStr::new),
            OrgSource::Json { field, .. } => json_member(body, field)?.map(SmolStr::new),
            OrgSource::Body { read, .. } => read(body)?.map(SmolStr::new),
            _ => return Err(Denial::new(Code::PermitMissing)),
        };
        let Some(text) = text else { continue };
        let org = OrgId::new(text)
            .map_err(|_| Denial::bad_request("the org named is not a well-formed id"))?;
        match &named {
            NamedOrg::Named(earlier) => conflict |= *earlier != org,
            _ => named = NamedOrg::Named(org),
        }
    }
    Ok(if conflict { NamedOrg::Conflict } else { named })
}

/// The route has no such path parameter: that is no request which names nothing, but a route that is set up wrongly.
pub(super) fn unbound() -> Denial {
    Denial::new(Code::PermitMissing)
}
