//! Where a service's policy comes from: a store that it shares with others, or a document.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use gatepost::{Gate, PolicyDocument, PolicyText, Snapshot};
use gatepost_store::{Author, PolicyStore, Replica, StoreUrl, WatchedDocument};

use crate::Error;

/// Where a service's policy comes from.
#[derive(Args, Clone, Debug)]
pub struct PolicyArgs {
    /// The store that holds the policy: `sqlite:PATH` or `postgres://NAME:PASSWORD@HOST/DATABASE`. One that
    /// is empty is given the policy that axum-chats ships
    #[arg(long, value_name = "URL", default_value = "sqlite:chats.db")]
    store: String,
    /// A policy document in place of a store, read again whenever it changes
    #[arg(long, value_name = "FILE", conflicts_with = "store")]
    policy: Option<PathBuf>,
}

/// A policy, as it is now and as it becomes.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Policy {
    /// The gate that decides by it.
    pub gate: Gate,
    /// Where it is changed; a document is edited instead.
    pub stored: Option<Stored>,
}

/// The store of a policy, and what follows it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Stored {
    /// Where the policy is changed.
    pub store: PolicyStore,
    /// What follows it for the gate.
    pub replica: Replica,
}

impl Policy {
    /// One that does not change, for tests.
    pub fn fixed(facts: Snapshot) -> Self {
        Self {
            gate: Gate::fixed(facts),
            stored: None,
        }
    }
}

impl PolicyArgs {
    /// The gate of the service of this name, which decides by the policy as it is now and as it becomes.
    ///
    /// # Errors
    ///
    /// When there is no policy to begin with.
    pub async fn gate(&self, name: &str) -> Result<Gate, Error> {
        Ok(self.open(name).await?.gate)
    }

    /// The policy of the service of this name.
    ///
    /// # Errors
    ///
    /// When there is none to begin with.
    pub async fn open(&self, name: &str) -> Result<Policy, Error> {
        if let Some(file) = &self.policy {
            return Ok(Policy {
                gate: WatchedDocument::open(from_here(file))?.gate(),
                stored: None,
            });
        }
        let url: StoreUrl = self.store.parse()?;
        let document = read(&shipped_policy())?;
        let author = Author::Operator {
            name: env!("CARGO_PKG_NAME").to_owned(),
        };
        let store =
            PolicyStore::open_or_seed(&url, &document, author, "the shipped policy").await?;
        let replica = Replica::options().name(name).open(&url).await?;
        Ok(Policy {
            gate: replica.gate(),
            stored: Some(Stored { store, replica }),
        })
    }
}

impl PolicyArgs {
    /// By what is decided, and the commands that switch a resource off and back to `to`.
    pub fn told(&self, resource: &str, to: &str) -> String {
        if let Some(file) = &self.policy {
            let file = from_here(file).display();
            return format!("It decides by {file}, and reads that again whenever it changes");
        }
        // Without its password.
        let Ok(url) = self.store.parse::<StoreUrl>() else {
            return String::new();
        };
        let switch = format!("cargo run -q -p gatepost-cli -- site switch {resource}");
        format!(
            "It decides by the store {url}; to switch {resource} off, and {to} again:\n\
             {switch} off --store {url} --as you --reason 'a try' --wait\n\
             {switch} {to} --store {url} --as you --reason 'a try'"
        )
    }
}

/// The document that `axum-chats` ships, where this was built.
fn shipped_policy() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .with_file_name("axum-chats")
        .join("policy.toml")
}

/// The policy of a document, or what is wrong with which.
fn read(file: &Path) -> Result<PolicyDocument, Error> {
    let text = fs::read_to_string(file).map_err(Error::from);
    let read = text.and_then(|text| Ok(PolicyText::toml(text).parse()?));
    read.map_err(|error| format!("{}: {error}", file.display()).into())
}

/// The path as one would type it here.
fn from_here(path: &Path) -> &Path {
    let here = env::current_dir().ok();
    here.and_then(|here| path.strip_prefix(here).ok())
        .unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_that_cannot_be_read_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("policy.toml");
        let said = || read(&file).unwrap_err().to_string();
        let name = format!("{}: ", file.display());
        assert!(
            said().starts_with(&format!("{name}No such file")),
            "{}",
            said()
        );
        fs::write(&file, "version = 'one'").unwrap();
        assert!(said().starts_with(&name), "{}", said());
    }
}
