//! Where a route's org comes from.

use crate::denial::Denial;
use crate::vocabulary::OrgRule;

/// Where a route's org comes from, and what holds where the request names none.
///
/// ```
/// use gatepost::{Org, OrgRule};
///
/// const ORG: Org = Org::path("org").and(Org::header("x-org"));
///
/// assert_eq!(ORG.sources().count(), 2);
/// assert_eq!(ORG.rule(), OrgRule::Required);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Org {
    sources: [Option<OrgSource>; MAX_ORG_SOURCES],
    rule: OrgRule,
}

const MAX_ORG_SOURCES: usize = 4;

/// The largest JSON body in which an org is looked for unless told otherwise, in bytes.
pub const DEFAULT_BODY_LIMIT: usize = 64 * 1024;

/// One place in a request that names the org.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum OrgSource {
    /// A path parameter.
    Path(&'static str),
    /// A header, given once and with one value; in gRPC, a metadata entry.
    Header(&'static str),
    /// A key of the query, given once.
    Query(&'static str),
    /// The label in front of this domain in the host name.
    HostUnder(&'static str),
    /// A member of the JSON object that is the body.
    Json {
        /// The member's name.
        field: &'static str,
        /// The largest body that is read, in bytes.
        limit: usize,
    },
    /// A function of the service tells it from the body; in gRPC, from the first message.
    Body {
        /// The largest body that is read, in bytes.
        limit: usize,
        /// Tells the org; `None` where the body names none.
        read: ReadOrg,
    },
    /// The loaded object.
    Entity,
}

type ReadOrg = fn(&[u8]) -> Result<Option<String>, Denial>;

impl PartialEq for OrgSource {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Path(one), Self::Path(another))
            | (Self::Header(one), Self::Header(another))
            | (Self::Query(one), Self::Query(another))
            | (Self::HostUnder(one), Self::HostUnder(another)) => one == another,
            (
                Self::Json { field, limit },
                Self::Json {
                    field: other_field,
                    limit: other_limit,
                },
            ) => (field, limit) == (other_field, other_limit),
            (
                Self::Body { limit, read },
                Self::Body {
                    limit: other_limit,
                    read: other_read,
                },
            ) => limit == other_limit && std::ptr::fn_addr_eq(*read, *other_read),
            (Self::Entity, Self::Entity) => true,
            (
                Self::Path(_)
                | Self::Header(_)
                | Self::Query(_)
                | Self::HostUnder(_)
                | Self::Json { .. }
                | Self::Body { .. }
                | Self::Entity,
                _,
            ) => false,
        }
    }
}

impl Eq for OrgSource {}

impl Org {
    /// Nothing was said of an org yet.
    pub(super) const UNSAID: Self = Self {
        sources: [None; MAX_ORG_SOURCES],
        rule: OrgRule::Required,
    };

    const fn from(source: OrgSource) -> Self {
        Self {
            sources: [Some(source), None, None, None],
            rule: OrgRule::Required,
        }
    }

    /// The org that a path parameter names.
    pub const fn path(param: &'static str) -> Self {
        Self::from(OrgSource::Path(param))
    }

    /// The org that a header names; in gRPC, a metadata entry.
    ///
    /// Given twice, or as a list with commas, it is `bad_request`: which value is meant is not guessed.
    ///
    /// # Panics
    ///
    /// When the name has a letter that is not in lower case; in a `const`, that is a compile error.
    pub const fn header(name: &'static str) -> Self {
        let mut rest = name.as_bytes();
        while let [byte, more @ ..] = rest {
            assert!(
                !byte.is_ascii_uppercase(),
                "a header's name is written in lower case"
            );
            rest = more;
        }
        Self::from(OrgSource::Header(name))
    }

    /// The org that a key of the query names; given twice, it is `bad_request`.
    pub const fn query(key: &'static str) -> Self {
        Self::from(OrgSource::Query(key))
    }

    /// The org that the label in front of `domain` names: `acme` of `acme.example.com`, for `example.com`.
    ///
    /// The host is that of the request's target, else of its `Host` header (RFC 9110, 7.2), never of a
    /// forwarding header. Host names do not tell upper from lower case; the org's id is the lower-case label.
    /// The domain itself, and any other host, names no org.
    ///
    /// # Panics
    ///
    /// When the domain has a letter that is not in lower case, or begins or ends with a dot; in a `const`,
    /// that is a compile error.
    pub const fn host_under(domain: &'static str) -> Self {
        let mut rest = domain.as_bytes();
        assert!(
            !matches!(rest, [] | [b'.', ..] | [.., b'.']),
            "a domain has a name, and no dot around it"
        );
        while let [byte, more @ ..] = rest {
            assert!(
                !byte.is_ascii_uppercase(),
                "a domain is written in lower case"
            );
            rest = more;
        }
        Self::from(OrgSource::HostUnder(domain))
    }

