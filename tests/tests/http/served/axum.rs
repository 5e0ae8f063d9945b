//! The service on axum.

use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::{RawPathParams, Request};
use axum::middleware::map_request;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, get};
use gatepost_axum::{
    Entity, Gated, Passage, Permit, PermitFor, Requirement, Requires, SourceError, Subject,
};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::request::Parts;
use http_body_util::BodyExt;
use tokio::net::TcpListener;

use super::canary::{Canary, Ran};
use super::chats::Chat;
use super::identity::{self, Identity};
use super::route::{MISTAKEN, Route, Takes, Verb};
use super::{Served, equipped};

pub(super) async fn serve(served: Served) -> SocketAddr {
    let router = wrapped(&served);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
    address
}

/// The service with what stands around it, as it is served.
pub(crate) fn wrapped(served: &Served) -> Router {
    let (polls, authenticates) = (served.polls.clone(), served.authenticates);
    let router = router(served);
    let router = if authenticates {
        router.layer(map_request(authenticate))
    } else {
        router
    };
    match polls {
        None => router,
        Some(polls) => router.layer(map_request(move |request: Request| {
            let counted = request.map(|body| Body::new(polls.of(body)));
            std::future::ready(counted)
        })),
    }
}

fn router(served: &Served) -> Router {
    let gated = Gated::new(served.gate.clone(), who).loader("chat", served.chats.clone());
    let gated = gated.loader("killed", served.chats.clone());
    let gated = equipped!(gated, served);
    let routes = served.registered();
    let gated = routes.iter().fold(gated, |gated, route| {
        mount(gated, route, served.canary.clone())
    });
    gated.into_router().unwrap()
}

fn mount(gated: Gated, route: &Route, canary: Canary) -> Gated {
    let Route { name, path, .. } = *route;
    let on = match route.method {
        Verb::Get => MethodFilter::GET,
        Verb::Post => MethodFilter::POST,
        Verb::Put => MethodFilter::PUT,
        Verb::Delete => MethodFilter::DELETE,
        Verb::Connect => MethodFilter::CONNECT,
    };
    match route.takes {
        Takes::Nothing => {
            let run = async move |params: RawPathParams, request: Request| {
                note(&canary, Ran::public(name), &params, request).await
            };
            gated.public(path, get(run), "the table's public route")
        }
        Takes::Permit(requirement) => {
            let run = async move |permit: Permit, params: RawPathParams, request: Request| {
                let ran = Ran::under(name, &permit, None);
                note(&canary, ran, &params, request).await
            };
            gated.on(on, path, requirement, run)
        }
        Takes::Entity(requirement) => {
            let run = async move |permit: Permit,
                                  chat: Entity<Chat>,
                                  params: RawPathParams,
                                  request: Request| {
                let ran = Ran::under(name, &permit, Some(chat.0.0));
                note(&canary, ran, &params, request).await
            };
            gated.on(on, path, requirement, run)
        }
        Takes::Passage(requirement) => {
            let run = async move |passage: Passage, params: RawPathParams, request: Request| {
                let ran = Ran::passed(name, &passage, None);
                note(&canary, ran, &params, request).await
            };
            gated.on(on, path, requirement, run)
        }
        Takes::EntityInPassing(requirement) => {
            let run = async move |passage: Passage,
                                  chat: Entity<Chat>,
                                  params: RawPathParams,
                                  request: Request| {
                let ran = Ran::passed(name, &passage, Some(chat.0.0));
                note(&canary, ran, &params, request).await
            };
            gated.on(on, path, requirement, run)
        }
        Takes::AnotherPermit(requirement) => {
            let run = async move |permit: PermitFor<Mistaken>,
                                  params: RawPathParams,
                                  request: Request| {
                let ran = Ran::under(name, &permit, None);
                note(&canary, ran, &params, request).await
            };
            gated.on(on, path, requirement, run)
        }
    }
}

struct Mistaken;

impl Requires for Mistaken {
    const REQUIREMENT: Requirement = MISTAKEN;
}

async fn note(canary: &Canary, ran: Ran, params: &RawPathParams, request: Request) -> Response {
    let org = params.iter().find(|(name, _)| *name == "org");
    let org = org.map(|(_, org)| org.to_owned());
    let running = canary.begin(ran, org);
    let body = request.into_body().collect().await;
    let body = body.map(|body| body.to_bytes().to_vec());
    let answer = canary.end(running, body.unwrap_or_default());
    ([(CONTENT_TYPE, "application/json")], answer).into_response()
}

pub(crate) async fn authenticate(mut request: Request) -> Request {
    let given = request.headers().get_all(AUTHORIZATION);
    let identity = identity::read(given.iter().map(http::HeaderValue::as_bytes));
    request.extensions_mut().insert(identity);
    request
}

pub(crate) fn who(request: &Parts) -> Result<Option<Subject>, SourceError> {
    request.extensions.get::<Identity>().map_or_else(
        || Err(SourceError::unavailable("nothing has authenticated")),
        Identity::subject,
    )
}
