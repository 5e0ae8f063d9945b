//! actix-casbin-auth, with roles by domain: the domain is the org.

use actix_casbin_auth::{CasbinService, CasbinVals};
use actix_web::App;
use actix_web::test::init_service;
use casbin::CachedApi;

use super::resource;
use crate::casbin::{Forgetful, adapter, model};
use crate::contest::{Contestant, Failure, now};
use crate::scene::Scene;

/// Every answer but the first comes out of casbin's cache.
pub(super) fn cached(name: &'static str, scene: Scene) -> Result<Contestant, Failure> {
    contestant(name, scene, service(scene)?)
}

/// No answer comes out of casbin's cache, as where there are more than the 200 that it holds.
pub(super) fn cold(name: &'static str, scene: Scene) -> Result<Contestant, Failure> {
    let mut service = service(scene)?;
    now(service.get_enforcer().write())?.set_cache(Box::new(Forgetful));
    contestant(name, scene, service)
}

fn service(scene: Scene) -> Result<CasbinService, Failure> {
    Ok(now(CasbinService::new(now(model())??, adapter(scene)))??)
}

fn contestant(
    name: &'static str,
    scene: Scene,
    service: CasbinService,
) -> Result<Contestant, Failure> {
    let app = now(init_service(App::new().wrap(service).service(resource())))?;
    let (subject, domain) = scene.casbin_subject();
    super::contestant(name, scene, app, CasbinVals { subject, domain })
}
