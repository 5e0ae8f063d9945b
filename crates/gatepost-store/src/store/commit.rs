//! A command, from what is stored to what is to be stored.

use gatepost::Timestamp;

use super::base::{Base, counted};
use super::draft::{Draft, Draws, refused};
use super::slice::{Slice, unsound};
use super::tx::{Result, Tx};
use crate::change::{Author, Change};
use crate::plan::{self, Scope};

impl Draws for Change {
    fn author(&self) -> &Author {
        &self.author
    }

    fn reason(&self) -> &str {
        &self.reason
    }

    fn command(&self) -> serde_json::Result<String> {
        serde_json::to_string(&self.command)
    }

    fn is_awaited(&self) -> bool {
        self.awaited
    }

    async fn draw<T: Tx>(&self, tx: &mut T) -> Result<Draft> {
        let place = tx.place();
        let base = Base::lock(tx).await?;
        let scope = Scope::of(&self.command, &self.author);
        let mut slice = Slice::read(tx, &scope).await?;
        if scope.tolerant {
            slice.stand_in_resources();
        } else if let Some(error) = unsound(&place, &slice.faults) {
            return Err(error);
        }
        let version = counted(&place, base.version)?;
        let planned = plan::plan(
            &self.command,
            &self.author,
            slice.facts.document(),
            version,
            Timestamp::now(),
        );
        let planned = planned.map_err(|refusal| {
            let what = format!("the change `{}`", self.command);
            refused(&place, &what, &refusal)
        })?;
        Draft::of(tx, base, &slice, planned, self.based_on).await
    }
}
