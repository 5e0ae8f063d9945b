//! `gatepost store`: a store as a whole.

mod print;

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use gatepost_store::{HistoryFilter, PolicyStore};

use crate::Exit;
use crate::edit::{WriteArgs, author, report};
use crate::fault::Fault;
use crate::runtime::block_on;
use crate::source::{Policy, StoreArg};

/// Make, fill, read and watch a store
#[derive(Debug, Subcommand)]
pub(crate) enum StoreCommand {
    /// Make a store, or bring one that an older release made up to date
    ///
    /// Nothing happens to one that is up to date. Replicas go on meanwhile.
    Init {
        #[command(flatten)]
        store: StoreArg,
    },
    /// Replace the policy in the store by that of a document
    ///
    /// A document that is not sound is refused, and nothing is changed.
    Import {
        /// The policy document: JSON where the name ends in `.json`, else TOML
        file: PathBuf,
        #[command(flatten)]
        write: WriteArgs,
    },
    /// Print the policy in the store as a document
    Export {
        #[command(flatten)]
        store: StoreArg,
        /// How to print it
        #[arg(long, value_enum, default_value_t = Format::Toml)]
        format: Format,
    },
    /// Print what was changed, when, by whom and why; the newest last
    History(HistoryArgs),
    /// Print how new the policy is, and which replicas decide by it
    Status {
        #[command(flatten)]
        store: StoreArg,
        /// Print a JSON object
        #[arg(long)]
        json: bool,
    },
    /// Take a store into use again that has lost changes: after a failover, or restored from a backup
    ///
    /// Replicas that have seen a newer policy than the store holds refuse everything, since a kill may be
    /// among what was lost. Look at `status` and `history`, make good what is missing, and recover: the
    /// store then counts as newer than whatever any replica has seen, and all of them take what it holds.
    ///
    /// A store that was restored does not know of replicas that are younger than the backup: for a minute,
    /// the longest lease, --wait proves nothing of those.
    Recover {
        #[command(flatten)]
        write: WriteArgs,
    },
}

#[derive(Debug, Args)]
pub(crate) struct HistoryArgs {
    #[command(flatten)]
    store: StoreArg,
    /// Changes after this version alone
    #[arg(long, value_name = "VERSION")]
    after: Option<u64>,
    /// At most so many: the last ones, or the first ones behind --after
    #[arg(long, value_name = "COUNT", default_value_t = 50)]
    limit: usize,
    /// Changes of this org alone
    #[arg(long, value_name = "ORG")]
    org: Option<String>,
    /// Changes by this author alone
    #[arg(long, value_name = "NAME")]
    author: Option<String>,
    /// Print one JSON object a line, with what each change did
    #[arg(long)]
    json: bool,
}

impl HistoryArgs {
    fn filter(&self) -> HistoryFilter {
        let mut filter = HistoryFilter::default();
        if let Some(org) = &self.org {
            filter = filter.org(org);
        }
        if let Some(author) = &self.author {
            filter = filter.author(author);
        }
        filter
    }
}

/// How a document is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    Toml,
    Json,
}

pub(crate) fn run(command: StoreCommand, out: &mut dyn Write) -> Result<Exit, Fault> {
    block_on(async {
        match command {
            StoreCommand::Init { store } => {
                let url = store.url()?;
                let head = PolicyStore::init(&url).await?.head().await?;
                writeln!(out, "{url}: a store at version {}", head.version)?;
            }
            StoreCommand::Import { file, write } => return import(&file, &write, out).await,
            StoreCommand::Export { store, format } => {
                let (_, document) = store.open().await?.export().await?;
                print::document(&document, format, out)?;
            }
            StoreCommand::History(args) => {
                let store = args.store.open().await?;
                let changes = store
                    .history(args.after, args.limit, &args.filter())
                    .await?;
                print::history(&changes, args.json, out)?;
            }
            StoreCommand::Status { store, json } => {
                let store = store.open().await?;
                print::status(&store.head().await?, &store.replicas().await?, json, out)?;
            }
            StoreCommand::Recover { write } => {
                if write.based_on.is_some() {
                    return Err(Fault::BadRequest(
                        "--based-on has no meaning here: whatever was lost is recovered from"
                            .to_owned(),
                    ));
                }
                let author = author(write.author.as_deref())?;
                let store = write.store.open().await?;
                let committed = store.recover(author, &write.reason).await?;
                return report(&store, &committed, &write, out).await;
            }
        }
        Ok(Exit::Good)
    })?
}

async fn import(
    file: &std::path::Path,
    write: &WriteArgs,
    out: &mut dyn Write,
) -> Result<Exit, Fault> {
    let policy = Policy::read(file)?;
    // With its lines, where it is refused.
    policy.compile()?;
    let author = author(write.author.as_deref())?;
    let store = write.store.open().await?;
    let document = policy.document()?;
    let committed = store
        .import(&document, author, &write.reason, write.based_on)
        .await?;
    report(&store, &committed, write, out).await
}
