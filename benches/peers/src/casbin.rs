//! What axum-casbin and actix-casbin-auth decide by: roles by domain, in memory.

use async_trait::async_trait;
use casbin::{Cache, DefaultModel, StringAdapter};

use crate::scene::{Role, Scene};

const MODEL: &str = "
[request_definition]
r = sub, dom, obj, act

[policy_definition]
p = sub, dom, obj, act

[role_definition]
g = _, _, _

[policy_effect]
e = some(where (p.eft == allow))

[matchers]
m = g(r.sub, p.sub, r.dom) && r.dom == p.dom && r.obj == p.obj && r.act == p.act
";

pub(crate) async fn model() -> casbin::Result<DefaultModel> {
    DefaultModel::from_str(MODEL).await
}

pub(crate) fn adapter(scene: Scene) -> StringAdapter {
    let Scene { org, member, role } = scene;
    let path = scene.path();
    let role = match role {
        Role::Developer => "developer",
        Role::Guest => "guest",
    };
    StringAdapter::new(format!(
        "p, developer, {org}, {path}, POST\ng, {member}, {role}, {org}\n"
    ))
}

/// A cache that has forgotten everything whenever it is asked.
pub(crate) struct Forgetful;

#[async_trait]
impl Cache<u64, bool> for Forgetful {
    fn get(&self, _: &u64) -> Option<bool> {
        None
    }

    fn has(&self, _: &u64) -> bool {
        false
    }

    fn set(&self, _: u64, _: bool) {}

    fn clear(&self) {}
}
