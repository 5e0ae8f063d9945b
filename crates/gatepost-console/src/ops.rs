//! What the console does, for pages and API alike: each an async function of [`Kept`](crate::kept::Kept).
//!
//! Who may do it was decided by the route; what depends on more than that is asked of the [`Asker`](crate::asker::Asker)
//! here.

mod asked;
mod change;
mod counting;
mod denials;
mod export;
mod history;
mod impact;
mod matrix;
mod me;
mod members;
mod org;
mod orgs;
mod replicas;
mod routes;
mod site;
mod subject;
mod why;

pub(crate) use asked::{
    AfterQuery, BasedOn, DenialsQuery, HistoryQuery, OrgsQuery, Scope, UndoWrite, Write,
};
pub(crate) use counting::Counting;
#[cfg(test)]
pub(crate) use counting::{Uncounted, Whole};
pub(crate) use export::ExportFormat;
pub(crate) use replicas::Proofs;
#[cfg(test)]
pub(crate) use replicas::{Followed, outcome};
pub(crate) use routes::Known;
