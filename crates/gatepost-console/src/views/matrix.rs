//! Roles, actions and modes of an org.

use serde::Serialize;
use utoipa::ToSchema;

/// Who may do what in an org as it stands now: for someone whom the site tier lets pass.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Matrix)]
pub(crate) struct MatrixView {
    /// The policy version.
    pub(crate) version: u64,
    /// The org.
    pub(crate) org: String,
    /// The roles, the lowest first: those of every org, then own ones.
    pub(crate) roles: Vec<MatrixRoleView>,
    /// Every resource and action.
    pub(crate) rows: Vec<MatrixRowView>,
}

/// A role of the matrix.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = MatrixRole)]
pub(crate) struct MatrixRoleView {
    /// Its name.
    pub(crate) name: String,
    /// Its level.
    pub(crate) level: i64,
    /// The org whose own role it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) org: Option<String>,
}

/// An action of the matrix.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = MatrixRow)]
pub(crate) struct MatrixRowView {
    /// The resource.
    pub(crate) resource: String,
    /// The action.
    pub(crate) action: String,
    /// One for each role, in the order of `roles`.
    pub(crate) cells: Vec<MatrixCellView>,
}

/// What one role may: `allow`, `own`, `others`, or the code of the denial.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = MatrixCell)]
pub(crate) struct MatrixCellView {
    /// Of a request that only reads or edits records.
    pub(crate) none: String,
    /// Of work that the caller waits for.
    pub(crate) foreground: String,
    /// Of work that is queued.
    pub(crate) background: String,
}
