//! The store of a run, called from threads that wait.

use std::sync::Arc;

use gatepost::PolicyDocument;
use gatepost_store::{Author, Change, Command, Committed, PolicyStore, StoreError, StoreUrl};
use serde_json::Value;
use tokio::runtime::Runtime;

/// A store, with the runtime that it works on.
#[derive(Clone, Debug)]
pub struct Store {
    runtime: Arc<Runtime>,
    store: PolicyStore,
}

impl Store {
    /// Makes a store, and gives it a policy.
    ///
    /// # Panics
    ///
    /// If it cannot: a run has nothing to begin with.
    pub fn make(url: &str, policy: &Value) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap_or_else(|why| panic!("{why}"));
        let url: StoreUrl = url.parse().unwrap_or_else(|why| panic!("{why}"));
        let store = runtime.block_on(PolicyStore::init(&url));
        let store = Self {
            store: store.unwrap_or_else(|why| panic!("{why}")),
            runtime: Arc::new(runtime),
        };
        store.import(policy);
        store
    }

    /// Another `PolicyStore`, with connections of its own, for the store behind another address.
    ///
    /// # Errors
    ///
    /// What the store says.
    pub fn open(&self, url: &str) -> Result<Self, StoreError> {
        let store = self.runtime.block_on(PolicyStore::open(&url.parse()?))?;
        Ok(Self {
            runtime: Arc::clone(&self.runtime),
            store,
        })
    }

    /// Puts a policy in the place of the whole.
    ///
    /// # Panics
    ///
    /// If the store does not take it.
    pub fn import(&self, policy: &Value) -> u64 {
        let document =
            PolicyDocument::from_json_value(policy).unwrap_or_else(|why| panic!("{why}"));
        let import = self.store.import(&document, author(), "a run", None);
        let committed = self.runtime.block_on(import);
        committed.unwrap_or_else(|why| panic!("{why}")).version
    }

    /// Writes one command, given as JSON.
    ///
    /// # Errors
    ///
    /// What the store says.
    pub fn write(&self, command: &Value) -> Result<Committed, StoreError> {
        self.runtime.block_on(self.store.write(&change(command)))
    }

    /// The version that the store holds.
    ///
    /// # Errors
    ///
    /// What the store says.
    pub fn version(&self) -> Result<u64, StoreError> {
        Ok(self.runtime.block_on(self.store.head())?.version)
    }

    /// The commands behind a version, each with the version that it made.
    ///
    /// # Errors
    ///
    /// What the store says.
    pub fn commands_behind(&self, version: u64) -> Result<Vec<(u64, Value)>, StoreError> {
        let filter = gatepost_store::HistoryFilter::default();
        let history = self.store.history(Some(version), usize::MAX, &filter);
        let history = self.runtime.block_on(history)?;
        let commands = history.into_iter().map(|record| {
            let command = serde_json::from_str(&record.command);
            (record.version, command.unwrap_or(Value::Null))
        });
        Ok(commands.collect())
    }

    /// Begins a new epoch.
    ///
    /// # Errors
    ///
    /// What the store says.
    pub fn recover(&self) -> Result<u64, StoreError> {
        let recover = self.store.recover(author(), "a run");
        Ok(self.runtime.block_on(recover)?.version)
    }

    /// The store itself, and the runtime that it works on.
    pub fn parts(&self) -> (&Runtime, &PolicyStore) {
        (&self.runtime, &self.store)
    }
}

/// A command, given as JSON, as a change that an operator makes.
///
/// # Panics
///
/// If it is no command.
pub fn change(command: &Value) -> Change {
    let command: Command =
        serde_json::from_value(command.clone()).unwrap_or_else(|why| panic!("{command}: {why}"));
    Change::new(command, author(), "a run")
}

fn author() -> Author {
    Author::Operator {
        name: "faults".to_owned(),
    }
}
