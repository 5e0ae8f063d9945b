//! What the org sources of a request name, all of them together.

use gatepost::{
    Code, Denial, NamedOrg, Org, OrgId, OrgRule, OrgSource, RequestHead, check_id, json_member,
};

use crate::param;

/// The largest body that an org source reads; `None` where none reads one.
pub(super) fn body_limit(org: &Org) -> Option<usize> {
    let limits = org.sources().filter_map(|source| match source {
        OrgSource::Json { limit, .. } | OrgSource::Body { limit, .. } => Some(limit),
        _ => None,
    });
    // Each source's own limit holds for it: the smallest holds for all.
    limits.min()
}

/// Reads every source: one that cannot be read is an error, even where another has named an org.
///
/// What they say is written where it stays. An id that is handed on as soon as it is written is read back
/// wider than it was written, and each time the processor waits 5 ns for that.
pub(super) fn read(
    org: &Org,
    head: &mut impl RequestHead,
    body: &[u8],
    named: &mut NamedOrg,
) -> Result<(), Denial> {
    *named = NamedOrg::Absent;
    let mut reading = Reading {
        named,
        conflict: false,
        ill_formed: false,
    };
    for source in org.sources() {
        match source {
            OrgSource::Path(name) => {
                let is_bound = param::read_path(head, name, |value| reading.take(value))?;
                let has_others = org.rule() == OrgRule::Default || org.sources().nth(1).is_some();
                if !is_bound && has_others {
                    // They stand in for what a request leaves out, not for what a path lacks.
                    return Err(unbound());
                }
            }
            OrgSource::Header(name) => reading.take_any(param::header(head, name)?),
            OrgSource::Query(key) => reading.take_any(param::query(head.query(), key)?),
            OrgSource::HostUnder(domain) => reading.take_any(param::host_label(head, domain)?),
            OrgSource::Json { field, .. } => reading.take_any(json_member(body, field)?),
            OrgSource::Body { read, .. } => reading.take_any(read(body)?),
            _ => return Err(Denial::new(Code::PermitMissing)),
        }
        if reading.ill_formed {
            return Err(Denial::bad_request("the org named is not a well-formed id"));
        }
    }
    if reading.conflict {
        *named = NamedOrg::Conflict;
    }
    Ok(())
}

/// What the sources have said so far.
struct Reading<'n> {
    named: &'n mut NamedOrg,
    conflict: bool,
    ill_formed: bool,
}

impl Reading<'_> {
    fn take_any(&mut self, text: Option<impl AsRef<str>>) {
        if let Some(text) = text {
            self.take(text.as_ref());
        }
    }

    #[inline]
    fn take(&mut self, text: &str) {
        match self.named {
            NamedOrg::Named(earlier) if earlier.as_str() == text => {}
            NamedOrg::Named(_) => {
                self.conflict = true;
                self.ill_formed |= check_id(text).is_err();
            }
            _ => match OrgId::new(text) {
                Ok(org) => *self.named = NamedOrg::Named(org),
                Err(_) => self.ill_formed = true,
            },
        }
    }
}

/// The route has no such path parameter: that is no request which names nothing, but a route that is set up wrongly.
pub(super) fn unbound() -> Denial {
    Denial::new(Code::PermitMissing)
}
