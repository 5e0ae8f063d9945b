//! One path, several handlers: the first one whose requirement the request meets.

use std::fmt;
use std::panic::Location;
use std::rc::Rc;
use std::sync::Arc;

use actix_web::dev::{AppService, HttpServiceFactory, ServiceRequest, ServiceResponse, fn_service};
use actix_web::http::Method;
use actix_web::{Error, FromRequest, Handler, Resource, Responder, web};
use futures_util::future::LocalBoxFuture;
use gatepost::{Denial, Requirement};
use gatepost_enforce::RouteError;

use crate::bound::{Inside, within};
use crate::entry::{Entry, Form};
use crate::gated::{Gated, marked};
use crate::handler::call;
use crate::route::{Enforced, lazy};
use crate::service::{Bodies, Boxed};
use crate::watched;

/// Handlers of one path, to choose from; made by [`Gated::choice`].
///
/// It is a service for [`App::service`](actix_web::App::service) and its like.
#[must_use = "a choice serves nothing until it is given to `.service(..)`"]
pub struct Choice {
    gated: Gated,
    path: String,
    method: Method,
    offered: Vec<(Method, Vec<Alternative>)>,
}

#[derive(Clone)]
struct Alternative {
    enforced: Arc<Enforced>,
    run: Rc<Run>,
    entry: Arc<Entry>,
}

type Run = dyn Fn(ServiceRequest) -> LocalBoxFuture<'static, Result<ServiceResponse, Error>>;

impl Gated {
    /// One of several handlers that requests are to choose between, which is decided in earnest.
    #[track_caller]
    fn chosen(&self, form: Form, requirement: Requirement) -> (Arc<Enforced>, Arc<Entry>) {
        let (enforced, error) = self.enforced(requirement);
        let requirement = self.enforcer.effective(&requirement);
        let refused = requirement
            .reports_only()
            .map(|_| RouteError::ChoosesByReport);
        let error = error.or(refused.map(|refused| refused.to_string()));
        let entry = Entry::new(self, form, Ok(requirement), error, Location::caller());
        (enforced, entry)
    }
}

impl Choice {
    pub(crate) fn new(gated: Gated, path: &str) -> Self {
        Self {
            gated,
            path: path.to_owned(),
            method: Method::GET,
            offered: Vec::new(),
        }
    }

    /// What follows is for this method; until told otherwise it is for `GET`, and `HEAD` with it.
    pub fn method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    /// Offers a handler: it is called where the request meets its requirement, and none offered before.
    #[track_caller]
    pub fn when<F, Args>(mut self, requirement: Requirement, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        let method = self.method.clone();
        let is_first = !self.offered.iter().any(|(offered, _)| *offered == method);
        let form = if is_first {
            Form::Route
        } else {
            Form::Alternative
        };
        let (enforced, entry) = self.gated.chosen(form(method), requirement);
        let run = move |request| -> LocalBoxFuture<'static, Result<ServiceResponse, Error>> {
            Box::pin(call(handler.clone(), request))
        };
        let alternative = Alternative {
            enforced,
            run: Rc::new(run),
            entry,
        };
        let of_method = self
            .offered
            .iter_mut()
            .find(|(method, _)| *method == self.method);
        match of_method {
            Some((_, alternatives)) => alternatives.push(alternative),
            None => self.offered.push((self.method.clone(), vec![alternative])),
        }
        self
    }

    fn into_resource(self) -> Resource {
        let mut resource = web::resource(self.path);
        for (_, alternatives) in self.offered {
            let entries = alternatives.iter().map(|one| one.entry.clone()).collect();
            let alternatives: Rc<[Alternative]> = alternatives.into();
            let service = fn_service(move |request| choose(alternatives.clone(), request));
            resource = resource.route(marked(entries).service(service));
        }
        resource
    }
}

/// Tries one after the other. A request that none admits gets the last one's denial; an error ends the search,
/// since not knowing whether somebody may do more is no reason to let him do less.
async fn choose(
    alternatives: Rc<[Alternative]>,
    mut request: ServiceRequest,
) -> Result<ServiceResponse, Error> {
    let mut met = alternatives.iter();
    if met
        .next()
        .is_some_and(|first| first.enforced.meet(request.request()))
    {
        return Ok(watched::answer(request));
    }
    let mut body = lazy(&mut request);
    let mut denied: Option<(&Alternative, Denial)> = None;
    for alternative in &*alternatives {
        let enforced = &alternative.enforced;
        let begun = enforced.begin(request.request());
        match enforced.finish(begun, request.request(), &mut body).await {
            Ok(()) => {
                request.set_payload(body.into_payload());
                let run = |request| (alternative.run)(request);
                return match enforced.bond(request.request()) {
                    Ok(None) => run(request).await,
                    Ok(Some(bond)) => within(bond, request, Inside::Handler, run)
                        .await
                        .map(Boxed::either),
                    Err(denial) => {
                        let response = enforced.response(denial, request.request());
                        Ok(request.into_response(response))
                    }
                };
            }
            Err(denial) => {
                let is_error = denial.is_error();
                denied = Some((alternative, denial));
                if is_error {
                    break;
                }
            }
        }
    }
    // It came to the first, and the last one's denial is that of all.
    if let Some(first) = alternatives.first() {
        first.enforced.refuse(request.request());
    }
    let response = match denied {
        Some((alternative, denial)) => alternative.enforced.response(denial, request.request()),
        // A method is in the list with its first handler.
        None => actix_web::HttpResponse::InternalServerError().finish(),
    };
    Ok(request.into_response(response))
}

impl HttpServiceFactory for Choice {
    fn register(self, config: &mut AppService) {
        self.into_resource().register(config);
    }
}

impl fmt::Debug for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Choice")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}
