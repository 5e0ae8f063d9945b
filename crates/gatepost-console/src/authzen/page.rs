//! Pages of what a search finds (section 8.2).

use axum::Json;
use axum::response::{IntoResponse, Response};
use gatepost::SubjectId;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::json::{Object, member, object_in, text};
use super::refusal::Refusal;
use super::token::{self, Ended};

/// The most results of a page, and as many as there are unless told otherwise.
const MOST: u32 = 1_000;

/// So many candidates are asked about for one page; it may end with fewer results than there is room for.
pub(super) const MOST_ASKED: usize = 10_000;

/// The query that a token is of.
type Query = [u8; 32];

/// A page that is being filled, with candidates in the order of their ids.
pub(super) struct Page {
    query: Query,
    limit: u32,
    /// The last candidate that is done with, on this page or on those before.
    last: Option<String>,
    asked: usize,
    results: Vec<Value>,
    has_next: bool,
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
        let (mut limit, mut last) = (None, None);
        if let Some(page) = object_in(body, "page", "page")? {
            object_in(page, "properties", "page.properties")?;
            limit = member(page, "limit").map(self::limit).transpose()?;
            // An empty one is what the last page has for the next.
            let token = text(page, "page", "token")?.filter(|token| !token.is_empty());
            if let Some(token) = token {
                let before = token::open(&query, token).ok_or_else(foreign)?;
                if limit.is_some_and(|limit| limit != before.limit) {
                    return Err(foreign());
                }
                (limit, last) = (Some(before.limit), before.last);
            }
        }
        Ok(Self {
            query,
            limit: limit.unwrap_or(MOST),
            last,
            asked: 0,
            results: Vec::new(),
            has_next: false,
        })
    }

    /// The candidate behind which the next one to be asked about stands.
    pub(super) fn last(&self) -> Option<&str> {
        self.last.as_deref()
    }

    /// Whether to go on with the next candidate.
    pub(super) fn goes_on(&mut self) -> bool {
        self.has_next |= self.asked >= MOST_ASKED;
        self.asked += 1;
        !self.has_next
    }

    /// Takes the result that a candidate is, if it is one, or leaves it to the next page.
    pub(super) fn take(&mut self, id: &str, result: Option<Value>) {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        if result.is_some() && self.results.len() >= limit {
            self.has_next = true;
            return;
        }
        self.results.extend(result);
        self.last = Some(id.to_owned());
    }

    /// What asks for the next page; empty where there is none.
    pub(super) fn next_token(&self) -> Result<String, Refusal> {
        if !self.has_next {
            return Ok(String::new());
        }
        let ended = Ended {
            limit: self.limit,
            last: self.last.clone(),
        };
        let none = || Refusal::unavailable("there is no token for the next page now");
        token::seal(&self.query, &ended).ok_or_else(none)
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let next_token = match self.next_token() {
            Ok(token) => token,
            Err(refusal) => return refusal.into_response(),
        };
        let page = PageEntity {
            next_token,
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
    Sha256::digest(query).into()
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
