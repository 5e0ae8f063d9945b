//! Handlers that note that they ran and under what.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use axum::extract::{FromRequestParts, RawPathParams, Request};
use axum::handler::Handler;
use axum::response::{IntoResponse, Response};
use gatepost::Permit;
use http_body_util::BodyExt;

/// Makes handlers, and knows which of them ran.
#[derive(Clone, Debug, Default)]
pub(crate) struct Canary(Arc<Mutex<Vec<Ran>>>);

/// One run of a handler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ran {
    pub(crate) name: &'static str,
    /// Who was admitted where; none on a public route.
    pub(crate) subject: Option<String>,
    pub(crate) org: Option<String>,
    pub(crate) mode: Option<&'static str>,
    /// The org as the handler itself reads it from the path.
    pub(crate) path_org: Option<String>,
    pub(crate) body: Vec<u8>,
}

impl Canary {
    pub(crate) fn handler(&self, name: &'static str) -> Runner {
        Runner {
            name,
            canary: self.clone(),
        }
    }

    /// What ran since this was asked last.
    pub(crate) fn take(&self) -> Vec<Ran> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    /// Asserts that no handler ran.
    #[track_caller]
    pub(crate) fn assert_silent(&self) {
        assert_eq!(*self.0.lock().unwrap(), []);
    }

    /// The only run since this was asked last.
    #[track_caller]
    pub(crate) fn only(&self) -> Ran {
        let mut ran = self.take();
        assert_eq!(ran.len(), 1, "{ran:?}");
        ran.remove(0)
    }
}

/// A handler that [`Canary::handler`] made.
#[derive(Clone, Debug)]
pub(crate) struct Runner {
    name: &'static str,
    canary: Canary,
}

impl<S> Handler<(), S> for Runner {
    type Future = Pin<Box<dyn Future<Output = Response> + Send>>;

    fn call(self, request: Request, _: S) -> Self::Future {
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            let params = RawPathParams::from_request_parts(&mut parts, &()).await;
            let mut params = params.iter().flatten();
            let path_org = params.find(|(name, _)| *name == "org");
            let path_org = path_org.map(|(_, org)| org.to_owned());
            let permit = parts.extensions.get::<Permit>();
            let mut ran = Ran {
                name: self.name,
                subject: permit.map(|permit| permit.subject().to_string()),
                org: permit.and_then(Permit::org).map(ToString::to_string),
                mode: permit.and_then(Permit::mode).map(gatepost::Mode::as_str),
                path_org,
                body: Vec::new(),
            };
            if let Ok(body) = body.collect().await {
                ran.body = body.to_bytes().to_vec();
            }
            self.canary.0.lock().unwrap().push(ran);
            self.name.into_response()
        })
    }
}
