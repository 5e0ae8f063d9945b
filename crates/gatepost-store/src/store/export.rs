//! The policy, read in one consistent look.

use gatepost::PolicyDocument;

use super::base::understood;
use super::slice::Slice;
use super::tx::{Access, Done, FactRow, Fault, Job, Result, Tx, Which};
use crate::fact::FactKind;
use crate::head::Head;

/// How many facts are read at once.
const PAGE: i64 = 20_000;

/// Reads the head alone.
#[derive(Debug)]
pub(crate) struct ReadHead;

impl Job for ReadHead {
    type Output = Head;
    const ACCESS: Access = Access::Read;

    async fn run<T: Tx>(&mut self, tx: &mut T) -> Result<Done<Head>> {
        let head = tx.head().await?;
        understood(&tx.place(), head).map(Done::Nothing)
    }
}

/// Reads the whole policy.
#[derive(Debug)]
pub(crate) struct Export;

impl Job for Export {
    type Output = (u64, PolicyDocument);
    const ACCESS: Access = Access::Read;

    async fn run<T: Tx>(&mut self, tx: &mut T) -> Result<Done<Self::Output>> {
        let head = tx.head().await?;
        let store = tx.place();
        let head = understood(&store, head)?;
        let mut all = Slice::new();
        // In order, so that an org is there before what stands below it.
        for kind in FactKind::ALL {
            let mut place = Place::start();
            while let Some(rows) = page(tx, *kind, &mut place).await? {
                all.add(rows);
            }
        }
        all.add(tx.facts(&Which::Strange).await?);
        let facts = all.whole(&store)?;
        Ok(Done::Nothing((head.version, facts.into_document())))
    }
}

/// Where a look through the facts of a kind stands.
#[derive(Debug)]
pub(crate) enum Place {
    Behind(String, String),
    End,
}

impl Place {
    pub(crate) fn start() -> Self {
        Self::Behind(String::new(), String::new())
    }
}

/// The next facts of a kind, and the place is moved on; `None` where there are no more.
pub(crate) async fn page<T: Tx>(
    tx: &mut T,
    kind: FactKind,
    place: &mut Place,
) -> Result<Option<Vec<FactRow>>> {
    let Place::Behind(a, b) = place else {
        return Ok(None);
    };
    let which = Which::Page {
        kind,
        after: (a.clone(), b.clone()),
        limit: PAGE,
    };
    let rows = tx.facts(&which).await?;
    let Some(last) = rows.last() else {
        return Ok(None);
    };
    *place = match last {
        Ok(last)
        | Err(Fault {
            fact: Some(last), ..
        }) => Place::Behind(last.key.a.clone(), last.key.b.clone()),
        // Nothing is behind a key that is none; the row itself is a fault.
        Err(Fault { fact: None, .. }) => Place::End,
    };
    Ok(Some(rows))
}
