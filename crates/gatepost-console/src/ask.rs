//! Queries and paths, read by handlers: what is wrong with one is told as every other fault.

use axum::extract::{FromRequestParts, Path, Query};
use gatepost::{OrgId, SubjectId};
use http::request::Parts;
use serde::de::DeserializeOwned;

use crate::fault::Fault;

/// A query: unknown and repeated keys are refused.
#[derive(Clone, Debug)]
pub(crate) struct Asked<T>(pub(crate) T);

/// The parameters of a path.
#[derive(Clone, Debug)]
pub(crate) struct InPath<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Fault> {
        let query = Query::<T>::from_request_parts(parts, state).await;
        let query =
            query.map_err(|why| Fault::bad_request(format!("the query: {}", why.body_text())))?;
        Ok(Self(query.0))
    }
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
