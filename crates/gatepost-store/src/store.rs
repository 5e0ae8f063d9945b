//! A policy in a database: read, changed, and what was done to it.

pub(crate) mod aside;
pub(crate) mod base;
mod commit;
mod credentials;
pub(crate) mod decisions;
mod denials;
mod draft;
mod export;
mod history;
mod import;
mod inventories;
mod parts;
mod policy_at;
mod preview;
mod recover;
mod replicas;
mod slice;
pub(crate) mod tx;
mod undo;

use std::fmt;
use std::sync::Arc;

use gatepost::PolicyDocument;

use self::draft::Write;
use self::export::{Export, ReadHead};
use self::history::History;
pub use self::history::HistoryFilter;
use self::import::Import;
pub use self::inventories::ReportedRoutes;
pub use self::parts::{MemberPart, MembersPage, PolicyPart, SubjectPart};
use self::recover::Recover;
pub use self::replicas::ReplicaRow;
use self::replicas::Replicas;
use self::tx::Job;
use crate::change::{Author, Change, ChangeRecord, Committed};
use crate::error::{StoreError, StoreErrorKind};
use crate::head::Head;
#[cfg(feature = "postgres")]
use crate::postgres::PostgresStore;
#[cfg(feature = "sqlite")]
use crate::sqlite::SqliteStore;
use crate::url::{Kind, StoreUrl};

/// A policy in a database.
///
/// Every change is one transaction, and in it the audit log says who made it, when, why, and what
/// it did. Policy versions are counted without gaps, in the order in which changes became true.
///
/// It may be cloned freely, and works on any Tokio runtime with I/O and time. A call that is begun
/// is ended, also where nobody waits for it any more.
///
/// ```
/// use gatepost::PolicyDocument;
/// use gatepost_store::{Author, HistoryFilter, PolicyStore, StoreUrl};
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// let folder = tempfile::tempdir()?;
/// let store = PolicyStore::init(&StoreUrl::sqlite(folder.path().join("policy.db"))).await?;
///
/// let document: PolicyDocument = serde_json::from_str(
///     r#"{ "version": 1, "resources": { "chat": ["create"] }, "site": { "gates": { "chat": { "switch": "on" } } } }"#,
/// )?;
/// let ines = Author::Operator { name: "ines".into() };
/// let committed = store.import(&document, ines, "the first policy", None).await?;
/// assert_eq!(committed.version, 1);
/// assert_eq!(store.export().await?, (1, document));
///
/// let history = store.history(None, 10, &HistoryFilter::default()).await?;
/// assert_eq!(history[0].reason, "the first policy");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct PolicyStore {
    url: StoreUrl,
    backend: Arc<Backend>,
}

enum Backend {
    #[cfg(feature = "sqlite")]
    Sqlite(SqliteStore),
    #[cfg(feature = "postgres")]
    Postgres(PostgresStore),
}

impl PolicyStore {
    /// Makes a store, or brings the tables of one that is there up to this release.
    ///
    /// Nothing of a policy is touched. Several may do it at once.
    ///
    /// On PostgreSQL it needs a connection to the server itself, not to a pooler that hands a
    /// connection on between transactions.
    ///
    /// # Errors
    ///
    /// [`Newer`](StoreErrorKind::Newer) where a newer release made the store;
    /// [`Unreachable`](StoreErrorKind::Unreachable) where the folder of the file is not there.
    pub async fn init(url: &StoreUrl) -> Result<Self, StoreError> {
        Self::made(url, Backend::init(url).await?).await
    }

    /// Opens a store that is there.
    ///
    /// # Errors
    ///
    /// [`Missing`](StoreErrorKind::Missing) where nobody has made one, which is not made up for;
    /// [`Newer`](StoreErrorKind::Newer) where this release does not understand it.
    pub async fn open(url: &StoreUrl) -> Result<Self, StoreError> {
        Self::made(url, Backend::open(url).await?).await
    }

    /// Makes or opens a store, and imports the document if the store never had a policy.
    ///
    /// Several may do it at once: one of the documents is imported. It is meant for examples; a
    /// policy that was taken out on purpose does not come back.
    ///
    /// # Errors
    ///
    /// Those of [`init`](Self::init) and [`import`](Self::import).
    pub async fn open_or_seed(
        url: &StoreUrl,
        document: &PolicyDocument,
        author: Author,
        reason: &str,
    ) -> Result<Self, StoreError> {
        let store = Self::init(url).await?;
        if store.head().await?.version > 0 {
            return Ok(store);
        }
        match store.import(document, author, reason, Some(0)).await {
            Err(error) if error.kind() == StoreErrorKind::Conflict => Ok(store),
            imported => imported.map(|_| store),
        }
    }

