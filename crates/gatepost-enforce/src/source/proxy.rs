//! Subjects that a trusted proxy names in a header.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use gatepost::{RequestHead, Subject, SubjectId};
use ipnet::IpNet;

use super::{FindSubject, SourceError};
use crate::param;

/// Finds the subject in a header that a proxy in front of the service sets, once it has authenticated.
///
/// Anybody can send a header, so it is believed from the proxy's addresses alone: from any other it is as
/// if it were not there. The proxy must take it out of what its own clients send.
///
/// ```
/// use gatepost_enforce::TrustedProxy;
///
/// let proxy = TrustedProxy::new("x-forwarded-user", ["10.0.0.5", "10.1.0.0/16", "fd00::/8"])?;
/// assert!(TrustedProxy::new("x-forwarded-user", [] as [&str; 0]).is_err());
/// assert!(TrustedProxy::new("x-forwarded-user", ["proxy.example.com"]).is_err());
/// # let _ = proxy;
/// # Ok::<(), gatepost_enforce::ProxyError>(())
/// ```
#[derive(Clone, Debug)]
pub struct TrustedProxy {
    header: String,
    proxies: Vec<IpNet>,
}

/// A proxy that cannot be trusted as it was described.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProxyError {
    /// No address was named.
    NoAddress,
    /// This is no address and no range of them.
    NotAnAddress(String),
}

impl TrustedProxy {
    /// Believes this header from these addresses, or ranges of them (RFC 4632), and from no other.
    ///
    /// # Errors
    ///
    /// [`ProxyError`] when no address is named, or one that is none.
    pub fn new<A: AsRef<str>>(
        header: &str,
        proxies: impl IntoIterator<Item = A>,
    ) -> Result<Self, ProxyError> {
        let parsed = proxies.into_iter().map(|text| {
            let text = text.as_ref();
            let range = IpNet::from_str(text).or_else(|_| IpAddr::from_str(text).map(IpNet::from));
            range.map_err(|_| ProxyError::NotAnAddress(text.to_owned()))
        });
        let proxies = parsed.collect::<Result<Vec<_>, _>>()?;
        if proxies.is_empty() {
            return Err(ProxyError::NoAddress);
        }
        Ok(Self {
            header: header.to_ascii_lowercase(),
            proxies,
        })
    }

    fn is_from_proxy(&self, peer: IpAddr) -> bool {
        // A socket for both families shows an IPv4 address as a mapped one.
        let peer = peer.to_canonical();
        self.proxies.iter().any(|range| range.contains(&peer))
    }
}

impl<R: ?Sized> FindSubject<R> for TrustedProxy {
    fn find(&self, _: &R, head: &dyn RequestHead) -> Result<Option<Subject>, SourceError> {
        let peer = head.peer().ok_or_else(|| {
            SourceError::unavailable(
                "the server does not say which address a connection comes from",
            )
        })?;
        if !self.is_from_proxy(peer) {
            return Ok(None);
        }
        let named = param::header(head, &self.header);
        let Some(id) = named.map_err(|denial| SourceError::unreadable(&denial))? else {
            return Ok(None);
        };
        let id = SubjectId::new(id).map_err(|_| {
            SourceError::bad_request("the proxy names a subject by an ill-formed id")
        })?;
        Ok(Some(Subject::new(id)))
    }
}

impl fmt::Display for ProxyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAddress => f.write_str(
                "a header is believed from the addresses of a proxy alone: name at least one",
            ),
            Self::NotAnAddress(text) => {
                write!(f, "`{text}` is no IP address, and no range of them")
            }
        }
    }
}

impl std::error::Error for ProxyError {}

#[cfg(test)]
mod tests {
    use gatepost::Code;

    use super::*;
    use crate::testing::Head;

    const PROXIES: [&str; 3] = ["10.0.0.5", "10.1.0.0/16", "fd00::/8"];

    fn ask(peer: Option<&str>, values: &[&[u8]]) -> Result<Option<String>, Code> {
        let proxy = TrustedProxy::new("X-Forwarded-User", PROXIES).unwrap();
        let values: Vec<_> = values
            .iter()
            .map(|value| ("x-forwarded-user", *value))
            .collect();
        let mut head = Head::with(&values);
        head.peer = peer.map(|peer| peer.parse().unwrap());
        let found = proxy.find(&(), &head);
        let found = found.map(|found| found.map(|subject| subject.id().to_string()));
        found.map_err(|error| error.into_denial().code())
    }

    #[test]
    fn the_header_is_believed_from_the_proxy_alone() {
        let rows = [
            ("10.0.0.5", true),
            ("10.0.0.6", false),
            ("10.1.255.255", true),
            ("10.2.0.0", false),
            ("127.0.0.1", false),
            ("0.0.0.0", false),
            ("::ffff:10.0.0.5", true),
            ("::ffff:10.1.2.3", true),
            ("::ffff:10.0.0.6", false),
            ("::10.0.0.5", false),
            ("64:ff9b::10.0.0.5", false),
            ("fd00::1", true),
            ("fdff:ffff::1", true),
            ("fe80::1", false),
            ("::1", false),
        ];
        for (peer, is_believed) in rows {
            let expected = is_believed.then(|| "alice".to_owned());
            assert_eq!(ask(Some(peer), &[b"alice"]), Ok(expected), "{peer}");
        }
    }

    #[test]
    fn what_the_proxy_says_is_one_well_formed_id() {
        let long = [b'a'; 256];
        let rows: [(&[&[u8]], Result<Option<&str>, Code>); 11] = [
            (&[], Ok(None)),
            (&[b"alice"], Ok(Some("alice"))),
            (&[b"Alice"], Ok(Some("Alice"))),
            (&["älice".as_bytes()], Ok(Some("älice"))),
            (&[b"alice", b"alice"], Err(Code::BadRequest)),
            (&[b"", b"alice"], Err(Code::BadRequest)),
            (&[b"alice, root"], Err(Code::BadRequest)),
            (&[b""], Err(Code::BadRequest)),
            (&[b"alice\t"], Err(Code::BadRequest)),
            (&[b"alice\xff"], Err(Code::BadRequest)),
            (&[&long], Err(Code::BadRequest)),
        ];
        for (values, expected) in rows {
            let expected = expected.map(|id| id.map(str::to_owned));
            assert_eq!(ask(Some("10.0.0.5"), values), expected, "{values:?}");
            // From anybody else it is as if it were not there, ill-formed or not.
            assert_eq!(ask(Some("10.0.0.6"), values), Ok(None), "{values:?}");
        }
    }

    #[test]
    fn a_server_that_does_not_tell_addresses_is_an_error() {
        assert_eq!(ask(None, &[b"alice"]), Err(Code::PolicyUnavailable));
        assert_eq!(ask(None, &[]), Err(Code::PolicyUnavailable));
    }

    #[test]
    fn a_proxy_has_addresses() {
        let new = |proxies: &[&str]| TrustedProxy::new("x-user", proxies).map(|_| ());
        assert_eq!(new(&[]), Err(ProxyError::NoAddress));
        for text in [
            "",
            "proxy",
            "10.0.0",
            "10.0.0.5:80",
            "10.0.0.0/33",
            "10.0.0.5 ",
            "*",
            "[::1]",
        ] {
            let error = ProxyError::NotAnAddress(text.into());
            assert_eq!(new(&["10.0.0.5", text]), Err(error), "{text}");
        }
    }
}
