//! Who asks: by the console's own sessions and tokens, or as the host says.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use async_trait::async_trait;
use axum::extract::ConnectInfo;
use gatepost::{Gate, Subject};
use gatepost_axum::{FindSubject, LoadSubject, SourceError};
use gatepost_tower::Enforcer;
use http::HeaderMap;
use http::request::Parts;

mod sessions;

pub(crate) use sessions::Sessions;

/// Who asks.
#[derive(Clone)]
pub(crate) enum Identity {
    /// By login links, sessions and bearer tokens of the console's own.
    Sessions(Arc<Sessions>),
    /// As the host of the console says.
    Host(Arc<Enforcer>),
}

/// By what a request says who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Came {
    /// By a session of the console's own.
    BySession,
    /// By a bearer token, by nothing, or as the host says.
    Otherwise,
}

impl Identity {
    /// As the host says.
    pub(crate) fn host(gate: Gate, find: impl FindSubject<Parts>) -> Self {
        Self::Host(Arc::new(Enforcer::new(gate, find).peer(peer)))
    }

    /// As the host says, once it has looked it up.
    pub(crate) fn loaded_host(gate: Gate, load: impl LoadSubject) -> Self {
        let enforcer = Enforcer::with_loaded_subject(gate, load);
        Self::Host(Arc::new(enforcer.peer(peer)))
    }

    /// Finds who asks.
    pub(crate) async fn find(&self, request: &Parts) -> Result<Option<Subject>, SourceError> {
        match self {
            Self::Sessions(sessions) => sessions.find(&request.headers).await,
            Self::Host(enforcer) => enforcer.subject(&mut request.clone()).await,
        }
    }

    /// By what a request says who asks.
    pub(crate) fn came(&self, headers: &HeaderMap) -> Came {
        match self {
            Self::Sessions(sessions) => sessions.came(headers),
            Self::Host(_) => Came::Otherwise,
        }
    }

    /// The console's own sessions, where it has any.
    pub(crate) fn sessions(&self) -> Option<&Sessions> {
        match self {
            Self::Sessions(sessions) => Some(sessions),
            Self::Host(_) => None,
        }
    }
}

#[async_trait]
impl LoadSubject for Identity {
    async fn load(&self, request: &Parts) -> Result<Option<Subject>, SourceError> {
        self.find(request).await
    }
}

/// The address that the connection comes from, where the server has left it.
fn peer(request: &Parts) -> Option<IpAddr> {
    let extensions = &request.extensions;
    if let Some(ConnectInfo(address)) = extensions.get::<ConnectInfo<SocketAddr>>() {
        return Some(address.ip());
    }
    let peer = extensions.get::<ConnectInfo<gatepost_axum::Peer>>();
    peer.map(|ConnectInfo(peer)| peer.address().ip())
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sessions(_) => "Sessions",
            Self::Host(_) => "Host",
        })
    }
}
