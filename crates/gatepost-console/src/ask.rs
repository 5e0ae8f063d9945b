//! Queries and paths, read by handlers: what is wrong with one is told as every other fault.

use axum::extract::{FromRequestParts, Path, Query};
use gatepost::{OrgId, SubjectId};
use http::request::Parts;
use serde::de::DeserializeOwned;

use crate::fault::Fault;

/// A query whose values are checked.
pub(crate) trait Checked {
    /// Goes on only with values that can be meant.
    fn check(&self) -> Result<(), Fault>;
}

/// A query: unknown and repeated keys are refused, and values that nobody can mean.
#[derive(Clone, Debug)]
pub(crate) struct Asked<T>(pub(crate) T);

/// The parameters of a path.
#[derive(Clone, Debug)]
pub(crate) struct InPath<T>(pub(crate) T);

impl<T: DeserializeOwned + Checked, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Fault> {
        let query = Query::<T>::from_request_parts(parts, state).await;
        let query =
            query.map_err(|why| Fault::bad_request(format!("the query: {}", why.body_text())))?;
        query.0.check()?;
        Ok(Self(query.0))
    }
}

/// The most characters of a value.
const LONGEST: usize = 255;

/// Goes on only with a text that can be part of an id or a name.
pub(crate) fn check_text(key: &str, text: Option<&str>) -> Result<(), Fault> {
    let is_wrong =
        |text: &str| text.chars().count() > LONGEST || text.chars().any(char::is_control);
    if text.is_some_and(is_wrong) {
        return Err(Fault::bad_request(format!(
            "the query: `{key}` is longer than {LONGEST} characters, or has a control character in it"
        )));
    }
    Ok(())
}

/// Goes on only with a limit of a list.
pub(crate) fn check_limit(limit: Option<usize>, most: usize) -> Result<(), Fault> {
    if limit.is_some_and(|limit| limit == 0 || limit > most) {
        return Err(Fault::bad_request(format!(
            "the query: `limit` is 1 to {most}"
        )));
    }
    Ok(())
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for InPath<T> {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Fault> {
        let path = Path::<T>::from_request_parts(parts, state).await;
        let path =
            path.map_err(|why| Fault::bad_request(format!("the path: {}", why.body_text())))?;
        Ok(Self(path.0))
    }
}

/// An org's id out of a path or a query.
pub(crate) fn org_id(text: &str) -> Result<OrgId, Fault> {
    OrgId::new(text).map_err(|why| Fault::bad_request(format!("the org's id {why}")))
}

/// A subject's id out of a path or a query.
pub(crate) fn subject_id(text: &str) -> Result<SubjectId, Fault> {
    SubjectId::new(text).map_err(|why| Fault::bad_request(format!("the subject's id {why}")))
}
