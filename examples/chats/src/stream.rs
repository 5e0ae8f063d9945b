//! What happens in a chat, as a stream of server-sent events (HTML, 9.2).

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, stream};
use tokio::sync::watch::Receiver;
use tokio::time::timeout;

use crate::{Chat, Chats};

/// How long it is quiet at most, so that either end notices when the other is gone.
const TICK: Duration = Duration::from_secs(1);

impl Chats {
    /// A chat as it is, then as it becomes, until it is deleted: an event `chat` with the chat for each
    /// change, and an event `tick` where a second went by without one.
    ///
    /// Who may see it is none of its business: the route's requirement binds it to the permit.
    pub fn events(&self, chat: &Chat) -> impl Stream<Item = Result<Bytes, Infallible>> + use<> {
        let begun = (self.watch(), chat.id.clone(), None);
        stream::unfold(begun, |(mut chats, id, told)| async move {
            let (event, told) = next(&mut chats, &id, told).await?;
            Some((Ok(event), (chats, id, told)))
        })
    }
}

/// The next event, and the chat as it was told last.
async fn next(
    chats: &mut Receiver<BTreeMap<String, Chat>>,
    id: &str,
    told: Option<String>,
) -> Option<(Bytes, Option<String>)> {
    loop {
        // JSON of one line, as an event's data has to be.
        let now = serde_json::to_string(chats.borrow_and_update().get(id)?).ok();
        if now != told {
            let event = format!("event: chat\ndata: {}\n\n", now.as_deref()?);
            return Some((event.into(), now));
        }
        match timeout(TICK, chats.changed()).await {
            Ok(changed) => changed.ok()?,
            Err(_) => return Some((Bytes::from_static(b"event: tick\ndata:\n\n"), told)),
        }
    }
}
