//! Whether a request that changes something was sent by the console itself.
//!
//! Browsers say where a request comes from (Fetch Metadata, `Sec-Fetch-Site`); older ones name the `Origin`. What is
//! neither sent by a browser nor pretends to be has to bring its own credentials, and no page can have it send them.

use std::net::IpAddr;

use http::request::Parts;
use http::uri::Authority;
use http::{HeaderMap, header};

use crate::base::Base;
use crate::fault::Fault;

/// Goes on only with what a page of the console, or no page at all, has sent.
pub(crate) fn check(parts: &Parts, base: &Base) -> Result<(), Fault> {
    let host = host(parts);
    if is_own(&parts.headers, host.as_deref(), base.origin()) {
        return Ok(());
    }
    Err(Fault::cross_origin("A page of another origin sent this."))
}

/// The host that the request was sent to.
fn host(parts: &Parts) -> Option<String> {
    match only(&parts.headers, header::HOST.as_str()) {
        Given::Once(host) => Some(host.to_owned()),
        Given::Absent => parts.uri.authority().map(ToString::to_string),
        Given::Unclear => None,
    }
}

enum Given<'a> {
    Absent,
    Once(&'a str),
    Unclear,
}

fn only<'a>(headers: &'a HeaderMap, name: &str) -> Given<'a> {
    let mut given = headers.get_all(name).iter();
    match (given.next(), given.next()) {
        (None, _) => Given::Absent,
        (Some(only), None) => only.to_str().map_or(Given::Unclear, Given::Once),
        (Some(_), Some(_)) => Given::Unclear,
    }
}

/// Whether a browser says that the request is the console's own, or nothing says that a browser sent it.
///
/// What the world calls the console is its origin, where that was said. Else it is the host that the request names,
/// as far as no name server can give that to somebody else: names of this machine and addresses. A page whose name
/// was pointed at the console's address is of the same origin to its browser (DNS rebinding).
fn is_own(headers: &HeaderMap, host: Option<&str>, public: Option<&str>) -> bool {
    let is_of_a_browser = match only(headers, "sec-fetch-site") {
        // `none`: whoever sits in front of the browser, and no page.
        Given::Once("same-origin" | "none") => true,
        Given::Once(_) | Given::Unclear => return false,
        Given::Absent => false,
    };
    let host = host.filter(|host| cannot_be_given_away(host));
    let origin = match only(headers, header::ORIGIN.as_str()) {
        Given::Absent => return !is_of_a_browser || public.is_some() || host.is_some(),
        Given::Unclear => return false,
        Given::Once(origin) => origin,
    };
    if let Some(public) = public {
        return origin.eq_ignore_ascii_case(public);
    }
    let of_origin = origin.split_once("://").map(|(_, host)| host);
    matches!((of_origin, host), (Some(of), Some(host)) if of.eq_ignore_ascii_case(host))
}

/// Whether a host, with its port if it has one, is an address or this machine's own name.
fn cannot_be_given_away(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else {
        return false;
    };
    let name = authority.host();
    let address = name.trim_start_matches('[').trim_end_matches(']');
    let is_of_this_machine = |name: &str| {
        let name = name.to_ascii_lowercase();
        name == "localhost" || name.ends_with(".localhost")
    };
    address.parse::<IpAddr>().is_ok() || is_of_this_machine(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_console_itself_or_no_browser_changes_anything() {
        let rows: [(&[(&str, &str)], bool); 19] = [
            (&[], true),
            (&[("sec-fetch-site", "same-origin")], true),
            (&[("sec-fetch-site", "none")], true),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("sec-fetch-site", "cross-site")], false),
            (&[("sec-fetch-site", "")], false),
            (&[("sec-fetch-site", "Same-Origin")], false),
            (
                &[
                    ("sec-fetch-site", "same-origin"),
                    ("sec-fetch-site", "cross-site"),
                ],
                false,
            ),
            (
                &[
                    ("sec-fetch-site", "cross-site"),
                    ("origin", "https://example.com"),
                ],
                false,
            ),
            (&[("origin", "https://example.com")], true),
            // The public URL is the origin, and what else the request names is not.
            (&[("origin", "http://10.0.0.1:8787")], false),
            (
                &[
                    ("sec-fetch-site", "same-origin"),
                    ("origin", "http://10.0.0.1:8787"),
                ],
                false,
            ),
            (
                &[
                    ("sec-fetch-site", "same-origin"),
                    ("origin", "https://example.com"),
                ],
                true,
            ),
            (&[("origin", "https://evil.example.com")], false),
            (&[("origin", "https://example.com.evil.org")], false),
            (&[("origin", "https://example.com:444")], false),
            (&[("origin", "null")], false),
            (&[("origin", "")], false),
            (
                &[
                    ("origin", "https://example.com"),
                    ("origin", "https://evil.org"),
                ],
                false,
            ),
        ];
        for (given, expected) in rows {
            let mut headers = HeaderMap::new();
            for (name, value) in given {
                let name: http::HeaderName = name.parse().unwrap();
                headers.append(name, value.parse().unwrap());
            }
            let own = is_own(&headers, Some("10.0.0.1:8787"), Some("https://example.com"));
            assert_eq!(own, expected, "{given:?}");
        }
    }

    #[test]
    fn a_host_that_a_name_server_can_give_away_is_not_believed() {
        for (host, is_believed) in [
            ("localhost", true),
            ("LOCALHOST:8787", true),
            ("console.localhost:8787", true),
            ("127.0.0.1:8787", true),
            ("10.0.0.1", true),
            ("[::1]:8787", true),
            ("evil.example:8787", false),
            ("localhost.evil.example:8787", false),
            ("127.0.0.1.evil.example", false),
            ("notlocalhost", false),
            ("", false),
        ] {
            let origin = format!("http://{host}");
            for site in [None, Some("same-origin")] {
                let mut headers = HeaderMap::new();
                headers.append("origin", origin.parse().unwrap());
                if let Some(site) = site {
                    headers.append("sec-fetch-site", site.parse().unwrap());
                }
                let own = is_own(&headers, Some(host), None);
                assert_eq!(own, is_believed, "{host} {site:?}");
            }
            let mut headers = HeaderMap::new();
            headers.append("sec-fetch-site", "same-origin".parse().unwrap());
            assert_eq!(is_own(&headers, Some(host), None), is_believed, "{host}");
            // What no browser sends needs no host.
            assert!(is_own(&HeaderMap::new(), Some(host), None));
        }
    }
}
