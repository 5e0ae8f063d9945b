//! The service on actix-web.

use std::net::{SocketAddr, TcpListener};
use std::pin::Pin;
use std::time::Duration;

use actix_http::Request;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{AUTHORIZATION, HeaderValue};
use actix_web::test::init_service;
use actix_web::web::{self, Payload, ServiceConfig};
use actix_web::{App, Error, FromRequest, HttpMessage, HttpRequest, HttpResponse, HttpServer, rt};
use futures_util::{Stream, StreamExt};
use gatepost_actix::{
    Entity, Gated, Passage, Permit, PermitFor, Requirement, Requires, SourceError, Subject,
};

use super::{Served, equipped};
use serde::Deserialize;

use super::canary::{Canary, Ran};
use super::chats::Chat;
use super::identity::{self, Identity};
use super::polls::Polls;
use super::route::{MISTAKEN, Route, Takes, Verb};

const WORKERS: usize = 2;

/// Serves on threads of its own, for as long as the process lives.
pub(super) fn serve(served: Served) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let gated = Gated::new(served.gate.clone(), who).loader("chat", served.chats.clone());
    let gated = gated.loader("killed", served.chats.clone());
    let gated = equipped!(gated, served);
    let routes = served.registered();
    let (canary, polls) = (served.canary, served.polls);
    let authenticates = served.authenticates;
    let routes = gated.routes(move |app, gate| mount(app, gate, &routes, &canary));
    let routes = routes.unwrap();
    std::thread::spawn(move || {
        let app = move || {
            let polls = polls.clone();
            let app = App::new().wrap_fn(move |mut request, service| {
                if authenticates {
                    authenticate(&request);
                }
                if let Some(polls) = &polls {
                    count(&mut request, polls);
                }
                service.call(request)
            });
            app.configure(&*routes)
        };
        let http = HttpServer::new(app).workers(WORKERS).disable_signals();
        // A row may be long in coming to its turn; and who hangs up does not await his answer.
        let http = http.keep_alive(Duration::from_mins(10)).tcp_nodelay(true);
        let http = http.h1_allow_half_closed(false);
        let http = http.listen_auto_h2c(listener).unwrap();
        rt::System::new().block_on(http.run()).unwrap();
    });
    address
}

/// The service without sockets, as its worker has it.
pub(crate) async fn in_process(
    served: Served,
) -> impl Service<Request, Response = ServiceResponse, Error = Error> {
    let gated = Gated::new(served.gate.clone(), who).loader("chat", served.chats.clone());
    let gated = gated.loader("killed", served.chats.clone());
    let gated = equipped!(gated, served);
    let (routes, canary) = (served.registered(), served.canary);
    let routes = gated.routes(move |app, gate| mount(app, gate, &routes, &canary));
    let routes = routes.unwrap();
    let app = App::new().wrap_fn(|request, service| {
        authenticate(&request);
        service.call(request)
    });
    init_service(app.configure(&*routes)).await
}

/// actix asks the first resource of a path alone: the routes of one path are one resource.
fn mount(app: &mut ServiceConfig, gate: &Gated, routes: &[Route], canary: &Canary) {
    let mut paths: Vec<&str> = routes.iter().map(|route| route.path).collect();
    paths.dedup();
    let mut seen = Vec::new();
    paths.retain(|path| {
        !seen.contains(path) && {
            seen.push(*path);
            true
        }
    });
    for path in paths {
        let of_path = routes.iter().filter(|route| route.path == path);
        let resource = of_path.fold(web::resource(path), |resource, route| {
            resource.route(route_of(gate, route, canary.clone()))
        });
        app.service(resource);
    }
}

fn route_of(gate: &Gated, route: &Route, canary: Canary) -> actix_web::Route {
    let name = route.name;
    let method = match route.method {
        Verb::Get => Method::GET,
        Verb::Post => Method::POST,
        Verb::Put => Method::PUT,
        Verb::Delete => Method::DELETE,
        Verb::Connect => Method::CONNECT,
    };
    match route.takes {
        Takes::Nothing => {
            let run = move |request: HttpRequest, body: Payload| {
                note(canary.clone(), Ran::public(name), request, body)
            };
            gate.public(method, "the table's public route", run)
        }
        Takes::Permit(requirement) => {
            let run = move |permit: Permit, request: HttpRequest, body: Payload| {
                let ran = Ran::under(name, &permit, None);
                note(canary.clone(), ran, request, body)
            };
            gate.on(method, requirement, run)
        }
        Takes::Entity(requirement) => {
            let run =
                move |permit: Permit, chat: Entity<Chat>, request: HttpRequest, body: Payload| {
                    let chat: &Chat = &chat;
                    let ran = Ran::under(name, &permit, Some(chat.0));
                    note(canary.clone(), ran, request, body)
                };
            gate.on(method, requirement, run)
        }
        Takes::Passage(requirement) => {
            let run = move |passage: Passage, request: HttpRequest, body: Payload| {
                let ran = Ran::passed(name, &passage, None);
                note(canary.clone(), ran, request, body)
            };
            gate.on(method, requirement, run)
        }
        Takes::EntityInPassing(requirement) => {
            let run =
                move |passage: Passage, chat: Entity<Chat>, request: HttpRequest, body: Payload| {
                    let chat: &Chat = &chat;
                    let ran = Ran::passed(name, &passage, Some(chat.0));
                    note(canary.clone(), ran, request, body)
                };
            gate.on(method, requirement, run)
        }
        Takes::AnotherPermit(requirement) => {
            let run = move |permit: PermitFor<Mistaken>, request: HttpRequest, body: Payload| {
                let ran = Ran::under(name, &permit, None);
                note(canary.clone(), ran, request, body)
            };
            gate.on(method, requirement, run)
        }
    }
}

struct Mistaken;

impl Requires for Mistaken {
    const REQUIREMENT: Requirement = MISTAKEN;
}

/// The path parameter, as a handler reads it.
#[derive(Deserialize)]
struct InOrg {
    org: String,
}

async fn note(canary: Canary, ran: Ran, request: HttpRequest, mut body: Payload) -> HttpResponse {
    let params = web::Path::<InOrg>::extract(&request).await;
    let org = params.ok().map(|params| params.into_inner().org);
    let running = canary.begin(ran, org);
    let mut bytes = Vec::new();
    while let Some(Ok(chunk)) = body.next().await {
        bytes.extend_from_slice(&chunk);
    }
    let answer = canary.end(running, bytes);
    HttpResponse::Ok()
        .content_type("application/json")
        .body(answer)
}

pub(crate) fn authenticate(request: &ServiceRequest) {
    let given = request.headers().get_all(AUTHORIZATION);
    let identity = identity::read(given.map(HeaderValue::as_bytes));
    request.extensions_mut().insert(identity);
}

fn count(request: &mut ServiceRequest, polls: &Polls) {
    let payload = request.take_payload();
    let counted: Pin<Box<dyn Stream<Item = _>>> = Box::pin(polls.of(payload));
    request.set_payload(counted.into());
}

pub(crate) fn who(request: &HttpRequest) -> Result<Option<Subject>, SourceError> {
    request.extensions().get::<Identity>().map_or_else(
        || Err(SourceError::unavailable("nothing has authenticated")),
        Identity::subject,
    )
}
