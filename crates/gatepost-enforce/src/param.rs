//! Reading one value out of a request's head. What is given twice is not chosen from.

use std::borrow::Cow;

use gatepost::{Denial, Given, RequestHead};
use percent_encoding::percent_decode_str;
use smol_str::SmolStr;

/// A path parameter; a router may have bound it more than once, but not to different values.
pub(crate) fn path(
    head: &mut (impl RequestHead + ?Sized),
    name: &str,
) -> Result<Option<SmolStr>, Denial> {
    let mut found: Option<SmolStr> = None;
    let mut differs = false;
    head.path_params(&mut |param, value| {
        if param == name {
            match &found {
                Some(earlier) => differs |= earlier != value,
                None => found = Some(SmolStr::new(value)),
            }
        }
    })?;
    if differs {
        return Err(given_twice());
    }
    Ok(found)
}

/// [`path`] without a copy: shows the value to `read`, and says whether there is one.
pub(crate) fn read_path(
    head: &mut (impl RequestHead + ?Sized),
    name: &str,
    mut read: impl FnMut(&str),
) -> Result<bool, Denial> {
    let mut times = 0;
    head.path_params(&mut |param, value| {
        if param == name {
            times += 1;
            if times == 1 {
                read(value);
            }
        }
    })?;
    if times > 1 {
        path(head, name)?;
    }
    Ok(times > 0)
}

/// All path parameters.
pub(crate) fn paths(
    head: &mut (impl RequestHead + ?Sized),
) -> Result<Vec<(SmolStr, SmolStr)>, Denial> {
    let mut all: Vec<(SmolStr, SmolStr)> = Vec::new();
    let mut differs = false;
    head.path_params(&mut |name, value| {
        differs |= all
            .iter()
            .any(|(other, another)| other == name && another != value);
        all.push((name.into(), value.into()));
    })?;
    if differs {
        return Err(given_twice());
    }
    Ok(all)
}

/// A prefix that names a parameter again binds it twice, and so does a router that a handler asks again
/// with the extensions of its own request.
fn given_twice() -> Denial {
    Denial::bad_request("a path parameter is given twice")
}

/// A header's value.
///
/// A proxy may join two header lines into one with a comma (RFC 9110, 5.3), so a list is the header given twice.
pub(crate) fn header<'h>(
    head: &'h (impl RequestHead + ?Sized),
    name: &str,
) -> Result<Option<&'h str>, Denial> {
    let value = match head.header(name) {
        Given::Absent => return Ok(None),
        Given::Once(value) => value,
        Given::Repeated => {
            return Err(Denial::bad_request(format!("`{name}` is given twice")));
        }
    };
    if value.contains(&b',') {
        return Err(Denial::bad_request(format!(
            "`{name}` has more than one value"
        )));
    }
    match std::str::from_utf8(value) {
        Ok(text) => Ok(Some(text)),
        Err(_) => Err(Denial::bad_request(format!("`{name}` is not UTF-8"))),
    }
}

/// The value of a key of the query, which is read as `application/x-www-form-urlencoded`.
pub(crate) fn query<'q>(query: Option<&'q str>, key: &str) -> Result<Option<Cow<'q, str>>, Denial> {
    let mut found = None;
    for pair in query.unwrap_or_default().split('&') {
        let Some((name, value)) = form_urlencoded::parse(pair.as_bytes()).next() else {
            continue;
        };
        if name != key {
            continue;
        }
        let encoded = pair.split_once('=').map_or("", |(_, value)| value);
        if !is_well_encoded(encoded) {
            return Err(Denial::bad_request(format!(
                "`{key}` in the query is not UTF-8"
            )));
        }
        if found.replace(value).is_some() {
            return Err(Denial::bad_request(format!(
                "`{key}` is given twice in the query"
            )));
        }
    }
    Ok(found)
}

/// The label in front of `domain` in the request's host name, in lower case.
pub(crate) fn host_label(
    head: &(impl RequestHead + ?Sized),
    domain: &str,
) -> Result<Option<String>, Denial> {
    let header = match head.header("host") {
        Given::Absent => None,
        Given::Once(value) => Some(
            std::str::from_utf8(value).map_err(|_| Denial::bad_request("`host` is not UTF-8"))?,
        ),
        Given::Repeated => return Err(Denial::bad_request("`host` is given twice")),
    };
    let host = match (head.authority(), header) {
        // RFC 9112, 3.2.2: what an absolute target says is the host, and `Host` is ignored.
        (Some(target), _) if head.major_version() < 2 => target,
        // RFC 9113, 8.3.1 calls such a request malformed; which host is meant is not guessed.
        (Some(target), Some(header)) if !target.eq_ignore_ascii_case(header) => {
            return Err(Denial::bad_request("the request names two hosts"));
        }
        (Some(host), _) | (None, Some(host)) => host,
        (None, None) => return Ok(None),
    };
    if host.starts_with('[') {
        // An IPv6 address is under no domain.
        return Ok(None);
    }
    let (name, port) = host.split_once(':').unwrap_or((host, ""));
    let is_port = port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok();
    let of_a_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    if !name.bytes().all(of_a_name) || !(port.is_empty() || is_port) {
        return Err(Denial::bad_request("`host` is no host name with a port"));
    }
    let name = name.to_ascii_lowercase();
    let Some(labels) = name
        .strip_suffix(domain)
        .and_then(|rest| rest.strip_suffix('.'))
    else {
        return Ok(None);
    };
    if labels.is_empty() || labels.contains('.') {
        return Err(Denial::bad_request(
            "the host name has more than one label in front of the domain",
        ));
    }
    Ok(Some(labels.to_owned()))
}

