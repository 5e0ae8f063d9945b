//! Reading one value out of a request's head. What is given twice is not chosen from.

use std::borrow::Cow;

use ecow::EcoString;
use gatepost::{Denial, Given, RequestHead};
use percent_encoding::percent_decode_str;

/// A path parameter; a router may have bound it more than once, but not to different values.
pub(crate) fn path(
    head: &mut (impl RequestHead + ?Sized),
    name: &str,
) -> Result<Option<EcoString>, Denial> {
    let mut found: Option<EcoString> = None;
    let mut differs = false;
    head.path_params(&mut |param, value| {
        if param == name {
            match &found {
                Some(earlier) => differs |= earlier != value,
                None => found = Some(EcoString::from(value)),
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
) -> Result<Vec<(EcoString, EcoString)>, Denial> {
    let mut all: Vec<(EcoString, EcoString)> = Vec::new();
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
mod tests;
