//! The style sheet, the script and the icon, which the console serves by itself.

use std::sync::LazyLock;

use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue, StatusCode};
use sha2::{Digest, Sha256};

/// A file that every page asks for.
struct Asset {
    body: &'static str,
    content_type: &'static str,
    /// A name of these very bytes.
    tag: LazyLock<String>,
}

impl Asset {
    const fn new(body: &'static str, content_type: &'static str, tag: fn() -> String) -> Self {
        Self {
            body,
            content_type,
            tag: LazyLock::new(tag),
        }
    }
}

const CSS: &str = include_str!("../../assets/console.css");
const JS: &str = include_str!("../../assets/console.js");

const SVG: &str = include_str!("../../assets/console.svg");

static STYLE: Asset = Asset::new(CSS, "text/css; charset=utf-8", || tag(CSS));
static SCRIPT: Asset = Asset::new(JS, "text/javascript; charset=utf-8", || tag(JS));
static ICON: Asset = Asset::new(SVG, "image/svg+xml", || tag(SVG));

fn tag(body: &str) -> String {
    format!("\"{}\"", URL_SAFE_NO_PAD.encode(Sha256::digest(body)))
}

/// The style sheet.
pub(crate) async fn style(headers: HeaderMap) -> Response {
    answer(&STYLE, &headers)
}

/// The script.
pub(crate) async fn script(headers: HeaderMap) -> Response {
    answer(&SCRIPT, &headers)
}

/// The icon.
pub(crate) async fn icon(headers: HeaderMap) -> Response {
    answer(&ICON, &headers)
}

fn answer(asset: &Asset, headers: &HeaderMap) -> Response {
    let tag = asset.tag.as_str();
    let is_known = headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|known| known.trim().trim_start_matches("W/") == tag || known.trim() == "*");
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        asset.body.into_response()
    };
    let kept = response.headers_mut();
    // Kept, and asked for again by its tag: a release brings its own.
    kept.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    kept.insert(CONTENT_TYPE, HeaderValue::from_static(asset.content_type));
    if let Ok(tag) = HeaderValue::from_str(tag) {
        kept.insert(ETAG, tag);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_asset_that_the_browser_has_is_not_sent_again() {
        let first = style(HeaderMap::new()).await;
        assert_eq!(first.status(), StatusCode::OK);
        let tag = first.headers()[ETAG].clone();
        for known in [
            tag.clone(),
            HeaderValue::from_str(&format!("\"x\", W/{}", tag.to_str().unwrap())).unwrap(),
        ] {
            let again = style(HeaderMap::from_iter([(IF_NONE_MATCH, known)])).await;
            assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
            assert_eq!(again.headers()[ETAG], tag);
        }
        let other = script(HeaderMap::from_iter([(IF_NONE_MATCH, tag)])).await;
        assert_eq!(other.status(), StatusCode::OK);
    }

    #[test]
    fn the_assets_name_no_other_host() {
        for asset in [CSS, JS] {
            for word in ["http:", "https:", "@import", "url(", "eval", "innerHTML ="] {
                assert!(!asset.contains(word), "{word}");
            }
        }
    }
}
