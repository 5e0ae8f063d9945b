//! The bodies that the console reads: forms and JSON, bounded, and behind the decision.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use http::{HeaderMap, header};
use serde::de::DeserializeOwned;

use crate::fault::Fault;
use crate::kept::Kept;
use crate::{csrf, same_origin};

/// The most bytes of a body.
pub(crate) const LIMIT: usize = 64 * 1024;
/// Within which time the whole of a body has to be there.
const PATIENCE: Duration = Duration::from_secs(10);
/// The field of the token.
const CSRF_FIELD: &str = "csrf";

/// A form of the console's own pages: sent by one of them, and with the browser's token in the field `csrf`.
///
/// `T` has the other fields, each at most once; `Vec<(String, String)>` takes what may be there more often.
#[derive(Clone, Debug)]
pub(crate) struct Submitted<T>(pub(crate) T);

/// A JSON object: sent by one of the console's own pages, or by no browser.
#[derive(Clone, Debug)]
pub(crate) struct Sent<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Kept> for Submitted<T> {
    type Rejection = Fault;

    async fn from_request(request: Request, kept: &Kept) -> Result<Self, Fault> {
        let (headers, body) = read(request, kept, "application/x-www-form-urlencoded").await?;
        let pairs: Vec<(String, String)> =
            serde_urlencoded::from_bytes(&body).map_err(|_| unreadable("the form"))?;
        let (tokens, fields): (Vec<_>, Vec<_>) =
            pairs.into_iter().partition(|(name, _)| name == CSRF_FIELD);
        let token = match tokens.as_slice() {
            [(_, token)] => token.as_str(),
            _ => "",
        };
        csrf::check(&headers, &kept.base, token)?;
        let fields = serde_urlencoded::to_string(fields).map_err(|_| unreadable("the form"))?;
        let form = serde_urlencoded::from_str(&fields);
        form.map(Self)
            .map_err(|why| Fault::bad_request(format!("the form: {why}")))
    }
}

impl<T: DeserializeOwned> FromRequest<Kept> for Sent<T> {
    type Rejection = Fault;

    async fn from_request(request: Request, kept: &Kept) -> Result<Self, Fault> {
        let (_, body) = read(request, kept, "application/json").await?;
        // What is read into has members by name; a list of them by place is not what is told of it.
        if !body.trim_ascii_start().starts_with(b"{") {
            return Err(Fault::bad_request("the body is no JSON object"));
        }
        let json = serde_json::from_slice(&body);
        json.map(Self)
            .map_err(|why| Fault::bad_request(format!("the body: {why}")))
    }
}

async fn read(request: Request, kept: &Kept, takes: &str) -> Result<(HeaderMap, Bytes), Fault> {
    let (parts, body) = request.into_parts();
    same_origin::check(&parts, &kept.base)?;
    if !is_of_type(&parts.headers, takes) {
        return Err(Fault::unsupported_media_type(takes));
    }
    let body = collected(body, LIMIT).await.map_err(|why| match why {
        Unread::TooLarge => Fault::too_large(),
        Unread::TooSlow => Fault::too_slow(),
    })?;
    Ok((parts.headers, body))
}

/// Why a body was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unread {
    /// It is larger than what is read of one, or broke off.
    TooLarge,
    /// It was not there within the time.
    TooSlow,
}

/// The whole of a body, if it is there in time: who sends none holds up nothing for longer.
pub(crate) async fn collected(body: Body, limit: usize) -> Result<Bytes, Unread> {
    let read = tokio::time::timeout(PATIENCE, axum::body::to_bytes(body, limit)).await;
    read.map_err(|_| Unread::TooSlow)?
        .map_err(|_| Unread::TooLarge)
}

fn is_of_type(headers: &HeaderMap, takes: &str) -> bool {
    let mut given = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(given), None) = (given.next(), given.next()) else {
        return false;
    };
    let given = given.to_str().unwrap_or_default();
    let media_type = given.split(';').next().unwrap_or_default();
    media_type.trim().eq_ignore_ascii_case(takes)
}

fn unreadable(what: &str) -> Fault {
    Fault::bad_request(format!("{what} cannot be read"))
}
