//! A requirement where actix enforces it: what happens to a request before its handler.

#![allow(
    clippy::inline_always,
    reason = "measured: what is handed on instead is copied, and read back wider than it was written"
)]

use std::sync::Arc;

use actix_web::dev::{Payload, ServiceRequest};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use gatepost::{Denial, Passage, Permit};
use gatepost_enforce::{
    Admitted, Answers, Begun, Bond, Entity, Met, Route, load_subject, permit_missing,
};

use crate::answer::denied;
use crate::body::Lazy;
use crate::head::Head;
use crate::refused::Refused;
use crate::source::SubjectSource;
use crate::watched;

/// A requirement where it is enforced.
#[derive(Debug)]
pub(crate) struct Enforced {
    /// `None` where the requirement is one that no request could meet.
    pub(crate) route: Option<Route>,
    pub(crate) answers: Answers,
    pub(crate) subject: SubjectSource,
    /// Whether it takes a request over that a guard has denied another route.
    pub(crate) instead: bool,
}

/// What a request was let in with, in its extensions for the handler.
#[derive(Debug)]
pub(crate) struct Passed {
    pub(crate) passage: Passage,
    /// Whether the permit is for handlers to take, which on a route that only reports it is not.
    is_proof: bool,
    pub(crate) entity: Option<Entity>,
}

impl Passed {
    /// Both at once: neither a permit nor an object of a scope around the route says anything of this requirement.
    #[inline(always)]
    fn leave(request: &HttpRequest, permit: Permit, entity: Option<Entity>) {
        let passage = Passage::Permitted(permit);
        request.extensions_mut().insert(Self {
            passage,
            is_proof: true,
            entity,
        });
    }

    /// The permit, for a handler that needs one.
    pub(crate) fn permit(&self) -> Option<&Permit> {
        self.passage.permit().filter(|_| self.is_proof)
    }

    pub(crate) fn forget(request: &HttpRequest) {
        request.extensions_mut().remove::<Self>();
    }
}

impl Enforced {
    /// Says that it decides this request. True of a probe, which is to be answered at once.
    pub(crate) fn meet(&self, request: &HttpRequest) -> bool {
        let route = self.route.as_ref();
        route.is_some_and(|route| watched::meet(request, Met::Required(route.requirement())))
    }

    pub(crate) fn begin(&self, request: &HttpRequest) -> Begun {
        let route = match self.route(request) {
            Ok(route) => route,
            Err(denial) => return Begun::Rejected(denial),
        };
        // Not knowing whether somebody may do more is no reason to let him do less.
        if let Some(refused) = request.extensions().get::<Refused>()
            && (!self.instead || refused.denial().is_error())
        {
            return Begun::Rejected(refused.denial().clone());
        }
        let SubjectSource::Find(source) = &self.subject else {
            return Begun::Unknown;
        };
        route.begin(
            &mut Head(request),
            |head| source.find(request, head),
            |_, permit| Passed::leave(request, permit, None),
        )
    }

    /// Awaits what the decision needs; on an allow the permit is in the request's extensions.
    pub(crate) async fn finish(
        &self,
        mut begun: Begun,
        request: &HttpRequest,
        body: &mut Lazy,
    ) -> Result<(), Denial> {
        let route = self.route(request).map_err(Arc::unwrap_or_clone)?;
        let mut head = Head(request);
        if let (Begun::Unknown, SubjectSource::Load(source)) = (&begun, &self.subject) {
            let subject = load_subject(async { source.load(request).await }).await;
            begun = route.begin(
                &mut head,
                |_| subject,
                |_, permit| Passed::leave(request, permit, None),
            );
        }
        let finished = route.finish(begun, &mut head, body).await?;
        if let Some(Admitted {
            passage, entity, ..
        }) = finished
        {
            request.extensions_mut().insert(Passed {
                passage,
                is_proof: !route.reports_only(),
                entity,
            });
        }
        Ok(())
    }

    /// The bond of a request that was just admitted, where the requirement binds it.
    pub(crate) fn bond(&self, request: &HttpRequest) -> Result<Option<Bond>, Denial> {
        let is_bound = |route: &&Route| route.requirement().is_bound();
        let Some(route) = self.route.as_ref().filter(is_bound) else {
            return Ok(None);
        };
        let passed = request.extensions();
        match passed.get::<Passed>().and_then(Passed::permit) {
            Some(permit) => Ok(route.bond(permit, &Head(request))),
            None => Err(permit_missing(
                request.method().as_str(),
                request.path(),
                "the permit that a route is bound to is gone",
            )),
        }
    }

    /// Says that the request is refused here: then no success may be its answer.
    pub(crate) fn refuse(&self, request: &HttpRequest) {
        if let Some(route) = &self.route {
            watched::refuse(request, route.requirement());
        }
    }

    /// The answer of a refusal.
    pub(crate) fn response(
        &self,
        denial: impl Into<Arc<Denial>>,
        request: &HttpRequest,
    ) -> HttpResponse {
        let denial = denial.into();
        self.refuse(request);
        let answer = match &self.route {
            Some(route) => route.answer(&denial, &Head(request)),
            None => self.answers.denied(&denial, &Head(request)),
        };
        denied(answer, denial)
    }

    /// The route; one that was registered with a requirement which no request could meet admits none.
    fn route(&self, request: &HttpRequest) -> Result<&Route, Arc<Denial>> {
        self.route.as_ref().ok_or_else(|| {
            let why = "the route has a requirement that no request could meet";
            Arc::new(permit_missing(
                request.method().as_str(),
                request.path(),
                why,
            ))
        })
    }
}

/// The payload of a request, to be read where a decision depends on it.
pub(crate) fn lazy(request: &mut ServiceRequest) -> Lazy {
    let payload: Payload = request.take_payload();
    Lazy::new(payload, request.headers())
}