/// Whether each `%` begins an escape (RFC 3986, 2.1) and the whole decodes to UTF-8.
///
/// Decoders that let a broken escape stand disagree on what `%2%35` comes to when they run twice,
/// and one that replaces bytes which are not UTF-8 gives two ids one name.
pub fn is_well_encoded(text: &str) -> bool {
    if !text.contains('%') {
        return true;
    }
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let two = [rest.next(), rest.next()];
            if !two
                .iter()
                .all(|byte| byte.is_some_and(|byte| byte.is_ascii_hexdigit()))
            {
                return false;
            }
        }
    }
    percent_decode_str(text).decode_utf8().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Head;

    /// A value, none, or a part of why there is an error.
    type Expected = Result<Option<&'static str>, &'static str>;

    fn assert_read<T: AsRef<str>>(read: Result<Option<T>, Denial>, expected: Expected, what: &str) {
        match (read, expected) {
            (Ok(read), Ok(expected)) => {
                assert_eq!(read.as_ref().map(AsRef::as_ref), expected, "{what}");
            }
            (Err(denial), Err(reason)) => {
                assert_eq!(denial.code(), gatepost::Code::BadRequest, "{what}");
                let said = denial.reason().unwrap();
                assert!(said.contains(reason), "{what}: {said}");
            }
            (read, _) => panic!("{what}: {:?}", read.map(|read| read.is_some())),
        }
    }

    #[test]
    fn a_header_is_one_value_or_an_error() {
        let rows: [(&[&[u8]], Expected); 10] = [
            (&[], Ok(None)),
            (&[b"acme"], Ok(Some("acme"))),
            (&[b""], Ok(Some(""))),
            (&[b" acme "], Ok(Some(" acme "))),
            (&["ümlaut".as_bytes()], Ok(Some("ümlaut"))),
            (&[b"acme", b"acme"], Err("given twice")),
            (&[b"", b"acme"], Err("given twice")),
            (&[b"acme,globex"], Err("more than one value")),
            (&[b"acme,"], Err("more than one value")),
            (&[b"acme\xff"], Err("not UTF-8")),
        ];
        for (values, expected) in rows {
            let values: Vec<_> = values.iter().map(|value| ("x-org", *value)).collect();
            let mut head = Head::with(&values);
            head.headers.push(("x-other", b"other".to_vec()));
            assert_read(header(&head, "x-org"), expected, &format!("{values:?}"));
        }
    }

    #[test]
    fn a_key_of_the_query_is_one_value_or_an_error() {
        let rows: [(&str, Expected); 22] = [
            ("", Ok(None)),
            ("&&", Ok(None)),
            ("orgs=acme&ORG=acme&xorg=acme&org[]=acme", Ok(None)),
            ("x=org=acme", Ok(None)),
            ("org=acme", Ok(Some("acme"))),
            ("a=1&org=acme&b=2", Ok(Some("acme"))),
            ("org", Ok(Some(""))),
            ("org=", Ok(Some(""))),
            ("org=a=b", Ok(Some("a=b"))),
            ("org=a;org=b", Ok(Some("a;org=b"))),
            ("org=a+b%20c", Ok(Some("a b c"))),
            ("org=%C3%BC", Ok(Some("ü"))),
            ("%6Frg=acme", Ok(Some("acme"))),
            ("org=acme&org=acme", Err("given twice")),
            ("org=acme&%6Frg=globex", Err("given twice")),
            ("org&org=acme", Err("given twice")),
            ("org=%FF", Err("not UTF-8")),
            ("org=%C3", Err("not UTF-8")),
            ("org=%", Err("not UTF-8")),
            ("org=%4", Err("not UTF-8")),
            ("org=%zz", Err("not UTF-8")),
            ("org=%2%35", Err("not UTF-8")),
        ];
        for (text, expected) in rows {
            assert_read(query(Some(text), "org"), expected, text);
        }
        assert_read(query(None, "org"), Ok(None), "no query");
    }

    #[test]
    fn a_host_under_the_domain_names_one_label() {
        let rows: [(Option<&'static str>, &[&'static str], Expected); 27] = [
            (None, &[], Ok(None)),
            (None, &["acme.example.com"], Ok(Some("acme"))),
            (None, &["ACME.Example.COM"], Ok(Some("acme"))),
            (None, &["acme.example.com:8080"], Ok(Some("acme"))),
            (Some("acme.example.com"), &[], Ok(Some("acme"))),
            (
                Some("acme.example.com:443"),
                &["ACME.example.com:443"],
                Ok(Some("acme")),
            ),
            (None, &["example.com"], Ok(None)),
            (None, &["acmeexample.com"], Ok(None)),
            (None, &["acme.example.com.evil.test"], Ok(None)),
            (None, &["acme.example.com."], Ok(None)),
            (None, &["[::1]:8080"], Ok(None)),
            (None, &["127.0.0.1"], Ok(None)),
            (None, &[""], Ok(None)),
            (None, &["www.acme.example.com"], Err("more than one label")),
            (None, &[".example.com"], Err("more than one label")),
            (None, &["..example.com"], Err("more than one label")),
            (
                None,
                &["acme.example.com", "acme.example.com"],
                Err("given twice"),
            ),
            (
                Some("acme.example.com"),
                &["acme.example.com", "globex.example.com"],
                Err("given twice"),
            ),
            (
                Some("acme.example.com"),
                &["globex.example.com"],
                Err("two hosts"),
            ),
            (
                Some("acme.example.com"),
                &["acme.example.com:80"],
                Err("two hosts"),
            ),
            (Some("acme.example.com"), &[""], Err("two hosts")),
            (Some("root@acme.example.com"), &[], Err("no host name")),
            (
                None,
                &["evil.test:80@acme.example.com"],
                Err("no host name"),
            ),
            (None, &["acme.example.com:80:90"], Err("no host name")),
            (None, &["acme.example.com:99999"], Err("no host name")),
            (None, &["acme.example.com:"], Ok(Some("acme"))),
            (None, &["%61cme.example.com"], Err("no host name")),
        ];
        for (authority, hosts, expected) in rows {
            let headers: Vec<_> = hosts.iter().map(|host| ("host", host.as_bytes())).collect();
            let mut head = Head::with(&headers);
            head.authority = authority;
            head.is_http_2 = true;
            head.headers
                .push(("x-forwarded-host", b"root.example.com".to_vec()));
            let what = format!("{authority:?} {hosts:?}");
            assert_read(host_label(&head, "example.com"), expected, &what);
        }
        let mut head = Head::with(&[("host", b"globex.example.com")]);
        head.authority = Some("acme.example.com");
        let of_target = host_label(&head, "example.com");
        assert_read(
            of_target,
            Ok(Some("acme")),
            "an absolute target in HTTP/1.1",
        );
        let head = Head::with(&[("host", b"acme\xff.example.com")]);
        assert_read(host_label(&head, "example.com"), Err("not UTF-8"), "bytes");
    }

    #[test]
    fn a_path_parameter_is_bound_to_one_value() {
        let rows: [(&[(&'static str, &'static str)], Expected); 6] = [
            (&[], Ok(None)),
            (&[("id", "acme")], Ok(None)),
            (&[("org", "acme"), ("id", "7")], Ok(Some("acme"))),
            (&[("org", "acme"), ("org", "acme")], Ok(Some("acme"))),
            (&[("org", "acme"), ("org", "globex")], Err("given twice")),
            (
                &[("org", ""), ("id", "7"), ("org", "acme")],
                Err("given twice"),
            ),
        ];
        for (params, expected) in rows {
            let mut head = Head {
                params: params.to_vec(),
                ..Head::default()
            };
            assert_read(path(&mut head, "org"), expected, &format!("{params:?}"));
            assert_eq!(paths(&mut head).is_err(), expected.is_err(), "{params:?}");
        }
        // What another parameter is bound to does not matter to the one asked for, but to all.
        let params = vec![("org", "acme"), ("id", "7"), ("id", "8")];
        let mut head = Head {
            params,
            ..Head::default()
        };
        assert_read(
            path(&mut head, "org"),
            Ok(Some("acme")),
            "the other one differs",
        );
        assert!(paths(&mut head).is_err());
    }

    #[test]
    fn a_text_is_well_encoded_where_all_decoders_agree() {
        for text in [
            "", "acme", "a%20b", "%25", "%2525", "%C3%BC", "%c3%bc", "ü", "%00", "a+b",
        ] {
            assert!(is_well_encoded(text), "{text}");
        }
        for text in [
            "%",
            "a%",
            "%4",
            "%zz",
            "%2%35",
            "%%32",
            "%FF",
            "%C3",
            "%C3%28",
            "%ED%A0%80",
            "%C0%AF",
            "% 20",
            "%+1",
        ] {
            assert!(!is_well_encoded(text), "{text}");
        }
    }
}
