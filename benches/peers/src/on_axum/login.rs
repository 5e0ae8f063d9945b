//! axum-login, which authenticates as well: once with that already done, once with all of it.
//!
//! It knows permissions, no orgs: the path is not looked at.

use std::collections::{HashMap, HashSet};
use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Extension, Router};
use axum_login::{
    AuthManagerLayerBuilder, AuthSession, AuthUser, AuthnBackend, AuthzBackend, permission_required,
};
use tower_service::Service;
use tower_sessions::{MemoryStore, SessionManagerLayer};

use super::{carried, create};
use crate::contest::{Contestant, Failure, now};
use crate::scene::{ROUTE, Role, Scene};

/// The permission alone: its session is in the request's extensions, as that of the others is.
pub(super) fn gate(name: &'static str, scene: Scene) -> Result<Contestant, Failure> {
    let session = logged_in(scene)?
        .1
        .extensions_mut()
        .remove::<AuthSession<Backend>>()
        .ok_or("no session in the answer")?;
    super::contestant(name, scene, guarded(), carried(session))
}

/// All of it: the session is told from a cookie and kept in memory.
pub(super) fn stack(name: &'static str, scene: Scene) -> Result<Contestant, Failure> {
    let (app, response) = logged_in(scene)?;
    let cookie = response.headers().get(SET_COOKIE).ok_or("no cookie")?;
    let cookie = cookie.to_str()?.split(';').next().ok_or("no cookie")?;
    let cookie = HeaderValue::from_str(cookie)?;
    super::contestant(name, scene, app, move |request| {
        request.headers_mut().insert(COOKIE, cookie.clone());
    })
}

fn guarded() -> Router {
    let route = Router::new().route(ROUTE, post(create));
    route.route_layer(permission_required!(Backend, "chat.create"))
}

/// The whole stack, and what it answered to a login.
fn logged_in(scene: Scene) -> Result<(Router, Response), Failure> {
    let backend = Backend(Arc::new(scene.roles()));
    let user = User {
        id: scene.member.to_owned(),
    };
    let login = move |mut session: AuthSession<Backend>| async move {
        match session.login(&user).await {
            Ok(()) => Ok(Extension(session)),
            Err(_) => Err(StatusCode::INTERNAL_SERVER_ERROR),
        }
    };
    let sessions = SessionManagerLayer::new(MemoryStore::default());
    let mut app = guarded()
        .route("/login", get(login))
        .layer(AuthManagerLayerBuilder::new(backend, sessions).build());
    let mut request = Request::new(Body::empty());
    *request.method_mut() = Method::GET;
    *request.uri_mut() = "/login".parse()?;
    let response = now(app.call(request))??;
    Ok((app, response))
}

#[derive(Debug, Clone)]
struct User {
    id: String,
}

impl AuthUser for User {
    type Id = String;

    fn id(&self) -> String {
        self.id.clone()
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
        Ok(self.0.contains_key(id).then(|| User { id: id.clone() }))
    }
}

impl AuthzBackend for Backend {
    type Permission = &'static str;

    async fn get_group_permissions(
        &self,
        user: &User,
    ) -> Result<HashSet<&'static str>, Infallible> {
        Ok(match self.0.get(&user.id) {
            Some(Role::Developer) => HashSet::from(["chat.create"]),
            _ => HashSet::new(),
        })
    }
}
