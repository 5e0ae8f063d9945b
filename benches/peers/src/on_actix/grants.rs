//! actix-web-grants, as its README shows it: a middleware that tells what somebody may,
//! and a macro on the handler that asks for one thing of that.
//!
//! It knows authorities, no orgs: the path is not looked at.

use std::collections::{HashMap, HashSet};

use actix_web::dev::ServiceRequest;
use actix_web::error::{ErrorInternalServerError, ErrorUnauthorized};
use actix_web::http::StatusCode;
use actix_web::test::init_service;
use actix_web::web::Data;
use actix_web::{App, Error, HttpMessage, HttpResponse, web};
use actix_web_grants::{GrantsMiddleware, protect};

use crate::contest::{Contestant, Failure, now};
use crate::scene::{ROUTE, Role, Scene, UserId};

/// With authorities that are strings, as they are unless told otherwise.
pub(super) fn strings(name: &'static str, scene: Scene) -> Result<Contestant, Failure> {
    let app = App::new()
        .app_data(Data::new(scene.roles()))
        .wrap(GrantsMiddleware::with_extractor(permissions))
        .service(web::resource(ROUTE).route(web::post().to(create_by_permission)));
    super::contestant(name, scene, now(init_service(app))?, scene.user())
}

/// With authorities of a type of one's own.
pub(super) fn roles(name: &'static str, scene: Scene) -> Result<Contestant, Failure> {
    let app = App::new()
        .app_data(Data::new(scene.roles()))
        .wrap(GrantsMiddleware::with_extractor(role))
        .service(web::resource(ROUTE).route(web::post().to(create_by_role)));
    super::contestant(name, scene, now(init_service(app))?, scene.user())
}

async fn permissions(request: &ServiceRequest) -> Result<HashSet<String>, Error> {
    Ok(match found(request)? {
        Role::Developer => HashSet::from(["chat.create".to_owned()]),
        Role::Guest => HashSet::new(),
    })
}

async fn role(request: &ServiceRequest) -> Result<HashSet<Role>, Error> {
    Ok(HashSet::from([found(request)?]))
}

fn found(request: &ServiceRequest) -> Result<Role, Error> {
    let roles = request
        .app_data::<Data<HashMap<String, Role>>>()
        .ok_or_else(|| ErrorInternalServerError("no roles"))?;
    let extensions = request.extensions();
    let role = extensions
        .get::<UserId>()
        .and_then(|UserId(id)| roles.get(id));
    role.copied().ok_or_else(|| ErrorUnauthorized("who asks?"))
}

#[protect("chat.create")]
async fn create_by_permission() -> HttpResponse {
    HttpResponse::new(StatusCode::CREATED)
}

#[protect("Role::Developer", ty = "Role")]
async fn create_by_role() -> HttpResponse {
    HttpResponse::new(StatusCode::CREATED)
}
