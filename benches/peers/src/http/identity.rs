//! Who asks: a signed token in the `Authorization` header, as services give themselves.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_web::HttpMessage;
use actix_web::dev::{self, ServiceRequest, ServiceResponse, Transform};
use actix_web::error::ErrorUnauthorized;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use futures_util::future::Either;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use tower_layer::Layer;
use tower_service::Service;

const KEY: &[u8; 32] = b"a key that only this bench knows";

/// The header's value for a subject.
pub(super) fn bearer(subject: &str) -> String {
    let signature = mac(subject).map(|mac| mac.finalize().into_bytes());
    let signature = signature.map_or_else(String::new, |bytes| hex(&bytes));
    format!("Bearer {subject}.{signature}")
}

/// The subject that a header's value names, if it is signed.
fn subject_of(header: Option<&[u8]>) -> Option<&str> {
    let token = std::str::from_utf8(header?).ok()?.strip_prefix("Bearer ")?;
    let (subject, signature) = token.rsplit_once('.')?;
    let mut bytes = [0; 32];
    let (pairs, []) = signature.as_bytes().as_chunks::<2>() else {
        return None;
    };
    if pairs.len() != bytes.len() {
        return None;
    }
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        let digit = |digit: u8| char::from(digit).to_digit(16);
        *byte = u8::try_from(digit(*high)? << 4 | digit(*low)?).ok()?;
    }
    mac(subject)?.verify_slice(&bytes).ok()?;
    Some(subject)
}

fn mac(subject: &str) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(KEY).ok()?;
    mac.update(subject.as_bytes());
    Some(mac)
}

fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or_default();
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

/// On axum: verifies the token, and lets `keep` put what it likes into the request for the subject.
#[derive(Clone)]
pub(super) struct Identity<K>(pub(super) K);

#[derive(Clone)]
pub(super) struct Identified<K, S> {
    keep: K,
    inner: S,
}

impl<K: Clone, S> Layer<S> for Identity<K> {
    type Service = Identified<K, S>;

    fn layer(&self, inner: S) -> Self::Service {
        let keep = self.0.clone();
        Identified { keep, inner }
    }
}

impl<K, S> Service<Request> for Identified<K, S>
where
    K: Fn(&str, &mut ::http::Extensions),
    S: Service<Request, Response = Response, Error = Infallible>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Either<S::Future, Ready<Result<Response, Infallible>>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let (mut parts, body) = request.into_parts();
        let header = parts.headers.get(::http::header::AUTHORIZATION);
        match subject_of(header.map(::http::HeaderValue::as_bytes)) {
            Some(subject) => (self.keep)(subject, &mut parts.extensions),
            None => return Either::Right(ready(Ok(StatusCode::UNAUTHORIZED.into_response()))),
        }
        Either::Left(self.inner.call(Request::from_parts(parts, body)))
    }
}

/// The same on actix-web.
#[derive(Clone)]
pub(super) struct ActixIdentity<K>(pub(super) K);

pub(super) struct ActixIdentified<K, S> {
    keep: Rc<K>,
    inner: S,
}

impl<K, S, B> Transform<S, ServiceRequest> for ActixIdentity<K>
where
    K: Fn(&str, &mut dev::Extensions) + Clone + 'static,
    S: dev::Service<ServiceRequest, Response = ServiceResponse<B>, Error = actix_web::Error>,
{
    type Response = ServiceResponse<B>;
    type Error = actix_web::Error;
    type Transform = ActixIdentified<K, S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, inner: S) -> Self::Future {
        let keep = Rc::new(self.0.clone());
        ready(Ok(ActixIdentified { keep, inner }))
    }
}

impl<K, S, B> dev::Service<ServiceRequest> for ActixIdentified<K, S>
where
    K: Fn(&str, &mut dev::Extensions),
    S: dev::Service<ServiceRequest, Response = ServiceResponse<B>, Error = actix_web::Error>,
{
    type Response = ServiceResponse<B>;
    type Error = actix_web::Error;
    type Future = Either<S::Future, Ready<Result<ServiceResponse<B>, actix_web::Error>>>;

    fn poll_ready(&self, context: &mut Context<'_>) -> Poll<Result<(), actix_web::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let header = request
            .headers()
            .get(actix_web::http::header::AUTHORIZATION);
        match subject_of(header.map(actix_web::http::header::HeaderValue::as_bytes)) {
            Some(subject) => (self.keep)(subject, &mut request.extensions_mut()),
            None => return Either::Right(ready(Err(ErrorUnauthorized("who asks?")))),
        }
        Either::Left(self.inner.call(request))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_names_its_subject_and_a_changed_one_nobody() {
        let token = bearer("alice");
        assert_eq!(subject_of(Some(token.as_bytes())), Some("alice"));
        let forged = token.replace("alice", "mallory");
        assert_eq!(subject_of(Some(forged.as_bytes())), None);
    }
}
