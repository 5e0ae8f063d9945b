//! The objects of the service, and a way to make loading them take long.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use gatepost::{OrgId, SubjectId};
use gatepost_axum::{EntityKey, EntityLoader, Loaded, SourceError};

/// Counts what it loads; `stuck` never comes to an end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Chats {
    loads: Arc<AtomicUsize>,
    in_flight: Arc<AtomicUsize>,
}

#[derive(Debug)]
pub(crate) struct Chat;

/// Counts something as under way for as long as it lives.
struct InFlight(Arc<AtomicUsize>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Chats {
    pub(crate) fn loads(&self) -> usize {
        self.loads.load(Ordering::SeqCst)
    }

    pub(crate) fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl EntityLoader for Chats {
    type Entity = Chat;

    async fn load(&self, key: EntityKey<'_>) -> Result<Option<Loaded<Chat>>, SourceError> {
        self.loads.fetch_add(1, Ordering::SeqCst);
        self.in_flight.fetch_add(1, Ordering::SeqCst);
        let _in_flight = InFlight(self.in_flight.clone());
        let acme = |owner| {
            let chat = Loaded::in_org(OrgId::new("acme").unwrap(), Chat);
            Some(chat.owned_by(SubjectId::new(owner).unwrap()))
        };
        match key.path("id") {
            Some("stuck") => std::future::pending().await,
            Some("broken") => Err(SourceError::unavailable("the database is down")),
            Some("ottos") => Ok(acme("otto")),
            Some("alices") => Ok(acme("alice")),
            _ => Ok(None),
        }
    }
}
