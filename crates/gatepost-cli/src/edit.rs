//! `gatepost site`, `org`, `member`, `subject`, `role`, `resource`: one change of a policy in a store.

mod args;
mod command;

use std::io::Write;

use gatepost_store::{Author, Change, Committed, PolicyStore, Proof, ProofOutcome};
use serde::Serialize;

use crate::Exit;
use crate::fault::Fault;
use crate::listing::printable;
use crate::runtime::block_on;
pub(crate) use args::{
    MemberCommand, OrgCommand, ResourceCommand, RoleCommand, SiteCommand, SubjectCommand, WriteArgs,
};
pub(crate) use command::Asked;

pub(crate) fn run(asked: Asked, out: &mut dyn Write) -> Result<Exit, Fault> {
    let (command, write) = asked;
    let author = author(write.author.as_deref())?;
    block_on(async {
        let store = write.store.open().await?;
        let mut change = Change::new(command, author, &*write.reason);
        if let Some(version) = write.based_on {
            change = change.based_on(version);
        }
        if write.wait {
            change = change.awaited();
        }
        let committed = store.write(&change).await?;
        report(&store, &committed, &write, out).await
    })?
}

/// Who the operator says it is.
pub(crate) fn author(named: Option<&str>) -> Result<Author, Fault> {
    let account = || std::env::var("USER").or_else(|_| std::env::var("LOGNAME"));
    let name = match named {
        Some(name) => name.to_owned(),
        None => account().map_err(|_| {
            Fault::BadRequest("who are you? Give `--as NAME`, for the audit log".to_owned())
        })?,
    };
    Ok(Author::Operator { name })
}

/// Says what changed, and the version; where it is waited for, of each replica what is known.
///
/// What was written is told before it is waited for: nobody is to think that it was not, because the wait
/// was broken off.
pub(crate) async fn report(
    store: &PolicyStore,
    committed: &Committed,
    write: &WriteArgs,
    out: &mut dyn Write,
) -> Result<Exit, Fault> {
    if !write.json {
        for line in &committed.summary {
            writeln!(out, "{}", printable(line))?;
        }
        if !committed.changed {
            writeln!(out, "nothing to change")?;
        }
        writeln!(out, "version {}", committed.version)?;
        out.flush()?;
    }
    let proof = if write.wait {
        Some(store.await_replicas(committed.version).await)
    } else {
        None
    };
    let proved = proof.as_ref().and_then(|proof| proof.as_ref().ok());
    if write.json {
        let written = Written::new(committed, proved);
        serde_json::to_writer(&mut *out, &written).map_err(std::io::Error::from)?;
        writeln!(out)?;
    } else if let Some(proof) = proved {
        writeln!(out, "{proof}")?;
    }
    proof.transpose()?;
    Ok(Exit::Good)
}

#[derive(Serialize)]
struct Written<'a> {
    version: u64,
    changed: bool,
    summary: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    replicas: Option<Vec<ReplicaObject<'a>>>,
}

#[derive(Serialize)]
struct ReplicaObject<'a> {
    name: &'a str,
    outcome: &'static str,
    after_ms: u128,
}

impl<'a> Written<'a> {
    fn new(committed: &'a Committed, proof: Option<&'a Proof>) -> Self {
        let object = |replica: &'a gatepost_store::ReplicaProof| ReplicaObject {
            name: &replica.name,
            outcome: match replica.outcome {
                ProofOutcome::Acknowledged => "acknowledged",
                _ => "lease_ran_out",
            },
            after_ms: replica.after.as_millis(),
        };
        Self {
            version: committed.version,
            changed: committed.changed,
            summary: &committed.summary,
            replicas: proof.map(|proof| proof.replicas.iter().map(object).collect()),
        }
    }
}
