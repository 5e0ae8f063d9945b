//! axum-login as its README shows it: a session out of a cookie, and the permission asked of it.

use std::collections::{HashMap, HashSet};
use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum_login::{
    AuthManagerLayerBuilder, AuthSession, AuthUser, AuthnBackend, AuthzBackend, permission_required,
};
use tower_sessions::{MemoryStore, SessionManagerLayer};

use super::on_axum::create;
use crate::scene::{ROUTE, Role, Scene};

/// Where the session is begun.
pub(super) const LOGIN: &str = "/login";

pub(super) fn app(scene: Scene) -> Router {
    let user = User(scene.member.to_owned());
    let login = move |mut session: AuthSession<Backend>| async move {
        match session.login(&user).await {
            Ok(()) => StatusCode::OK,
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    };
    let backend = Backend(Arc::new(scene.roles()));
    // No TLS on the loopback, and so no cookie that asks for it.
    let sessions = SessionManagerLayer::new(MemoryStore::default()).with_secure(false);
    Router::new()
        .route(ROUTE, post(create))
        .route_layer(permission_required!(Backend, "chat.create"))
        .route(LOGIN, get(login))
        .layer(AuthManagerLayerBuilder::new(backend, sessions).build())
}

#[derive(Debug, Clone)]
struct User(String);

impl AuthUser for User {
    type Id = String;

    fn id(&self) -> String {
        self.0.clone()
    }

    fn session_auth_hash(&self) -> &[u8] {
        b"a hash of their password"
    }
}

#[derive(Debug, Clone)]
struct Backend(Arc<HashMap<String, Role>>);

impl AuthnBackend for Backend {
    type User = User;
    type Credentials = ();
    type Error = Infallible;

    async fn authenticate(&self, (): ()) -> Result<Option<User>, Infallible> {
        Ok(None)
    }

    async fn get_user(&self, id: &String) -> Result<Option<User>, Infallible> {
        Ok(self.0.contains_key(id).then(|| User(id.clone())))
    }
}

impl AuthzBackend for Backend {
    type Permission = &'static str;

    async fn get_group_permissions(
        &self,
        user: &User,
    ) -> Result<HashSet<&'static str>, Infallible> {
        Ok(match self.0.get(&user.0) {
            Some(Role::Developer) => HashSet::from(["chat.create"]),
            _ => HashSet::new(),
        })
    }
}
