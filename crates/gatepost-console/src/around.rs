//! What goes around every answer of the console: headers, the token of forms, refusals as pages.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue};

use crate::cookies::{self, CSRF};
use crate::csrf::Offered;
use crate::fault::Told;
use crate::kept::Kept;
use crate::pages;
use crate::views::ProblemView;

/// No script, style, image or frame of anybody else; forms go nowhere else.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The headers of every answer. A referrer of the same origin is kept: without one, browsers send forms with
/// `Origin: null`.
const HEADERS: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
];

/// Goes around every handler.
pub(crate) async fn around(State(kept): State<Kept>, mut request: Request, next: Next) -> Response {
    let is_page = is_page(&kept, request.uri().path());
    let offered = Offered::to(request.headers(), &kept.base);
    if let Some(offered) = &offered {
        request.extensions_mut().insert(offered.clone());
    }
    let mut response = next.run(request).await;
    if is_page && let Some(Told(problem)) = response.extensions_mut().remove::<Told>() {
        response = as_page(&kept, &problem, response);
    }
    let headers = response.headers_mut();
    let token = offered.as_ref().and_then(Offered::to_be_set);
    if let Some(cookie) = token.and_then(|token| cookies::set(&kept.base, CSRF, token)) {
        headers.append(header::SET_COOKIE, cookie);
    }
    secure(headers);
    response
}

/// The same refusal as a page.
fn as_page(kept: &Kept, problem: &ProblemView, response: Response) -> Response {
    let page = pages::fault_page(&kept.base, problem).into_string();
    let (mut parts, _) = response.into_parts();
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    parts.headers.insert(header::CONTENT_TYPE, html);
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(page))
}

/// The headers of every answer; who keeps something says so himself.
pub(crate) fn secure(headers: &mut HeaderMap) {
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
}

/// Whether a path is one of the pages: what is not, is read by programs.
fn is_page(kept: &Kept, path: &str) -> bool {
    let Some(below) = path.strip_prefix(kept.base.path()) else {
        return false;
    };
    let of_programs = ["/api/", "/access/", "/.well-known/"];
    !of_programs.iter().any(|prefix| below.starts_with(prefix))
}
