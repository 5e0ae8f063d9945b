//! Pages of what a search finds (section 8.2).

use axum::Json;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatepost::SubjectId;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::json::{Object, member, object_in, text};
use super::refusal::Refusal;

/// The most results of a page, and as many as there are unless told otherwise.
const MOST: u32 = 1_000;

/// So many candidates are asked about for one page; it may end with fewer results than there is room for.
const MOST_ASKED: usize = 200_000;

/// The query that a token is of.
type Query = [u8; 16];

/// A page that is being filled.
pub(super) struct Page {
    query: Query,
    limit: u32,
    /// Where the first candidate stands among all.
    from: usize,
    asked: usize,
    results: Vec<Value>,
    /// Where the next page begins, if there is one.
    next: Option<usize>,
}

#[derive(Serialize)]
struct Results {
    page: PageEntity,
    results: Vec<Value>,
}

#[derive(Serialize)]
struct PageEntity {
    next_token: String,
    count: usize,
}

impl Page {
    /// The page that a request asks for.
    pub(super) fn of(body: &Object, search: &str, asker: &SubjectId) -> Result<Self, Refusal> {
        let query = query(body, search, asker);
        let (mut limit, mut from) = (None, 0);
        if let Some(page) = object_in(body, "page", "page")? {
            object_in(page, "properties", "page.properties")?;
            limit = member(page, "limit").map(self::limit).transpose()?;
            // An empty one is what the last page has for the next.
            let token = text(page, "page", "token")?.filter(|token| !token.is_empty());
            if let Some(token) = token {
                let (of, as_before, at) = opened(token).ok_or_else(foreign)?;
                if of != query || limit.is_some_and(|limit| limit != as_before) {
                    return Err(foreign());
                }
                (limit, from) = (Some(as_before), at);
            }
        }
        Ok(Self {
            query,
            limit: limit.unwrap_or(MOST),
            from,
            asked: 0,
            results: Vec::new(),
            next: None,
        })
    }

    /// How many candidates were on the pages before.
    pub(super) fn skipped(&self) -> usize {
        self.from
    }

    /// Whether to go on with the candidate that stands there.
    pub(super) fn goes_on(&mut self, at: usize) -> bool {
        if self.next.is_none() && self.asked >= MOST_ASKED {
            self.next = Some(at);
        }
        self.asked += 1;
        self.next.is_none()
    }

    /// Takes the result that was found there, or leaves it to the next page.
    pub(super) fn take(&mut self, at: usize, result: impl FnOnce() -> Value) {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        if self.results.len() < limit {
            self.results.push(result());
        } else {
            self.next = Some(at);
        }
    }

    /// What asks for the next page; empty where there is none.
    pub(super) fn next_token(&self) -> String {
        let Some(at) = self.next.and_then(|at| u64::try_from(at).ok()) else {
            return String::new();
        };
        let mut token = self.query.to_vec();
        token.extend(self.limit.to_be_bytes());
        token.extend(at.to_be_bytes());
        URL_SAFE_NO_PAD.encode(token)
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let page = PageEntity {
            next_token: self.next_token(),
            count: self.results.len(),
        };
        let results = self.results;
        Json(Results { page, results }).into_response()
    }
}

/// What has to be the same from page to page: who asks for what.
fn query(body: &Object, search: &str, asker: &SubjectId) -> Query {
    let entities = ["subject", "action", "resource", "context"].map(|name| member(body, name));
    let query = (search, asker.as_str(), entities);
    // Texts and values that were JSON: there is nothing in it that JSON cannot write.
    let query = serde_json::to_vec(&query).unwrap_or_default();
    let [hash, _] = split(Sha256::digest(query).into());
    hash
}

fn split(hash: [u8; 32]) -> [Query; 2] {
    let (mut one, mut other) = ([0; 16], [0; 16]);
    let (front, back) = hash.split_at(16);
    one.copy_from_slice(front);
    other.copy_from_slice(back);
    [one, other]
}

/// What a token says: of which query it is, how many results a page has, and where the page begins.
fn opened(token: &str) -> Option<(Query, u32, usize)> {
    let token = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (query, rest) = token.split_first_chunk()?;
    let (limit, at) = rest.split_first_chunk()?;
    let at = u64::from_be_bytes(at.try_into().ok()?);
    Some((
        *query,
        u32::from_be_bytes(*limit),
        usize::try_from(at).ok()?,
    ))
}

fn limit(value: &Value) -> Result<u32, Refusal> {
    let limit = value
        .as_u64()
        .ok_or_else(|| Refusal::bad_request("`page.limit` is no integer that is not negative"))?;
    Ok(u32::try_from(limit).map_or(MOST, |limit| limit.min(MOST)))
}

fn foreign() -> Refusal {
    Refusal::bad_request("`page.token` is none of this query, with this limit")
}