    /// The row that says which policy the store holds. Version 0 is that of a store that never had one.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    pub async fn head(&self) -> Result<Head, StoreError> {
        self.run(ReadHead).await
    }

    /// The policy and its version, as they were at one moment.
    ///
    /// # Errors
    ///
    /// [`Unsound`](StoreErrorKind::Unsound), naming the facts, where one cannot be understood.
    pub async fn export(&self) -> Result<(u64, PolicyDocument), StoreError> {
        self.run(Export).await
    }

    /// Puts a document in the place of the whole policy.
    ///
    /// Only the operator may; a policy could not say who may replace it. With `based_on`, nothing at
    /// all may have changed since that version. While a large document is written, other writers wait,
    /// and may be [`Busy`](StoreErrorKind::Busy).
    ///
    /// # Errors
    ///
    /// [`Refused`](StoreErrorKind::Refused) where the document is not sound: nothing was written.
    pub async fn import(
        &self,
        document: &PolicyDocument,
        author: Author,
        reason: &str,
        based_on: Option<u64>,
    ) -> Result<Committed, StoreError> {
        let place = self.url.to_string();
        let import = Import::new(&place, document, &author, reason, based_on)?;
        self.run(import).await
    }

    /// Makes one change, if its author may.
    ///
    /// What the operator switches off on the site is written also where other facts of the store
    /// cannot be understood.
    ///
    /// # Errors
    ///
    /// Whatever the kind, nothing was written; only where the connection was lost in the very moment, and
    /// the store cannot be asked again, the text says that it is not known.
    pub async fn write(&self, change: &Change) -> Result<Committed, StoreError> {
        self.run(Write::new(&self.url.to_string(), change.clone())?)
            .await
    }

    /// What was changed: the first `limit` changes behind the version `after`, or the last of all.
    /// The newest is the last.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    pub async fn history(
        &self,
        after: Option<u64>,
        limit: usize,
        filter: &HistoryFilter,
    ) -> Result<Vec<ChangeRecord>, StoreError> {
        self.run(History::new(after, limit, filter)).await
    }

    /// Who decides by this policy, and by which version, as each last said.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    pub async fn replicas(&self) -> Result<Vec<ReplicaRow>, StoreError> {
        self.run(Replicas).await
    }

    /// Says that the policy in the store counts, although some of it was lost.
    ///
    /// After a failover that lost commits, or from a restored backup, the store is older than what
    /// replicas have seen, and they close rather than go back: a kill may be among what was lost. When
    /// the operator has looked at the policy, and has switched off again what has to be off, this
    /// begins a new epoch, with a version behind all that a replica has said it has seen, and they follow.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    pub async fn recover(&self, author: Author, reason: &str) -> Result<Committed, StoreError> {
        let recover = Recover::new(&self.url.to_string(), &author, reason)?;
        self.run(recover).await
    }

    /// Where it is.
    pub fn url(&self) -> &StoreUrl {
        &self.url
    }

    async fn made(url: &StoreUrl, backend: Backend) -> Result<Self, StoreError> {
        let store = Self {
            url: url.clone(),
            backend: Arc::new(backend),
        };
        store.head().await?;
        Ok(store)
    }

    async fn run<J: Job>(&self, job: J) -> Result<J::Output, StoreError> {
        match &*self.backend {
            #[cfg(feature = "sqlite")]
            Backend::Sqlite(store) => store.run(job).await,
            #[cfg(feature = "postgres")]
            Backend::Postgres(store) => store.run(job).await,
        }
    }
}

impl Backend {
    async fn init(url: &StoreUrl) -> Result<Self, StoreError> {
        match url.kind() {
            #[cfg(feature = "sqlite")]
            Kind::Sqlite(path) => SqliteStore::init(path).await.map(Self::Sqlite),
            #[cfg(feature = "postgres")]
            Kind::Postgres { .. } => PostgresStore::init(url).await.map(Self::Postgres),
            #[cfg(not(all(feature = "sqlite", feature = "postgres")))]
            _ => Err(left_out(url)),
        }
    }

    async fn open(url: &StoreUrl) -> Result<Self, StoreError> {
        match url.kind() {
            #[cfg(feature = "sqlite")]
            Kind::Sqlite(path) => SqliteStore::open(path).await.map(Self::Sqlite),
            #[cfg(feature = "postgres")]
            Kind::Postgres { .. } => PostgresStore::open(url).await.map(Self::Postgres),
            #[cfg(not(all(feature = "sqlite", feature = "postgres")))]
            _ => Err(left_out(url)),
        }
    }
}

#[cfg(not(all(feature = "sqlite", feature = "postgres")))]
fn left_out(url: &StoreUrl) -> StoreError {
    let why = "this program was built without that kind of store";
    StoreError::new(StoreErrorKind::BadUrl, url, why)
}

impl fmt::Debug for PolicyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PolicyStore({})", self.url)
    }
}
