//! What is awaited: the service inside, and what is given up in the middle of a decision.

use std::cell::{Cell, RefCell};
use std::future::{Ready, ready};
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_http::BoxedPayloadStream;
use actix_web::body::BoxBody;
use actix_web::dev::{Payload, Service, ServiceRequest, ServiceResponse, Transform};
use actix_web::web::resource;
use actix_web::{Error, FromRequest, HttpMessage, HttpRequest, HttpResponse, error};
use async_trait::async_trait;
use futures_util::future::poll_fn;
use futures_util::{FutureExt, stream};
use gatepost_actix::{Gate, Gated, LoadSubject, SourceError, Subject};

use crate::fixture::{
    BY_BODY, Canary, Chats, READ, READ_LOADED, SITE_WIDE, ask, facts, gated, request, serve, who,
};

/// A service that is ready when it is told to be.
#[derive(Clone, Default)]
struct Told {
    readiness: Rc<Cell<Readiness>>,
    calls: Rc<Cell<usize>>,
}

#[derive(Clone, Copy, Default)]
enum Readiness {
    #[default]
    Pending,
    Broken,
    Ready,
}

impl Service<ServiceRequest> for Told {
    type Response = ServiceResponse;
    type Error = Error;
    type Future = Ready<Result<ServiceResponse, Error>>;

    fn poll_ready(&self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        match self.readiness.get() {
            Readiness::Pending => Poll::Pending,
            Readiness::Broken => Poll::Ready(Err(error::ErrorBadGateway("broken"))),
            Readiness::Ready => Poll::Ready(Ok(())),
        }
    }

    fn call(&self, request: ServiceRequest) -> Self::Future {
        self.calls.set(self.calls.get() + 1);
        ready(Ok(request.into_response(HttpResponse::Ok())))
    }
}

#[actix_web::test]
async fn a87_a_gate_is_ready_when_what_is_inside_is() {
    let inner = Told::default();
    let require = gated().require(SITE_WIDE);
    let service = Transform::<_, ServiceRequest>::new_transform(&require, inner.clone());
    let service = service.await.unwrap();
    let identify = gated().identify();
    let identify = Transform::<_, ServiceRequest>::new_transform(&identify, inner.clone());
    let identify = identify.await.unwrap();
    let both = || async {
        let gate = poll_fn(|context| Service::<ServiceRequest>::poll_ready(&service, context));
        let identify = poll_fn(|context| Service::<ServiceRequest>::poll_ready(&identify, context));
        [gate.now_or_never(), identify.now_or_never()]
    };
    assert!(both().await.iter().all(Option::is_none));
    inner.readiness.set(Readiness::Broken);
    assert!(
        both()
            .await
            .iter()
            .all(|polled| matches!(polled, Some(Err(_))))
    );
    inner.readiness.set(Readiness::Ready);
    assert!(
        both()
            .await
            .iter()
            .all(|polled| matches!(polled, Some(Ok(()))))
    );

    // It is called for those alone whom the gate lets in.
    for (who, status, calls) in [("", 401, 0), ("gina", 200, 1), ("store down", 503, 1)] {
        let asked = request("GET", "/", who).to_srv_request();
        let response: ServiceResponse<_> = service.call(asked).await.unwrap();
        assert_eq!(
            (response.status().as_u16(), inner.calls.get()),
            (status, calls)
        );
        let _: actix_web::body::EitherBody<BoxBody> = response.into_body();
    }
}

