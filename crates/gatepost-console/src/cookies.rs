//! The console's cookies (RFC 6265bis).

use cookie::time::Duration as CookieDuration;
use cookie::{Cookie, SameSite};
use http::{HeaderMap, HeaderValue, header};

use crate::base::Base;

/// The session.
pub(crate) const SESSION: &str = "gatepost-session";
/// What the forms of a browser have to repeat.
pub(crate) const CSRF: &str = "gatepost-csrf";

/// A cookie in a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    /// There is none.
    None,
    /// There is this one.
    Once(String),
    /// There are several of the name: somebody else has set one of them, and it cannot be told which.
    Several,
}

/// The name of a cookie: `__Host-` has browsers refuse one that another host or a path of it has set.
pub(crate) fn name(base: &Base, name: &str) -> String {
    if base.is_https() {
        format!("__Host-{name}")
    } else {
        name.to_owned()
    }
}

/// The cookie of a request.
pub(crate) fn sent(headers: &HeaderMap, base: &Base, of: &str) -> Sent {
    let of = name(base, of);
    let lists = headers.get_all(header::COOKIE).iter();
    let lists = lists.filter_map(|list| list.to_str().ok());
    let pairs = lists.flat_map(|list| Cookie::split_parse(list.to_owned()));
    let mut found = pairs
        .filter_map(Result::ok)
        .filter(|cookie| cookie.name() == of);
    match (found.next(), found.next()) {
        (None, _) => Sent::None,
        (Some(only), None) => Sent::Once(only.value().to_owned()),
        (Some(_), Some(_)) => Sent::Several,
    }
}

/// The header that sets a cookie, for as long as the browser runs.
pub(crate) fn set(base: &Base, of: &str, value: &str) -> Option<HeaderValue> {
    header_value(&cookie(base, of, value))
}

/// The header that takes a cookie away.
pub(crate) fn unset(base: &Base, of: &str) -> Option<HeaderValue> {
    let mut cookie = cookie(base, of, "");
    cookie.set_max_age(CookieDuration::ZERO);
    header_value(&cookie)
}

fn cookie(base: &Base, of: &str, value: &str) -> Cookie<'static> {
    let mut cookie = Cookie::new(name(base, of), value.to_owned());
    cookie.set_http_only(true);
    cookie.set_same_site(SameSite::Strict);
    cookie.set_path("/");
    cookie.set_secure(base.is_https());
    cookie
}

fn header_value(cookie: &Cookie<'_>) -> Option<HeaderValue> {
    HeaderValue::from_str(&cookie.to_string()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(url: &str) -> Base {
        Base::new("/console").unwrap().public(url).unwrap()
    }

    #[test]
    fn a_cookie_is_for_this_host_alone_and_for_no_script() {
        let set = |url: &str| set(&base(url), SESSION, "s").unwrap();
        assert_eq!(
            set("https://example.com"),
            "__Host-gatepost-session=s; HttpOnly; SameSite=Strict; Secure; Path=/"
        );
        assert_eq!(
            set("http://127.0.0.1:1"),
            "gatepost-session=s; HttpOnly; SameSite=Strict; Path=/"
        );
    }

    #[test]
    fn of_several_cookies_of_a_name_none_is_taken() {
        let sent = |lists: &[&str]| {
            let mut headers = HeaderMap::new();
            for list in lists {
                headers.append(header::COOKIE, list.parse().unwrap());
            }
            sent(&headers, &base("http://h"), SESSION)
        };
        let once = Sent::Once("a".to_owned());
        assert_eq!(sent(&[]), Sent::None);
        assert_eq!(sent(&["x=y"]), Sent::None);
        assert_eq!(sent(&["gatepost-session=a; x=y"]), once);
        assert_eq!(sent(&["x=y", "gatepost-session=a"]), once);
        assert_eq!(
            sent(&["gatepost-session=a; gatepost-session=a"]),
            Sent::Several
        );
        assert_eq!(
            sent(&["gatepost-session=a", "gatepost-session=b"]),
            Sent::Several
        );
    }
}
