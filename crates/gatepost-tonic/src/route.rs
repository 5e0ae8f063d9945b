//! A requirement where it is enforced: the way of a call.

use std::fmt;
use std::sync::Arc;

use gatepost::{Denial, Passage, Permit, Requirement};
use gatepost_enforce::{
    Admitted, Begun, Enforcer, Entity, FindSubject, RouteError, load_subject, permit_missing,
};
use gatepost_tower::{Binding, LoadSubject};
use http::Response;
use http::request::Parts;
use tonic::body::Body;

use crate::answer::denied;
use crate::bound::Bound;
use crate::first_message::FirstMessage;
use crate::head::{self, Head};
use crate::severable::Peer;

/// A requirement where it is enforced.
pub(crate) struct Route {
    shared: gatepost_enforce::Route,
    caller: Caller,
}

/// Where calls say who they come from.
#[derive(Clone)]
pub(crate) struct Caller {
    pub(crate) subject: SubjectSource,
    pub(crate) peer: head::Peer,
}

#[derive(Clone)]
pub(crate) enum SubjectSource {
    Find(Arc<dyn FindSubject<Parts>>),
    Load(Arc<dyn LoadSubject>),
}

impl Route {
    pub(crate) fn new(
        enforcer: Enforcer,
        caller: Caller,
        requirement: Requirement,
    ) -> Result<Self, RouteError> {
        let shared = gatepost_enforce::Route::new(enforcer, requirement)?;
        Ok(Self { shared, caller })
    }

    /// The requirement.
    pub(crate) fn requirement(&self) -> &'static Requirement {
        self.shared.requirement()
    }

    /// Decides as far as that goes without awaiting; on an allow the permit is in the call's extensions.
    pub(crate) fn begin(&self, request: &mut Parts) -> Begun {
        let SubjectSource::Find(source) = &self.caller.subject else {
            return Begun::Unknown;
        };
        let mut admitted = None;
        let begun = self.shared.begin(
            &mut self.head(request),
            |head| source.find(request, head),
            |_, permit| admitted = Some(permit),
        );
        if let Some(permit) = admitted {
            request.extensions.insert(permit);
        }
        begun
    }

    /// Awaits what the decision needs; on an allow the permit is in the call's extensions, and the body is whole.
    pub(crate) async fn finish(
        &self,
        mut begun: Begun,
        request: &mut Parts,
        body: Body,
    ) -> Result<Body, Denial> {
        let mut head = self.head(request);
        let mut at_once = None;
        if let (Begun::Unknown, SubjectSource::Load(source)) = (&begun, &self.caller.subject) {
            let subject = load_subject(async { source.load(request).await }).await;
            begun = self
                .shared
                .begin(&mut head, |_| subject, |_, permit| at_once = Some(permit));
        }
        let mut body = FirstMessage::new(body);
        let finished = self.shared.finish(begun, &mut head, &mut body).await?;
        if let Some(Admitted {
            passage, entity, ..
        }) = finished
        {
            match passage {
                Passage::Permitted(permit) if !self.shared.reports_only() => at_once = Some(permit),
                // No permit is left, be it that there is one.
                passage => drop(request.extensions.insert(passage)),
            }
            if let Some(entity) = entity {
                request.extensions.insert(entity);
            }
        }
        if let Some(permit) = at_once {
            request.extensions.insert(permit);
        }
        Ok(Body::new(body.into_body()))
    }

    /// What binds an admitted call, where its requirement binds it.
    ///
    /// # Errors
    ///
    /// `permit_missing`, where it was not admitted.
    pub(crate) fn bind(&self, request: &Parts) -> Result<Option<Bound>, Denial> {
        if !self.shared.requirement().is_bound() {
            return Ok(None);
        }
        let Some(permit) = request.extensions.get::<Permit>() else {
            let (method, path) = (request.method.as_str(), request.uri.path());
            let why = "the permit that a call is bound to is gone";
            return Err(permit_missing(method, path, why));
        };
        let head = self.head(request);
        let peer = request.extensions.get::<Peer>();
        let connection = peer.map(Peer::connection).cloned();
        Ok(self.shared.bond(permit, &head).map(|bond| Bound {
            binding: Binding::new(bond, connection),
            language: self.shared.enforcer().answers().language(&head),
        }))
    }

    /// The answer to a refusal, in the language that the reader asks for.
    pub(crate) fn answer(&self, denial: impl Into<Arc<Denial>>, request: &Parts) -> Response<Body> {
        let answers = self.shared.enforcer().answers();
        let language = answers.language(&self.head(request));
        denied(denial, language)
    }

    fn head<'p>(&self, request: &'p Parts) -> Head<'p> {
        Head {
            request,
            peer: self.caller.peer,
        }
    }
}

/// A permit of another method, handed on with the extensions, is none here.
pub(crate) fn forget_permit(request: &mut Parts) {
    request.extensions.remove::<Permit>();
    request.extensions.remove::<Passage>();
    request.extensions.remove::<Entity>();
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shared.requirement().fmt(f)
    }
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller").finish_non_exhaustive()
    }
}