#[actix_web::test]
async fn a88_a_request_that_is_given_up_leaves_nothing_behind() {
    let (canary, chats) = (Canary::default(), Chats::default());
    let gate = gated().loader("chat", chats.clone());
    let app = serve(|app| {
        app.route(
            "/orgs/{org}/{id}",
            gate.get(READ_LOADED, canary.handler("chat")),
        )
        .route("/chats", gate.post(BY_BODY, canary.reader("by-body")))
        .service(
            gate.choice("/choice/{org}/{id}")
                .when(READ_LOADED, canary.handler("choice")),
        );
    })
    .await;
    for path in ["/orgs/acme/stuck", "/choice/acme/stuck"] {
        let mut calls = Vec::new();
        for _ in 0..20 {
            let mut call = Box::pin(app.call(request("GET", path, "gina").to_request()));
            while chats.in_flight() <= calls.len() {
                assert!(call.as_mut().now_or_never().is_none());
                tokio::task::yield_now().await;
            }
            calls.push(call);
        }
        assert_eq!(chats.in_flight(), 20);
        drop(calls);
        assert_eq!(chats.in_flight(), 0);
    }
    // And in the middle of a body.
    for _ in 0..20 {
        let body: BoxedPayloadStream = Box::pin(stream::pending());
        let mut asked = request("POST", "/chats", "alice").to_request();
        *asked.payload() = Payload::from(body);
        let mut call = Box::pin(app.call(asked));
        assert!(call.as_mut().now_or_never().is_none());
    }
    canary.assert_silent();
    assert_eq!(
        ask(&app, "GET", "/orgs/acme/alices", "gina").await.said(),
        "200"
    );
    assert_eq!(
        ask(&app, "GET", "/orgs/acme/alices", "mallory")
            .await
            .said(),
        "not_a_member"
    );
    assert_eq!(canary.only().name, "chat");
}

#[actix_web::test]
async fn a24_a_request_that_a_handler_keeps_lends_its_permit_to_no_other() {
    let kept = Rc::new(RefCell::new(Vec::<HttpRequest>::new()));
    let canary = Canary::default();
    let keeping = {
        let kept = kept.clone();
        move |request: HttpRequest| {
            kept.borrow_mut().push(request);
            ready(HttpResponse::Ok())
        }
    };
    let gate = gated();
    let app = serve(|app| {
        app.route("/keep/{org}", gate.get(READ, keeping))
            .service(resource("/plain/{org}").get(canary.handler("plain")))
            .route("/orgs/{org}", gate.get(READ, canary.handler("read")));
    })
    .await;
    for round in 1..4 {
        assert_eq!(ask(&app, "GET", "/keep/acme", "gina").await.said(), "200");
        assert_eq!(kept.borrow().len(), round);
        assert_eq!(
            ask(&app, "GET", "/orgs/acme", "mallory").await.said(),
            "not_a_member"
        );
        assert_eq!(
            ask(&app, "GET", "/plain/acme", "mallory").await.said(),
            "200"
        );
        assert!(canary.only().permit.is_none());
        // Freed, it is used again for the next request.
        if round == 2 {
            kept.borrow_mut().remove(0);
            assert_eq!(ask(&app, "GET", "/plain/acme", "").await.said(), "200");
            assert!(canary.only().permit.is_none());
            kept.borrow_mut()
                .push(request("GET", "/", "").to_http_request());
        }
    }
    let first = kept.borrow()[0].clone();
    assert!(gatepost_actix::Permit::extract(&first).await.is_ok());
}

/// Reads the request's extensions, and keeps them borrowed for as long as it may.
struct Borrowing;

#[async_trait(?Send)]
impl LoadSubject for Borrowing {
    #[allow(
        clippy::await_holding_refcell_ref,
        reason = "a source that does what it should not"
    )]
    async fn load(&self, request: &HttpRequest) -> Result<Option<Subject>, SourceError> {
        let borrowed = request.extensions();
        tokio::task::yield_now().await;
        let subject = who(request);
        drop(borrowed);
        subject
    }
}

#[actix_web::test]
async fn a_source_may_borrow_the_extensions_until_it_has_answered() {
    let canary = Canary::default();
    let gate = Gated::with_loaded_subject(Gate::fixed(facts()), Borrowing);
    let app = serve(|app| {
        app.service(
            resource("/orgs/{org}")
                .route(gate.get(READ, canary.handler("read")))
                .wrap(gate.require(READ))
                .wrap(gate.identify()),
        );
    })
    .await;
    for (who, said) in [
        ("gina", "200"),
        ("mallory", "not_a_member"),
        ("", "unauthenticated"),
    ] {
        assert_eq!(ask(&app, "GET", "/orgs/acme", who).await.said(), said);
    }
}
