//! Layers on axum 0.8. Each goes around the route, unless its name says otherwise.

mod casbin;
mod gated;
mod guard;
mod login;
mod plain;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::handler::Handler;
use axum::http::{Method, StatusCode, Uri};
use axum::middleware::from_fn;
use axum::routing::post;
use futures_util::FutureExt;
use tower_service::Service;

use crate::contest::{Ask, Contestant, Failure, spin_alone};
use crate::scene::{ROUTE, SHORT, Scene, UUIDS};

/// Every layer on axum. The first three are controls, the fourth is what the others are compared with.
///
/// # Errors
///
/// When one of them cannot be set up.
pub fn contestants() -> Result<Vec<Contestant>, Failure> {
    let mut all = controls()?;
    all.extend([
        contestant(
            "no-op layer, around the handler",
            SHORT,
            router(create.layer(plain::NoOpLayer)),
            user(SHORT),
        )?,
        contestant(
            "no-op from_fn",
            SHORT,
            Router::new().route(ROUTE, post(create).layer(from_fn(plain::pass))),
            user(SHORT),
        )?,
        guard::contestant("hand-written guard", SHORT)?,
        gated::contestant("gatepost-axum", SHORT)?,
        gated::contestant("gatepost-axum, UUID ids", UUIDS)?,
        casbin::cached("axum-casbin", SHORT)?,
        casbin::cold("axum-casbin, not in its cache", SHORT)?,
        login::gate("axum-login, permission_required", SHORT)?,
        login::stack("axum-login, with its session from a cookie", SHORT)?,
        guard::contestant("denied: hand-written guard", SHORT.denied())?,
        gated::contestant("denied: gatepost-axum", SHORT.denied())?,
        gated::refused("refused: gatepost-axum, beside a handler that refuses")?,
        casbin::cached("denied: axum-casbin", SHORT.denied())?,
        login::gate("denied: axum-login, permission_required", SHORT.denied())?,
    ]);
    Ok(all)
}

/// What the figures are checked with: nothing, a known time, and the no-op layer that both are told by.
///
/// # Errors
///
/// When one of them cannot be set up.
pub fn controls() -> Result<Vec<Contestant>, Failure> {
    let around = |route| Router::new().route(ROUTE, route);
    Ok(vec![
        contestant("control: bare again", SHORT, router(create), user(SHORT))?,
        spin_alone(),
        contestant(
            "control: no-op layer that spins",
            SHORT,
            around(post(create).layer(plain::SpinLayer)),
            user(SHORT),
        )?,
        contestant(
            "no-op layer",
            SHORT,
            around(post(create).layer(plain::NoOpLayer)),
            user(SHORT),
        )?,
    ])
}

/// The handler.
async fn create() -> StatusCode {
    StatusCode::CREATED
}

fn router<T: 'static>(handler: impl Handler<T, ()>) -> Router {
    Router::new().route(ROUTE, post(handler))
}

/// The router beside a bare one. `carry` puts into a request what says who asks.
fn contestant(
    name: &'static str,
    scene: Scene,
    layered: Router,
    carry: impl Fn(&mut Request) + Clone + 'static,
) -> Result<Contestant, Failure> {
    Ok(Contestant {
        name,
        status: scene.status(),
        bare_status: 201,
        bare: ask(router(create), scene, carry.clone())?,
        layered: ask(layered, scene, carry)?,
    })
}

fn user(scene: Scene) -> impl Fn(&mut Request) + Clone {
    carried(scene.user())
}

/// Who asks, in the extensions.
fn carried<T: Clone + Send + Sync + 'static>(who: T) -> impl Fn(&mut Request) + Clone {
    move |request| {
        request.extensions_mut().insert(who.clone());
    }
}

fn ask(
    mut app: Router,
    scene: Scene,
    carry: impl Fn(&mut Request) + 'static,
) -> Result<Ask, Failure> {
    let uri: Uri = scene.path().parse()?;
    Ok(Box::new(move || {
        let mut request = Request::new(Body::empty());
        *request.method_mut() = Method::POST;
        *request.uri_mut() = uri.clone();
        carry(&mut request);
        // No `oneshot`: a router is always ready, and a clone of it is what a server makes once a connection.
        match app.call(request).now_or_never() {
            Some(Ok(response)) => response.status().as_u16(),
            None => 0,
        }
    }))
}