    /// The org that a member of the JSON body names; the body has at most [`DEFAULT_BODY_LIMIT`] bytes.
    pub const fn json(field: &'static str) -> Self {
        Self::json_within(field, DEFAULT_BODY_LIMIT)
    }

    /// The org that a member of the JSON body names; the body has at most `limit` bytes.
    pub const fn json_within(field: &'static str, limit: usize) -> Self {
        Self::from(OrgSource::Json { field, limit })
    }

    /// The org that `read` tells from the body, which has at most `limit` bytes; in gRPC, from the first message.
    ///
    /// `read` returns `None` where the body names none, and [`Denial::bad_request`] where it cannot be read.
    pub const fn body(limit: usize, read: fn(&[u8]) -> Result<Option<String>, Denial>) -> Self {
        Self::from(OrgSource::Body { limit, read })
    }

    /// The org that the loaded object lies in. Where there is no such object: `not_a_member`.
    pub const fn entity() -> Self {
        Self::from(OrgSource::Entity)
    }

    /// The subject's default org.
    pub const fn default_org() -> Self {
        Self {
            rule: OrgRule::Default,
            ..Self::UNSAID
        }
    }

    /// No org: the site tier alone decides.
    pub const fn none() -> Self {
        Self {
            rule: OrgRule::None,
            ..Self::UNSAID
        }
    }

    /// The request may name the org in these places as well. Those that name one must agree, else
    /// it is `org_conflict`.
    ///
    /// # Panics
    ///
    /// When that makes more than four places; in a `const`, that is a compile error.
    #[must_use]
    pub const fn and(mut self, other: Self) -> Self {
        let mut rest: &[Option<OrgSource>] = &other.sources;
        while let [source, more @ ..] = rest {
            if source.is_some() {
                self.sources = match self.sources {
                    [None, ..] => [*source, None, None, None],
                    [one, None, ..] => [one, *source, None, None],
                    [one, two, None, _] => [one, two, *source, None],
                    [one, two, three, None] => [one, two, three, *source],
                    [Some(_), Some(_), Some(_), Some(_)] => {
                        assert!(source.is_none(), "an org is named in at most four places");
                        self.sources
                    }
                };
            }
            rest = more;
        }
        // What either of them says of a request that names none holds.
        if matches!(self.rule, OrgRule::Required) {
            self.rule = other.rule;
        }
        self
    }

    /// The subject's default org where the sources name none.
    #[must_use]
    pub const fn or_default(mut self) -> Self {
        self.rule = OrgRule::Default;
        self
    }

    /// The places in which the request may name the org; those that name one must agree.
    #[inline]
    pub fn sources(&self) -> impl Iterator<Item = OrgSource> {
        // They are filled from the first one on. By reference: all four are 128 bytes.
        self.sources.iter().map_while(|source| *source)
    }

    /// Whether the request may name the org in some place.
    pub const fn has_source(&self) -> bool {
        matches!(self.sources, [Some(_), ..])
    }

    /// What holds where the request names none.
    pub const fn rule(&self) -> OrgRule {
        self.rule
    }

    /// Whether the loaded object names it.
    pub fn is_by_entity(&self) -> bool {
        self.sources().any(|source| source == OrgSource::Entity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_kept_in_the_order_of_naming() {
        let org = Org::path("a")
            .and(Org::header("b").and(Org::query("c")))
            .and(Org::json("d"));
        let first = org.sources().next();
        assert_eq!(org.sources().count(), 4);
        assert_eq!(first, Some(OrgSource::Path("a")));
        assert_eq!(org.rule(), OrgRule::Required);
        assert_eq!(org.or_default().rule(), OrgRule::Default);
        let either = Org::header("b").and(Org::default_org());
        assert_eq!(
            (either.sources().count(), either.rule()),
            (1, OrgRule::Default)
        );
    }

    #[test]
    fn two_bodies_are_one_source_where_the_function_is_the_same() {
        let one = |_: &[u8]| Ok(None);
        let another = |body: &[u8]| Ok(Some(String::from_utf8_lossy(body).into_owned()));
        assert_eq!(Org::body(8, one), Org::body(8, one));
        assert_ne!(Org::body(8, one), Org::body(9, one));
        assert_ne!(Org::body(8, one), Org::body(8, another));
        assert_ne!(Org::path("org"), Org::query("org"));
    }
}
