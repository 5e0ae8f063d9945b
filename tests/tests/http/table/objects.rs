//! The objects of the table's service.

use async_trait::async_trait;
use gatepost::{OrgId, SubjectId};
use gatepost_axum::{EntityKey, EntityLoader, Loaded, SourceError};

/// A chat, and what it is called.
#[derive(Debug)]
pub(crate) struct Chat(pub(crate) &'static str);

/// Each chat's id, its org and its owner.
const CHATS: &[(&str, Option<&str>, Option<&str>)] = &[
    ("alices", Some("acme"), Some("alice")),
    ("ginas", Some("acme"), Some("gina")),
    ("nobodys", Some("acme"), None),
    ("labs", Some("acme-labs"), Some("alice")),
    ("bobs", Some("globex"), Some("bob")),
    ("gones", Some("gone"), Some("alice")),
    ("hanas", Some("hooli"), Some("hana")),
    ("wide", None, Some("alice")),
];

/// Loads the chats; the database is down for `broken`, and `panics` is a bug.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chats;

#[async_trait]
impl EntityLoader for Chats {
    type Entity = Chat;

    async fn load(&self, key: EntityKey<'_>) -> Result<Option<Loaded<Chat>>, SourceError> {
        let id = key.path("id").unwrap_or_default();
        assert_ne!(id, "panics", "a bug of the service");
        if id == "broken" {
            return Err(SourceError::unavailable("the database is down"));
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
