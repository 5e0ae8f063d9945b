//! Where a subject asks what it may do.

use std::sync::Arc;

use axum::extract::Request;
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use gatepost::Denial;
use gatepost_enforce::{Answer, Capabilities, Registered};
use gatepost_tower::{Enforcer, response, send};
use http::request::Parts;

/// Asks of the routes of a router, those of each enforcer by the subject that it finds itself.
pub(crate) struct Asking {
    /// That of the route that is asked, which answers.
    own: Enforcer,
    others: Vec<Enforcer>,
    capabilities: Capabilities,
}

impl Asking {
    /// Of all routes, those of each enforcer, at a route of the enforcer in this place.
    pub(crate) fn new(groups: &[(Enforcer, Vec<Registered>)], own: usize) -> Option<Self> {
        let (enforcer, routes) = groups.get(own)?;
        let others = groups.iter().enumerate();
        let others = others.filter(|(place, (_, routes))| *place != own && !routes.is_empty());
        let others: Vec<_> = others.map(|(_, group)| group.clone()).collect();
        let all = std::iter::once((enforcer, routes))
            .chain(others.iter().map(|(enforcer, routes)| (enforcer, routes)))
            .map(|(enforcer, routes)| (enforcer.shared().clone(), routes.clone()));
        Some(Self {
            own: enforcer.clone(),
            capabilities: Capabilities::new(all.collect()),
            others: others.into_iter().map(|(enforcer, _)| enforcer).collect(),
        })
    }

    /// The route.
    pub(crate) fn route<S>(self) -> MethodRouter<S>
    where
        S: Clone + Send + Sync + 'static,
    {
        let asking = Arc::new(self);
        get(move |request: Request| async move {
            let (mut parts, _) = request.into_parts();
            match asking.answer(&mut parts).await {
                Ok(answer) => send::<axum::body::Body>(answer),
                Err(denial) => asking.refuse(denial, &mut parts),
            }
        })
    }

    async fn answer(&self, parts: &mut Parts) -> Result<Answer, Denial> {
        let mut subjects = Vec::with_capacity(1 + self.others.len());
        for enforcer in std::iter::once(&self.own).chain(&self.others) {
            let subject = enforcer.subject(parts).await;
            subjects.push(subject.map_err(gatepost_tower::SourceError::into_denial)?);
        }
        let head = self.own.head(parts);
        self.capabilities.answer(subjects, &head).await
    }

    fn refuse(&self, denial: Denial, parts: &mut Parts) -> Response {
        let head = self.own.head(parts);
        let answer = self.own.shared().answers().denied(&denial, &head);
        response(answer, denial)
    }
}
