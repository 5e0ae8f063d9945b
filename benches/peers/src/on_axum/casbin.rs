//! axum-casbin, with roles by domain: the domain is the org.

use axum::Router;
use axum::routing::post;
use axum_casbin::{CasbinAxumLayer, CasbinVals};
use casbin::CachedApi;

use super::{carried, create};
use crate::casbin::{Forgetful, adapter, model};
use crate::contest::{Contestant, Failure, now};
use crate::scene::{ROUTE, Scene};

/// Every answer but the first comes out of casbin's cache.
pub(super) fn cached(name: &'static str, scene: Scene) -> Result<Contestant, Failure> {
    contestant(name, scene, layer(scene)?)
}

/// No answer comes out of casbin's cache, as where there are more than the 200 that it holds.
pub(super) fn cold(name: &'static str, scene: Scene) -> Result<Contestant, Failure> {
    let mut layer = layer(scene)?;
    now(layer.get_enforcer().write())?.set_cache(Box::new(Forgetful));
    contestant(name, scene, layer)
}

fn layer(scene: Scene) -> Result<CasbinAxumLayer, Failure> {
    Ok(now(CasbinAxumLayer::new(now(model())??, adapter(scene)))??)
}

fn contestant(
    name: &'static str,
    scene: Scene,
    layer: CasbinAxumLayer,
) -> Result<Contestant, Failure> {
    let app = Router::new().route(ROUTE, post(create).layer(layer));
    let (subject, domain) = scene.casbin_subject();
    super::contestant(name, scene, app, carried(CasbinVals { subject, domain }))
}
