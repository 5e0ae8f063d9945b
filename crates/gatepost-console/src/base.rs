//! Where the console stands: below which path, and what the world calls that place.

use std::fmt;

use http::Uri;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What stands in one segment of a path as it is (RFC 3986, unreserved).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Where the console stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Base {
    path: String,
    public: Option<Public>,
}

/// What the world calls the place.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Public {
    origin: String,
    is_https: bool,
}

/// A base that there cannot be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BaseError(&'static str);

impl Base {
    /// Below a path: empty, or with a slash in front and none behind.
    pub(crate) fn new(path: &str) -> Result<Self, BaseError> {
        let path = path.trim_end_matches('/');
        let is_plain = |segment: &str| {
            let mut bytes = segment.bytes();
            bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'~'))
                && !segment.is_empty()
        };
        let mut segments = path.split('/');
        let starts_well = segments.next().is_none_or(str::is_empty);
        if !starts_well || !segments.all(is_plain) {
            return Err(BaseError(
                "the console's path is empty, or has a slash in front of each plain segment",
            ));
        }
        Ok(Self {
            path: path.to_owned(),
            public: None,
        })
    }

    /// What the world calls the server: scheme and authority, and no path.
    pub(crate) fn public(mut self, url: &str) -> Result<Self, BaseError> {
        const WRONG: BaseError =
            BaseError("the public URL is `https://HOST` or `http://HOST`, without a path");
        let url: Uri = url
            .trim_end_matches('/')
            .parse::<Uri>()
            .map_err(|_| WRONG)?;
        let scheme = url.scheme_str().ok_or(WRONG)?;
        let authority = url.authority().ok_or(WRONG)?;
        let is_https = scheme == "https";
        let has_path = url.query().is_some() || !matches!(url.path(), "" | "/");
        if has_path || !(is_https || scheme == "http") || authority.as_str().contains('@') {
            return Err(WRONG);
        }
        let default_port = if is_https { 443 } else { 80 };
        let host = authority.host().to_ascii_lowercase();
        let origin = match authority.port_u16() {
            Some(port) if port != default_port => format!("{scheme}://{host}:{port}"),
            _ => format!("{scheme}://{host}"),
        };
        self.public = Some(Public { origin, is_https });
        Ok(self)
    }

    /// The path, without a slash behind.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// What the world calls the server, in the form of an `Origin` header (RFC 6454, 6.2).
    pub(crate) fn origin(&self) -> Option<&str> {
        self.public.as_ref().map(|public| &*public.origin)
    }

    /// Whether cookies travel on connections alone that nobody listens to.
    pub(crate) fn is_https(&self) -> bool {
        self.public.as_ref().is_some_and(|public| public.is_https)
    }

    /// The path of a place in the console: each segment is encoded, whatever stands in it.
    ///
    /// ```text
    /// base.to(["orgs", "a/b", "members"]) == "/console/orgs/a%2Fb/members"
    /// ```
    pub(crate) fn to<'a>(&self, segments: impl IntoIterator<Item = &'a str>) -> String {
        let mut path = self.path.clone();
        for segment in segments {
            path.push('/');
            path.extend(utf8_percent_encode(segment, SEGMENT));
        }
        if path.is_empty() {
            path.push('/');
        }
        path
    }
}

/// A value of a query, encoded.
pub(crate) fn query_value(value: &str) -> impl fmt::Display + '_ {
    utf8_percent_encode(value, SEGMENT)
}

impl fmt::Display for BaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for BaseError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_is_empty_or_plain_segments() {
        for (path, as_path) in [
            ("", ""),
            ("/", ""),
            ("/console", "/console"),
            ("/a/b/", "/a/b"),
        ] {
            assert_eq!(Base::new(path).unwrap().path(), as_path);
        }
        for path in [
            "console", "//", "/a//b", "/{org}", "/a b", "/%2e", "/..", "/a?b",
        ] {
            assert_eq!(Base::new(path).is_ok(), path == "//", "{path}");
        }
    }

    #[test]
    fn a_public_url_is_an_origin() {
        let origin = |url: &str| {
            let base = Base::new("").unwrap().public(url);
            base.ok()
                .map(|base| (base.origin().unwrap().to_owned(), base.is_https()))
        };
        let known = |origin: &str, is_https| Some((origin.to_owned(), is_https));
        assert_eq!(
            origin("https://Example.com:443/"),
            known("https://example.com", true)
        );
        assert_eq!(
            origin("http://localhost:8787"),
            known("http://localhost:8787", false)
        );
        assert_eq!(
            origin("http://[::1]:8787"),
            known("http://[::1]:8787", false)
        );
        for url in [
            "example.com",
            "/console",
            "ftp://h",
            "https://h/console",
            "https://a@h",
            "https://h?x",
            "javascript:alert(1)",
            "",
        ] {
            assert_eq!(origin(url), None, "{url}");
        }
    }

    #[test]
    fn a_segment_stays_one_whatever_stands_in_it() {
        let base = Base::new("/console").unwrap();
        assert_eq!(
            base.to(["orgs", "a/b?c#d%&\u{e9}", "members"]),
            "/console/orgs/a%2Fb%3Fc%23d%25%26%C3%A9/members"
        );
        assert_eq!(Base::new("").unwrap().to([]), "/");
        assert_eq!(base.to([]), "/console");
    }
}
