//! Where the policy comes from: a document in a file, or a store that it shares with others.

use std::fs;
use std::path::Path;

use chats::Error;
use gatepost::{PolicyDocument, PolicyText};
use gatepost_axum::Gate;
use gatepost_store::{Author, PolicyStore, Replica, StoreUrl, WatchedDocument};

/// A policy, as it is now and as it becomes.
#[derive(Debug)]
pub(crate) struct Policy {
    pub(crate) gate: Gate,
    /// Where it is changed, and its decisions are searched; a document is edited instead.
    pub(crate) store: Option<PolicyStore>,
}

impl Policy {
    /// The policy of a store, which is given the document if it is empty; without a store, that of the document.
    pub(crate) async fn open(document: &Path, store: Option<&str>) -> Result<Self, Error> {
        let Some(url) = store else {
            return Ok(Self {
                gate: WatchedDocument::open(document)?.gate(),
                store: None,
            });
        };
        let url: StoreUrl = url.parse()?;
        let name = env!("CARGO_PKG_NAME");
        let author = Author::Operator {
            name: name.to_owned(),
        };
        let first = read(document)?;
        let store = PolicyStore::open_or_seed(&url, &first, author, "the first policy").await?;
        let replica = Replica::options().name(name).open(&url).await?;
        Ok(Self {
            gate: replica.gate(),
            store: Some(store),
        })
    }
}

/// The policy of a document, or what is wrong with which.
pub(crate) fn read(file: &Path) -> Result<PolicyDocument, Error> {
    let text = fs::read_to_string(file).map_err(Error::from);
    let read = text.and_then(|text| Ok(PolicyText::toml(text).parse()?));
    read.map_err(|error| format!("{}: {error}", file.display()).into())
}
