//! The console, before it is a router.

use std::fmt;
use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use gatepost::{Gate, Inventory};
use gatepost_axum::{FindSubject, Gated, LoadSubject, SetupError};
use gatepost_openapi::OpenApiError;
use gatepost_store::PolicyStore;
use http::request::Parts;

use crate::around::around;
use crate::base::{Base, BaseError};
use crate::identity::{Identity, Sessions};
use crate::kept::Kept;
use crate::ops::Proofs;
use crate::{api, authzen, pages};

/// A console over a store, guarded by the gate of a replica of it.
///
/// ```
/// use gatepost::PolicyText;
/// use gatepost_console::Console;
/// use gatepost_store::{Author, PolicyStore, Replica, StoreUrl};
/// # use tower::ServiceExt;
///
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// # let folder = tempfile::tempdir()?;
/// let url = StoreUrl::sqlite(folder.path().join("policy.db"));
/// let policy = PolicyText::toml("version = 1").parse()?;
/// let ines = Author::Operator { name: "ines".into() };
/// let store = PolicyStore::open_or_seed(&url, &policy, ines, "the first policy").await?;
/// let replica = Replica::open(&url).await?;
/// let console: axum::Router = Console::new(store, replica.gate()).into_router()?;
///
/// let site = http::Request::get("/console/site").body(axum::body::Body::empty())?;
/// assert_eq!(console.oneshot(site).await?.status(), 401, "nobody has logged in");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "a console serves nothing until `into_router` is called and served"]
pub struct Console {
    store: PolicyStore,
    gate: Gate,
    path: String,
    public_url: Option<String>,
    host: Option<Identity>,
    services: Vec<(String, Inventory)>,
}

/// A console that cannot be served as it was described.
#[derive(Debug)]
#[non_exhaustive]
pub enum ConsoleError {
    /// Its path or its public URL is none.
    Place(String),
    /// A route of it cannot stand as it does.
    Setup(SetupError),
    /// What it tells of its routes is not what they are.
    Document(OpenApiError),
}

impl Console {
    /// A console below `/console`, for subjects that log in by links of its own.
    pub fn new(store: PolicyStore, gate: Gate) -> Self {
        Self {
            store,
            gate,
            path: "/console".to_owned(),
            public_url: None,
            host: None,
            services: Vec::new(),
        }
    }

    /// Sets the path that it stands below; empty at the root.
    pub fn at(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    /// Has subjects come by login links, sessions and bearer tokens of the console's own, kept in the store.
    pub fn sessions(mut self) -> Self {
        self.host = None;
        self
    }

    /// Has the host say who asks: there is no login of the console's own then.
    pub fn identity(mut self, find: impl FindSubject<Parts>) -> Self {
        self.host = Some(Identity::host(self.gate.clone(), find));
        self
    }

    /// Has the host say who asks, once it has looked it up.
    pub fn loaded_identity(mut self, load: impl LoadSubject) -> Self {
        self.host = Some(Identity::loaded_host(self.gate.clone(), load));
        self
    }

    /// Says what the world calls the server, as `https://example.com`: for links, and for what AuthZEN tells of
    /// itself. Where it is `https`, browsers keep the console's cookies from every other connection.
    ///
    /// Pages of that origin alone may change anything then. Without it, pages may where the browser reached the
    /// console by an address or as `localhost`; a console that has a name says it here.
    pub fn public_url(mut self, url: impl Into<String>) -> Self {
        self.public_url = Some(url.into());
        self
    }

    /// The routes of a service, for the page that shows them and for what counts whose answers a change flips. Those
    /// that replicas report through the store are known by themselves.
    pub fn routes(mut self, service: impl Into<String>, routes: Inventory) -> Self {
        self.services.push((service.into(), routes));
        self
    }

    /// The router, with all of its paths.
    ///
    /// # Errors
    ///
    /// [`ConsoleError`] when its place is none, or a route of it cannot stand as it does.
    pub fn into_router(self) -> Result<Router, ConsoleError> {
        let mut base = Base::new(&self.path)?;
        if let Some(url) = &self.public_url {
            base = base.public(url)?;
        }
        let own = || Identity::Sessions(Arc::new(Sessions::new(self.store.clone(), base.clone())));
        let identity = self.host.unwrap_or_else(own);
        let gated = || Gated::<Kept>::with_loaded_subject(self.gate.clone(), identity.clone());
        let api = api::routes(gated());
        let openapi = api::document(&api.routes(), &base).map_err(ConsoleError::Document)?;
        let behind = pages::routes(gated(), &base)
            .merge(api)
            .merge(authzen::routes(gated()));
        let all = gated()
            .nest(base.path(), behind)
            .merge(pages::elsewhere(gated(), &base))
            .merge(authzen::well_known(gated(), &base));
        let kept = Kept {
            store: self.store,
            gate: self.gate,
            base,
            identity,
            services: self.services.into(),
            counting: Arc::default(),
            proofs: Proofs::default(),
            openapi: openapi.into(),
        };
        let router = all.into_router().map_err(ConsoleError::Setup)?;
        let router = router.route_layer(from_fn_with_state(kept.clone(), around));
        Ok(router.with_state(kept))
    }
}

impl From<BaseError> for ConsoleError {
    fn from(error: BaseError) -> Self {
        Self::Place(error.to_string())
    }
}

impl fmt::Display for ConsoleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Place(why) => f.write_str(why),
            Self::Setup(error) => error.fmt(f),
            Self::Document(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ConsoleError {}
