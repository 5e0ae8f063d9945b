//! Versions in headers (RFC 9110, 8.8.3 and 13.1.1).

use axum::Json;
use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use http::header::{ETAG, IF_MATCH};
use http::request::Parts;
use http::{HeaderMap, HeaderValue};
use serde::Serialize;

use crate::fault::Fault;
use crate::ops::BasedOn;

/// The version that a write is based on, by its `If-Match`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IfMatch(pub(crate) BasedOn);

/// An answer with the version that it is of, as its `ETag`.
#[derive(Clone, Debug)]
pub(crate) struct Versioned<T>(pub(crate) u64, pub(crate) T);

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        based_on(&parts.headers).map(Self)
    }
}

fn based_on(headers: &HeaderMap) -> Result<BasedOn, Fault> {
    let mut given = headers.get_all(IF_MATCH).iter();
    let value = match (given.next(), given.next()) {
        (None, _) => return Err(Fault::version_required()),
        (Some(only), None) => only.to_str().unwrap_or_default().trim(),
        (Some(_), Some(_)) => "",
    };
    if value == "*" {
        return Ok(BasedOn::Anything);
    }
    let digits = value
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    let is_number =
        |digits: &&str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let version = digits
        .filter(is_number)
        .and_then(|digits| digits.parse().ok());
    version.map(BasedOn::Version).ok_or_else(|| {
        Fault::bad_request("`If-Match` is one version in quotes, as in `\"17\"`, or `*`")
    })
}

impl<T: Serialize> IntoResponse for Versioned<T> {
    fn into_response(self) -> Response {
        let mut response = Json(self.1).into_response();
        if let Ok(tag) = HeaderValue::from_str(&format!("\"{}\"", self.0)) {
            response.headers_mut().insert(ETAG, tag);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_names_one_version_or_whatever_is_there() {
        let of = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(IF_MATCH, value.parse().unwrap());
            }
            based_on(&headers).map_err(|fault| fault.status())
        };
        assert_eq!(of(&["\"17\""]), Ok(BasedOn::Version(17)));
        assert_eq!(of(&["*"]), Ok(BasedOn::Anything));
        assert_eq!(of(&[]), Err(428));
        for value in [
            "17",
            "W/\"17\"",
            "\"17\", \"18\"",
            "\"\"",
            "\"+17\"",
            "\"-1\"",
            "\" 17\"",
            "\"99999999999999999999\"",
            "",
            "\"",
        ] {
            assert_eq!(of(&[value]), Err(400), "{value}");
        }
        assert_eq!(of(&["\"17\"", "\"17\""]), Err(400));
    }
}
