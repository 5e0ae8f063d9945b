//! Whether a request that changes something was sent by the console itself.
//!
//! Browsers say where a request comes from (Fetch Metadata, `Sec-Fetch-Site`); older ones name the `Origin`. What is
//! neither sent by a browser nor pretends to be has to bring its own credentials, and no page can have it send them.

use http::request::Parts;
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
fn is_own(headers: &HeaderMap, host: Option<&str>, public: Option<&str>) -> bool {
    match only(headers, "sec-fetch-site") {
        // `none`: whoever sits in front of the browser, and no page.
        Given::Once(site) => return matches!(site, "same-origin" | "none"),
        Given::Unclear => return false,
        Given::Absent => {}
    }
    let origin = match only(headers, header::ORIGIN.as_str()) {
        Given::Absent => return true,
        Given::Unclear => return false,
        Given::Once(origin) => origin,
    };
    if public.is_some_and(|public| origin.eq_ignore_ascii_case(public)) {
        return true;
    }
    let of_origin = origin.split_once("://").map(|(_, host)| host);
    matches!((of_origin, host), (Some(of), Some(host)) if of.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_console_itself_or_no_browser_changes_anything() {
        let rows: [(&[(&str, &str)], bool); 17] = [
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
            (&[("origin", "http://10.0.0.1:8787")], true),
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
}
