//! The objects of the service, and a way to make loading them take long.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use gatepost::{OrgId, SubjectId};
use gatepost_axum::{EntityKey, EntityLoader, Loaded, SourceError};

use crate::calls::Note;

/// A chat, and what it is called.
#[derive(Debug)]
pub(crate) struct Chat(pub(crate) &'static str);

/// Each chat's id, its org and its owner.
const CHATS: &[(&str, Option<&str>, Option<&str>)] = &[
    ("alices", Some("acme"), Some("alice")),
    ("ginas", Some("acme"), Some("gina")),
    ("ottos", Some("acme"), Some("otto")),
    ("nobodys", Some("acme"), None),
    ("labs", Some("acme-labs"), Some("alice")),
    ("bobs", Some("globex"), Some("bob")),
    ("gones", Some("gone"), Some("alice")),
    ("hanas", Some("hooli"), Some("hana")),
    ("wide", None, Some("alice")),
];

/// Loads the chats, and counts what it loads; the database is down for `broken`, `stuck` never comes to
/// an end, and `panics` is a bug.
#[derive(Clone, Debug, Default)]
pub(crate) struct Chats {
    loads: Arc<AtomicUsize>,
    in_flight: Arc<AtomicUsize>,
}

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
        let message: Note = prost::Message::decode(key.body()).unwrap_or_default();
        // Where there are no paths to speak of, the message names the chat.
        let id = key.path("id").unwrap_or(&message.text);
        match id {
            "panics" => panic!("a bug of the service"),
            "broken" => return Err(SourceError::unavailable("the database is down")),
            "stuck" => std::future::pending().await,
            _ => {}
        }
        let found = CHATS.iter().find(|(name, ..)| *name == id);
        Ok(found.map(|(name, org, owner)| {
            let chat = match org {
                Some(org) => Loaded::in_org(OrgId::new(org).unwrap(), Chat(name)),
                None => Loaded::site_wide(Chat(name)),
            };
            match owner {
                Some(owner) => chat.owned_by(SubjectId::new(owner).unwrap()),
                None => chat,
            }
        }))
    }
}
