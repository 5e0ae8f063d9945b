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
