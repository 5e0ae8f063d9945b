//! Layers on actix-web 4. Each is wrapped around what its README wraps it around.

mod casbin;
// On once gatepost-actix exists: remove the `cfg` here and in `contestants`, and the `#` in Cargo.toml.
mod gated;
mod grants;
mod guard;
mod plain;

use actix_http::Request;
use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::{Method, StatusCode, Uri};
use actix_web::test::init_service;
use actix_web::{App, Error, HttpMessage, HttpResponse, Resource, web};
use futures_util::FutureExt;

use crate::contest::{Ask, Contestant, Failure, now, spin_alone};
use crate::scene::{ROUTE, SHORT, Scene};

/// Every layer on actix-web. The first three are controls; actix-web-grants is what the others are compared with.
///
/// # Errors
///
/// When one of them cannot be set up.
pub fn contestants() -> Result<Vec<Contestant>, Failure> {
    let mut all = controls()?;
    all.extend([
        guard::contestant("hand-written guard", SHORT)?,
        gated::contestant("gatepost-actix", SHORT)?,
        gated::contestant("gatepost-actix, UUID ids", crate::scene::UUIDS)?,
        grants::strings("actix-web-grants", SHORT)?,
        grants::roles("actix-web-grants, with an enum", SHORT)?,
        casbin::cached("actix-casbin-auth", SHORT)?,
        casbin::cold("actix-casbin-auth, not in its cache", SHORT)?,
        guard::contestant("denied: hand-written guard", SHORT.denied())?,
        gated::contestant("denied: gatepost-actix", SHORT.denied())?,
        gated::refused("refused: gatepost-actix, beside a handler that refuses")?,
        grants::strings("denied: actix-web-grants", SHORT.denied())?,
        casbin::cached("denied: actix-casbin-auth", SHORT.denied())?,
    ]);
    Ok(all)
}

/// What the figures are checked with: nothing, a known time, and the no-op transform that both are told by.
///
/// # Errors
///
/// When one of them cannot be set up.
pub fn controls() -> Result<Vec<Contestant>, Failure> {
    let spins = resource().wrap(plain::Spin);
    let passes = resource().wrap(plain::NoOp);
    Ok(vec![
        contestant(
            "control: bare again",
            SHORT,
            now(init_service(App::new().service(resource())))?,
            SHORT.user(),
        )?,
        spin_alone(),
        contestant(
            "control: no-op transform that spins",
            SHORT,
            now(init_service(App::new().service(spins)))?,
            SHORT.user(),
        )?,
        contestant(
            "no-op transform",
            SHORT,
            now(init_service(App::new().service(passes)))?,
            SHORT.user(),
        )?,
    ])
}

/// The handler.
async fn create() -> HttpResponse {
    HttpResponse::new(StatusCode::CREATED)
}

fn resource() -> Resource {
    web::resource(ROUTE).route(web::post().to(create))
}

/// The app beside a bare one. `who` is in the extensions of each request.
fn contestant<B: MessageBody>(
    name: &'static str,
    scene: Scene,
    layered: impl Service<Request, Response = ServiceResponse<B>, Error = Error> + 'static,
    who: impl Clone + 'static,
) -> Result<Contestant, Failure> {
    let bare = now(init_service(App::new().service(resource())))?;
    Ok(Contestant {
        name,
        status: scene.status(),
        bare_status: 201,
        bare: ask(bare, scene, who.clone())?,
        layered: ask(layered, scene, who)?,
    })
}

fn ask<B: MessageBody>(
    app: impl Service<Request, Response = ServiceResponse<B>, Error = Error> + 'static,
    scene: Scene,
    who: impl Clone + 'static,
) -> Result<Ask, Failure> {
    let uri: Uri = scene.path().parse()?;
    Ok(Box::new(move || {
        // As actix-web's own server makes it: `TestRequest` costs more than most that is measured here.
        let mut request = Request::new();
        request.head_mut().method = Method::POST;
        request.head_mut().uri = uri.clone();
        request.extensions_mut().insert(who.clone());
        match app.call(request).now_or_never() {
            Some(Ok(response)) => response.status().as_u16(),
            Some(Err(error)) => error.as_response_error().status_code().as_u16(),
            None => 0,
        }
    }))
}
