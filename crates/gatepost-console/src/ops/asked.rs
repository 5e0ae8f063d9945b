//! What the operations are asked with.

use gatepost_store::Command;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::ask::{Checked, check_limit, check_text};
use crate::fault::Fault;

/// How many of a list are answered at once, unless asked otherwise, and at most.
pub(crate) const FEW: usize = 50;
pub(crate) const MOST: usize = 200;

/// Whether something is asked of the site as a whole, or of one org.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope<'a> {
    /// Of the site, and so of every org.
    Site,
    /// Of this org alone.
    Org(&'a str),
}

/// Which version a write is based on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BasedOn {
    /// Whatever is there.
    Anything,
    /// What the change is about must not have been changed since this version.
    Version(u64),
}

/// A change that is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Write {
    /// What.
    pub(crate) command: Command,
    /// Why.
    pub(crate) reason: String,
    /// What was looked at.
    pub(crate) based_on: BasedOn,
}

/// An undoing that is asked for.
#[derive(Clone, Debug)]
pub(crate) struct UndoWrite {
    /// Which change.
    pub(crate) version: u64,
    /// Why.
    pub(crate) reason: String,
    /// What was looked at.
    pub(crate) based_on: BasedOn,
}

/// Which orgs are listed.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct OrgsQuery {
    /// Only orgs whose id contains this, in upper or lower case.
    #[param(max_length = 255)]
    pub(crate) q: Option<String>,
    /// Only orgs behind this id.
    #[param(max_length = 255)]
    pub(crate) after: Option<String>,
    /// At most so many.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub(crate) limit: Option<usize>,
}

/// From where on a list is answered.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AfterQuery {
    /// Only those behind this id.
    #[param(max_length = 255)]
    pub(crate) after: Option<String>,
    /// At most so many.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub(crate) limit: Option<usize>,
}

/// Which changes are listed, the newest first.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct HistoryQuery {
    /// Only changes older than this version.
    pub(crate) before: Option<u64>,
    /// At most so many.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub(crate) limit: Option<usize>,
    /// Only changes by this author.
    #[param(max_length = 255)]
    pub(crate) author: Option<String>,
}

/// Which denials are listed, the newest first.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DenialsQuery {
    /// Only denials of a lower number.
    pub(crate) before: Option<u64>,
    /// At most so many.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub(crate) limit: Option<usize>,
    /// Only denials of this subject.
    #[param(max_length = 255)]
    pub(crate) subject: Option<String>,
    /// Only denials with this code.
    #[param(max_length = 255)]
    pub(crate) code: Option<String>,
}

/// How many are answered.
pub(crate) fn limit(asked: Option<usize>) -> usize {
    asked.unwrap_or(FEW).clamp(1, MOST)
}

impl Checked for OrgsQuery {
    fn check(&self) -> Result<(), Fault> {
        check_text("q", self.q.as_deref())?;
        check_text("after", self.after.as_deref())?;
        check_limit(self.limit, MOST)
    }
}

impl Checked for AfterQuery {
    fn check(&self) -> Result<(), Fault> {
        check_text("after", self.after.as_deref())?;
        check_limit(self.limit, MOST)
    }
}

impl Checked for HistoryQuery {
    fn check(&self) -> Result<(), Fault> {
        check_text("author", self.author.as_deref())?;
        check_limit(self.limit, MOST)
    }
}

impl Checked for DenialsQuery {
    fn check(&self) -> Result<(), Fault> {
        check_text("subject", self.subject.as_deref())?;
        check_text("code", self.code.as_deref())?;
        check_limit(self.limit, MOST)
    }
}
