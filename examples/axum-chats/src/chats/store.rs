//! Where chats are kept: in memory. A service of yours has a database here.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use gatepost_axum::{EntityKey, EntityLoader, Loaded, OrgId, SourceError, SubjectId};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

#[derive(Clone, Serialize)]
pub(crate) struct Chat {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    org: Option<OrgId>,
    owner: SubjectId,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) promoted: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) tool_results: Vec<Value>,
}

impl Chat {
    pub(crate) fn new(org: Option<&OrgId>, owner: &SubjectId, title: Option<String>) -> Self {
        Self {
            id: Uuid::now_v7().to_string(),
            org: org.cloned(),
            owner: owner.clone(),
            title,
            promoted: false,
            tool_results: Vec::new(),
        }
    }
}

/// The chats, oldest first: their ids begin with the time.
#[derive(Clone, Default)]
pub(crate) struct Chats(Arc<Mutex<BTreeMap<String, Chat>>>);

impl Chats {
    /// The chats of an org, or of one owner in it.
    pub(crate) fn list(&self, org: Option<&OrgId>, owner: Option<&SubjectId>) -> Vec<Chat> {
        let listed = |chat: &&Chat| {
            chat.org.as_ref() == org && owner.is_none_or(|owner| chat.owner == *owner)
        };
        self.lock().values().filter(listed).cloned().collect()
    }

    pub(crate) fn add(&self, chat: Chat) {
        self.lock().insert(chat.id.clone(), chat);
    }

    /// Changes a chat that was loaded; none where somebody deleted it meanwhile.
    pub(crate) fn update(&self, chat: &Chat, change: impl FnOnce(&mut Chat)) -> Option<Chat> {
        let mut chats = self.lock();
        let chat = chats.get_mut(&chat.id)?;
        change(chat);
        Some(chat.clone())
    }

    pub(crate) fn remove(&self, chat: &Chat) {
        self.lock().remove(&chat.id);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Chat>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Loads the chat that a request is about, for the decision and for the handler.
#[async_trait]
impl EntityLoader for Chats {
    type Entity = Chat;

    async fn load(&self, key: EntityKey<'_>) -> Result<Option<Loaded<Chat>>, SourceError> {
        let id = key.path("id").unwrap_or_default();
        let Some(chat) = self.lock().get(id).cloned() else {
            return Ok(None);
        };
        let owner = chat.owner.clone();
        let loaded = match chat.org.clone() {
            Some(org) => Loaded::in_org(org, chat),
            None => Loaded::site_wide(chat),
        };
        Ok(Some(loaded.owned_by(owner)))
    }
}
