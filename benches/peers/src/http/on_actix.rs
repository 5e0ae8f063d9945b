//! The servers on actix-web, each with one worker.

use std::collections::{HashMap, HashSet};

use actix_casbin_auth::{CasbinService, CasbinVals};
use actix_web::dev::{Extensions, ServiceRequest};
use actix_web::error::{ErrorInternalServerError, ErrorUnauthorized};
use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{App, Error, HttpMessage, HttpRequest, HttpResponse, HttpServer, Resource, web};
use actix_web_grants::{GrantsMiddleware, protect};
use gatepost_actix::{Gated, SourceError, Subject};

use super::contestants::{BARE_ACTIX, DENIED_ACTIX, GATED_ACTIX, REFUSES_ACTIX};
use super::identity::ActixIdentity;
use super::server;
use crate::casbin::{adapter, model};
use crate::contest::Failure;
use crate::scene::{CREATE_CHAT, ROUTE, Role, SHORT, UserId};

/// Serves the app until the process ends.
macro_rules! serve {
    ($app:expr) => {{
        let server = HttpServer::new($app).workers(1).bind(("127.0.0.1", 0))?;
        let address = server.addrs().into_iter().next();
        server::tell(address.ok_or("no address")?.port())?;
        server.run().await?
    }};
}

pub(super) fn serve(name: &str, answer: Option<&server::Answer>) -> Result<(), Failure> {
    actix_web::rt::System::new().block_on(async {
        match name {
            BARE_ACTIX => serve!(|| App::new().service(resource())),
            GATED_ACTIX | DENIED_ACTIX => {
                let scene = if name == GATED_ACTIX {
                    SHORT
                } else {
                    SHORT.denied()
                };
                let gated = Gated::new(scene.gate()?, who);
                serve!(move || {
                    let route = gated.resource(ROUTE).post(CREATE_CHAT, create);
                    App::new().service(route).wrap(ActixIdentity(subject))
                });
            }
            REFUSES_ACTIX => {
                let answer = answer.ok_or("what to answer?")?.clone();
                serve!(move || {
                    let refused = Refused::of(answer.clone());
                    let refuse = move || {
                        let refused = refused.clone();
                        async move { refused.respond() }
                    };
                    let route = web::resource(ROUTE).route(web::post().to(refuse));
                    App::new().service(route).wrap(ActixIdentity(subject))
                });
            }
            "actix, actix-web-grants" => serve!(|| {
                App::new()
                    .app_data(Data::new(SHORT.roles()))
                    .service(web::resource(ROUTE).route(web::post().to(create_by_permission)))
                    .wrap(GrantsMiddleware::with_extractor(permissions))
                    .wrap(ActixIdentity(user))
            }),
            "actix, actix-casbin-auth" => {
                let casbin = CasbinService::new(model().await?, adapter(SHORT)).await?;
                serve!(move || {
                    let app = App::new().service(resource()).wrap(casbin.clone());
                    app.wrap(ActixIdentity(casbin_vals))
                });
            }
            _ => serve!(|| App::new().service(resource()).wrap(ActixIdentity(subject))),
        }
        Ok(())
    })
}

async fn create() -> HttpResponse {
    HttpResponse::new(StatusCode::CREATED)
}

fn resource() -> Resource {
    web::resource(ROUTE).route(web::post().to(create))
}

fn subject(text: &str, kept: &mut Extensions) {
    if let Ok(id) = gatepost::SubjectId::new(text) {
        kept.insert(Subject::new(id));
    }
}

fn user(text: &str, kept: &mut Extensions) {
    kept.insert(UserId(text.to_owned()));
}

fn casbin_vals(text: &str, kept: &mut Extensions) {
    let (subject, domain) = (text.to_owned(), Some(SHORT.org.to_owned()));
    kept.insert(CasbinVals { subject, domain });
}

#[expect(clippy::unnecessary_wraps, reason = "the signature is Gatepost's")]
fn who(request: &HttpRequest) -> Result<Option<Subject>, SourceError> {
    Ok(request.extensions().get::<Subject>().cloned())
}

async fn permissions(request: &ServiceRequest) -> Result<HashSet<String>, Error> {
    let roles = request
        .app_data::<Data<HashMap<String, Role>>>()
        .ok_or_else(|| ErrorInternalServerError("no roles"))?;
    let extensions = request.extensions();
    let UserId(id) = extensions
        .get()
        .ok_or_else(|| ErrorUnauthorized("who asks?"))?;
    Ok(match roles.get(id) {
        Some(Role::Developer) => HashSet::from(["chat.create".to_owned()]),
        _ => HashSet::new(),
    })
}

#[protect("chat.create")]
async fn create_by_permission() -> HttpResponse {
    HttpResponse::new(StatusCode::CREATED)
}

/// What Gatepost answers, out of parts that are ready.
#[derive(Clone)]
struct Refused {
    headers: Vec<(
        actix_web::http::header::HeaderName,
        actix_web::http::header::HeaderValue,
    )>,
    body: bytes::Bytes,
}

impl Refused {
    fn of(answer: server::Answer) -> Self {
        let headers = answer.headers.into_iter().filter_map(|(name, value)| {
            let name = actix_web::http::header::HeaderName::try_from(name).ok()?;
            Some((
                name,
                actix_web::http::header::HeaderValue::try_from(value).ok()?,
            ))
        });
        Self {
            headers: headers.collect(),
            body: bytes::Bytes::from(answer.body),
        }
    }

    fn respond(&self) -> HttpResponse {
        let mut response = HttpResponse::with_body(StatusCode::FORBIDDEN, self.body.clone());
        for (name, value) in &self.headers {
            response.headers_mut().insert(name.clone(), value.clone());
        }
        response.map_into_boxed_body()
    }
}
