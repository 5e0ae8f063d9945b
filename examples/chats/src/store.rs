//! Where chats are kept: in memory. A service of yours has a database here.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use gatepost::{OrgId, Permit, Reach, SubjectId};
use gatepost_enforce::{EntityKey, EntityLoader, Loaded, SourceError};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::watch;
use utoipa::ToSchema;
use uuid::Uuid;

/// A chat, as clients see it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Chat {
    pub(crate) id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false)]
    org: Option<OrgId>,
    #[schema(value_type = String)]
    owner: SubjectId,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    title: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    promoted: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_results: Vec<Value>,
}

/// What a client says of a chat to create; where it says nothing, this is the default.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub struct NewChat {
    title: Option<String>,
}

/// What a client says of a chat to create where the body names the org as well.
// Clients are told of it, and nothing is read as it: where the org stands is for the requirement to say.
#[derive(Debug, ToSchema)]
#[non_exhaustive]
pub struct NewChatInOrg {
    /// The org in which.
    pub org: String,
    /// What the chat is about.
    pub title: Option<String>,
}

/// The chats, oldest first: their ids begin with the time.
#[derive(Clone, Debug, Default)]
pub struct Chats(Arc<watch::Sender<BTreeMap<String, Chat>>>);

impl Chats {
    /// The chats of the permit's org. Whose they are follows from how far the grant reaches.
    pub fn list(&self, permit: &Permit) -> Vec<Chat> {
        let owner = match permit.reach() {
            Reach::Any => None,
            Reach::Own => Some(permit.beneficiary()),
        };
        let listed = |chat: &&Chat| {
            chat.org.as_ref() == permit.org() && owner.is_none_or(|owner| chat.owner == *owner)
        };
        self.0.borrow().values().filter(listed).cloned().collect()
    }

    /// Creates a chat. The org is the permit's, wherever the request named it, and so is the owner.
    pub fn create(&self, permit: &Permit, new: NewChat) -> Chat {
        let chat = Chat {
            id: Uuid::now_v7().to_string(),
            org: permit.org().cloned(),
            owner: permit.beneficiary().clone(),
            title: new.title,
            promoted: false,
            tool_results: Vec::new(),
        };
        let new = chat.clone();
        self.0.send_modify(|chats| {
            chats.insert(new.id.clone(), new);
        });
        chat
    }

    /// Promotes a chat that was loaded; none where somebody deleted it meanwhile.
    pub fn promote(&self, chat: &Chat) -> Option<Chat> {
        self.update(chat, |chat| chat.promoted = true)
    }

    /// Adds what a tool said; none where somebody deleted the chat meanwhile.
    pub fn add_tool_result(&self, chat: &Chat, result: Option<Value>) -> Option<Chat> {
        self.update(chat, |chat| chat.tool_results.extend(result))
    }

    /// Deletes a chat that was loaded.
    pub fn delete(&self, chat: &Chat) {
        self.0.send_modify(|chats| {
            chats.remove(&chat.id);
        });
    }

    fn update(&self, chat: &Chat, change: impl FnOnce(&mut Chat)) -> Option<Chat> {
        let mut changed = None;
        self.0.send_if_modified(|chats| {
            if let Some(chat) = chats.get_mut(&chat.id) {
                change(chat);
                changed = Some(chat.clone());
            }
            changed.is_some()
        });
        changed
    }

    /// The chats as they are and as they become.
    pub(crate) fn watch(&self) -> watch::Receiver<BTreeMap<String, Chat>> {
        self.0.subscribe()
    }
}

/// Loads the chat that a request is about, for the decision and for the handler.
#[async_trait]
impl EntityLoader for Chats {
    type Entity = Chat;

    async fn load(&self, key: EntityKey<'_>) -> Result<Option<Loaded<Chat>>, SourceError> {
        let id = key.path("id").unwrap_or_default();
        let Some(chat) = self.0.borrow().get(id).cloned() else {
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
