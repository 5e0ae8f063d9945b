//! The page of a login link. Looking at it consumes nothing: mail scanners and previews look too.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{LOCATION, SET_COOKIE};
use http::{HeaderMap, HeaderValue, StatusCode};
use maud::{Markup, html};
use serde::Deserialize;

use super::form::hidden;
use super::frame::Frame;
use super::link::{Links, id};
use super::told::moment;
use crate::ask::{Asked, Checked, check_text};
use crate::body::Submitted;
use crate::csrf::CsrfToken;
use crate::fault::Fault;
use crate::kept::Kept;
use crate::views::LoginView;

/// What a link has in it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Code {
    code: String,
}

impl Checked for Code {
    fn check(&self) -> Result<(), Fault> {
        check_text("code", Some(&self.code))
    }
}

/// The page of a link.
pub(crate) async fn show(
    State(kept): State<Kept>,
    csrf: CsrfToken,
    Asked(Code { code }): Asked<Code>,
) -> Result<Markup, Fault> {
    let Some(sessions) = kept.identity.sessions() else {
        return Err(Fault::not_found());
    };
    let login = if code.is_empty() {
        nobody(code)
    } else {
        sessions.look(&code).await?
    };
    Ok(page(Links::new(&kept.base), csrf.as_str(), &login))
}

/// Uses a link.
pub(crate) async fn log_in(
    State(kept): State<Kept>,
    headers: HeaderMap,
    csrf: CsrfToken,
    Submitted(Code { code }): Submitted<Code>,
) -> Result<Response, Fault> {
    let Some(sessions) = kept.identity.sessions() else {
        return Err(Fault::not_found());
    };
    let links = Links::new(&kept.base);
    let Some(cookie) = sessions.log_in(&code, &headers).await? else {
        let page = page(links, csrf.as_str(), &nobody(code));
        return Ok((StatusCode::FORBIDDEN, page).into_response());
    };
    Ok(home(links, Some(cookie)))
}

/// Ends the session.
pub(crate) async fn log_out(
    State(kept): State<Kept>,
    headers: HeaderMap,
    Submitted(Nothing {}): Submitted<Nothing>,
) -> Result<Response, Fault> {
    let Some(sessions) = kept.identity.sessions() else {
        return Err(Fault::not_found());
    };
    let cookie = sessions.log_out(&headers).await?;
    Ok(away(Links::new(&kept.base).to("login"), cookie))
}

/// A form without a field of its own.
#[derive(Debug, Deserialize)]
pub(crate) struct Nothing {}

fn home(links: Links<'_>, cookie: Option<HeaderValue>) -> Response {
    away(links.to(""), cookie)
}

/// To a page of the console's own: nothing of the request says where.
fn away(to: String, cookie: Option<HeaderValue>) -> Response {
    let mut response = (StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response();
    if let Some(cookie) = cookie {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

const fn nobody(code: String) -> LoginView {
    LoginView {
        code,
        subject: None,
        expires: None,
    }
}

/// The page of a link, with the button that uses it.
fn page(links: Links<'_>, csrf: &str, login: &LoginView) -> Markup {
    let content = html! {
        div.middle {
            section.card {
                div.inner {
                    @if let Some(subject) = &login.subject {
                        h1 { "Log in as " (id(subject)) }
                        p.lead { "This link logs in once. It is of use to nobody afterwards." }
                        form method="post" action=(links.to("login")) {
                            (hidden("csrf", csrf))
                            (hidden("code", &login.code))
                            button.main { "Log in as " (id(subject)) }
                        }
                        @if let Some(expires) = &login.expires {
                            p.quiet.small { "The link can be used until " (moment(expires)) "." }
                        }
                    } @else {
                        h1 { "Log in" }
                        p.lead { "A login link is what opens the console. Whoever operates Gatepost here prints one:" }
                        p { code { "gatepost console login --as SUBJECT" } }
                        @if !login.code.is_empty() {
                            p { "This link was used before, or its time is over." }
                        }
                    }
                }
            }
        }
    };
    Frame::plain(links).around("Log in", &content)
}
