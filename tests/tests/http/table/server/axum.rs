//! The service on axum.

use axum::Router;
use axum::extract::{RawPathParams, Request};
use axum::middleware::map_request;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, get};
use gatepost::Gate;
use gatepost_axum::{
    Entity, Gated, Permit, PermitFor, Requirement, Requires, SourceError, Subject,
};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::request::Parts;
use http_body_util::BodyExt;
use tokio::net::TcpListener;

use super::Server;
use crate::table::canary::{Canary, Ran};
use crate::table::identity::{self, Identity};
use crate::table::objects::{Chat, Chats};
use crate::table::routes::{self, MISTAKEN, Route, Takes, Verb};
use crate::table::row::{Adapter, Post, Protocol};

pub(super) async fn start(gate: Gate, post: Post) -> Server {
    let canary = Canary::default();
    let router = router(gate, &canary).layer(map_request(authenticate));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
    Server {
        adapter: Adapter::Axum,
        post,
        address,
        speaks: &[Protocol::H1, Protocol::H2],
        canary,
    }
}

fn router(gate: Gate, canary: &Canary) -> Router {
    let gated = Gated::new(gate, who).loader("chat", Chats);
    let all = routes::all();
    let gated = all
        .iter()
        .fold(gated, |gated, route| mount(gated, route, canary.clone()));
    gated.into_router().unwrap()
}

fn mount(gated: Gated, route: &Route, canary: Canary) -> Gated {
    let Route { name, path, .. } = *route;
    let on = match route.method {
        Verb::Get => MethodFilter::GET,
        Verb::Post => MethodFilter::POST,
        Verb::Put => MethodFilter::PUT,
        Verb::Delete => MethodFilter::DELETE,
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
    let body = request.into_body().collect().await.unwrap().to_bytes();
    let answer = canary.note(ran, org, body.to_vec());
    ([(CONTENT_TYPE, "application/json")], answer).into_response()
}

async fn authenticate(mut request: Request) -> Request {
    let given = request.headers().get_all(AUTHORIZATION);
    let identity = identity::read(given.iter().map(http::HeaderValue::as_bytes));
    request.extensions_mut().insert(identity);
    request
}

fn who(request: &Parts) -> Result<Option<Subject>, SourceError> {
    match request.extensions.get() {
        Some(Identity::Somebody(subject)) => Ok(Some(subject.clone())),
        Some(Identity::Nobody) => Ok(None),
        Some(Identity::Garbled) => Err(SourceError::bad_request("the token cannot be read")),
        Some(Identity::Unavailable) => Err(SourceError::unavailable("the session store is down")),
        None => Err(SourceError::unavailable("nothing has authenticated")),
    }
}
