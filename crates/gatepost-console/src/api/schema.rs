//! What is sent to the API.

use gatepost_store::Command;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::ask::Checked;
use crate::fault::Fault;
use crate::views::{ChangedView, CommandSchema, DryRunView};

/// A change, and why it is made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Write)]
pub(super) struct WriteBody {
    /// What.
    #[schema(value_type = CommandSchema)]
    pub(super) command: Command,
    /// Why; the audit log keeps it. A dry run need not say so.
    #[serde(default)]
    pub(super) reason: String,
}

/// Why a change is undone.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UndoReason)]
pub(super) struct UndoBody {
    /// Why; the audit log keeps it. A dry run need not say so.
    #[serde(default)]
    pub(super) reason: String,
}

/// How something is written.
#[derive(Clone, Copy, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct WriteQuery {
    /// Whether to tell alone what would change.
    pub(super) dry_run: Option<bool>,
}

/// Which version is asked about.
#[derive(Clone, Copy, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct VersionQuery {
    /// The version; the newest unless it is named.
    pub(super) version: Option<u64>,
}

/// A query in which there is nothing to say.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

/// What was changed, or would be.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = Written)]
pub(super) enum Written {
    /// It was written.
    Changed(ChangedView),
    /// It was a dry run.
    DryRun(Box<DryRunView>),
}

/// A request, as it would be decided; without a subject it is one of whoever asks.
#[derive(ToSchema)]
#[schema(as = Request)]
#[allow(dead_code, reason = "it is read as a schema alone")]
pub(super) struct RequestSchema {
    /// Who asks.
    #[schema(min_length = 1, max_length = 255)]
    subject: Option<String>,
    /// What its identity says it is: `user`, `service` or `agent`.
    kind: Option<String>,
    /// The org.
    #[schema(min_length = 1, max_length = 255)]
    org: Option<String>,
    /// What holds without an org: `required`, `default` or `none`.
    org_rule: Option<String>,
    /// What is asked for.
    #[schema(pattern = "^[a-z][a-z0-9_-]{0,62}$")]
    resource: String,
    /// What is to be done with it.
    #[schema(pattern = "^[a-z][a-z0-9_-]{0,62}$")]
    action: String,
    /// How the work would run: `foreground` or `background`.
    mode: Option<String>,
    /// Who owns the object that is acted on.
    #[schema(min_length = 1, max_length = 255)]
    owner: Option<String>,
    /// What its token is limited to.
    scopes: Option<Vec<String>>,
    /// For whom it acts.
    #[schema(min_length = 1, max_length = 255)]
    acting_for: Option<String>,
    /// The moment of the question; now unless it is given.
    #[schema(format = "date-time")]
    at: Option<String>,
}

impl Checked for WriteQuery {
    fn check(&self) -> Result<(), Fault> {
        Ok(())
    }
}

impl Checked for Nothing {
    fn check(&self) -> Result<(), Fault> {
        Ok(())
    }
}

impl Checked for VersionQuery {
    fn check(&self) -> Result<(), Fault> {
        Ok(())
    }
}
