//! Where a policy comes from.

use std::path::{Path, PathBuf};

use clap::Args;
use gatepost::{Finding, Inventory, PolicyDocument, PolicyFormat, PolicyText, Snapshot, Timestamp};
use gatepost_store::{PolicyStore, StoreUrl};

use crate::fault::Fault;
use crate::runtime::block_on;

/// Where a store's URL may stand, out of the sight of whoever lists processes.
pub(crate) const STORE_VARIABLE: &str = "GATEPOST_STORE";

/// Where the policy comes from: one of these.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub(crate) struct Source {
    /// The policy document: JSON where the name ends in `.json`, else TOML
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// The store that holds the policy: `sqlite:PATH` or `postgres://NAME:PASSWORD@HOST/DATABASE`
    /// [default: what the environment has as `GATEPOST_STORE`]
    #[arg(long, value_name = "URL")]
    store: Option<String>,
}

impl Source {
    /// Reads the policy.
    pub(crate) fn open(&self) -> Result<Policy, Fault> {
        match (&self.policy, &self.store) {
            (Some(file), _) => Policy::read(file),
            (None, Some(url)) => Policy::stored(url),
            (None, None) => match std::env::var(STORE_VARIABLE) {
                Ok(url) => Policy::stored(&url),
                Err(_) => Err(Fault::BadRequest(format!(
                    "where is the policy? Give `--policy FILE` or `--store URL`, or set `{STORE_VARIABLE}`"
                ))),
            },
        }
    }

    /// The store, where the policy is in one.
    pub(crate) fn store(&self) -> Result<Option<StoreUrl>, Fault> {
        let url = match (&self.policy, &self.store) {
            (Some(_), _) => None,
            (None, Some(url)) => Some(url.clone()),
            (None, None) => std::env::var(STORE_VARIABLE).ok(),
        };
        Ok(url.map(|url| url.parse()).transpose()?)
    }

    /// Reads and compiles the policy.
    pub(crate) fn facts(&self) -> Result<Snapshot, Fault> {
        self.open()?.compile()
    }
}

/// The store that a command works on.
#[derive(Debug, Args)]
pub(crate) struct StoreArg {
    /// The store: `sqlite:PATH` or `postgres://NAME:PASSWORD@HOST/DATABASE`
    ///
    /// A password on the command line can be seen by everyone on the machine: the variable is better.
    #[arg(
        long = "store",
        value_name = "URL",
        env = STORE_VARIABLE,
        hide_env_values = true
    )]
    url: String,
}

impl StoreArg {
    /// Reads where the store is. What is wrong is told without what was given, which may hold a password.
    pub(crate) fn url(&self) -> Result<StoreUrl, Fault> {
        Ok(self.url.parse()?)
    }

    /// Opens the store.
    pub(crate) async fn open(&self) -> Result<PolicyStore, Fault> {
        Ok(PolicyStore::open(&self.url()?).await?)
    }
}

/// A policy, and where it was read.
#[derive(Debug)]
pub(crate) struct Policy {
    place: PathBuf,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Text(PolicyText),
    Stored(u64, Box<PolicyDocument>),
}

impl Policy {
    /// Reads a document as it stands in a file.
    pub(crate) fn read(path: &Path) -> Result<Self, Fault> {
        let bytes = std::fs::read(path).map_err(|error| Fault::unreadable(path, error))?;
        let format = PolicyFormat::of_file_name(&path.to_string_lossy());
        let text =
            PolicyText::from_bytes(format, bytes).map_err(|error| Fault::refused(path, &error))?;
        Ok(Self {
            place: path.to_owned(),
            content: Content::Text(text),
        })
    }

    /// Reads what a store holds.
    pub(crate) fn stored(url: &str) -> Result<Self, Fault> {
        let url: StoreUrl = url.parse()?;
        let (version, document) =
            block_on(async { PolicyStore::open(&url).await?.export().await })??;
        Ok(Self {
            place: url.to_string().into(),
            content: Content::Stored(version, Box::new(document)),
        })
    }

    /// The file, or the store.
    pub(crate) fn place(&self) -> &Path {
        &self.place
    }

    /// What it says.
    pub(crate) fn document(&self) -> Result<PolicyDocument, Fault> {
        match &self.content {
            Content::Text(text) => text.parse().map_err(|error| self.refused(&error)),
            Content::Stored(_, document) => Ok(PolicyDocument::clone(document)),
        }
    }

    /// What is wrong or suspicious in it; a store has no lines.
    pub(crate) fn lint(&self, at: Timestamp) -> Result<Vec<Finding>, Fault> {
        match &self.content {
            Content::Text(text) => gatepost::lint(text, at).map_err(|error| self.refused(&error)),
            Content::Stored(_, document) => Ok(gatepost::lint_document(document, at)),
        }
    }

    /// The same, with what it and the routes of a service have to say to each other.
    pub(crate) fn lint_with_routes(
        &self,
        routes: &Inventory,
        at: Timestamp,
    ) -> Result<Vec<Finding>, Fault> {
        match &self.content {
            Content::Text(text) => {
                gatepost::lint_with_routes(text, routes, at).map_err(|error| self.refused(&error))
            }
            Content::Stored(_, document) => {
                let mut findings = gatepost::lint_document(document, at);
                findings.extend(gatepost::lint_routes(document, routes));
                Ok(findings)
            }
        }
    }

    pub(crate) fn compile(&self) -> Result<Snapshot, Fault> {
        let compiled = match &self.content {
            Content::Text(text) => text.compile(1),
            Content::Stored(version, document) => Snapshot::compile(document, *version),
        };
        compiled.map_err(|error| self.refused(&error))
    }

    fn refused(&self, error: &gatepost::PolicyError) -> Fault {
        Fault::refused(&self.place, error)
    }
}
